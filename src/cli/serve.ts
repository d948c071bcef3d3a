import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { hostname } from 'node:os'
import { dirname, relative, resolve } from 'node:path'
import closeWithGrace from 'close-with-grace'
import type { FastifyInstance } from 'fastify'
import { v7 as uuidv7 } from 'uuid'
import { buildApp } from '../app.ts'
import type { Config } from '../config.ts'
import { ensureModeratorToken } from '../operations/tokens/ensure-moderator-token.ts'
import type { Hearing } from '../store/location.ts'
import { nameOf } from '../store/open-store.ts'
import type { Store } from '../store/store.ts'
import { firstSteps, reachOf, type TokenPlace } from './first-steps.ts'
import { servesAlone } from './serves-alone.ts'
import { type EndingSignal, takeSignals } from './signals.ts'
import { CommandError, configOf, isInMemory, openStoreOrExplain, type Terminal } from './terminal.ts'
import { keepDraftInForce, makeFolderOf, opens, tokenFileFor, writeSecret } from './token-file.ts'

/**
 * Starts the service. Resolves once it serves; from then on SIGTERM or SIGINT ends the process with code 0. Nothing is
 * written before it is known that it can listen, and no token is made or revoked before it does: a start that fails leaves
 * alone what another process works with.
 */
export async function serve(terminal: Terminal): Promise<void> {
  const forget = takeSignals((signal) => {
    terminal.stderr.write(`Told to end by ${signal} before it was ready.\n`)
    process.exit(exitCodeOf(signal))
  })
  const config = configOf(terminal)
  await tryToListen(config)
  let onHearing: (hearing: Hearing) => void = () => {}
  let hearing: Hearing | null = null
  let isNew = false
  const store = await openStoreOrExplain(config, terminal, {
    onNew() {
      if (config.databaseIfMissing === 'refuse')
        throw new Error(
          'there is none, and DATABASE_IF_MISSING=refuse. Is its disk there? imprimatur migrate makes a new one.',
        )
      isNew = true
    },
    onDeath: endProcess,
    onHearing: (now) => {
      hearing = now
      onHearing(now)
    },
  })
  const tokenFile = tokenFileFor(config)
  const opening = Promise.withResolvers<void>()
  // Where it fails no request may be waiting.
  opening.promise.catch(() => {})
  const app = await buildApp({ config, store, opening: opening.promise })
  let isTemporary = false
  // What it opens ends with the process.
  app.addHook('onClose', async () => {
    if (isTemporary) await rm(tokenFile, { force: true })
  })
  try {
    await app.listen({ host: config.host, port: config.port })
    /* c8 ignore next 4: another process took the port since it was tried. */
  } catch (error) {
    await app.close()
    throw cannotListen(config, error)
  }
  forget()
  closeOnce(config, app, opening.promise)
  const { isFirst, isInFile, hasRevoked } = await ensureToken(config, store, tokenFile).catch(
    async (error: unknown) => {
      opening.reject(error)
      await app.close()
      throw error
    },
  )
  isTemporary = isFirst && isInMemory(config.database)
  opening.resolve()

  onHearing = (now) => app.log[now === 'broken' ? 'warn' : 'info'](hearings[now])
  if (hearing !== null) onHearing(hearing)

  // Starts the writer, so that the first submission does not wait for it.
  void store.checkReady().catch(() => {})

  if (isNew)
    app.log.warn({ database: nameOf(config.database) }, 'there was no database here, and a new one was made')
  const { database } = config
  if (database.dialect === 'sqlite' && !isInMemory(database) && !(await servesAlone(database.file)))
    app.log.warn(
      { database: nameOf(database) },
      'another process serves this database as well, and each counts its limits for itself: stop one of them, or use PostgreSQL',
    )
  if (hasRevoked)
    app.log.warn('the token that MODERATOR_TOKEN gave before is revoked: whoever still has it is turned away')
  if (isFirst) app.log.info({ file: tokenFile }, "the first moderator's token is in this file")
  const reach = reachOf(existsSync, terminal.env, hostname(), process)
  terminal.stderr.write(
    firstSteps(app.listeningOrigin, tokenPlaceOf(terminal, isInFile, tokenFile, reach), reach, config.desk),
  )
}

