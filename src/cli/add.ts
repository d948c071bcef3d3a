import { randomUUID } from 'node:crypto'
import { createReadStream, unlinkSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Added } from '../store/additions.ts'
import type { Store } from '../store/store.ts'
import { StoreFault } from '../store/store-fault.ts'
import { kinds } from '../store/transfer.ts'
import { type AdditionFile, checkAdditions } from './addition-file.ts'
import {
  type AlreadyThere,
  alreadyThere,
  elsewhereLines,
  objectionsTo,
  type Place,
  wouldAddLines,
} from './already-there.ts'
import { explainingFile } from './explaining-file.ts'
import { giveWay } from './give-way.ts'
import { counted, type Progress, progressOf } from './progress.ts'
import { sayingAtTheEnd } from './signals.ts'
import { sourceRefusal } from './target-file.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { CommandError, configOf, requireLasting, type Terminal, withStore } from './terminal.ts'
import { FormatFault } from './transfer-format.ts'

const readAtOnce = 2 ** 20

/** What one commit adds: some milliseconds, in which SQLite makes no other write. */
const commentsAtOnce = 200
const rowsAtOnce = 500
const bytesAtOnce = 2 ** 18
const articlesAtOnce = 500

/** How long another's writes are waited for before it is given up. */
const busyMs = 60_000
const busyPauseMs = 100

/**
 * Adds to a database in use what a file has and the database does not, while the service runs or not. The file is checked as a
 * whole before. What is there already stays as it is, so one that broke off is simply run again.
 */
export async function addToDatabase(
  terminal: Terminal,
  file: string,
  { force = false }: { force?: boolean } = {},
): Promise<void> {
  requireLasting(configOf(terminal), {})
  giveWay(terminal)
  await withFile(terminal, file, async (handle, pieces) => {
    const additions = await explainingFile(file, 'added', () => check(terminal, handle, pieces))
    await withStore(terminal, async (store) => {
      await explainingFile(file, 'added', async () => refuseUnknown(store, additions))
      await explainingFile(file, 'added', async () => add(terminal, store, additions, force))
    })
  })
}

/** What of these comments is in the database already, as lines for people; nothing is added. */
export async function comparedToDatabase(
  terminal: Terminal,
  places: Iterable<Place>,
  force: boolean,
): Promise<{ lines: string[]; objections: string[] }> {
  return withStore(terminal, async (store) => {
    const found = await alreadyThere(store, places, inTurn, () => {}, Number.POSITIVE_INFINITY)
    return { lines: wouldAddLines(found), objections: force ? [] : objectionsTo(found) }
  })
}

/** Standard input goes through a file of its owner's alone that nobody else can open, and that is gone with this process. */
async function withFile(
  terminal: Terminal,
  file: string,
  use: (handle: FileHandle, pieces: AsyncIterable<Buffer>) => Promise<void>,
): Promise<void> {
  const refusal = file === '-' ? null : sourceRefusal(file)
  if (refusal !== null) throw new CommandError([refusal])
  const handle = await explainingFile(file, 'added', async () =>
    file === '-' ? openDraft(terminal) : open(file, 'r'),
  )
  try {
    const pieces =
      file === '-'
        ? copiedTo(handle, inputOf(terminal))
        : createReadStream('', { fd: handle, autoClose: false, start: 0, highWaterMark: readAtOnce })
    await use(handle, pieces)
  } finally {
    await handle.close()
  }
}

async function openDraft({ env }: Terminal): Promise<FileHandle> {
  const path = join(temporaryFolder(env), `imprimatur-${randomUUID()}`)
  const handle = await open(path, 'wx+', 0o600)
  unlinkSync(path)
  return handle
}

function inputOf({ stdin }: Terminal): AsyncIterable<Buffer> {
  if (stdin === undefined) throw new CommandError(['There is no standard input to read.'])
  return stdin
}

async function* copiedTo(handle: FileHandle, pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    await handle.appendFile(piece)
    yield piece
  }
}

async function check(
  terminal: Terminal,
  handle: FileHandle,
  pieces: AsyncIterable<Buffer>,
): Promise<AdditionFile> {
  let progress: Progress | null = null
  try {
    return await checkAdditions(handle, pieces, (reading) => {
      progress ??= progressOf(terminal, 'Checking', sum(reading.header().counts))
      progress.add(1)
    })
  } finally {
    // Set by what is called above, which the compiler does not see.
    ;(progress as Progress | null)?.end()
  }
}

/** What a line refers to is in the file, or in the database, where nothing that is there ever goes away. */
async function refuseUnknown(store: Store, { refersTo }: AdditionFile): Promise<void> {
  for (const some of inBatches(refersTo.articles.keys(), articlesAtOnce)) {
    const known = await store.answeringArticles(some)
    const missing = some.find((id) => !known.has(id))
    if (missing !== undefined)
      throw new FormatFault(
        `Line ${refersTo.articles.get(missing)}: its article is neither in the file nor in the database.`,
      )
  }
  for (const some of inBatches(refersTo.parents(), articlesAtOnce)) {
    const known = await store.articlesOfComments([...new Set(some.map(({ id }) => id))])
    const first = some.find(({ id }) => !known.has(id))
    if (first !== undefined)
      throw new FormatFault(
        `Line ${first.line}: the comment that it replies to is neither in the file nor in the database.`,
      )
  }
}

