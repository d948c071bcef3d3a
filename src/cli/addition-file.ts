import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import type { Decision } from '../domain/comments/comment.ts'
import type { ArticleAddition, CommentAddition } from '../store/additions.ts'
import type { StoredComment } from '../store/rows.ts'
import type { Kind, Row } from '../store/transfer.ts'
import { FormatFault, linesOf, type Reading, readingOf } from './transfer-format.ts'

/*
 * A file whose comments are added to a database in use. It is read more than once: to check all of it, to look which of it is
 * there, and to give each comment together with its decisions, and a parent before its replies. What is kept of it meanwhile
 * are some 25 bytes a comment.
 */

/** A file that was checked as a whole. */
export type AdditionFile = {
  counts: Reading['counts']
  /** What it refers to and does not have: each comment's parent and article has to be in the database then. */
  refersTo: References
  articles: () => AsyncGenerator<ArticleAddition>
  /** Ids of articles that were moved, which are made once all articles are there. */
  movedArticles: () => AsyncGenerator<ArticleAddition>
  comments: () => AsyncGenerator<CommentAddition>
  /** Where each of them is, in the order of the file. */
  places: () => AsyncGenerator<Pick<StoredComment, 'id' | 'articleId'>>
}

/** Each with the number of a line that refers to it. */
export type References = {
  parents: () => Generator<{ id: string; line: number }>
  articles: ReadonlyMap<string, number>
}

/** How much is read at a time, of each of the two places of the second reading. */
const readAtOnce = 2 ** 18

/**
 * Checks the lines of `pieces`, which are those of `file` from its beginning; `onRow` is told of each, and of the first line.
 *
 * @throws FormatFault where it cannot be added.
 */
export async function checkAdditions(
  file: FileHandle,
  pieces: AsyncIterable<Buffer>,
  onRow: (reading: Reading) => void,
): Promise<AdditionFile> {
  const reading = readingOf()
  const articles = articleCheck()
  const comments = commentCheck(articles)
  const starts: Partial<Record<Kind | 'end', number>> = {}
  let at = 0
  for await (const lines of linesOf(pieces)) {
    for (const line of lines) {
      const taken = reading.take(line)
      if (taken === null) {
        if (reading.hasEnded()) starts.end = at
        else refuseForeign(reading)
      } else {
        starts[taken.kind] ??= at
        if (taken.kind === 'article') articles.note(taken.row, reading.lines())
        else comments.note(taken.kind, taken.row, reading.lines())
      }
      onRow(reading)
      at += line.length + 1
    }
  }
  if (!reading.hasEnded())
    throw new FormatFault(`It is not whole: it breaks off behind line ${reading.lines()}.`)
  articles.end()
  const parentOf = comments.end()
  const end = starts.end ?? at
  const decisionsAt = starts.decision ?? end
  const commentsAt = starts.comment ?? decisionsAt
  const wanted = stampOf(await file.stat())
  const sameFile = async () => {
    if (stampOf(await file.stat()) !== wanted) throw changed()
  }
  const articlesWhere = (isWanted: (addition: ArticleAddition) => boolean) =>
    async function* () {
      const from = starts.article ?? commentsAt
      for await (const { value } of linesBetween<ArticleAddition>(file, sameFile, from, commentsAt))
        if (isWanted(value)) yield value
    }
  return {
    counts: reading.counts,
    refersTo: { parents: comments.parentsElsewhere, articles: comments.articlesElsewhere },
    articles: articlesWhere(({ movedTo }) => movedTo === null),
    movedArticles: articles.hasMoved() ? articlesWhere(({ movedTo }) => movedTo !== null) : none,
    async *places() {
      for await (const { value } of linesBetween<CommentLine>(file, sameFile, commentsAt, decisionsAt))
        yield value
    },
    comments: () =>
      parentsFirst(
        besideDecisions(
          linesBetween(file, sameFile, commentsAt, decisionsAt),
          linesBetween(file, sameFile, decisionsAt, end),
        ),
        reading.counts().comment,
        parentOf,
        (place) => bytesAt(file, place),
      ),
  }
}

function stampOf({ size, mtimeMs, ctimeMs }: { size: number; mtimeMs: number; ctimeMs: number }): string {
  return [size, mtimeMs, ctimeMs].join()
}

/** What opens a service, or tells a retry, is of the one service that gave it out. */
function refuseForeign(reading: Reading): void {
  const { token, idempotencyRecord } = reading.header().counts
  if (token + idempotencyRecord > 0)
    throw new FormatFault(
      `It has ${token} tokens and ${idempotencyRecord} idempotency records, which are of the service that it comes from: it can fill an empty database, and not be added to another.`,
    )
}

function fail(line: number, what: string): never {
  throw new FormatFault(`Line ${line}: ${what}`)
}

type ArticleCheck = ReturnType<typeof articleCheck>

