import { randomUUID } from 'node:crypto'
import { closeSync, lstatSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { onOneLine } from '../domain/text.ts'
import { copyStore } from '../store/open-store.ts'
import { endBy, takeSignals } from './signals.ts'
import { filesOf, found, sizeOf, sync, targetRefusal } from './target-file.ts'
import { CommandError, configOf, type Terminal } from './terminal.ts'

const faultsTold = 20

/**
 * Copies the database to a file, whether the service runs or not. Until the copy is checked and on disk it has another
 * name, so that a file of this name is always a whole one.
 */
export async function backUpDatabase(
  terminal: Terminal,
  target: string,
  { force = false }: { force?: boolean },
): Promise<void> {
  const { database } = configOf(terminal)
  if (database.dialect === 'postgres') throw new CommandError([ofPostgres])
  const refusal = refusalOf(database.file, target, force)
  if (refusal !== null) throw new CommandError([refusal])

  const folder = dirname(target)
  removeStale(folder)
  const draft = `${target}.${randomUUID()}.partial`
  const discard = () => {
    for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(draft + suffix, { force: true })
  }
  try {
    // For the owner alone: readers' addresses are in it.
    closeSync(openSync(draft, 'wx', 0o600))
  } catch (error) {
    throw explained(error, database.file, target)
  }
  const forget = takeSignals((signal) => {
    discard()
    endBy(signal)
  })
  try {
    const { comments, faults } = await copyStore(database, draft)
    if (faults.length > 0) throw notSound(database.file, faults)
    sync(draft)
    renameSync(draft, target)
    sync(folder)
    terminal.stderr.write(`Wrote ${onOneLine(target)}: ${sizeOf(target)}, ${counted(comments, 'comment')}.\n`)
  } catch (error) {
    throw explained(error, database.file, target)
  } finally {
    discard()
    forget()
  }
}

/** Nothing that is at work leaves its draft alone for so long; less than from one night's backup to the next. */
const staleMs = 12 * 3_600_000

/** What a backup to any file of this folder has left that was killed, or whose machine was switched off. */
function removeStale(folder: string): void {
  for (const name of namesIn(folder).filter((name) => draftName.test(name))) {
    const path = join(folder, name)
    const stats = lstatSync(path, { throwIfNoEntry: false })
    if (stats?.isFile() && stats.mtimeMs < Date.now() - staleMs) rmSync(path, { force: true })
  }
}

const draftName = /\.[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\.partial(?:-journal|-wal|-shm)?$/

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
    /* c8 ignore next 4: root, as whom the tests may run, lists every folder. */
  } catch {
    // A folder may be one to write to, and not to list.
    return []
  }
}

const ofPostgres =
  'A PostgreSQL is backed up by its own tools, such as pg_dump. This command copies the file that DATABASE_URL=file:PATH names.'

/** Why it is not even begun; `null` where nothing stands in its way. */
function refusalOf(file: string, target: string, force: boolean): string | null {
  if (file === ':memory:') return 'A database in memory cannot be backed up: DATABASE_URL names no file.'
  if (found(file) === null) return `There is no database at ${file}.`
  return targetRefusal(target, force, filesOf(file))
}

/** The system's and SQLite's faults in a sentence; anything else is a bug and stays what it is. */
function explained(error: unknown, file: string, target: string): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error
  const why =
    error.code === 'SQLITE_FULL' || error.code === 'ENOSPC' ? 'there is no room for it.' : error.message
  return new CommandError([`The database ${file} cannot be copied to ${target}: ${why}`])
}

function notSound(file: string, faults: readonly string[]): CommandError {
  const told = faults.slice(0, faultsTold)
  const more = faults.length - told.length
  return new CommandError([
    `The copy of ${file} is not sound, and was not kept:`,
    ...told,
    ...(more > 0 ? [`And ${more} more.`] : []),
  ])
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
