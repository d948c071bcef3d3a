import type { Problem } from './wire.ts'

/** What the service said no to. */
export class Refused extends Error {
  readonly status: number
  /** The code that ends the problem's type. */
  readonly code: string

  constructor(status: number, problem: Problem | null) {
    super(problem?.detail)
    this.status = status
    this.code = codeOf(problem)
  }
}

/** Nothing was said, or that it may be said later: the same again may succeed. */
export class Unreachable extends Error {}

export function codeOf(problem: Problem | null): string {
  return problem?.type.split(':').at(-1) ?? ''
}

/** A call that this service does not have. */
export function isMissing(error: unknown): boolean {
  return error instanceof Refused && error.status === 404 && error.code !== 'comment-not-found'
}

export type Call = <T>(method: string, path: string, body?: unknown, more?: CallOptions) => Promise<T>

type CallOptions = { version?: number; outlivesPage?: boolean }

/** Beside the page, whatever path a proxy puts before it. */
const base = new URL('../v1/moderation/', import.meta.url)

/** So long may an answer take: a connection that is dead without a word must not hold up what waits to be sent. */
const patienceMs = 20_000

/** Calls with a token. `signOut` is told where the service no longer takes it. */
export function callsWith(token: string, signOut: (why: 'invalid' | 'scope') => void): Call {
  return async <T>(
    method: string,
    path: string,
    body?: unknown,
    { version, outlivesPage }: CallOptions = {},
  ) => {
    let response: Response
    let answer: unknown
    try {
      response = await fetch(new URL(path, base), {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(version !== undefined && { 'if-match': `"${version}"` }),
        },
        body: body === undefined ? null : JSON.stringify(body),
        credentials: 'omit',
        cache: 'no-store',
        referrerPolicy: 'no-referrer',
        ...(outlivesPage ? { keepalive: true } : { signal: AbortSignal.timeout(patienceMs) }),
      })
      answer = response.status === 204 ? null : await response.json()
    } catch {
      throw new Unreachable()
    }
    if (response.ok) return answer as T
    if (response.status === 401 || response.status === 403)
      signOut(response.status === 401 ? 'invalid' : 'scope')
    else if (response.status >= 500 || response.status === 429 || response.status === 408)
      throw new Unreachable()
    throw new Refused(response.status, isProblem(answer) ? answer : null)
  }
}

function isProblem(body: unknown): body is Problem {
  return typeof (body as Problem | null)?.type === 'string'
}
