import { setImmediate } from 'node:timers/promises'
import type { AnyColumn, SQL, Table } from 'drizzle-orm'
import type { Change, Comment } from '../domain/comments/comment.ts'
import { firstIdOf } from '../domain/comments/comment-id.ts'
import { commentWords } from '../domain/moderation/search-words.ts'
import { sql } from './drizzle.ts'
import {
  type Block,
  blockMaker,
  byCodePoint,
  inOrder,
  joined,
  linesOf,
  type Posting,
  read,
  without,
  written,
} from './postings.ts'
import {
  type BlockRow,
  firstOrdinal,
  type IdsRow,
  idsInRow,
  placeOf,
  type SearchTables,
  type SegmentRow,
  type StateRow,
} from './search-tables.ts'
import {
  columnsOf,
  insertRows,
  type RowsStep,
  type Step,
  type Unit,
  type Units,
  type Values,
} from './units.ts'

export interface SearchIndexStore {
  /**
   * Takes a part of what is not in the index of words into it, or makes one segment of several: some tenths of a second's
   * work. Comments of the last seconds before `nowMs` are left out, and fewer than `least` new ones as well: a search reads
   * them as they are. Safe where two do it at once.
   */
  indexSome(nowMs: number, least?: number): Promise<'more' | 'done'>
}

export type SearchIndex = SearchIndexStore & {
  /** What takes the words of these comments out of the index; it goes into the commit that erases them. */
  forgetting: (comments: readonly Pick<Comment, 'id' | 'author' | 'body'>[]) => Promise<(Step | RowsStep)[]>
}

/** Fewer new comments than that are no segment worth having, and are read in a millisecond or five. */
export const leastNew = 256

/** How many comments a segment is made of from their texts, at the most: some tenths of a second. */
const mostAtOnce = 4_096

/** What several segments are made into, at the most: their words are in memory at that moment, some 10 MB. */
const fullSize = 65_536

/** So many segments of a like size become one. */
const mergedAtOnce = 16

/** Sizes are alike from one of these up to the next; of the last, a segment stays as it is. */
const sizes = [0, 4_096, 49_152] as const

/** A commit takes no longer, and clocks of replicas are not further apart: ids are of the moment at which a submission was read. */
const settledAfterMs = 30_000

/** How many comments, or blocks, are read at a time, so that nobody else waits for long. */
const readAtOnce = 128
const wordedAtOnce = 64
const blocksAtOnce = 16

/** How many rows go in one statement, and one commit: a megabyte, and some milliseconds. */
const writtenAtOnce = 128

type Erased = { ordinal: number; words: ReadonlySet<string> }

type NewSegment = { members: readonly string[]; blocks: readonly Block[] }

type Indexed = Pick<Comment, 'id' | 'author' | 'body'>

