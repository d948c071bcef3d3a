import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { CommandError } from '../command-error.ts'
import type { Terminal } from '../terminal.ts'
import { lineOf } from './text.ts'
import type { Problem } from './wire.ts'

/** What every command takes besides its own. */
export type ConnectionOptions = { tokenFile?: string }

export type Call = { body?: unknown; ifMatch?: number }

export type Answer<T> = { ok: true; body: T } | { ok: false; problem: Problem }

/**
 * The running service, by its document. A refusal that concerns a comment (404, 409, 412) is a value; a fault, and what concerns the
 * command as a whole, ends it with a sentence.
 */
export type Service = {
  ask: <T>(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, call?: Call) => Promise<Answer<T>>
  /** Where no comment is refused. */
  get: <T>(path: string) => Promise<T>
  post: <T>(path: string, body: unknown) => Promise<T>
}

const defaultUrl = 'http://127.0.0.1:3000'
const defaultTokenFile = 'data/moderator-token'

const answerTimeoutMs = 30_000

/** How long one command waits in all where the service asks it to come again later. */
const waitBudgetSeconds = 120

export async function connect(terminal: Terminal, { tokenFile }: ConnectionOptions): Promise<Service> {
  const base = baseOf(terminal.env['IMPRIMATUR_URL'] || defaultUrl)
  const token = await tokenOf(terminal, tokenFile)
  let budgetSeconds = waitBudgetSeconds

  const ask: Service['ask'] = async (method, path, { body, ifMatch } = {}) => {
    for (;;) {
      const { response, text } = await fetch(`${base}/v1/moderation/${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(ifMatch !== undefined && { 'if-match': `"${ifMatch}"` }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        // A token goes nowhere else.
        redirect: 'manual',
        signal: AbortSignal.timeout(answerTimeoutMs),
      })
        .then(async (response) => ({ response, text: await response.text() }))
        .catch((error: unknown) => {
          throw new CommandError([
            `Nothing answers at ${base}: ${reasonOf(error)}. IMPRIMATUR_URL says where.`,
          ])
        })
      const read = parsed(text)
      if (response.ok && read.ok) return { ok: true, body: read.body }
      const retryAfter = retryAfterOf(response)
      if (retryAfter !== null && retryAfter <= budgetSeconds) {
        budgetSeconds -= retryAfter
        terminal.stderr.write(
          `The service asks to come again in ${retryAfter} s (${response.status}); waiting.\n`,
        )
        await sleep(retryAfter * 1_000)
        continue
      }
      return { ok: false, problem: refusalOf(base, response.status, read.ok ? read.body : null) }
    }
  }
  const whole = async <T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> => {
    const answer = await ask<T>(method, path, body === undefined ? {} : { body })
    if (!answer.ok) throw new CommandError([answer.problem.detail])
    return answer.body
  }
  return { ask, get: (path) => whole('GET', path), post: (path, body) => whole('POST', path, body) }
}

/** Without the slash at its end; a site may have the service below a path. */
function baseOf(url: string): string {
  const given = /^https?:/.test(url) && URL.canParse(url) ? new URL(url) : null
  if (given === null || given.username !== '' || given.search !== '' || given.hash !== '')
    throw new CommandError([
      'IMPRIMATUR_URL must be the address of a service, such as http://127.0.0.1:3000.',
    ])
  return `${given.origin}${given.pathname.replace(/\/+$/, '')}`
}

async function tokenOf({ env }: Terminal, option: string | undefined): Promise<string> {
  const own = env['IMPRIMATUR_TOKEN'] ?? ''
  const named = option ?? env['IMPRIMATUR_TOKEN_FILE'] ?? ''
  if (option === undefined && own !== '' && named !== '')
    throw new CommandError(['IMPRIMATUR_TOKEN and IMPRIMATUR_TOKEN_FILE are both set: give one of them.'])
  const file = named || defaultTokenFile
  const token = own !== '' && option === undefined ? own : await tokenIn(file, named !== '')
  // What fetch would say of another quotes it.
  if (!/^[!-~]+$/.test(token)) throw new CommandError([`What is given as a token is none.`])
  return token
}

async function tokenIn(file: string, isNamed: boolean): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    throw new CommandError(
      isNamed
        ? [`The token file ${file} cannot be read: ${(error as Error).message}`]
        : [
            `There is no token: ${file} is not here. Name the file of one by --token-file or IMPRIMATUR_TOKEN_FILE, or put one into IMPRIMATUR_TOKEN; imprimatur token create makes one.`,
          ],
    )
  }
}

function parsed(text: string): { ok: true; body: never } | { ok: false } {
  try {
    // Its shape is what the document says.
    return { ok: true, body: JSON.parse(text) as never }
  } catch {
    return { ok: false }
  }
}

/** Of what was not done for now alone; a service that says no time is asked again at once by nobody. */
function retryAfterOf({ status, headers }: Response): number | null {
  if (status !== 429 && status !== 503) return null
  const said = headers.get('retry-after') ?? ''
  return /^\d+$/.test(said) ? Math.max(1, Number(said)) : null
}

/** The problem where it concerns a comment. @throws CommandError where it concerns all that the command does. */
function refusalOf(base: string, status: number, body: Partial<Problem> | null): Problem {
  const { type = '', title = '', detail = '' } = body ?? {}
  const said = lineOf(String(detail || title))
  const code = String(type).replace('urn:imprimatur:problem:', '')
  if (status === 401) throw new CommandError([`The token is not valid at ${base}: ${said || status}`])
  if (status === 403)
    throw new CommandError([`The token does not allow this; it needs the scope moderate. ${said}`])
  if (body === null || code === String(type) || code === 'path-not-found' || code === 'method-not-allowed')
    throw new CommandError([
      `What answers at ${base} is no Imprimatur that can do this: ${status}. IMPRIMATUR_URL says where it is.`,
    ])
  if (status === 429)
    throw new CommandError([`Too many requests; the service lets nobody wait that long: ${said}`])
  if (status >= 500) throw new CommandError([`The service at ${base} has a fault (${status}): ${said}`])
  if (![404, 409, 412].includes(status))
    throw new CommandError([`The service refuses this (${status}): ${said}`, ...fieldsOf(body)])
  return { type, title, status, detail: said }
}

function fieldsOf(body: object): string[] {
  const { errors } = body as { errors?: { pointer: string; detail: string }[] }
  return (errors ?? []).map(({ pointer, detail }) => `  ${pointer} ${detail}`)
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : message
}
