import { createHash, randomUUID } from 'node:crypto'
import { constants, renameSync, rmSync, type Stats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { onOneLine } from '../domain/text.ts'
import type { DatabaseLocation } from '../store/location.ts'
import { openSource } from '../store/open-store.ts'
import { StoreFault } from '../store/store-fault.ts'
import { type Counts, kinds, type Snapshot } from '../store/transfer.ts'
import { type ForeignOptions, foreignOf, writeForeign } from './export-foreign.ts'
import { type Progress, progressOf, toldOf } from './progress.ts'
import { filesOf, found, sizeOf, sync, targetRefusal } from './target-file.ts'
import { CommandError, configOf, requireLasting, type Terminal, withLasting } from './terminal.ts'
import {
  endLine,
  FormatFault,
  headerLine,
  linesOf,
  noCounts,
  type Reading,
  readingOf,
  rowLine,
} from './transfer-format.ts'

/** How much is kept in memory before it is written. */
const writtenAtOnce = 2 ** 20

export type ExportOptions = { force?: boolean; resume?: boolean } & ForeignOptions

/**
 * Writes all that the database holds at one moment to a file, or to standard output (`-`), whether the service runs or not;
 * with `format` its comments, for others. Until it is whole and on disk the file is called `FILE.partial`. With `resume` it
 * goes on with that one, as long as the database has not changed since.
 */
export async function exportDatabase(
  terminal: Terminal,
  target: string,
  { force = false, resume = false, ...options }: ExportOptions,
): Promise<void> {
  const config = requireLasting(configOf(terminal), {})
  const { database } = config
  const foreign = foreignOf(options)
  if (foreign !== null && resume)
    throw new CommandError([
      `A file for ${foreign.format.name} is not gone on with. Start anew, without --resume.`,
    ])
  const writeTo = (snapshot: Snapshot, output: Output, keep?: () => Promise<string>) =>
    foreign === null
      ? writeAll(terminal, database, snapshot, output, keep)
      : writeForeign(terminal, config, snapshot, foreign, output, new Date(), keep)
  if (target === '-') {
    if (resume) throw new CommandError(['What went to standard output cannot be gone on with.'])
    return withLasting(terminal, openSource, (source) =>
      source.read((snapshot) =>
        writeTo(snapshot, { reading: null, write: toStdout(terminal, 'The export'), to: '' }),
      ),
    )
  }
  const draft = `${target}.partial`
  const refusal = refusalOf(database, target, draft, { force, resume, isForeign: foreign !== null })
  if (refusal !== null) throw new CommandError([refusal])
  await withLasting(terminal, openSource, (source) =>
    source.read(async (snapshot) => {
      try {
        const file = await (resume ? openDraft(draft) : makeDraft(draft))
        try {
          const reading = resume ? await readDraft(draft, file, snapshot, database) : null
          const write = (text: string) => file.appendFile(text)
          await writeTo(snapshot, { reading, write, to: ` to ${onOneLine(target)}` }, async () => {
            await file.sync()
            renameSync(draft, target)
            sync(dirname(target))
            return sizeOf(target)
          })
        } catch (error) {
          // Only our own can be gone on with.
          if (foreign !== null) rmSync(draft, { force: true })
          throw error
        } finally {
          await file.close()
        }
      } catch (error) {
        throw explained(error, target)
      }
    }),
  )
}

/** For the owner alone: readers' addresses are in it. */
async function makeDraft(draft: string): Promise<FileHandle> {
  rmSync(draft, { force: true })
  return open(draft, 'ax', 0o600)
}

/**
 * What another user has put there would have all that is written to it from now on: only a plain file of one's own is gone on
 * with, with no second name, that nobody else may read or write. It is told by the file that is open, not by its name.
 */
async function openDraft(draft: string): Promise<FileHandle> {
  // Of a pipe nobody may write to, the other end would be waited for.
  const flags = constants.O_RDWR | constants.O_APPEND | constants.O_NOFOLLOW | constants.O_NONBLOCK
  const file = await open(draft, flags).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ELOOP' ? notOwn(draft, 'it is a symbolic link') : error
  })
  const why = whyNotOwn(await file.stat())
  if (why === null) return file
  await file.close()
  throw notOwn(draft, why)
}

function whyNotOwn(stats: Stats): string | null {
  if (!stats.isFile()) return 'it is no plain file'
  if (stats.uid !== process.geteuid?.()) return 'it belongs to another user'
  if (stats.nlink !== 1) return 'it has another name besides'
  return (stats.mode & 0o077) === 0 ? null : 'others may read or write it'
}

function notOwn(draft: string, why: string): CommandError {
  return new CommandError([`${draft} cannot be gone on with: ${why}. Start anew with --force.`])
}

type Output = {
  /** What is there already; `null` where nothing is. */
  reading: Reading | null
  write: (text: string) => Promise<unknown>
  /** For the last sentence. */
  to: string
}

