import { accessSync, closeSync, constants, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import SqliteDatabase, { type Database } from 'better-sqlite3'
import { StoreFault } from '../store-fault.ts'
import { lookAt, sign } from './ownership.ts'

/** How long a statement waits for another process's write lock before it fails as busy. */
const busyTimeoutMs = 5_000

/** A command that just ends is waited for, a service is not. */
const aloneTimeoutMs = 1_000

/** The longest wait between two tries to open a file alone. */
const alonePauseMs = 50

/**
 * Opens the file with the settings every connection needs. Where they are missing, it makes the file and its folder,
 * for the owner alone: readers' addresses are in it. `onNew` is called before that, and may throw to keep it from being done;
 * an empty file, or a database without anything in it, counts as missing.
 *
 * @throws StoreFault where the file is another program's; it is left as it was.
 */
export function openDatabase(file: string, onNew: () => void = () => {}): Database {
  if (file === ':memory:') return connect(file)
  const isNew = lookAt(file) !== 'ours'
  if (isNew) onNew()
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  closeSync(openSync(file, 'a', 0o600))
  return connect(file, (database) => {
    // Before the first write-ahead log: so it is in the file itself, where the next one looks.
    if (isNew) sign(database)
  })
}

/** Opens a file that is open already. Where it is gone it stays so: nobody would look for comments in a new one. */
export function openAgain(file: string): Database {
  return connect(file)
}

/**
 * Opens a file that nobody else has open, nor can open before it is closed again, for many writes that are worth something
 * only once all are done: a power cut may undo the last of them, `syncAll` makes them durable.
 *
 * @throws Error `SQLITE_BUSY` where another process has it open.
 */
export function openAlone(file: string): Database {
  const database = connectAlone(file)
  database.pragma('synchronous = NORMAL')
  // Pages of indexes are written again and again: kept in 64 MB, and moved from the log every 32.
  database.pragma('cache_size = -64000')
  database.pragma('wal_autocheckpoint = 8000')
  return database
}

/** From now on a commit is durable, and with it all before. */
export function syncAll(database: Database): void {
  database.pragma('synchronous = FULL')
}

/**
 * Tells one database from another at the same path, by its file and its log of writes (`-wal`), which stay the same as
 * long as anybody has it open. SQLite itself goes on writing to files that were moved, removed or replaced.
 *
 * @throws Error where one of them is not there.
 */
export function identityOf(file: string): string {
  return [file, `${file}-wal`]
    .map((path) => statSync(path, { bigint: true }))
    .map(({ dev, ino }) => `${dev}:${ino}`)
    .join()
}

/**
 * Each try lets go of the file before the next, after a wait of random length: two that begin at the same moment both hold it
 * to read, and as long as both wait to have it alone, neither can.
 */
function connectAlone(file: string): Database {
  const deadlineMs = performance.now() + aloneTimeoutMs
  for (;;) {
    try {
      return connect(file, (database) => {
        database.pragma('busy_timeout = 0')
        database.pragma('locking_mode = EXCLUSIVE')
      })
    } catch (error) {
      const isBusy = error instanceof SqliteDatabase.SqliteError && error.code.startsWith('SQLITE_BUSY')
      if (!isBusy || performance.now() > deadlineMs) throw error
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Math.random() * alonePauseMs)
  }
}

function connect(file: string, before: (database: Database) => void = () => {}): Database {
  const database = new SqliteDatabase(file, { timeout: busyTimeoutMs, fileMustExist: file !== ':memory:' })
  try {
    before(database)
    return configured(database)
  } catch (error) {
    database.close()
    throw inFolder(dirname(file), error)
  }
}

/** With the settings that every connection needs. */
export function configured(database: Database): Database {
  database.pragma('journal_mode = WAL')
  // FULL: a commit is answered only once it is on disk. WAL's usual NORMAL may lose the last ones to a power cut.
  database.pragma('synchronous = FULL')
  database.pragma('foreign_keys = ON')
  // Erased text must not be left to read in freed pages of the file.
  database.pragma('secure_delete = ON')
  return database
}

/** SQLite keeps its log beside the file, and says that the file is read-only where the folder is. */
function inFolder(folder: string, error: unknown): unknown {
  const { code = '' } = error as { code?: string }
  if (!/^SQLITE_(?:READONLY|CANTOPEN)/.test(code) || mayWriteTo(folder)) return error
  return new StoreFault(
    'STORE_READ_ONLY',
    `its folder, ${folder}, cannot be written to, where SQLite keeps what belongs to the file.`,
  )
}

function mayWriteTo(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}
