import type { Database, Statement } from 'better-sqlite3'
import { StoreFault, type StoreFaultCode } from '../store-fault.ts'
import { type Command, type CommandResult, commandRunner, StaleVersion } from './commands.ts'
import type { WriteSql } from './write-sql.ts'

/** What became of one command: its answer, or why it failed, in a form that a thread can send. */
export type Settled =
  | { ok: true; value: CommandResult[Command['kind']] }
  | { ok: false; message: string; code: StoreFaultCode | null }

/**
 * Runs commands as one transaction, so that one sync makes them all durable. Each has a savepoint of its own: a
 * command that fails is undone alone. Where the transaction itself fails, all of them have failed. `checkInPlace` is
 * called before it, and after the commit: it throws where the file is not the one that the next start would open.
 */
export function groupRunner(
  database: Database,
  sql: WriteSql,
  checkInPlace: () => void = () => {},
): (commands: readonly Command[]) => Settled[] {
  const run = commandRunner(database, sql)
  const [begin, commit, rollback, save, release, undo] = [
    'BEGIN IMMEDIATE',
    'COMMIT',
    'ROLLBACK',
    'SAVEPOINT command',
    'RELEASE command',
    'ROLLBACK TO command',
  ].map((text) => database.prepare<[]>(text)) as Statements

  function runOne(command: Command): Settled {
    save.run()
    try {
      const value = run(command)
      release.run()
      return { ok: true, value }
    } catch (error) {
      // Where the disk is full or fails, SQLite has undone the whole transaction by itself.
      if (!database.inTransaction) throw error
      undo.run()
      release.run()
      return error instanceof StaleVersion ? { ok: true, value: staleOf(command) } : failed(error)
    }
  }

  let logHoldsErased = false
  return (commands) => {
    try {
      checkInPlace()
      begin.run()
      const settled = commands.map(runOne)
      commit.run()
      checkInPlace()
      logHoldsErased ||= commands.some(erases)
      if (logHoldsErased) logHoldsErased = !emptyLog(database)
      return settled
    } catch (error) {
      if (database.inTransaction) rollback.run()
      return commands.map(() => failed(error))
    }
  }
}

function staleOf(command: Command): CommandResult[Command['kind']] {
  return command.kind === 'submit' ? { kind: 'stale' } : 'stale'
}

function erases(command: Command): boolean {
  return command.kind === 'commit' && command.changes.some(({ after }) => after.status === 'withdrawn')
}

/**
 * Moves the log of writes (`-wal`) into the file and cuts it to nothing: what was erased stands in it as it was before,
 * for as long as few writes follow. `false` where somebody is reading at this moment: the next group tries again, a
 * probe's at the latest, and no write waits for it.
 */
function emptyLog(database: Database): boolean {
  const timeoutMs = Number(database.pragma('busy_timeout', { simple: true }))
  database.pragma('busy_timeout = 0')
  try {
    return database.pragma('wal_checkpoint(TRUNCATE)', { simple: true }) === 0
    /* c8 ignore next 3: only a disk that fails gets here. The commit stands, whatever became of its log. */
  } catch {
    return false
  } finally {
    database.pragma(`busy_timeout = ${timeoutMs}`)
  }
}

/** The error that a caller of the Store gets for a command that failed. */
export function errorOf({ message, code }: Extract<Settled, { ok: false }>): Error {
  return code === null ? new Error(message) : new StoreFault(code, message)
}

function failed(error: unknown): Settled {
  return { ok: false, message: (error as Error).message, code: faultCodeOf(error) }
}

/** What an error of SQLite's means in the Store's words; `null` for one that is a bug and no fault. */
export function faultCodeOf(error: unknown): StoreFaultCode | null {
  if (error instanceof StoreFault) return error.code
  const { code = '' } = error as { code?: string }
  return faults.find(([prefix]) => code.startsWith(prefix))?.[1] ?? null
}

/** SQLite's result codes, extended ones included, by how they begin. What is not here is a bug, not a fault. */
const faults: readonly (readonly [string, StoreFaultCode])[] = [
  ['SQLITE_BUSY', 'STORE_BUSY'],
  ['SQLITE_LOCKED', 'STORE_BUSY'],
  ['SQLITE_FULL', 'STORE_FULL'],
  ['SQLITE_READONLY', 'STORE_READ_ONLY'],
  ['SQLITE_IOERR', 'STORE_FAILED'],
  ['SQLITE_CANTOPEN', 'STORE_FAILED'],
  ['SQLITE_CORRUPT', 'STORE_FAILED'],
  ['SQLITE_NOTADB', 'STORE_FAILED'],
]

type NoParameters = Statement<[]>
type Statements = [NoParameters, NoParameters, NoParameters, NoParameters, NoParameters, NoParameters]
