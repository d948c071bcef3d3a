import { setImmediate } from 'node:timers/promises'
import type { SQL } from 'drizzle-orm'
import { idNextTo } from '../domain/comments/comment-id.ts'
import type { SearchOrder } from '../domain/moderation/comment-filter.ts'
import type { AskedWords } from '../domain/moderation/search-words.ts'
import { sql } from './drizzle.ts'
import { inBoth, listIn, listsIn, read } from './postings.ts'
import {
  firstOrdinal,
  idsInRow,
  placeOf,
  type SearchTables,
  type SegmentRow,
  type StateRow,
} from './search-tables.ts'
import { columnsOf, type Units } from './units.ts'

/** Ids between these two, neither of them included. */
export type Range = { order: SearchOrder; from: string; to: string }

/** Ids in the order asked for. Whatever matches and stands before `through`, or is it, was in a batch. */
export type Batch = { ids: readonly string[]; through: string }

/** How often the index has changed, and what it holds: ids behind `low`, up to `high`. Both are `''` where it holds none. */
export type Indexed = Pick<StateRow, 'sealed' | 'high' | 'low'>

/** How many characters of lists were read so far, and how many ids held to others. */
export type Effort = { read: number; held: number }

/** How many segments are looked into at once: as many as a page takes, by what those before had, and more where they had nothing. */
const firstOpened = 1
const mostOpened = 64
const hitsWanted = 32
const mostTimesMore = 16

/** So many segments are shared out among queries that are asked side by side. */
const leastShared = 8

/** How many characters of lists are read at once, by what those before had: two words of very long lists may never stand together. */
const mostReadAtOnce = 1_000_000

/**
 * Where words leave no more in a segment, what stands in very many texts is looked for in these: its list takes longer to read than
 * they do. Any other word's list leaves most of them out, and they are read from all over the disk.
 */
const fewLeft = 4
const longList = 2_048

/** So short a beginning stands in most texts, and is the beginning of very many words. */
const shortBeginning = 2

/**
 * Rows of ids that are read for one segment, twice as many each time, as whoever goes on has found few among them; and for many segments
 * that have few of the words: all of theirs, since each more is a question.
 */
const idRowsOfOne = 4
const fewIdRows = 64

/** How many words' lists are read at once where none is known: each may be of most comments, and a query may have a hundred. */
const wordsAtOnce = 8

/** How many late ones are read at a time. */
const lateAtOnce = 256

/**
 * Finds comments by words, in order of their ids: in the segments of the index; and what is in none of them by `unread`, which gives
 * every id. Words are looked for again by who is given them.
 */
