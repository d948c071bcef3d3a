import { existsSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import closeWithGrace from 'close-with-grace'
import { v7 as uuidv7 } from 'uuid'
import { buildApp } from '../app.ts'
import type { Config } from '../config.ts'
import {
  type Ensured,
  ensureModeratorToken,
  type PublishedSecret,
} from '../operations/ensure-moderator-token.ts'
import type { Store } from '../store/store.ts'
import { firstSteps } from './first-steps.ts'
import { CommandError, configOf, openStoreOrExplain, type Terminal } from './terminal.ts'

/** Starts the service. Resolves once it listens; from then on SIGTERM or SIGINT ends the process with code 0. */
export async function serve(terminal: Terminal): Promise<void> {
  const config = configOf(terminal)
  const store = await openStoreOrExplain(config, endProcess)
  const tokenFile = tokenFileFor(config)
  const ensured = await ensureToken(config, store, tokenFile)

  const app = await buildApp({ config, store })
  try {
    await app.listen({ host: config.host, port: config.port })
  } catch (error) {
    await app.close()
    throw new CommandError([`It cannot listen on ${config.host}:${config.port}: ${(error as Error).message}`])
  }
  closeWithGrace({ delay: config.shutdownSeconds * 1_000, logger: app.log }, async ({ signal, err }) => {
    if (err) app.log.fatal({ err }, 'ending after a fault')
    else app.log.info({ signal }, 'closing')
    await app.close()
  })

  // Starts the writer, so that the first submission does not wait for it.
  void store.checkReady().catch(() => {})

  if (ensured.kind === 'first')
    app.log.info({ file: tokenFile }, "the first moderator's token is in this file")
  terminal.stderr.write(
    firstSteps(app.listeningOrigin, existsSync(tokenFile) ? relative('', tokenFile) : null),
  )
}

/** Half alive is worse than dead: a supervisor starts a process that ended, not one that answers 503 for ever. */
function endProcess(error: Error): void {
  setImmediate(() => {
    throw error
  })
}

async function ensureToken(config: Config, store: Store, tokenFile: string): Promise<Ensured> {
  const ensured = await ensureModeratorToken(
    { store, clock: Date.now, newId: uuidv7 },
    config.moderatorToken,
    (secret) => writeSecret(tokenFile, secret),
  )
  if (ensured.kind === 'environment-revoked') {
    await store.close()
    throw new CommandError(['The token in MODERATOR_TOKEN was revoked. Give another one.'])
  }
  return ensured
}

/** Beside the database; a database in memory has no place of its own, and neither has its token. */
function tokenFileFor({ database }: Config): string {
  return database.file === ':memory:'
    ? join(tmpdir(), `imprimatur-moderator-token-${process.pid}`)
    : join(dirname(database.file), 'moderator-token')
}

/** Readable by the owner alone, and in its place only once the token is valid. */
async function writeSecret(file: string, secret: string): Promise<PublishedSecret> {
  const draft = `${file}.${process.pid}`
  await writeFile(draft, `${secret}\n`, { mode: 0o600, flag: 'wx' })
  return { keep: () => rename(draft, file), discard: () => rm(draft) }
}
