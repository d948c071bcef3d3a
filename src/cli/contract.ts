import { isDeepStrictEqual } from 'node:util'
import { contractClient } from '../contract/client.ts'
import { document } from '../contract/document-check.ts'
import { defineSuite } from '../contract/suite.ts'
import { CommandError, type Terminal } from './terminal.ts'

/**
 * Holds a running deployment to the contract, over HTTP, with the token of scope `moderate` that is `MODERATOR_TOKEN`. It
 * submits a few comments, to articles of its own, and withdraws them at the end. It ends with the tests defined: Node.js runs
 * them, prints them, and makes the exit code 1 where one fails.
 *
 * @throws CommandError where there is nothing to hold to it.
 */
export async function holdToContract(terminal: Terminal, url: string): Promise<void> {
  const say = (text: string) => terminal.stderr.write(`${text}\n`)
  const token = terminal.env['MODERATOR_TOKEN'] ?? ''
  const origin = originOf(url)
  if (origin === null)
    throw new CommandError([
      'Give the address that the service has for itself, such as http://127.0.0.1:3000.',
    ])
  if (token === '') throw new CommandError(['MODERATOR_TOKEN is not set: give a token of scope moderate.'])
  const served = await servedBy(origin, token)
  const isSame = isDeepStrictEqual(served, document)
  defineSuite(contractClient(origin, token, say), isSame ? null : differenceIn(served))
}

/** The document of a service that is ours and takes the token. */
async function servedBy(origin: string, token: string): Promise<Served> {
  const [served, status] = await Promise.all([
    ask(`${origin}/openapi.json`).then(bodyOf),
    ask(`${origin}/v1/moderation/comments?limit=1`, token).then((answer) => answer.status),
  ]).catch((error: unknown) => {
    throw new CommandError([`Nothing answers at ${origin}: ${reasonOf(error)}.`])
  })
  if (!isOurs(served)) throw new CommandError([`What answers at ${origin} is no Imprimatur.`])
  if (status === 401 || status === 403)
    throw new CommandError([
      `MODERATOR_TOKEN is no token of scope moderate at ${origin}: it answers ${status}.`,
    ])
  return served
}

/** The service is at the root of its host: `Location` and `Link` say so. */
function originOf(url: string | undefined): string | null {
  if (url === undefined || !/^https?:/.test(url) || !URL.canParse(url)) return null
  const { origin, href } = new URL(url)
  return href === `${origin}/` ? origin : null
}

async function ask(url: string, token?: string): Promise<Response> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  return fetch(url, { headers, redirect: 'manual', signal: AbortSignal.timeout(10_000) })
}

async function bodyOf(response: Response): Promise<unknown> {
  try {
    return JSON.parse(await response.text())
  } catch {
    return null
  }
}

type Served = { info: { title: string; version: string } }

function isOurs(served: unknown): served is Served {
  return (served as Partial<Served> | null)?.info?.title === document.info.title
}

function differenceIn({ info }: Served): string {
  return info.version === document.info.version
    ? `it is version ${info.version} as well, but another build of it`
    : `it is version ${info.version}, the committed one ${document.info.version}`
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : message
}
