import { setTimeout as sleep } from 'node:timers/promises'
import { checkAnswer } from './document-check.ts'

export type Call = {
  headers?: Record<string, string>
  /** Sent as JSON. */
  json?: unknown
  /** Sent as it is. */
  text?: string
}

export type Answer = {
  status: number
  headers: Headers
  text: string
  /** The body, parsed. Its shape is what the document says: the answer has been held against it. */
  json: <T>() => T
}

export type Client = {
  call: (method: string, path: string, call?: Call) => Promise<Answer>
  /** Calls with the moderator's token. */
  moderate: (method: string, path: string, call?: Call) => Promise<Answer>
  /** Every answer to a call without the moderator's token. */
  publicAnswers: readonly string[]
}

/** As long as a whole run may wait for limits: some operators allow one submission a minute. */
const waitBudgetSeconds = 600

const answerTimeoutMs = 30_000

/**
 * Calls one deployment and holds every answer against the document. A call that a limit turns away (429) is made
 * again after the seconds that `Retry-After` gives; `say` is told so.
 */
export function contractClient(origin: string, token: string, say: (line: string) => void): Client {
  const publicAnswers: string[] = []
  let waitedSeconds = 0

  const call: Client['call'] = async (method, path, { headers = {}, json, text } = {}) => {
    for (;;) {
      const answer = await send(origin, method, path, {
        headers: { ...(json !== undefined && { 'content-type': 'application/json' }), ...headers },
        ...(json !== undefined && { body: JSON.stringify(json) }),
        ...(text !== undefined && { body: text }),
      })
      if (answer.status !== 429) return answer
      const seconds = Math.max(1, Number(answer.headers.get('retry-after')))
      waitedSeconds += seconds
      if (waitedSeconds > waitBudgetSeconds) {
        throw new Error(
          `${method} ${path}: limits would make this run wait for more than ${waitBudgetSeconds} s`,
        )
      }
      say(`A limit is reached (${method} ${path}); waiting ${seconds} s, as Retry-After says.`)
      await sleep(seconds * 1_000)
    }
  }
  return {
    publicAnswers,
    async call(method, path, more) {
      const answer = await call(method, path, more)
      publicAnswers.push(`${method} ${path}: ${answer.text} ${JSON.stringify([...answer.headers])}`)
      return answer
    },
    moderate: (method, path, { headers, ...more } = {}) =>
      call(method, path, { ...more, headers: { authorization: `Bearer ${token}`, ...headers } }),
  }
}

async function send(origin: string, method: string, path: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(`${origin}${path}`, {
    ...init,
    method,
    redirect: 'manual',
    signal: AbortSignal.timeout(answerTimeoutMs),
  })
  const text = await response.text()
  const headers = Object.fromEntries(response.headers)
  checkAnswer({ method, url: path, status: response.status, headers, body: text })
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: <T>() => JSON.parse(text) as T,
  }
}