export function searchLookup(
  {
    all,
    isOneOf,
    textRows,
    lineIn,
    sideBySide,
  }: Pick<Units, 'all' | 'isOneOf' | 'textRows' | 'lineIn' | 'sideBySide'>,
  { segments, blocks, ids, late }: Omit<SearchTables, 'state'>,
): (
  words: AskedWords,
  range: Range,
  unread: (from: string, to: string) => AsyncGenerator<Batch>,
  effort: Effort,
  now: Indexed,
) => AsyncGenerator<Batch> {
  /** The segments that there are, of the state in which they were read: any change of them is one of the state as well. */
  let known: { now: Indexed; rows: readonly SegmentRow[] } | null = null

  async function segmentsAt(now: Indexed): Promise<readonly SegmentRow[]> {
    if (known !== null && isSame(known.now, now)) return known.rows
    const rows = await all<SegmentRow>(sql`SELECT ${columnsOf(segments)} FROM ${segments}`)
    // Where they have become others since, whoever is asked next has a later state, and reads them again.
    known = { now, rows }
    return rows
  }

  /** The text of the query is the same for any number of them. */
  const isAnyOf = (column: SQL, numbers: readonly number[]) =>
    sql`${column} IN (SELECT CAST(wanted.value AS integer) FROM ${textRows(numbers.map(String))} AS wanted)`

  /** The block of the segment in which a word stands, if it stands anywhere. */
  const blockWith = (word: SQL) => sql`(
    SELECT block.entries FROM ${blocks} AS block
    WHERE block.segment = ${segments.segment} AND block.from_word <= ${word}
    ORDER BY block.from_word DESC LIMIT 1
  )`

  return async function* (words, range, unread, effort, now) {
    const { high, low } = now
    let rowsOfOne = idRowsOfOne
    const isIn = (from: string, to: string) => from < to
    const [first, last] = [
      { from: larger(range.from, high), to: range.to },
      // Behind it, as it is itself not in the index.
      { from: range.from, to: smaller(range.to, behind(low)) },
    ]
    const [before, after] = range.order === 'newest' ? [first, last] : [last, first]
    if (isIn(before.from, before.to)) yield* unread(before.from, before.to)
    yield* indexed({ ...range, from: larger(range.from, low), to: smaller(range.to, behind(high)) })
    if (isIn(after.from, after.to)) yield* unread(after.from, after.to)

    async function* indexed(within: Range): AsyncGenerator<Batch> {
      const inOrder = isBefore(range.order)
      const closed = (await segmentsAt(now)).filter(
        ({ minId, maxId }) => minId < within.to && maxId > within.from,
      )
      closed.sort((one, other) => (inOrder(edgeOf(one), edgeOf(other)) ? -1 : 1))
      const lengths: Lengths = new Map()
      let fan = firstOpened
      const openNext = async () => {
        const readBefore = effort.read
        const opened = await openAll(closed.splice(0, fan), within, lengths)
        const hits = hitsIn(opened)
        const enough = Math.ceil((hitsWanted * fan) / Math.max(hits, 1))
        const affordable = Math.floor((mostReadAtOnce * fan) / Math.max(effort.read - readBefore, 1))
        const most = mostOpened * sideBySide
        fan = Math.min(Math.max(2 * fan, Math.min(enough, mostTimesMore * fan)), affordable, most)
        fan = Math.max(fan, firstOpened)
        await setImmediate()
        return opened
      }
      /** A few hits are not worth two questions, for their ids and for their comments: more are looked for first. */
      const openSome = async () => {
        const readBefore = effort.read
        const opened = await openNext()
        while (closed.length > 0 && hitsIn(opened) < hitsWanted && effort.read - readBefore < mostReadAtOnce)
          opened.push(...(await openNext()))
        return opened
      }
      const fromLate = lateOnes(within)
      const [first] = await Promise.all([openSome(), fromLate.more()])
      let open: Source[] = [fromLate, ...first]
      let last: string | null = null
      for (;;) {
        await Promise.all(open.map((source) => (source.found.length === 0 ? source.more() : null)))
        await refill(open, within)
        open = open.filter(({ found, left }) => found.length > 0 || left())
        // None of it was in the range, and more may be.
        if (open.some(({ found }) => found.length === 0)) continue
        const next = closed[0]
        // All that stands up to here has been found.
        const ends = open.flatMap(({ found, left }) => (left() ? (found.at(-1) ?? []) : []))
        const edge = next === undefined ? null : edgeOf(next)
        const bound = [...ends, ...(edge === null ? [] : [edge])].reduce<string | null>(
          (least, end) => (least === null || inOrder(end, least) ? end : least),
          null,
        )
        const isReady = (id: string) => bound === null || id === bound || inOrder(id, bound)
        const ready = open.flatMap((source) => source.take(isReady)).sort((a, b) => (inOrder(a, b) ? -1 : 1))
        const fresh: string[] = []
        for (const id of ready) {
          if (last === null || inOrder(last, id)) fresh.push(id)
          last = id
        }
        const through = fresh.at(-1)
        if (through !== undefined) {
          yield { ids: fresh, through }
          continue
        }
        if (next === undefined && open.length === 0) return
        if (next === undefined) continue
        // Nothing before the next one, whose edge may match.
        if (effort.read > 0) yield { ids: [], through: step(edgeOf(next), range.order) }
        open.push(...(await openSome()))
      }
    }

    /** The id at which a segment begins in the order asked for. */
    function edgeOf({ minId, maxId }: SegmentRow): string {
      return range.order === 'newest' ? maxId : minId
    }

    async function openAll(
      opened: readonly SegmentRow[],
      within: Range,
      lengths: Lengths,
    ): Promise<SegmentSource[]> {
      const hits = await ordinalsInAll(opened, lengths)
      const sources: SegmentSource[] = []
      for (const segment of opened) {
        const ordinals = hits.get(segment.segment) ?? []
        const own = ordinals.length === 0 ? [] : await cutTo(within, segment, ordinals)
        if (own.length > 0)
          sources.push(segmentSource(segment.segment, range.order === 'newest' ? own.reverse() : own))
      }
      return sources
    }

    /** By segment, which of its comments may have all the words; where there are many segments, of a share of them at once. */
    async function ordinalsInAll(
      opened: readonly SegmentRow[],
      lengths: Lengths,
    ): Promise<Map<number, number[]>> {
      const shares = opened.length < leastShared ? 1 : sideBySide
      const each = Math.ceil(opened.length / shares)
      const found = await Promise.all(
        Array.from({ length: shares }, (_, index) =>
          ordinalsIn(opened.slice(index * each, (index + 1) * each), lengths),
        ),
      )
      return new Map(found.flatMap((some) => [...some]))
    }

    /** Those that may stand in the range: a page that goes on does not begin with the segment again. */
    async function cutTo({ from, to }: Range, segment: SegmentRow, ordinals: number[]): Promise<number[]> {
      const least = segment.minId > from ? 0 : await rowWith(segment.segment, from)
      const most = segment.maxId < to ? segment.size : (await rowWith(segment.segment, to)) + idsInRow
      return ordinals.filter((ordinal) => ordinal >= least && ordinal < most)
    }

    async function rowWith(segment: number, id: string): Promise<number> {
      const [row] = await all<{ place: string }>(
        sql`SELECT ${ids.place} AS place FROM ${ids} WHERE ${ids.segment} = ${segment} AND ${ids.firstId} <= ${id}
          ORDER BY ${ids.firstId} DESC LIMIT 1`,
      )
      return row === undefined ? 0 : firstOrdinal(row.place)
    }

    async function ordinalsIn(
      opened: readonly SegmentRow[],
      lengths: Lengths,
    ): Promise<Map<number, number[]>> {
      let hits: Map<number, number[]> | null = null
      const lengthOf = (word: string) => lengths.get(word) ?? 0
      const unknown = words.whole.filter((word) => !lengths.has(word)).slice(0, wordsAtOnce)
      const every = opened.map(({ segment }) => segment)
      const firstBlocks = unknown.length === 0 ? [] : await blocksOf(every, unknown)
      // The rarest first: what it leaves is little. Where nothing is known yet, the longest is, more often than not.
      const rarestFirst = words.whole.toSorted(
        (one, other) => lengthOf(one) - lengthOf(other) || other.length - one.length,
      )
      for (const word of rarestFirst) {
        const isNew = !lengths.has(word)
        const left = !isNew && lengthOf(word) > longList ? fewLeft : 0
        const wanted: number[] =
          hits === null || isNew
            ? every
            : [...hits].flatMap(([segment, ordinals]) => (ordinals.length > left ? [segment] : []))
        if (wanted.length === 0) continue
        // Of a segment with few left they stay as they are.
        const found: Map<number, number[]> = new Map(
          [...(hits ?? [])].filter(([, ordinals]) => ordinals.length <= left),
        )
        const ofWord = unknown.includes(word)
          ? firstBlocks.filter((block) => block.word === word)
          : await blocksOf(wanted, [word])
        if (isNew) lengths.set(word, 0)
        for (const { segment, entries } of ofWord) {
          const list = listIn(entries, word)
          if (list === null) continue
          effort.read += list.to - list.from
          lengths.set(word, Math.max(lengthOf(word), list.to - list.from))
          const ordinals = read(entries, list.from, list.to)
          const both = hits === null ? ordinals : inBoth(hits.get(segment) ?? [], ordinals)
          if (both.length > 0) found.set(segment, both)
        }
        hits = found
        await setImmediate()
      }
      const { begun } = words
      if (begun === null) return hits ?? new Map()
      const found = new Map<number, number[]>()
      const wide: number[] = []
      for (const { segment } of opened) {
        const before = hits?.get(segment)
        if (hits !== null && before === undefined) continue
        const isLeftToTexts =
          before !== undefined && (before.length <= fewLeft || begun.length <= shortBeginning)
        if (isLeftToTexts) found.set(segment, before)
        else wide.push(segment)
      }
      const sizes = new Map(opened.map(({ segment, size }) => [segment, size]))
      const having = await havingBegun(wide, begun, sizes)
      for (const [segment, ordinals] of having) {
        const before = hits?.get(segment)
        const both = before === undefined ? ordinals : inBoth(before, ordinals)
        if (both.length > 0) found.set(segment, both)
      }
      return found
    }

    /** The block of each segment in which each word stands, or its line alone. */
    async function blocksOf(wanted: readonly number[], ofWords: readonly string[]): Promise<Block[]> {
      const rows = await all<{ segment: number; word: string; entries: string | null }>(
        sql`SELECT ${segments.segment} AS segment, asked.value AS word,
            ${lineIn(blockWith(sql`asked.value`), sql`asked.value || ' '`)} AS entries
          FROM ${segments}, ${textRows(ofWords)} AS asked WHERE ${isAnyOf(sql`${segments.segment}`, wanted)}`,
      )
      return rows.flatMap(({ entries, ...row }) => (entries === null ? [] : [{ ...row, entries }]))
    }

    async function havingBegun(
      wanted: readonly number[],
      begun: string,
      sizes: ReadonlyMap<number, number>,
    ): Promise<Map<number, number[]>> {
      if (wanted.length === 0) return new Map()
      // Those behind it for each segment by itself: asked for together, they would be looked for in all that there are.
      const rows = await all<{ segment: number; first: string | null; further: string | null }>(
        sql`SELECT ${segments.segment} AS segment, ${blockWith(sql`${begun}`)} AS first, (
            SELECT string_agg(block.entries, '') FROM ${blocks} AS block WHERE block.segment = ${segments.segment}
            AND block.from_word > ${begun} AND block.from_word < ${`${begun}\u{10ffff}`}
          ) AS further FROM ${segments} WHERE ${isAnyOf(sql`${segments.segment}`, wanted)}`,
      )
      const marks = new Map<number, Uint8Array>()
      for (const { segment, first, further } of rows)
        for (const entries of [first ?? '', further ?? ''])
          for (const { from, to } of listsIn(entries, begun)) {
            effort.read += to - from
            const marked = marks.get(segment) ?? new Uint8Array(sizes.get(segment) ?? 0)
            marks.set(segment, marked)
            for (const ordinal of read(entries, from, to)) marked[ordinal] = 1
          }
      await setImmediate()
      return new Map(
        [...marks].map(([segment, marked]) => {
          const ordinals: number[] = []
          for (let at = marked.indexOf(1); at >= 0; at = marked.indexOf(1, at + 1)) ordinals.push(at)
          return [segment, ordinals]
        }),
      )
    }

    /** Reads the ids of those that have none at hand. */
    async function refill(open: readonly Source[], within: Range): Promise<void> {
      const empty = open.flatMap((source) =>
        'segment' in source && source.found.length === 0 && source.left() ? [source as SegmentSource] : [],
      )
      if (empty.length === 0) return
      const areFew = empty.reduce((sum, source) => sum + source.count(), 0) <= fewIdRows
      const isOne = empty.length === 1
      const most = areFew ? fewIdRows : isOne ? rowsOfOne : 1
      if (isOne) rowsOfOne = Math.min(2 * rowsOfOne, fewIdRows)
      const places = empty.flatMap((source) => source.places(most))
      const rows = await all<{ place: string; ids: string }>(
        sql`SELECT ${ids.place} AS place, ${ids.ids} AS ids FROM ${ids} WHERE ${isOneOf(ids.place, places)}`,
      )
      const known = new Map(rows.map((row) => [row.place, row.ids.split(' ')]))
      for (const source of empty) source.fill(new Set(places), known, within)
    }

    /** What came in late, read as it is. */
    function lateOnes(within: Range): Source {
      let { from, to } = within
      let isOver = false
      const found: string[] = []
      return {
        found,
        left: () => !isOver,
        async more() {
          if (isOver) return
          const rows = await all<{ id: string }>(
            sql`SELECT ${late.commentId} AS id FROM ${late}
              WHERE ${late.commentId} > ${from} AND ${late.commentId} < ${to}
              ORDER BY ${late.commentId} ${sql.raw(range.order === 'newest' ? 'DESC' : 'ASC')} LIMIT ${lateAtOnce}`,
          )
          found.push(...rows.map(({ id }) => id))
          isOver = rows.length < lateAtOnce
          if (range.order === 'newest') to = found.at(-1) ?? to
          else from = found.at(-1) ?? from
        },
        take: (isReady) => taken(found, isReady),
      }
    }
  }
}

