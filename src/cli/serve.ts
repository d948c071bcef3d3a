import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, relative } from 'node:path'
import closeWithGrace from 'close-with-grace'
import type { FastifyInstance } from 'fastify'
import { v7 as uuidv7 } from 'uuid'
import { buildApp } from '../app.ts'
import type { Config } from '../config.ts'
import { ensureModeratorToken } from '../operations/tokens/ensure-moderator-token.ts'
import type { Hearing } from '../store/location.ts'
import type { Store } from '../store/store.ts'
import { firstSteps } from './first-steps.ts'
import { CommandError, configOf, isInMemory, openStoreOrExplain, type Terminal } from './terminal.ts'
import { keepDraftInForce, makeFolderOf, opens, tokenFileFor, writeSecret } from './token-file.ts'

/** Starts the service. Resolves once it listens; from then on SIGTERM or SIGINT ends the process with code 0. */
export async function serve(terminal: Terminal): Promise<void> {
  const config = configOf(terminal)
  let onHearing: (hearing: Hearing) => void = () => {}
  let hearing: Hearing | null = null
  const store = await openStoreOrExplain(config, terminal, {
    onDeath: endProcess,
    onHearing: (now) => {
      hearing = now
      onHearing(now)
    },
  })
  const tokenFile = tokenFileFor(config)
  const { isFirst, isInFile, hasRevoked } = await ensureToken(config, store, tokenFile)

  const app = await buildApp({ config, store })
  // What it opens ends with the process.
  if (isFirst && isInMemory(config.database))
    app.addHook('onClose', async () => rm(tokenFile, { force: true }))
  try {
    await app.listen({ host: config.host, port: config.port })
  } catch (error) {
    await app.close()
    throw new CommandError([`It cannot listen on ${config.host}:${config.port}: ${(error as Error).message}`])
  }
  closeOnce(config, app)

  onHearing = (now) => app.log[now === 'broken' ? 'warn' : 'info'](hearings[now])
  if (hearing !== null) onHearing(hearing)

  // Starts the writer, so that the first submission does not wait for it.
  void store.checkReady().catch(() => {})

  if (hasRevoked)
    app.log.warn('the token that MODERATOR_TOKEN gave before is revoked: whoever still has it is turned away')
  if (isFirst) app.log.info({ file: tokenFile }, "the first moderator's token is in this file")
  terminal.stderr.write(
    firstSteps(
      app.listeningOrigin,
      isInFile ? relative('', tokenFile) : null,
      config.moderatorToken !== null,
    ),
  )
}

const hearings: Record<Hearing, string> = {
  listening: 'lists are kept until another replica tells that it changed them',
  pooled:
    'a pooler stands before the database, and passes on no word of changes: lists are read again each second',
  broken: 'the connection that hears of changes broke: lists are read again each second until it is back',
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
    { delay: shutdownSeconds > 0 && shutdownSeconds * 1_000, logger: app.log, skip: ['SIGTERM', 'SIGINT'] },
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

/** Sees to it that somebody can moderate; where that fails, the store is closed, so that the process ends. */
async function ensureToken(
  config: Config,
  store: Store,
  tokenFile: string,
): Promise<{ isFirst: boolean; isInFile: boolean; hasRevoked: boolean }> {
  let hasRevoked = false
  try {
    const isShared = config.database.dialect === 'postgres'
    const mayHoldDrafts = isShared ? existsSync(dirname(tokenFile)) : !isInMemory(config.database)
    if (config.moderatorToken === null && mayHoldDrafts) await keepDraftInForce(store, tokenFile)
    const ensured = await ensureModeratorToken(
      { store, clock: Date.now, newId: uuidv7 },
      config.moderatorToken,
      async (secret) => {
        // The database is elsewhere, so nothing has made a folder here yet.
        if (isShared) await makeFolderOf(tokenFile)
        return writeSecret(tokenFile, secret)
      },
      () => {
        hasRevoked = true
      },
    )
    if (ensured.kind === 'environment-refused')
      throw new CommandError([`The token in MODERATOR_TOKEN ${refusals[ensured.because]}. Give another one.`])
    return {
      isFirst: ensured.kind === 'first',
      isInFile: config.moderatorToken === null && (await opens(tokenFile, store)),
      hasRevoked,
    }
  } catch (error) {
    await store.close()
    throw error
  }
}

const refusals = {
  revoked: 'was revoked',
  expired: 'has expired',
  'cannot-moderate': 'is known, but not of the scope moderate',
} as const