function articleCheck() {
  const own = new Hashes()
  const all = new Hashes()
  const moved: { to: string; line: number }[] = []
  return {
    note({ articleId, movedTo }: Row, line: number): void {
      all.add(String(articleId))
      if (movedTo === null) own.add(String(articleId))
      else moved.push({ to: String(movedTo), line })
    },
    has: (articleId: string) => all.has(articleId),
    hasMoved: () => moved.length > 0,
    end(): void {
      for (const { to, line } of moved)
        if (!own.has(to)) fail(line, 'the article was moved to one that does not answer for it.')
    },
  }
}

function commentCheck(articles: ArticleCheck) {
  const ids = new Ids()
  /** By the place of the comment: the place of its parent, or one of these. */
  const parents = new Numbers()
  const versions = new Numbers()
  const [noParent, notYet, elsewhere] = [-1, -2, -3]
  /** Of the parents that stand behind their replies, or in no line. */
  const otherParents = new Map<number, string>()
  const articlesElsewhere = new Map<string, number>()
  let firstLine = 0

  function noteComment({ id, articleId, parentId, version }: Row, line: number): void {
    if (ids.length === 0) firstLine = line
    if (!articles.has(String(articleId)) && !articlesElsewhere.has(String(articleId)))
      articlesElsewhere.set(String(articleId), line)
    const place = ids.length
    if (parentId === null || parentId === undefined) parents.add(noParent)
    else {
      const parent = ids.find(String(parentId))
      parents.add(parent < 0 ? notYet : parent)
      if (parent < 0) otherParents.set(place, String(parentId))
    }
    ids.add(String(id))
    versions.add(Number(version))
  }

  function noteDecision({ commentId, version }: Row, line: number): void {
    const place = ids.find(String(commentId))
    if (place < 0) fail(line, 'its comment is not in the file.')
    if (Number(version) > versions.at(place)) fail(line, 'it is of a later version than its comment.')
  }

  return {
    articlesElsewhere,
    *parentsElsewhere() {
      for (const [place, id] of otherParents)
        if (parents.at(place) === elsewhere) yield { id, line: firstLine + place }
    },
    note(kind: Kind, row: Row, line: number): void {
      if (kind === 'comment') noteComment(row, line)
      else noteDecision(row, line)
    },
    /** Gives where the parent of each comment stands in the file; below 0 where it does not. */
    end(): (place: number) => number {
      let hasLater = false
      for (const [place, id] of otherParents) {
        const parent = ids.find(id)
        parents.set(place, parent < 0 ? elsewhere : parent)
        if (parent < 0) continue
        hasLater = true
        otherParents.delete(place)
      }
      if (hasLater) refuseCircles(parents, (place) => firstLine + place)
      return (place) => parents.at(place)
    },
  }
}

/** Nobody could have written the first of them. */
function refuseCircles(parents: Numbers, lineOf: (place: number) => number): void {
  /** In whose walk a comment was met first. */
  const walks = new Int32Array(parents.length).fill(-1)
  for (let start = 0; start < parents.length; start++) {
    let place = start
    while (place >= 0 && walks[place] === -1) {
      walks[place] = start
      place = parents.at(place)
    }
    if (place >= 0 && walks[place] === start) fail(lineOf(place), 'the comment is a reply to itself.')
  }
}

/** The line's value, and where it stands in the file. */
type Line<V> = Place & { value: V }
type Place = { at: number; length: number }

/** The lines were checked once: they are what they have to be, as long as the file is the same. */
async function* linesBetween<V>(
  file: FileHandle,
  sameFile: () => Promise<void>,
  from: number,
  to: number,
): AsyncGenerator<Line<V>> {
  if (from >= to) return
  let at = from
  const range = { start: from, end: to - 1, highWaterMark: readAtOnce }
  for await (const lines of linesOf(createReadStream('', { fd: file, autoClose: false, ...range }))) {
    await sameFile()
    for (const line of lines) {
      yield { value: JSON.parse(line.toString()), at, length: line.length }
      at += line.length + 1
    }
  }
}

async function* none(): AsyncGenerator<never> {}

type DecisionLine = Decision & { kind: string }
type CommentLine = StoredComment & { kind: string }

/** A comment, and where its decisions stand, one behind the other. */
type Found = { comment: Line<CommentLine>; decisions: Line<DecisionLine>[] }

async function* besideDecisions(
  comments: AsyncGenerator<Line<CommentLine>>,
  decisions: AsyncGenerator<Line<DecisionLine>>,
): AsyncGenerator<Found> {
  let next = await decisions.next()
  for await (const comment of comments) {
    const own: Line<DecisionLine>[] = []
    while (next.done !== true && next.value.value.commentId === comment.value.id) {
      own.push(next.value)
      next = await decisions.next()
    }
    yield { comment, decisions: own }
  }
}

/**
 * A reply that stands before its parent, which other clocks may have made, is remembered by where it stands until the parent has
 * come, and is then read again.
 */
