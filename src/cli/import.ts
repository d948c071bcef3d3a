import { createReadStream } from 'node:fs'
import { openTarget } from '../store/open-store.ts'
import { StoreFault } from '../store/store-fault.ts'
import { type Added, type Kind, keyOf, kinds, pageRows, type Row, type Target } from '../store/transfer.ts'
import { explainingFile } from './explaining-file.ts'
import { counted, type Progress, progressOf, toldOf } from './progress.ts'
import { readBackOf } from './read-back.ts'
import { sourceRefusal } from './target-file.ts'
import { CommandError, configOf, requireLasting, type Terminal, withLasting } from './terminal.ts'
import { FormatFault, linesOf, type Reading, readingOf } from './transfer-format.ts'

const readAtOnce = 2 ** 20

/** Of the rows that are added together, as lines of the file. */
const batchBytes = 4 * 2 ** 20

/**
 * Fills a database without comments with what an export has written to a file, or with standard input (`-`). A file is
 * checked as a whole before anything of it goes in, and what the database then gives back is compared with it. With `resume`
 * it goes on with an import of the same file that broke off; what is there already is compared.
 */
export async function importDatabase(
  terminal: Terminal,
  file: string,
  { resume = false }: { resume?: boolean },
): Promise<void> {
  requireLasting(configOf(terminal), { mayCreate: true })
  if (file !== '-') {
    const refusal = sourceRefusal(file)
    if (refusal !== null) throw new CommandError([refusal])
    await explainingFile(file, 'imported', () =>
      readThrough(terminal, 'Checking', piecesOf(terminal, file), async () => {}),
    )
  }
  const from = file === '-' ? await explainingFile(file, 'imported', () => beginningWell(terminal)) : terminal
  await filling(from, file, resume)
}

/**
 * The same with what is no file: lines of our own format that are made twice, once to be checked and once to go in. `name` is for
 * messages.
 */
export async function importPieces(
  terminal: Terminal,
  name: string,
  pieces: () => AsyncIterable<Buffer>,
  { resume = false }: { resume?: boolean },
): Promise<void> {
  requireLasting(configOf(terminal), { mayCreate: true })
  await explainingFile(name, 'imported', () => readThrough(terminal, 'Checking', pieces(), async () => {}), {
    isMade: true,
  })
  const from = { ...terminal, stdin: pieces() }
  await filling(from, '-', resume)
}

async function filling(from: Terminal, file: string, resume: boolean): Promise<void> {
  try {
    await withLasting(from, openTarget, (target) => fill(from, target, file, resume), { mayCreate: true })
  } catch (error) {
    // SQLite's own words, where a service has the file.
    if (!(error instanceof CommandError && error.lines.some((line) => line.endsWith('database is locked'))))
      throw error
    throw new CommandError([
      ...error.lines,
      'Add to it while the service runs (--add), which is the only way into a database that has comments already; or stop the service that has it open first.',
    ])
  }
}

/** Waits for the first line of what comes in, which has to be an export's: for anything else no database is opened, or made. */
async function beginningWell(terminal: Terminal): Promise<Terminal> {
  const pieces = piecesOf(terminal, '-')[Symbol.asyncIterator]()
  let start = Buffer.alloc(0)
  for (let isWhole = false; !isWhole && start.length <= readAtOnce; ) {
    const { value, done } = await pieces.next()
    if (done === true) break
    start = Buffer.concat([start, value])
    isWhole = start.includes('\n')
  }
  if (start.length === 0) throw new FormatFault('It is not whole: it breaks off behind line 0.')
  const end = start.indexOf('\n')
  readingOf().take(end < 0 ? start : start.subarray(0, end))
  async function* all() {
    yield start
    for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) yield next.value
  }
  return { ...terminal, stdin: all() }
}

async function fill(terminal: Terminal, target: Target, file: string, resume: boolean): Promise<void> {
  let [begun, total, added] = [false, 0, 0]
  const readBack = readBackOf()
  const begin = async (reading: Reading) => {
    begun = true
    const outcome = await target.begin(fileNumberOf(reading), resume)
    if (outcome !== 'begun') throw new CommandError([notBegun[outcome]])
  }
  try {
    const reading = await explainingFile(file, 'imported', () =>
      readThrough(terminal, 'Importing', piecesOf(terminal, file), async (batch, reading) => {
        if (!begun) await begin(reading)
        const outcome = await target.add(batch.kind, batch.rows)
        if (outcome.kind !== 'added') throw notAdded(batch, outcome)
        readBack.note(batch.kind, batch.rows)
        added += outcome.count
        total += batch.rows.length
      }),
    )
    if (!begun) await begin(reading)
    const faults = await target.finish(reading.counts(), (pages) =>
      comparing(terminal, reading, (onRows) => readBack.faultsIn(pages, onRows)),
    )
    if (faults.length > 0)
      throw new CommandError([
        'The database does not hold what the file says:',
        ...faults.slice(0, faultsTold),
      ])
    const there = total === added ? '' : `; ${counted(total - added, 'row')} already there`
    terminal.stderr.write(
      `Imported ${toldOf(reading.counts())}${there}. Counts and digest are those of the file.\n`,
    )
  } catch (error) {
    throw await brokenOff(error, target)
  }
}