/** By a path that holds from this folder, or in a container from anywhere. */
function tokenPlaceOf({ env }: Terminal, isInFile: boolean, tokenFile: string, reach: string): TokenPlace {
  const given = env['MODERATOR_TOKEN_FILE'] ?? ''
  const file = isInFile ? tokenFile : given
  if (file !== '') return { kind: 'file', path: reach === '' ? relative('', file) : resolve(file) }
  return { kind: (env['MODERATOR_TOKEN'] ?? '') === '' ? 'elsewhere' : 'environment' }
}

/** Listens for a moment, and closes again: who connected meanwhile would wait for a database that is not open yet. */
async function tryToListen(config: Config): Promise<void> {
  const server = createServer()
  try {
    server.listen({ host: config.host, port: config.port })
    await once(server, 'listening')
  } catch (error) {
    throw cannotListen(config, error)
  }
  server.close()
  await once(server, 'close')
}

function cannotListen({ host, port }: Config, error: unknown): CommandError {
  const { code, message } = error as NodeJS.ErrnoException
  const what = code === undefined ? undefined : unlistenable[code]
  return new CommandError([`It cannot listen on ${host}:${port}: ${what ?? message}`])
}

const unlistenable: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process does (EADDRINUSE). End that one, or give this one another port: PORT=3001.',
  EACCES: 'the system does not let this user (EACCES). Ports from 1024 on are free to all: PORT=3000.',
  EADDRNOTAVAIL: 'that is no address of this machine (EADDRNOTAVAIL). HOST names it.',
  ENOTFOUND: 'there is no such host (ENOTFOUND). HOST names the address.',
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
 * Ends gracefully at the first signal that asks for it, and at a fault. close-with-grace takes a second signal as the order
 * to drop what is in flight; but `npm start` passes on a Ctrl-C that the terminal has sent to this process already, so the
 * second changes nothing here. It would also take those of a crash, and the process would hang in them.
 */
function closeOnce({ shutdownSeconds }: Config, app: FastifyInstance, opening: Promise<void>): void {
  let received: EndingSignal | undefined
  const { close } = closeWithGrace(
    { delay: shutdownSeconds > 0 && shutdownSeconds * 1_000, logger: app.log, skip: signalsNotLeftToIt },
    async ({ err }) => {
      if (err) app.log.fatal({ err }, 'ending after a fault')
      else app.log.info({ signal: received }, 'closing')
      // What is being made of the tokens is made whole.
      await opening.catch(() => {})
      await app.close()
      if (received !== undefined && !err) process.exit(exitCodeOf(received))
    },
  )
  takeSignals((signal) => {
    if (received !== undefined) return
    received = signal
    close()
  })
  process.on('SIGUSR2', () => app.log.warn({ signal: 'SIGUSR2' }, 'a signal that means nothing here'))
}

/** All that it would listen to. */
const signalsNotLeftToIt = [
  ...['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR2'],
  // Were it left to it, a start that has failed would end with code 0.
  'beforeExit',
  ...['SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGSEGV'],
] as NonNullable<closeWithGrace.Options['skip']>

/** A hang-up was hardly meant for a service: a supervisor that starts again what has failed does so with this one. */
function exitCodeOf(signal: EndingSignal): number {
  return signal === 'SIGHUP' ? 129 : 0
}

/** Sees to it that somebody can moderate. */
async function ensureToken(
  config: Config,
  store: Store,
  tokenFile: string,
): Promise<{ isFirst: boolean; isInFile: boolean; hasRevoked: boolean }> {
  let hasRevoked = false
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
    // Only for the first steps: a database that has just gone away does not undo the start.
    isInFile: config.moderatorToken === null && (await opens(tokenFile, store).catch(() => false)),
    hasRevoked,
  }
}

const refusals = {
  revoked: 'was revoked',
  expired: 'has expired',
  'cannot-moderate': 'is known, but not of the scope moderate',
} as const