export function searchIndex(
  { all, commit, isOneOf, textRows }: Pick<Units, 'all' | 'commit' | 'isOneOf' | 'textRows'>,
  comments: Table & Record<'id' | 'authorName' | 'authorEmail' | 'body', AnyColumn>,
  { state, segments, blocks, ids, late }: SearchTables,
): SearchIndex {
  const isState = sql`${state.name} = 'index'`

  async function stateNow(): Promise<StateRow> {
    const [row] = await all<StateRow>(sql`SELECT ${columnsOf(state)} FROM ${state} WHERE ${isState}`)
    // The migration makes it.
    return row ?? { name: 'index', sealed: 0, erased: 0, high: '', low: '' }
  }

  const segmentsWhere = (condition: SQL) =>
    all<SegmentRow>(
      sql`SELECT ${columnsOf(segments)} FROM ${segments} WHERE ${condition} ORDER BY ${segments.minId}`,
    )

  /** What of these comments can be found by words: not what was erased. */
  async function textsOf(condition: SQL, limit: number, downward = false): Promise<Indexed[]> {
    const rows = await all<{ id: string; name: string | null; email: string | null; body: string | null }>(
      sql`SELECT ${comments.id} AS id, ${comments.authorName} AS name, ${comments.authorEmail} AS email,
        ${comments.body} AS body FROM ${comments} WHERE ${condition}
        ORDER BY ${comments.id} ${sql.raw(downward ? 'DESC' : 'ASC')} LIMIT ${limit}`,
    )
    return rows.map(({ id, name, email, body }) => ({
      id,
      author: name === null ? null : { name, email },
      body,
    }))
  }

  /** Those from one id on, upward or downward, at most `mostAtOnce` and one. */
  async function textsFrom(from: string, before: string | null, downward: boolean): Promise<Indexed[]> {
    const found: Indexed[] = []
    let last: string | null = null
    while (found.length <= mostAtOnce) {
      const behind: SQL = downward
        ? sql`${comments.id} ${sql.raw(last === null ? '<=' : '<')} ${last ?? from}`
        : sql`${comments.id} > ${last ?? from} AND ${comments.id} < ${before}`
      const some = await textsOf(behind, readAtOnce, downward)
      found.push(...some)
      last = some.at(-1)?.id ?? null
      await setImmediate()
      if (some.length < readAtOnce) break
    }
    return found.slice(0, mostAtOnce + 1)
  }

  /** A segment of these comments. */
  async function segmentOf(texts: readonly Indexed[]): Promise<NewSegment> {
    const found = texts
      .filter(({ author }) => author !== null)
      .sort((one, other) => (one.id < other.id ? -1 : 1))
    const ordinals = new Map<string, number[]>()
    for (const [ordinal, comment] of found.entries()) {
      for (const word of commentWords(comment)) {
        const known = ordinals.get(word)
        if (known === undefined) ordinals.set(word, [ordinal])
        else known.push(ordinal)
      }
      if (ordinal % wordedAtOnce === 0) await setImmediate()
    }
    const made: Block[] = []
    const { add, end } = blockMaker((block) => made.push(block))
    for (const some of inOrder(ordinals.keys())) {
      for (const word of some) add(word, written(ordinals.get(word) ?? []))
      await setImmediate()
    }
    end()
    return { members: found.map(({ id }) => id), blocks: made }
  }

  /**
   * Makes it a part of the index together with what else is to be done, unless somebody has changed that since: what was read may
   * have been erased. Before it is a part, its rows are there already, a few with each commit, so that no other write waits long.
   */
  async function put(
    now: StateRow,
    { members, blocks: made }: NewSegment,
    moved: Partial<Pick<StateRow, 'high' | 'low'>>,
    steps: readonly Step[] = [],
  ): Promise<void> {
    const segment = now.sealed + 1
    const [minId, maxId] = [members[0], members.at(-1)]
    if (minId === undefined || maxId === undefined) {
      await commit({ steps: [seal(now, moved), ...steps] })
      return
    }
    const idRows = Array.from({ length: Math.ceil(members.length / idsInRow) }, (_, index): IdsRow => {
      const some = members.slice(index * idsInRow, (index + 1) * idsInRow)
      return {
        place: placeOf(segment, index * idsInRow),
        segment,
        firstId: some[0] ?? '',
        ids: some.join(' '),
      }
    })
    const rows = [
      ...inserted(
        blocks,
        made.map((block) => ({ segment, ...block })),
      ),
      ...inserted(ids, idRows),
    ]
    const early = rows.length > 2 ? rows : []
    for (const some of early) {
      if ((await commit({ steps: [isAsIn(now), some] })) === 'stale') return
      await setImmediate()
    }
    const areThere = sql`(SELECT count(*) FROM ${blocks} WHERE ${blocks.segment} = ${segment}) = ${made.length}
      AND (SELECT count(*) FROM ${ids} WHERE ${ids.segment} = ${segment}) = ${idRows.length}`
    await commit({
      steps: [
        seal(now, moved, early.length > 0 ? areThere : sql`TRUE`),
        ...(early.length > 0 ? [] : rows),
        ...inserted(segments, [{ segment, size: members.length, minId, maxId, revision: 0 }]),
        ...steps,
      ],
    })
  }

  /**
   * What was put there for a segment that did not become one. Whoever makes it one at this moment is waited for, and whoever is
   * about to begins anew, as after an erasure: its rows are gone.
   */
  async function clear(): Promise<void> {
    const last = sql`(SELECT ${state.sealed} FROM ${state} WHERE ${isState})`
    const left = await all(sql`SELECT 1 AS one FROM ${blocks} WHERE ${blocks.segment} > ${last} LIMIT 1`)
    if (left.length === 0) return
    await commit({
      steps: [
        { sql: sql`UPDATE ${state} SET erased = erased + 1 WHERE ${isState}`, touches: 1 },
        ...unsealed(),
      ],
    })
  }

  function unsealed(): Step[] {
    const last = sql`(SELECT ${state.sealed} FROM ${state} WHERE ${isState})`
    return [
      { sql: sql`DELETE FROM ${blocks} WHERE ${blocks.segment} > ${last}`, touches: null },
      { sql: sql`DELETE FROM ${ids} WHERE ${ids.segment} > ${last}`, touches: null },
    ]
  }

  function inserted(table: Table, rows: readonly Values[]): RowsStep[] {
    return Array.from({ length: Math.ceil(rows.length / writtenAtOnce) }, (_, index) =>
      insertRows(table, rows.slice(index * writtenAtOnce, (index + 1) * writtenAtOnce)),
    )
  }

  /** Holds only while nobody else has changed the index. */
  function isAsIn({ sealed, erased }: StateRow): Step {
    return {
      sql: sql`UPDATE ${state} SET sealed = ${sealed}
        WHERE ${isState} AND ${state.sealed} = ${sealed} AND ${state.erased} = ${erased}`,
      touches: 1,
    }
  }

  function seal(
    { sealed, erased, high, low }: StateRow,
    moved: Partial<Pick<StateRow, 'high' | 'low'>>,
    condition: SQL = sql`TRUE`,
  ): Step {
    return {
      sql: sql`UPDATE ${state} SET sealed = ${sealed + 1}, high = ${moved.high ?? high}, low = ${moved.low ?? low}
        WHERE ${isState} AND ${state.sealed} = ${sealed} AND ${state.erased} = ${erased} AND ${condition}`,
      touches: 1,
    }
  }

  /** What came among those that are there, by an addition from elsewhere. */
  async function takeLate(now: StateRow): Promise<boolean> {
    const rows = await all<{ id: string }>(
      sql`SELECT ${late.commentId} AS id FROM ${late} ORDER BY ${late.commentId} LIMIT ${mostAtOnce}`,
    )
    if (rows.length === 0) return false
    // The others are taken in with those around them.
    const within = rows.map(({ id }) => id).filter((id) => id <= now.high && id > now.low)
    const texts: Indexed[] = []
    for (let index = 0; index < within.length; index += readAtOnce) {
      const some = within.slice(index, index + readAtOnce)
      const known = await segmented(some)
      const fresh = some.filter((id) => !known.has(id))
      if (fresh.length > 0) texts.push(...(await textsOf(isOneOf(comments.id, fresh), readAtOnce)))
      await setImmediate()
    }
    const [first, last] = [rows[0]?.id ?? '', rows.at(-1)?.id ?? '']
    await put(now, await segmentOf(texts), {}, [
      {
        sql: sql`DELETE FROM ${late} WHERE ${late.commentId} >= ${first} AND ${late.commentId} <= ${last}`,
        touches: rows.length,
      },
    ])
    return true
  }

  /** Which of them are in a segment: an addition may have come while those around it were being read, and so have been read with them. */
  async function segmented(some: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await all<{ id: string }>(
      sql`SELECT asked.value AS id FROM ${textRows(some)} AS asked WHERE EXISTS (
        SELECT 1 FROM ${segments} WHERE ${segments.minId} <= asked.value AND ${segments.maxId} >= asked.value AND (
          SELECT ${ids.ids} FROM ${ids} WHERE ${ids.segment} = ${segments.segment} AND ${ids.firstId} <= asked.value
          ORDER BY ${ids.firstId} DESC LIMIT 1
        ) LIKE '%' || asked.value || '%'
      )`,
    )
    return new Set(rows.map(({ id }) => id))
  }

  async function takeNew(now: StateRow, settled: string, least: number): Promise<boolean> {
    const texts = (await textsFrom(now.high, settled, false)).slice(0, mostAtOnce)
    const high = texts.at(-1)?.id
    if (high === undefined || texts.length < least) return false
    await put(now, await segmentOf(texts), { high })
    return true
  }

  /** The newest of those that were there first: they are asked for most. */
  async function takeOld(now: StateRow): Promise<boolean> {
    if (now.low === '') return false
    const texts = await textsFrom(now.low, null, true)
    await put(now, await segmentOf(texts.slice(0, mostAtOnce)), { low: texts[mostAtOnce]?.id ?? '' })
    return true
  }

  /** Where a database has comments and no index: from its newest on, both ways. */
  async function begin(now: StateRow, settled: string): Promise<boolean> {
    const [newest] = await textsOf(sql`${comments.id} < ${settled}`, 1, true)
    if (newest === undefined) return false
    await commit({ steps: [seal(now, { high: newest.id, low: newest.id })] })
    return true
  }

  /** The first few of a like size that stand beside each other. */
  function toMerge(known: readonly SegmentRow[]): SegmentRow[] {
    for (const [index, from] of sizes.slice(0, -1).entries()) {
      const to = sizes[index + 1] ?? 0
      const alike = known.filter(({ size }) => size >= from && size < to)
      if (alike.length < mergedAtOnce) continue
      let size = 0
      return alike.slice(0, mergedAtOnce).filter((segment) => {
        size += segment.size
        return size <= fullSize
      })
    }
    return []
  }

  async function merge(now: StateRow, sources: readonly SegmentRow[]): Promise<void> {
    const members: string[][] = []
    for (const { segment } of sources) members.push(await membersOf(segment))
    const isInOrder = sources.every(({ minId }, index) => minId > (sources[index - 1]?.maxId ?? ''))
    const all = isInOrder ? members.flat() : [...new Set(members.flat())].sort()
    const ordinalOf = isInOrder ? null : new Map(all.map((id, ordinal) => [id, ordinal]))
    let size = 0
    const offsets = members.map(({ length }) => {
      size += length
      return size - length
    })
    const made: Block[] = []
    const blocksOfWords = blockMaker((block) => made.push(block))
    for await (const [word, parts] of wordsOf(sources)) {
      let list: Posting | undefined
      for (const { source, text } of parts) {
        list =
          ordinalOf === null
            ? joined(list, text, offsets[source] ?? 0)
            : mixed(list, text, members[source] ?? [], ordinalOf)
      }
      blocksOfWords.add(word, list?.text ?? '')
    }
    blocksOfWords.end()
    await put(
      now,
      { members: all, blocks: made },
      {},
      // Nothing was erased from any of them since: the state says so. They go, and all that was theirs.
      sources.flatMap(({ segment }): Step[] =>
        [segments, blocks, ids].map((table) => ({
          sql: sql`DELETE FROM ${table} WHERE segment = ${segment}`,
          touches: null,
        })),
      ),
    )
  }

  /** All words of several segments in order, each with its lists in the order of the segments. */
  async function* wordsOf(
    sources: readonly SegmentRow[],
  ): AsyncGenerator<[word: string, parts: { source: number; text: string }[]]> {
    const readers = sources.map(({ segment }) => ({
      blocks: blocksIn(segment),
      lines: [] as [string, string][],
      at: 0,
    }))
    const refill = async (reader: (typeof readers)[number]) => {
      const { value } = await reader.blocks.next()
      reader.lines = value === undefined ? [] : linesOf(value)
      reader.at = 0
      await setImmediate()
    }
    for (const reader of readers) await refill(reader)
    for (;;) {
      let least: string | null = null
      for (const { lines, at } of readers) {
        const word = lines[at]?.[0]
        if (word !== undefined && (least === null || byCodePoint(word, least) < 0)) least = word
      }
      if (least === null) return
      const parts: { source: number; text: string }[] = []
      for (const [source, reader] of readers.entries()) {
        const line = reader.lines[reader.at]
        if (line?.[0] !== least) continue
        parts.push({ source, text: line[1] })
        reader.at += 1
        if (reader.at === reader.lines.length) await refill(reader)
      }
      yield [least, parts]
    }
  }

  async function membersOf(segment: number): Promise<string[]> {
    const rows = await all<{ ids: string }>(
      sql`SELECT ${ids.ids} AS ids FROM ${ids} WHERE ${ids.segment} = ${segment} ORDER BY ${ids.firstId}`,
    )
    await setImmediate()
    return rows.flatMap((row) => row.ids.split(' '))
  }

  async function* blocksIn(segment: number): AsyncGenerator<Block> {
    let after = ''
    for (;;) {
      const some = await all<BlockRow>(
        sql`SELECT ${columnsOf(blocks)} FROM ${blocks} WHERE ${blocks.segment} = ${segment}
          AND ${blocks.fromWord} > ${after} ORDER BY ${blocks.fromWord} LIMIT ${blocksAtOnce}`,
      )
      yield* some
      await setImmediate()
      if (some.length < blocksAtOnce) return
      after = some.at(-1)?.fromWord ?? ''
    }
  }

  /** Where a comment stands in a segment; `null` where it is in none. */
  async function ordinalIn(segment: number, id: string): Promise<number | null> {
    const [row] = await all<{ place: string; ids: string }>(
      sql`SELECT ${ids.place} AS place, ${ids.ids} AS ids FROM ${ids}
        WHERE ${ids.segment} = ${segment} AND ${ids.firstId} <= ${id} ORDER BY ${ids.firstId} DESC LIMIT 1`,
    )
    const index = row?.ids.split(' ').indexOf(id) ?? -1
    return row === undefined || index < 0 ? null : firstOrdinal(row.place) + index
  }

  /** All of a segment at once: two of them may stand in the same block. */
  async function forgettingIn(
    { segment }: SegmentRow,
    erased: readonly Erased[],
  ): Promise<(Step | RowsStep)[]> {
    const own = sql`${blocks.segment} = ${segment}`
    const words = new Set(erased.flatMap((one) => [...one.words]))
    const held = await all<BlockRow>(
      sql`SELECT ${columnsOf(blocks)} FROM ${blocks} WHERE ${own} AND ${blocks.fromWord} IN (
        SELECT (
          SELECT max(before.from_word) FROM ${blocks} AS before
          WHERE before.segment = ${segment} AND before.from_word <= asked.value
        ) FROM ${textRows([...words])} AS asked
      )`,
    )
    const left: Block[] = []
    for (const [index, block] of held.entries()) {
      const rest = erased.reduce<Block | null>(
        (before, one) => before && without(before, one.words, one.ordinal),
        block,
      )
      if (rest !== null) left.push(rest)
      if (index % blocksAtOnce === 0) await setImmediate()
    }
    const keys = held.map(({ fromWord }) => fromWord)
    // A few statements for any number of blocks: others wait for what the commit holds.
    return [
      {
        sql: sql`DELETE FROM ${blocks} WHERE ${own} AND ${isOneOf(blocks.fromWord, keys)}`,
        touches: keys.length,
      },
      ...inserted(
        blocks,
        left.map(({ fromWord, entries }) => ({ segment, fromWord, entries })),
      ),
    ]
  }

  return {
    async indexSome(nowMs, least = leastNew) {
      await clear()
      const now = await stateNow()
      const settled = firstIdOf(nowMs - settledAfterMs)
      // Where a commit was stale, somebody erased a comment in the meantime, or does the same: the next one reads anew.
      if (now.high === '') return (await begin(now, settled)) ? 'more' : 'done'
      const isMore =
        (await takeLate(now)) ||
        (await takeNew(now, settled, least)) ||
        (await mergeDue(now)) ||
        (await takeOld(now))
      return isMore ? 'more' : 'done'
    },
    async forgetting(erased) {
      const { sealed } = await stateNow()
      const touched = new Map<number, { row: SegmentRow; erased: Erased[] }>()
      for (const comment of erased) {
        for (const row of await segmentsWhere(
          sql`${segments.minId} <= ${comment.id} AND ${segments.maxId} >= ${comment.id}`,
        )) {
          const ordinal = await ordinalIn(row.segment, comment.id)
          if (ordinal === null) continue
          const { erased: before = [] } = touched.get(row.segment) ?? {}
          touched.set(row.segment, { row, erased: [...before, { ordinal, words: commentWords(comment) }] })
        }
      }
      const inOrder = [...touched.values()].sort((one, other) => one.row.segment - other.row.segment)
      const steps = await Promise.all(inOrder.map(({ row, erased }) => forgettingIn(row, erased)))
      return [
        // A segment that is being made of what is erased now would keep it.
        {
          sql: sql`UPDATE ${state} SET erased = erased + 1 WHERE ${isState} AND ${state.sealed} = ${sealed}`,
          touches: 1,
        },
        ...inOrder.map(({ row }) => ({
          sql: sql`UPDATE ${segments} SET revision = revision + 1
            WHERE ${segments.segment} = ${row.segment} AND ${segments.revision} = ${row.revision}`,
          touches: 1,
        })),
        ...steps.flat(),
        ...unsealed(),
      ]
    },
  }

  async function mergeDue(now: StateRow): Promise<boolean> {
    const sources = toMerge(await segmentsWhere(sql`TRUE`))
    if (sources.length < 2) return false
    await merge(now, sources)
    return true
  }
}