async function add(terminal: Terminal, store: Store, file: AdditionFile, force: boolean): Promise<void> {
  const counts = file.counts()
  const added: Added = { comments: 0, decisions: 0, articles: 0, atTheTop: 0 }
  const before = await lookedAt(terminal, store, file)
  const objections = objectionsTo(before)
  if (objections.length > 0 && !force) throw new CommandError([...elsewhereLines(before), ...objections])
  const notMade = new Set<string>()
  let told = 0
  const forget = sayingAtTheEnd(
    terminal,
    'Broken off. What went in is whole, and stays: the same command again goes on from there.',
  )
  const progress = progressOf(terminal, 'Adding', sum(counts))
  try {
    for (const articles of [file.articles, file.movedArticles])
      for await (const some of batchesOf(articles(), () => ({ rows: 1, bytes: 0 }), articlesAtOnce)) {
        const idle = some.map(({ articleId }) => articleId).filter((id) => before.settled.has(id))
        const known = await inTurn(() => store.answeringArticles(idle))
        for (const id of idle) if (!known.has(id)) notMade.add(id)
        const wanted = some.filter(
          ({ articleId, movedTo }) => !notMade.has(articleId) && !notMade.has(movedTo ?? ''),
        )
        const outcome = await inTurn(() => store.addArticles(wanted, Date.now()))
        added.articles += outcome.made
        told += outcome.told
        progress.add(some.length)
      }
    for await (const some of batchesOf(file.comments(), sizeOf, commentsAtOnce)) {
      const more = await inTurn(() => store.addComments(some, Date.now()))
      added.comments += more.comments
      added.decisions += more.decisions
      added.articles += more.articles
      added.atTheTop += more.atTheTop
      progress.add(some.reduce((rows, { decisions }) => rows + 1 + decisions.length, 0))
    }
  } catch (error) {
    /* c8 ignore next 5: a database that goes away between two commits. */
    if (!(error instanceof StoreFault)) throw error
    throw new CommandError([
      `The database cannot be read or written: ${error.message}`,
      `${counted(added.comments, 'comment')} of the file went in. Run the same command again: it goes on from there.`,
    ])
  } finally {
    progress.end()
    forget()
  }
  terminal.stderr.write(
    `Added ${counted(added.comments, 'comment')} (${counted(added.decisions, 'decision')}, ${counted(added.articles, 'article')}); ${counted(counts.comment - added.comments, 'comment')} already there.\n`,
  )
  const lines = [
    ...(told === 0
      ? []
      : [
          `Told of what the file knows: ${counted(told, 'article')} that ${told === 1 ? 'was' : 'were'} there.`,
        ]),
    ...elsewhereLines(before),
    ...(notMade.size === 0
      ? []
      : [`Not made, as nothing would be on it: ${counted(notMade.size, 'article')} of the file.`]),
  ]
  for (const line of lines) terminal.stderr.write(`${line}\n`)
  if (added.atTheTop > 0)
    terminal.stderr.write(
      `${counted(added.atTheTop, 'comment')} of them at the top: what they answer is on another article here.\n`,
    )
}

/**
 * Where all comments of an article of the file are in the database, and that has no such article, they came in under another id: it
 * would stay empty.
 */
async function lookedAt(terminal: Terminal, store: Store, file: AdditionFile): Promise<AlreadyThere> {
  const progress = progressOf(terminal, 'Comparing', file.counts().comment)
  try {
    return await alreadyThere(store, file.places(), inTurn, progress.add)
  } finally {
    progress.end()
  }
}

/**
 * Waits for as long after each commit as it took: others who write get their turn, and those who read the disk and the
 * processor. Where others hold the database for longer than the store waits, it is asked again.
 */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const deadlineMs = performance.now() + busyMs
  for (;;) {
    const beganMs = performance.now()
    try {
      const result = await work()
      await setTimeout(performance.now() - beganMs)
      return result
    } catch (error) {
      const isBusy = error instanceof StoreFault && error.code === 'STORE_BUSY'
      if (!isBusy || performance.now() > deadlineMs) throw error
      await setTimeout(busyPauseMs)
    }
  }
}

type Size = { rows: number; bytes: number }

function sizeOf({
  comment,
  decisions,
}: {
  comment: { body: string | null }
  decisions: readonly { note: string | null }[]
}): Size {
  const texts = [comment.body, ...decisions.map(({ note }) => note)]
  return {
    rows: 1 + decisions.length,
    bytes: texts.reduce((bytes, text) => bytes + (text?.length ?? 0), 0),
  }
}

/** As many of them together as one commit takes; at least one. */
async function* batchesOf<T>(
  all: AsyncIterable<T>,
  sizeOf: (one: T) => Size,
  most: number,
): AsyncGenerator<T[]> {
  let batch: T[] = []
  let [rows, bytes] = [0, 0]
  for await (const one of all) {
    const size = sizeOf(one)
    const isFull = batch.length >= most || rows + size.rows > rowsAtOnce || bytes + size.bytes > bytesAtOnce
    if (isFull && batch.length > 0) {
      yield batch
      batch = []
      ;[rows, bytes] = [0, 0]
    }
    batch.push(one)
    rows += size.rows
    bytes += size.bytes
  }
  if (batch.length > 0) yield batch
}

function* inBatches<T>(all: Iterable<T>, most: number): Generator<T[]> {
  let batch: T[] = []
  for (const one of all) {
    batch.push(one)
    if (batch.length < most) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

function sum(counts: ReturnType<AdditionFile['counts']>): number {
  return kinds.reduce((all, kind) => all + counts[kind], 0)
}
