import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { SourceFault } from '../source-fault.ts'
import type { SourceFile } from './source-file.ts'

/** How each database begins (SQLite: "Database File Format", 1.3). */
export const sqliteMagic = Buffer.from('SQLite format 3\0')

/** How a rollback journal begins that is to be played back (3). */
const journalMagic = Buffer.from('d9d505f920a163d7', 'hex')

const headerBytes = 100

/**
 * Reads a database of SQLite's, and gives what `rows` finds in it.
 *
 * By a copy: the driver takes no URI, so it cannot be told that a file never changes, and one that is in WAL mode would get
 * files beside it by being read. The copy has no name any more by the time that it is read.
 *
 * @throws SourceFault where it is none, is damaged, or is being written to.
 */
export async function* readSqlite<T>(
  file: SourceFile,
  rows: (database: Database.Database) => Iterable<T>,
): AsyncGenerator<T> {
  const folder = mkdtempSync(join(process.env['SQLITE_TMPDIR'] ?? tmpdir(), 'imprimatur-copy-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    const database = await openCopy(file, join(folder, 'copy.db'))
    try {
      // Nobody is to find it, whatever happens to this process; some systems keep what is open.
      if (process.platform !== 'win32') remove()
      yield* rows(database)
    } catch (error) {
      throw explained(error)
    } finally {
      database.close()
    }
  } finally {
    remove()
  }
}

async function openCopy(file: SourceFile, copy: string): Promise<Database.Database> {
  const before = stateOf(file.path)
  await refuseUnfinished(file.path)
  await copyTo(copy, file)
  await refuseUnfinished(file.path)
  if (stateOf(file.path) !== before) throw beingWritten()
  const database = new Database(copy, { readonly: true, fileMustExist: true })
  try {
    // Its own functions are not to be run by what a schema says.
    database.pragma('trusted_schema = OFF')
    database.pragma('schema_version')
    return database
    /* c8 ignore next 4: damaged where only opening it looks. */
  } catch (error) {
    database.close()
    throw explained(error)
  }
}

function explained(error: unknown): unknown {
  return error instanceof Database.SqliteError ? new SourceFault('The database is damaged.') : error
}

function stateOf(path: string | null): string | null {
  if (path === null) return null
  const { size, mtimeMs, ino } = statSync(path)
  return [size, mtimeMs, ino].join()
}

/** What stands in a log beside it, or has to be taken back by a journal, would be read wrongly. */
async function refuseUnfinished(path: string | null): Promise<void> {
  if (path === null) return
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false })
  const journal = await beginningOf(`${path}-journal`, journalMagic.length)
  if ((log?.size ?? 0) > 0 || journal.equals(journalMagic)) throw beingWritten()
}

function beingWritten(): SourceFault {
  return new SourceFault(
    'It is in use, or was not closed properly. Stop what writes to it, and take the file then.',
  )
}

async function beginningOf(path: string, length: number): Promise<Buffer> {
  let file: FileHandle | null = null
  try {
    file = await open(path, 'r')
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0)
    return buffer.subarray(0, bytesRead)
  } catch (error) {
    // There is none, as there should be.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0)
    /* c8 ignore next: what may not be read. */
    throw error
  } finally {
    await file?.close()
  }
}

async function copyTo(path: string, file: SourceFile): Promise<void> {
  const copy = await open(path, 'wx+', 0o600)
  let size = 0
  try {
    for await (const piece of file.pieces()) {
      /* c8 ignore next 5: a full disk. */
      await copy.writeFile(piece).catch(() => {
        throw new SourceFault(
          'There is no room for a copy of it. SQLITE_TMPDIR names another folder for that.',
        )
      })
      size += piece.length
    }
    const { buffer } = await copy.read(Buffer.alloc(headerBytes), 0, headerBytes, 0)
    if (!buffer.subarray(0, sqliteMagic.length).equals(sqliteMagic))
      throw new SourceFault('It is no database of SQLite.')
    if (size < sizeIn(buffer)) throw new SourceFault('It is cut off: pages of the database are missing.')
    // Nothing is in a log, so it is the same without one.
    await copy.write(Buffer.from([1, 1]), 0, 2, 18)
  } finally {
    await copy.close()
  }
}

/** By its header, where that was written by a version which keeps the size there. */
function sizeIn(header: Buffer): number {
  const pageSize = header.readUInt16BE(16)
  return header.readUInt32BE(24) === header.readUInt32BE(92)
    ? (pageSize === 1 ? 65_536 : pageSize) * header.readUInt32BE(28)
    : headerBytes
}