/** How often an erasure is tried again that met a change of the index. */
const maxAttempts = 20

/**
 * Commits changes with what takes erased comments out of the index. Where that is stale and the comments are as they were, the
 * index has changed in between, and it is looked at again.
 */
export async function committedWith<C>(
  index: Pick<SearchIndex, 'forgetting'>,
  isAsBefore: (comment: Comment) => Promise<boolean>,
  changes: readonly Change[],
  unit: Unit | undefined,
  commit: (unit: Unit | undefined) => Promise<C | 'stale'>,
): Promise<C | 'stale'> {
  const erased = changes.filter(({ after }) => after.status === 'withdrawn').map(({ before }) => before)
  if (erased.length === 0) return commit(unit)
  for (let attempt = 1; ; attempt++) {
    const steps = [...(unit?.steps ?? []), ...(await index.forgetting(erased))]
    const outcome = await commit({ ...unit, steps })
    if (outcome !== 'stale' || attempt >= maxAttempts) return outcome
    if (!(await Promise.all(erased.map(isAsBefore))).every(Boolean)) return outcome
  }
}

/** Where segments overlap: into the order of all, each once. */
function mixed(
  before: Posting | undefined,
  text: string,
  members: readonly string[],
  ordinalOf: ReadonlyMap<string, number>,
): Posting {
  const moved = read(text).flatMap((ordinal) => ordinalOf.get(members[ordinal] ?? '') ?? [])
  const all = [...new Set([...read(before?.text ?? ''), ...moved])].sort((one, other) => one - other)
  return { text: written(all), last: all.at(-1) ?? -1 }
}
