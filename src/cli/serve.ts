import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import closeWithGrace from 'close-with-grace'
import type { FastifyInstance } from 'fastify'
import { v7 as uuidv7 } from 'uuid'
import { buildApp } from '../app.ts'
import type { Config } from '../config.ts'
import { type Ensured, ensureModeratorToken } from '../operations/ensure-moderator-token.ts'
import type { Store } from '../store/store.ts'
import { firstSteps } from './first-steps.ts'
import { CommandError, configOf, openStoreOrExplain, type Terminal } from './terminal.ts'
import { keepDraftInForce, tokenFileFor, writeSecret } from './token-file.ts'

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
  closeOnce(config, app)

  // Starts the writer, so that the first submission does not wait for it.
  void store.checkReady().catch(() => {})

  if (ensured.kind === 'first')
    app.log.info({ file: tokenFile }, "the first moderator's token is in this file")
  // Beside a token from the environment the file may lie there still, but what it opens is over.
  const hasTokenFile = config.moderatorToken === null && existsSync(tokenFile)
  terminal.stderr.write(firstSteps(app.listeningOrigin, hasTokenFile ? relative('', tokenFile) : null))
}

/** Half alive is worse than dead: a supervisor starts a process that ended, not one that answers 503 for ever. */
function endProcess(error: Error): void {
  setImmediate(() => {
    throw error
  })
}

/**
 * Ends gracefully at the first SIGTERM or SIGINT and at a fault. close-with-grace takes a second signal as the order to
 * drop what is in flight, and has no handler at all for a moment before; but `npm start` passes on a Ctrl-C that the
 * terminal has sent to this process already. So these two signals are taken here, and the second changes nothing.
 */
function closeOnce({ shutdownSeconds }: Config, app: FastifyInstance): void {
  let received: NodeJS.Signals | undefined
  const { close } = closeWithGrace(
    { delay: shutdownSeconds * 1_000, logger: app.log, skip: ['SIGTERM', 'SIGINT'] },
    async ({ signal = received, err }) => {
      if (err) app.log.fatal({ err }, 'ending after a fault')
      else app.log.info({ signal }, 'closing')
      await app.close()
    },
  )
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (received !== undefined) return
      received = signal
      close()
    })
  }
}

async function ensureToken(config: Config, store: Store, tokenFile: string): Promise<Ensured> {
  if (config.moderatorToken === null && config.database.file !== ':memory:')
    await keepDraftInForce(store, tokenFile)
  const ensured = await ensureModeratorToken(
    { store, clock: Date.now, newId: uuidv7 },
    config.moderatorToken,
    (secret) => writeSecret(tokenFile, secret),
  )
  if (ensured.kind === 'environment-refused') {
    await store.close()
    throw new CommandError([`The token in MODERATOR_TOKEN ${refusals[ensured.because]}. Give another one.`])
  }
  return ensured
}

const refusals = {
  revoked: 'was revoked',
  expired: 'has expired',
  'cannot-moderate': 'is known, but not of the scope moderate',
} as const
