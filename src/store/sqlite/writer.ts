import { once } from 'node:events'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Database } from 'better-sqlite3'
import { StoreFault } from '../store-fault.ts'
import type { Command, CommandResult } from './commands.ts'
import { identityOf } from './database.ts'
import { errorOf, groupRunner, type Settled } from './group.ts'
import { type WriteSql, writeSql } from './write-sql.ts'

/** The one who writes. A command's promise settles after the transaction that holds it is durable. */
export type Writer = {
  run: <K extends Command['kind']>(command: Extract<Command, { kind: K }>) => Promise<CommandResult[K]>
  /** Lets the commands that were given run, then ends. */
  close: () => Promise<void>
}

/** Writes on the connection that also reads: a database in memory has no other. */
export function directWriter(database: Database): Writer {
  const runGroup = groupRunner(database, writeSql(database))
  return {
    async run<K extends Command['kind']>(command: Extract<Command, { kind: K }>) {
      if (!database.open) throw closed()
      const [settled] = runGroup([command])
      if (settled?.ok) return settled.value as CommandResult[K]
      throw errorOf(settled ?? lost)
    },
    async close() {},
  }
}

/** How many commands may wait; one may be 40 KB. Past that a submission is turned away rather than kept in memory. */
export const maxWaiting = 2_000

/** How many commands share a transaction and its one sync. More would only make the first of them wait longer. */
const maxGroup = 500

/** Two, so that the thread has the next group at hand while the answers of the last one are on their way. */
const maxGroupsUnderWay = 2

/** What the thread is started with: the file, which one it was when it was opened, and the statements to run. */
export type WriterData = { file: string; identity: string; sql: WriteSql }

/**
 * Writes on a thread of its own, with a connection of its own: better-sqlite3 is synchronous, and a sync of the disk on
 * the event loop would hold every reader. Commands that come while a group is being written make up the next.
 * `onDeath` is called once where the thread ends without being asked to; all that was under way has failed by then.
 * The file has to be open already as `database`, and to stay so on this thread for as long as there is a writer.
 */
export function threadWriter(database: Database, file: string, onDeath: (error: Error) => void): Writer {
  const workerData: WriterData = { file, identity: identityOf(file), sql: writeSql(database) }
  let thread: Worker | null = null
  const waiting: Entry[] = []
  const underWay: Entry[][] = []
  const drained = Promise.withResolvers<void>()
  let closing = false
  let death: Error | null = null

  function sendNext(): void {
    while (waiting.length > 0 && underWay.length < maxGroupsUnderWay) {
      send(waiting.splice(0, maxGroup))
    }
    if (closing && underWay.length === 0) drained.resolve()
  }

  function send(group: Entry[]): void {
    try {
      thread ??= start()
      thread.postMessage(group.map(({ command }) => command))
      underWay.push(group)
    } catch (error) {
      // The system has no room for a thread, or a command holds what no thread can be sent. The next one may fare better.
      for (const { reject } of group) reject(error as Error)
    }
  }

  function die(error: Error): void {
    if (death !== null) return
    death = error
    for (const { reject } of [...underWay.splice(0).flat(), ...waiting.splice(0)]) reject(closed())
    drained.resolve()
    if (!closing) onDeath(error)
  }

  function settle(outcomes: readonly Settled[]): void {
    const group = underWay.shift() ?? []
    for (const [index, { resolve, reject }] of group.entries()) {
      const outcome = outcomes[index] ?? lost
      if (outcome.ok) resolve(outcome.value)
      else reject(errorOf(outcome))
    }
    sendNext()
  }

  /** With the first command: one that only reads, such as `token list`, has no use for it. */
  function start(): Worker {
    const url = new URL(`./writer-thread${extname(import.meta.url)}`, import.meta.url)
    const started = new Worker(url, { workerData })
    started.on('message', settle)
    started.on('error', die)
    started.on('exit', (code) => die(new Error(`The writer thread ended with code ${code}.`)))
    return started
  }

  return {
    run<K extends Command['kind']>(command: Extract<Command, { kind: K }>) {
      if (closing || death !== null) return Promise.reject(closed())
      if (waiting.length >= maxWaiting)
        return Promise.reject(new StoreFault('STORE_BUSY', 'Too many writes wait.'))
      const { promise, resolve, reject } = Promise.withResolvers<CommandResult[K]>()
      // The thread answers a command of this kind with a result of this kind.
      waiting.push({ command, resolve: resolve as Entry['resolve'], reject })
      sendNext()
      return promise
    },
    async close() {
      closing = true
      sendNext()
      await drained.promise
      if (thread === null || death !== null) return
      const ended = once(thread, 'exit')
      thread.postMessage('close')
      await ended
    },
  }
}

type Entry = {
  command: Command
  resolve: (value: CommandResult[Command['kind']]) => void
  reject: (error: Error) => void
}

const lost: Extract<Settled, { ok: false }> = {
  ok: false,
  message: 'The answer was lost.',
  code: 'STORE_FAILED',
}

function closed(): StoreFault {
  return new StoreFault('STORE_CLOSED', 'The database is closed.')
}
