import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs'
import SqliteDatabase, { type Database } from 'better-sqlite3'
import { StoreFault } from '../store-fault.ts'

/** `Impr`: what tells our files from other programs' (https://www.sqlite.org/pragma.html#pragma_application_id). */
export const applicationId = 0x49_6d_70_72

/** Marks a database as ours. */
export function sign(database: Database): void {
  database.pragma(`application_id = ${applicationId}`)
}

/**
 * What is at this path, without a trace: `nothing` where there is no file or an empty one, `blank` where it is a database
 * without anything in it.
 *
 * @throws StoreFault where it is another program's.
 */
export function lookAt(file: string): 'nothing' | 'blank' | 'ours' {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  if (size === 0) return 'nothing'
  const id = idInHeader(file)
  if (id === applicationId) return 'ours'
  // Of a file that was made before there was a mark, or whose mark is in its log still.
  const found = id === 0 ? withContent(file, size, whoseIs) : 'another'
  if (found === 'another')
    throw new StoreFault('STORE_FAILED', 'it belongs to another program, and is left as it was.')
  return found
}

/** Bytes 68 to 71 of the header (https://www.sqlite.org/fileformat.html, section 1.3). */
function idInHeader(file: string): number {
  const header = Buffer.alloc(100)
  const handle = openSync(file, 'r')
  try {
    readSync(handle, header, 0, header.length, 0)
  } finally {
    closeSync(handle)
  }
  if (header.toString('latin1', 0, 16) !== 'SQLite format 3\0')
    throw new StoreFault('STORE_FAILED', 'file is not a database')
  return header.readUInt32BE(68)
}

/** A file of this size is read as a whole. */
const mostRead = 64 * 2 ** 20

/**
 * Gives its content to `use`. Even who only reads makes SQLite put files beside one that is in WAL mode, and leaves them
 * there; so a copy in memory is opened, unless the file is large, or has such files already.
 */
function withContent<T>(file: string, size: number, use: (database: Database) => T): T {
  const hasLog = statSync(`${file}-wal`, { throwIfNoEntry: false }) !== undefined
  const database =
    hasLog || size > mostRead
      ? new SqliteDatabase(file, { readonly: true, fileMustExist: true })
      : new SqliteDatabase(withoutLog(readFileSync(file)))
  try {
    return use(database)
  } finally {
    database.close()
  }
}

/** Bytes 18 and 19 say that there is a log, which no database in memory can have. */
function withoutLog(content: Buffer): Buffer {
  content.fill(1, 18, 20)
  return content
}

function whoseIs(database: Database): 'blank' | 'ours' | 'another' {
  if (database.pragma('application_id', { simple: true }) === applicationId) return 'ours'
  const tables = database.prepare<[], string>('SELECT name FROM sqlite_schema').pluck().all()
  if (tables.length === 0) return 'blank'
  return ['__drizzle_migrations', 'comments', 'totals', 'tokens'].every((name) => tables.includes(name))
    ? 'ours'
    : 'another'
}