async function comparing<T>(
  terminal: Terminal,
  reading: Reading,
  compare: (onRows: (count: number) => void) => Promise<T>,
): Promise<T> {
  const progress = progressOf(terminal, 'Comparing', totalOf(reading))
  try {
    return await compare(progress.add)
  } finally {
    progress.end()
  }
}

const faultsTold = 20

const notBegun = {
  'not-empty':
    'The database has comments already. Import into an empty one, or add what it does not have yet (--add).',
  'broken-off': 'An import of this file into this database has not ended. Go on with it by --resume.',
  'in-use':
    'A service has the database open. Stop it first, or add to it while it runs (--add); the connections of a pooler in between are closed a while later.',
  another:
    'An import of another file into this database has not ended. Go on with that file by --resume, or import into an empty database.',
} as const

/** What went in stays, so that it can be gone on with, and is marked as a part; a fault of the database may pass. */
async function brokenOff(error: unknown, target: Target): Promise<unknown> {
  const isMarked = (await target.abandon().catch(() => 'marked')) === 'marked'
  if (!isMarked) return error
  const lines =
    error instanceof CommandError
      ? error.lines
      : error instanceof StoreFault
        ? [`The database cannot be read or written: ${error.message}`]
        : null
  return lines === null
    ? error
    : new CommandError([
        ...lines,
        'The database holds a part only, and is not served. Go on with --resume, or start again with an empty database.',
      ])
}

type Batch = { kind: Kind; rows: Row[]; firstLine: number }

/** Reads and checks a whole file, and gives its rows in batches of one kind. */
async function readThrough(
  terminal: Terminal,
  what: string,
  pieces: AsyncIterable<Buffer>,
  use: (batch: Batch, reading: Reading) => Promise<void>,
): Promise<Reading> {
  const reading = readingOf()
  let progress: Progress | null = null
  let batch: Batch | null = null
  let bytes = 0
  const flush = async () => {
    if (batch === null) return
    await use(batch, reading)
    progress?.add(batch.rows.length)
    batch = null
    bytes = 0
  }
  try {
    for await (const lines of linesOf(pieces)) {
      for (const line of lines) {
        const taken = reading.take(line)
        progress ??= progressOf(terminal, what, totalOf(reading))
        if (taken === null) continue
        const isFull: boolean =
          batch !== null &&
          (batch.kind !== taken.kind || batch.rows.length >= pageRows || bytes >= batchBytes)
        if (isFull) await flush()
        batch ??= { kind: taken.kind, rows: [], firstLine: reading.lines() }
        batch.rows.push(taken.row)
        bytes += line.length
      }
    }
    await flush()
    if (!reading.hasEnded())
      throw new FormatFault(`It is not whole: it breaks off behind line ${reading.lines()}.`)
    return reading
  } finally {
    progress?.end()
  }
}

function totalOf(reading: Reading): number {
  const { counts } = reading.header()
  return kinds.reduce((sum, kind) => sum + counts[kind], 0)
}

function piecesOf({ stdin }: Terminal, file: string): AsyncIterable<Buffer> {
  if (file !== '-') return createReadStream(file, { highWaterMark: readAtOnce })
  if (stdin === undefined) throw new CommandError(['There is no standard input to read.'])
  return stdin
}

/** The random part of the file's id, as a number that every database can keep. */
function fileNumberOf(reading: Reading): number {
  return Number.parseInt(reading.header().id.replaceAll('-', '').slice(0, 12), 16)
}

function notAdded(
  { kind, rows, firstLine }: Batch,
  outcome: Exclude<Added, { kind: 'added' }>,
): CommandError {
  if (outcome.kind === 'ended') return new CommandError(['Another process has ended this import.'])
  if (outcome.kind === 'orphan')
    return new CommandError([
      `Lines ${firstLine} to ${firstLine + rows.length - 1}: a ${kind} refers to what is not there: the file does not have it, or the database has lost it.`,
    ])
  const row = rows[outcome.index] ?? {}
  return new CommandError([
    kind === 'token'
      ? `A token named ${row['name']} is in the database already, and another one. Revoke it there (imprimatur token revoke), then import again.`
      : `Line ${firstLine + outcome.index}: the ${kind} ${keyText(kind, row)} is in the database already, and another one.`,
  ])
}

function keyText(kind: Kind, row: Row): string {
  return keyOf(kind, row).join(', position ')
}