async function* parentsFirst(
  found: AsyncGenerator<Found>,
  count: number,
  parentOf: (place: number) => number,
  readAgain: (place: Place) => Promise<Buffer>,
): AsyncGenerator<CommentAddition> {
  const hasCome = new Uint8Array(count)
  const waiting = new Map<number, Waiting[]>()
  let place = -1
  for await (const { comment, decisions } of found) {
    place += 1
    const parent = parentOf(place)
    if (parent >= 0 && hasCome[parent] === 0) {
      const own = { place, comment: placeOf([comment]), decisions: placeOf(decisions) }
      const others = waiting.get(parent)
      if (others === undefined) waiting.set(parent, [own])
      else others.push(own)
      continue
    }
    yield additionOf(
      comment.value,
      decisions.map(({ value }) => value),
    )
    const released = comeWith(place)
    for (let next = released.pop(); next !== undefined; next = released.pop()) {
      const [own = ''] = (await readAgain(next.comment)).toString().split('\n')
      const log = (await readAgain(next.decisions)).toString().split('\n').filter(Boolean)
      yield additionOf(
        JSON.parse(own),
        log.map((line) => JSON.parse(line)),
      )
      released.push(...comeWith(next.place))
    }
  }

  function comeWith(parent: number): Waiting[] {
    hasCome[parent] = 1
    const released = waiting.get(parent) ?? []
    waiting.delete(parent)
    return released
  }
}

type Waiting = { place: number; comment: Place; decisions: Place }

/** Of lines that stand one behind the other. */
function placeOf(lines: readonly Place[]): Place {
  const [first, last] = [lines[0], lines.at(-1)]
  if (first === undefined || last === undefined) return { at: 0, length: 0 }
  return { at: first.at, length: last.at + last.length - first.at }
}

function additionOf({ kind: _, ...comment }: CommentLine, lines: readonly DecisionLine[]): CommentAddition {
  return { comment, decisions: lines.map(({ kind: _, ...decision }) => decision) }
}

async function bytesAt(file: FileHandle, { at, length }: Place): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  let read = 0
  while (read < length) {
    const { bytesRead } = await file.read(buffer, read, length - read, at + read)
    if (bytesRead === 0) throw changed()
    read += bytesRead
  }
  return buffer
}

function changed(): FormatFault {
  return new FormatFault('It was changed while it was read.')
}

/** Ids in their order, 16 bytes each: as texts a million would take a hundred megabytes. */
class Ids {
  length = 0
  #bytes = Buffer.alloc(16 * 1_024)

  add(id: string): void {
    const at = this.length * 16
    if (at === this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes, Buffer.alloc(at)])
    this.#bytes.write(id.replaceAll('-', ''), at, 'hex')
    this.length += 1
  }

  /** Its place, or -1. Ids have one spelling, whose order is that of the bytes. */
  find(id: string): number {
    const wanted = Buffer.from(id.replaceAll('-', ''), 'hex')
    let [from, to] = [0, this.length]
    while (from < to) {
      const middle = (from + to) >>> 1
      const order = this.#bytes.compare(wanted, 0, 16, middle * 16, middle * 16 + 16)
      if (order === 0) return middle
      if (order < 0) from = middle + 1
      else to = middle
    }
    return -1
  }
}

/** Numbers of 32 bits, by their places. */
class Numbers {
  length = 0
  #numbers = new Int32Array(1_024)

  add(number: number): void {
    if (this.length === this.#numbers.length) {
      const more = new Int32Array(this.length * 2)
      more.set(this.#numbers)
      this.#numbers = more
    }
    this.#numbers[this.length] = number
    this.length += 1
  }

  at(place: number): number {
    return this.#numbers[place] ?? 0
  }

  set(place: number, number: number): void {
    this.#numbers[place] = number
  }
}

/** Whether a text was among others, by 8 bytes of each: of a million one in ten million is taken for another. */
class Hashes {
  #hashes = new BigUint64Array(1_024)
  #length = 0
  #isSorted = true

  add(text: string): void {
    if (this.#length === this.#hashes.length) {
      const more = new BigUint64Array(this.#length * 2)
      more.set(this.#hashes)
      this.#hashes = more
    }
    this.#hashes[this.#length] = hashOf(text)
    this.#length += 1
    this.#isSorted = false
  }

  has(text: string): boolean {
    if (!this.#isSorted) this.#hashes.subarray(0, this.#length).sort()
    this.#isSorted = true
    const wanted = hashOf(text)
    let [from, to] = [0, this.#length]
    while (from < to) {
      const middle = (from + to) >>> 1
      const hash = this.#hashes[middle] ?? 0n
      if (hash === wanted) return true
      if (hash < wanted) from = middle + 1
      else to = middle
    }
    return false
  }
}

function hashOf(text: string): bigint {
  return createHash('sha256').update(text).digest().readBigUInt64BE()
}
