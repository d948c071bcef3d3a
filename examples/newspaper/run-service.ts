import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

export type Service = {
  origin: string
  moderatorToken: string
  /** Resolves once it has ended, for whatever reason. */
  ended: Promise<unknown>
  close: () => Promise<void>
}

/** The service for this site, on a free port and in memory: what readers write is gone when it ends. */
export async function runService(site: string): Promise<Service> {
  const moderatorToken = randomBytes(32).toString('base64url')
  const child = spawn(process.execPath, [main, 'serve'], {
    env: {
      ...process.env,
      PORT: '0',
      DATABASE_URL: 'file::memory:',
      MODERATOR_TOKEN: moderatorToken,
      CORS_ORIGINS: site,
      DEFAULT_LANGUAGE: 'fr',
      ARTICLE_URL: `${site}/{articleId}`,
      // All that is tried comes from one address.
      SUBMISSIONS_PER_MINUTE: '0',
    },
    // It ends when this process says so, and not by the Ctrl-C that a terminal sends to both.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const ended = once(child, 'exit')
  const origin = await Promise.race([listeningOrigin(child.stdout), ended.then(() => null)])
  if (origin === null) throw new Error(`The service did not start.\n${said}`)
  return {
    origin,
    moderatorToken,
    ended,
    async close() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** As its log says. */
async function listeningOrigin(log: Readable): Promise<string> {
  const found = Promise.withResolvers<string>()
  // To its end: a pipe that nobody reads would hold up the service.
  createInterface(log).on('line', (line) => {
    const [origin] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? []
    if (origin !== undefined && /listening/i.test(line)) found.resolve(origin)
  })
  return found.promise
}