async function writeAll(
  terminal: Terminal,
  { dialect }: DatabaseLocation,
  snapshot: Snapshot,
  { reading, write, to }: Output,
  keep: () => Promise<string> = async () => '',
): Promise<void> {
  const total = kinds.reduce((sum, kind) => sum + snapshot.counts[kind], 0)
  const progress = progressOf(terminal, 'Exporting', total)
  const digest = reading?.digest ?? createHash('sha256')
  const counts = reading?.counts() ?? noCounts()
  const add = async (text: string) => {
    digest.update(text)
    await write(text)
  }
  try {
    if (reading === null) {
      const { tokenTimes } = snapshot
      const header = { id: randomUUID(), madeAt: new Date().toISOString(), dialect, tokenTimes }
      await add(headerLine({ ...header, counts: snapshot.counts }))
    }
    await writeRows(snapshot, reading?.last() ?? null, counts, add, progress)
    if (!isDeepStrictEqual(counts, snapshot.counts))
      throw new CommandError(['The database gives other rows than it counts: it is damaged.'])
    await write(endLine(counts, digest))
    const size = await keep()
    progress.end()
    terminal.stderr.write(`Exported ${toldOf(counts)}${to}${size === '' ? '' : `: ${size}`}.\n`)
  } catch (error) {
    progress.end()
    throw error
  }
}

/** The rows behind the last one that is there, which has to be in the database as it is in the file. */
async function writeRows(
  snapshot: Snapshot,
  last: ReturnType<Reading['last']>,
  counts: Counts,
  add: (text: string) => Promise<void>,
  progress: Progress,
): Promise<void> {
  progress.add(kinds.reduce((sum, kind) => sum + counts[kind], 0))
  let text = ''
  for (const kind of kinds.slice(last === null ? 0 : kinds.indexOf(last.kind))) {
    let there = last?.kind === kind ? last : null
    for await (const page of snapshot.pages(kind, there?.key ?? null)) {
      if (there !== null && !isDeepStrictEqual({ ...page[0] }, there.row)) throw changed()
      for (const row of there === null ? page : page.slice(1)) {
        text += rowLine(kind, row)
        counts[kind] += 1
        progress.add(1)
        if (text.length < writtenAtOnce) continue
        await add(text)
        text = ''
      }
      there = null
    }
  }
  await add(text)
}

function refusalOf(
  database: DatabaseLocation,
  target: string,
  draft: string,
  { force, resume, isForeign }: { force: boolean; resume: boolean; isForeign: boolean },
): string | null {
  const own = database.dialect === 'sqlite' ? filesOf(database.file) : []
  const refusal = targetRefusal(target, force, own) ?? targetRefusal(draft, true, own)
  if (refusal !== null) return refusal
  const isThere = found(draft) !== null
  if (resume) return isThere ? null : `There is no ${draft} to go on with.`
  if (!isThere || force) return null
  const way = isForeign ? 'Replace it' : 'Go on with it by --resume, or replace it'
  return `${draft} is there, of an export that broke off. ${way} with --force.`
}

/**
 * Reads what an export has left that broke off, and cuts it behind its last row. Gives `null` where not even its first line
 * is whole.
 */
async function readDraft(
  draft: string,
  file: FileHandle,
  { counts, tokenTimes }: Snapshot,
  { dialect }: DatabaseLocation,
): Promise<Reading | null> {
  const reading = readingOf()
  let bytes = 0
  try {
    for await (const lines of linesOf(
      file.createReadStream({ ...fromItsStart, highWaterMark: writtenAtOnce }),
    )) {
      for (const line of lines) {
        reading.take(line)
        if (!reading.hasEnded()) bytes += line.length + 1
      }
    }
  } catch (error) {
    if (!(error instanceof FormatFault)) throw explained(error, draft)
    throw new CommandError([`${draft} cannot be gone on with. ${error.message} Start anew with --force.`])
  }
  await file.truncate(bytes)
  if (bytes === 0) return null
  const began = reading.header()
  if (
    began.dialect !== dialect ||
    began.tokenTimes !== tokenTimes ||
    !isDeepStrictEqual(began.counts, counts)
  )
    throw changed()
  return reading
}

const fromItsStart = { start: 0, autoClose: false }

function changed(): CommandError {
  return new CommandError([
    'The database has changed since that export began, and is another one by now. Start anew with --force.',
  ])
}

/** `what` breaks off where nobody reads on. */
export function toStdout({ stdout }: Terminal, what: string): (text: string) => Promise<void> {
  // Who no longer reads is told by the write that fails.
  stdout.on?.('error', () => {})
  return async (text) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    stdout.write(text, (error) => (error ? reject(unread(what, error)) : resolve()))
    await promise
  }
}

function unread(what: string, error: Error): CommandError {
  return new CommandError([`${what} broke off: standard output cannot be written to (${error.message}).`])
}

/** The system's faults in a sentence; anything else is a bug and stays what it is. */
function explained(error: unknown, target: string): unknown {
  if (error instanceof StoreFault || !(error instanceof Error) || !('code' in error)) return error
  const why = error.code === 'ENOSPC' ? 'there is no room for it.' : error.message
  return new CommandError([`It cannot be exported to ${target}: ${why}`])
}
