import { isDeepStrictEqual } from 'node:util'
import { contractClient } from './client.ts'
import { document } from './document-check.ts'
import { defineSuite } from './suite.ts'

/*
 * `npm run contract -- http://host:port`: holds a running deployment to the contract, over HTTP. The exit code is 0
 * where all of it is kept.
 */
const usage = `Usage: MODERATOR_TOKEN=… npm run contract -- http://host:port

Holds a running Imprimatur to its contract. It submits a few comments, to articles of its own, and withdraws them at
the end. Ask the service itself, not a CDN in front of it, which may answer with what was true a few seconds ago.`

const obstacle = await begin(process.argv.slice(2), process.env['MODERATOR_TOKEN'] ?? '')
if (obstacle !== null) {
  say(obstacle)
  process.exitCode = 1
}

/** Defines the tests, which then run; or tells what stands in the way. */
async function begin([url, ...rest]: readonly string[], token: string): Promise<string | null> {
  const origin = originOf(url)
  if (origin === null || rest.length > 0) return usage
  if (token === '') return `MODERATOR_TOKEN is not set: give a token of scope moderate.\n\n${usage}`
  try {
    const served = await bodyOf(await ask(`${origin}/openapi.json`))
    if (!isOurs(served)) return `What answers at ${origin} is no Imprimatur.`
    const { status } = await ask(`${origin}/v1/moderation/comments?limit=1`, token)
    if (status === 401 || status === 403) {
      return `MODERATOR_TOKEN is no token of scope moderate at ${origin}: it answers ${status}.`
    }
    const isSame = isDeepStrictEqual(served, document)
    defineSuite(contractClient(origin, token, say), isSame ? null : differenceIn(served))
    return null
  } catch (error) {
    return `Nothing answers at ${origin}: ${reasonOf(error)}.`
  }
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

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