type Block = { segment: number; word: string; entries: string }

/** How long the longest list of each word was, of those that were read: the first segment is asked for all words. */
type Lengths = Map<string, number>

/** Ids in the order asked for: those at hand, and whether there are more. */
type Source = {
  found: string[]
  left: () => boolean
  more: () => Promise<void>
  take: (isReady: (id: string) => boolean) => string[]
}

type SegmentSource = Source & {
  segment: number
  /** How many may still be found in it. */
  count: () => number
  /** Where the ids of the next ordinals stand. */
  places: (most: number) => string[]
  fill: (asked: ReadonlySet<string>, known: ReadonlyMap<string, readonly string[]>, within: Range) => void
}

function segmentSource(segment: number, ordinals: readonly number[]): SegmentSource {
  let at = 0
  const found: string[] = []
  return {
    segment,
    found,
    left: () => at < ordinals.length,
    count: () => ordinals.length - at,
    async more() {},
    take: (isReady) => taken(found, isReady),
    places(most) {
      const places = new Set<string>()
      for (let index = at; index < ordinals.length; index++) {
        places.add(placeOf(segment, ordinals[index] ?? 0))
        if (places.size > most) break
      }
      return [...places].slice(0, most)
    },
    fill(asked, known, { from, to }) {
      for (; at < ordinals.length; at++) {
        const ordinal = ordinals[at] ?? 0
        const place = placeOf(segment, ordinal)
        if (!asked.has(place)) return
        // It is gone where the segment has become another one; who asked finds that out.
        const id = known.get(place)?.[ordinal % idsInRow]
        if (id !== undefined && id > from && id < to) found.push(id)
      }
    },
  }
}

function hitsIn(sources: readonly SegmentSource[]): number {
  return sources.reduce((sum, source) => sum + source.count(), 0)
}

function isSame(one: Indexed, other: Indexed): boolean {
  return one.sealed === other.sealed && one.high === other.high && one.low === other.low
}

function taken(found: string[], isReady: (id: string) => boolean): string[] {
  const end = found.findIndex((id) => !isReady(id))
  return found.splice(0, end < 0 ? found.length : end)
}

function isBefore(order: SearchOrder): (one: string, other: string) => boolean {
  return order === 'newest' ? (one, other) => one > other : (one, other) => one < other
}

/** The id just before another one, in the order asked for: who goes on behind it meets that one. */
function step(id: string, order: SearchOrder): string {
  return idNextTo(id, order === 'newest' ? 1 : -1)
}

/** Just behind an id; where there is none, before all. */
function behind(id: string): string {
  return id === '' ? '' : `${id} `
}

function larger(one: string, other: string): string {
  return one > other ? one : other
}

function smaller(one: string, other: string): string {
  return one < other ? one : other
}
