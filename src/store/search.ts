import { setImmediate } from 'node:timers/promises'
import type { AnyColumn, SQL, Table } from 'drizzle-orm'
import { type Comment, commentStatuses } from '../domain/comments/comment.ts'
import { idsSubmitted } from '../domain/comments/comment-id.ts'
import type { CommentFilter, SearchOrder } from '../domain/moderation/comment-filter.ts'
import { type AskedWords, addressWord, holdsWords } from '../domain/moderation/search-words.ts'
import { articlesBegun, beginsWith } from './article-prefix.ts'
import { sql } from './drizzle.ts'
import { commentFromRow, type StoredComment } from './rows.ts'
import { type Batch, type Effort, type Indexed, type Range, searchLookup } from './search-lookup.ts'
import type { SearchTables } from './search-tables.ts'
import { columnsOf, type Units } from './units.ts'

export interface SearchStore {
  /**
   * Comments that match by now, in order of their ids, from behind `after` on: at most `limit` of them. `next` is the `after`
   * that goes on, `null` where no more can be. What one call looks at is bounded: it may give fewer, or none, and a `next`.
   */
  search(query: SearchQuery): Promise<{ comments: Comment[]; next: string | null }>
}

export type SearchQuery = {
  filter: CommentFilter
  order: SearchOrder
  after: string | null
  limit: number
}

/** How many comments one call looks at: with words, where each text is read, and without. */
const mostRead = 2_000
const mostLookedAt = 5_000

/** How many candidates are asked for at once, at the most. */
const pageSize = 500

/** How many are looked at in one step, while nobody else has a turn. */
const readAtOnce = 100

/** Where another part of the filter leaves no more than that, words are looked for in those, and in no index. */
const few = 300

/** Where it leaves no more than that, what the index says is held to their ids before any of them is read. */
const some = 2_000

/** So many ids of the index one call holds to others. */
const mostHeld = 30_000

/** For the beginning of a word so short, the first few comments are read as they are: most often it stands in each of them. */
const shortBeginning = 2
const readBefore = 100

export function searchStore(
  units: Pick<Units, 'all' | 'isOneOf' | 'textRows' | 'lineIn' | 'nowMs' | 'sideBySide'>,
  tables: {
    comments: Table &
      Record<'id' | 'status' | 'version' | 'articleId' | 'authorEmail' | 'submittedAtMs', AnyColumn>
    articles: Table & Record<'articleId', AnyColumn>
    decisions: Table & Record<'commentId' | 'decidedBy' | 'reasonCode', AnyColumn>
    claims: Table & Record<'commentId' | 'claimedBy' | 'untilMs', AnyColumn>
    search: SearchTables
  },
): SearchStore {
  const { all, isOneOf, textRows, nowMs, sideBySide } = units
  const { comments, articles, decisions, claims } = tables
  const columns = columnsOf(comments)
  const byWords = searchLookup(units, tables.search)

  /** All that is said of a comment but its words. */
  function conditions(filter: CommentFilter): SQL {
    const parts: SQL[] = [sql`TRUE`]
    const { statuses, articleIds, articlePrefix, address, submittedFromMs, submittedBeforeMs } = filter
    if (statuses !== null) parts.push(isOneOf(comments.status, statuses))
    if (articleIds !== null) parts.push(isOneOf(comments.articleId, articleIds))
    if (articlePrefix !== null) parts.push(beginsWith(comments.articleId, articlePrefix))
    if (address !== null) parts.push(sql`${comments.authorEmail} = ${address}`)
    if (submittedFromMs !== null) parts.push(sql`${comments.submittedAtMs} >= ${submittedFromMs}`)
    if (submittedBeforeMs !== null) parts.push(sql`${comments.submittedAtMs} < ${submittedBeforeMs}`)
    const decided = decidedAs(filter, sql`log.decided_by`, sql`log.reason_code`)
    if (decided !== null)
      parts.push(
        sql`EXISTS (SELECT 1 FROM ${decisions} AS log WHERE log.comment_id = ${comments.id} AND ${decided})`,
      )
    if (filter.claim !== null) {
      const { is, holder } = filter.claim
      const live = sql`SELECT 1 FROM ${claims} AS own WHERE own.comment_id = ${comments.id}
        AND own.version = ${comments.version} AND own.until_ms > ${nowMs}`
      if (is === 'none') parts.push(sql`NOT EXISTS (${live})`)
      else
        parts.push(sql`EXISTS (${live} AND own.claimed_by ${sql.raw(is === 'mine' ? '=' : '<>')} ${holder})`)
    }
    return sql.join(parts, sql` AND `)
  }

  /**
   * What leads to the comments by something else than words, the narrowest first: ids in the order asked for, among which all are
   * that match.
   */
  async function waysTo(filter: CommentFilter): Promise<Way[]> {
    const ways: Way[] = []
    if (filter.ids !== null) ways.push(byIds(filter.ids))
    if (filter.claim !== null && filter.claim.is !== 'none') ways.push(byClaims(filter.claim))
    const decided = decidedAs(filter, sql`${decisions.decidedBy}`, sql`${decisions.reasonCode}`)
    if (decided !== null) ways.push(byDecisions(decided))
    const articleIds = filter.articleIds ?? (await articlesOf(filter.articlePrefix))
    if (articleIds !== null) ways.push(byArticles(articleIds, filter.statuses ?? commentStatuses))
    if (filter.statuses !== null && filter.statuses.length < commentStatuses.length)
      ways.push(byStatuses(filter.statuses))
    return ways
  }

  const inRange = (id: SQL, { from, to }: Range) => sql`${id} > ${from} AND ${id} < ${to}`

  const byIds =
    (given: readonly string[]): Way =>
    async ({ order, from, to }, limit) => {
      const found = given.filter((id) => id > from && id < to).sort()
      return (order === 'newest' ? found.reverse() : found).slice(0, limit)
    }

  const everyId: Way = async (range, limit) =>
    idsOf(
      sql`SELECT ${comments.id} AS id FROM ${comments} WHERE ${inRange(sql`${comments.id}`, range)}
        ORDER BY ${comments.id} ${direction(range)} LIMIT ${limit}`,
      range,
    )

  const byStatuses =
    (statuses: readonly string[]): Way =>
    async (range, limit) => {
      const each = statuses.map(
        (status) => sql`SELECT id FROM (
          SELECT near.id FROM ${comments} AS near WHERE near.status = ${sql.raw(`'${status}'`)} AND ${inRange(sql`near.id`, range)}
          ORDER BY near.id ${direction(range)} LIMIT ${limit}
        ) AS ${sql.identifier(status)}`,
      )
      return idsOf(
        sql`SELECT id FROM (${sql.join(each, sql` UNION ALL `)}) AS found ORDER BY id ${direction(range)} LIMIT ${limit}`,
        range,
      )
    }

  const byArticles =
    (articleIds: readonly string[], statuses: readonly string[]): Way =>
    async (range, limit) => {
      const rows = await all<{ ids: string | null }>(
        sql`SELECT (
          SELECT string_agg(id, ' ') FROM (
            SELECT near.id FROM ${comments} AS near
            WHERE near.article_id = ${articles.articleId} AND near.status = wanted.value AND ${inRange(sql`near.id`, range)}
            ORDER BY near.id ${direction(range)} LIMIT ${limit}
          ) AS found
        ) AS ids FROM ${articles}, ${textRows(statuses)} AS wanted WHERE ${isOneOf(articles.articleId, articleIds)}`,
      )
      const found = rows.flatMap(({ ids }) => (ids === null ? [] : ids.split(' '))).sort()
      return (range.order === 'newest' ? found.reverse() : found).slice(0, limit)
    }

  const byDecisions =
    (decided: SQL): Way =>
    async (range, limit) =>
      idsOf(
        sql`SELECT DISTINCT ${decisions.commentId} AS id FROM ${decisions}
          WHERE ${decided} AND ${inRange(sql`${decisions.commentId}`, range)}
          ORDER BY ${decisions.commentId} ${direction(range)} LIMIT ${limit}`,
        range,
      )

  /** There are never many: each moderator holds a few. */
  const byClaims =
    ({ is, holder }: NonNullable<CommentFilter['claim']>): Way =>
    async (range, limit) =>
      idsOf(
        sql`SELECT ${claims.commentId} AS id FROM ${claims}
          WHERE ${claims.claimedBy} ${sql.raw(is === 'mine' ? '=' : '<>')} ${holder} AND ${claims.untilMs} > ${nowMs}
          AND ${inRange(sql`${claims.commentId}`, range)} ORDER BY ${claims.commentId} ${direction(range)} LIMIT ${limit}`,
        range,
      )

  async function articlesOf(prefix: string | null): Promise<string[] | null> {
    return prefix === null ? null : articlesBegun(units, articles, prefix)
  }

  /** In the order asked for. They come as one text: thousands of rows take longer to send and to take apart. */
  async function idsOf(query: SQL, { order }: Range): Promise<string[]> {
    const [row] = await all<{ ids: string | null }>(
      sql`SELECT string_agg(asked.id, ' ') AS ids FROM (${query}) AS asked`,
    )
    const ids = row?.ids?.split(' ').sort() ?? []
    return order === 'newest' ? ids.reverse() : ids
  }

  /** Candidates of one way, a page after the other. */
  async function* along(way: Way, range: Range, first: number): AsyncGenerator<Batch> {
    let left = range
    for (let size = first; ; size = Math.min(2 * size, pageSize)) {
      const ids = await way(left, size)
      const through = ids.at(-1)
      if (through !== undefined) yield { ids, through }
      if (through === undefined || ids.length < size) return
      left = behind(through, left)
    }
  }

  /** With words: a way that leads to few where there is one, or the index. */
  async function candidates(
    filter: CommentFilter,
    words: AskedWords | null,
    range: Range,
    first: number,
    effort: Effort,
    indexed: Indexed | null,
  ): Promise<AsyncGenerator<Batch>> {
    const ways = await waysTo(filter)
    if (words === null || indexed === null) return along(ways[0] ?? everyId, range, first)
    let members: ReadonlySet<string> | null = null
    let firstOnes: readonly string[] | null = null
    let within = range
    for (const way of ways) {
      const ids = await way(range, some + 1)
      if (ids.length <= few) return one(ids)
      if (ids.length > some) firstOnes ??= ids
      if (ids.length > some || members !== null) continue
      members = new Set(ids)
      const [edge, otherEdge] = [ids[0] ?? '', ids.at(-1) ?? '']
      const [least, most] = range.order === 'newest' ? [otherEdge, edge] : [edge, otherEdge]
      within = { ...range, from: justBefore(least), to: `${most} ` }
    }
    const read: Lookup = (left) =>
      byWords(words, left, (from, to) => along(everyId, { ...left, from, to }, first), effort, indexed)
    if (members !== null) return heldTo(members, read(within), effort)
    if (words.whole.length === 0 && (words.begun?.length ?? 0) <= shortBeginning)
      return firstRead(range, read)
    return firstOnes === null ? read(range) : firstHeld(firstOnes, range, read, effort)
  }

  async function* firstRead(range: Range, read: Lookup): AsyncGenerator<Batch> {
    const ids = await everyId(range, readBefore)
    const through = ids.at(-1)
    if (through === undefined) return
    yield { ids, through }
    if (ids.length === readBefore) yield* read(behind(through, range))
  }

  async function indexedNow(): Promise<Indexed> {
    const { state } = tables.search
    const [row] = await all<Indexed>(
      sql`SELECT ${state.sealed} AS sealed, ${state.high} AS high, ${state.low} AS low FROM ${state}
        WHERE ${state.name} = 'index'`,
    )
    return row ?? { sealed: 0, high: '', low: '' }
  }

  async function searchOnce(
    { filter, order, after, limit }: SearchQuery,
    indexed: Indexed | null,
  ): Promise<Found> {
    const words = wordsOf(filter)
    const range = rangeOf(filter, order, after)
    const where = conditions(filter)
    const effort: Effort = { read: 0, held: 0 }
    const most = words === null ? mostLookedAt : mostRead
    const found: Comment[] = []
    let lookedAt = 0
    const matchingAmong = async (looked: readonly string[]) => {
      const rows = await all<StoredComment>(
        sql`SELECT ${columns} FROM ${comments} WHERE ${isOneOf(comments.id, looked)} AND ${where}`,
      )
      return rows
        .map(commentFromRow)
        .filter((comment) => words === null || holdsWords(comment, words))
        .sort((one, other) => (one.id < other.id === (order === 'oldest') ? -1 : 1))
    }
    for await (const { ids, through } of await candidates(filter, words, range, limit + 1, effort, indexed)) {
      let seen: Indexed | null = null
      for (let index = 0; index < ids.length; ) {
        // The first few may be enough.
        const [size, shares] =
          lookedAt === 0 ? [Math.min(limit + 1, readAtOnce), 1] : [readAtOnce, sideBySide]
        const looked = Array.from({ length: shares }, (_, share) =>
          ids.slice(index + share * size, index + (share + 1) * size),
        ).filter(({ length }) => length > 0)
        index += shares * size
        lookedAt += looked.flat().length
        const [now, ...matching] = await Promise.all([
          indexed === null ? null : indexedNow(),
          ...looked.map(matchingAmong),
        ])
        seen = now
        found.push(...matching.flat())
        const last = found[limit - 1]
        if (found.length > limit && last !== undefined)
          return { comments: found.slice(0, limit), next: last.id, seen }
        if (lookedAt >= most) return { comments: found, next: looked.at(-1)?.at(-1) ?? through, seen }
        await setImmediate()
      }
      if (effort.read > mostCharacters || effort.held > mostHeld)
        return { comments: found, next: through, seen }
    }
    return { comments: found, next: null, seen: null }
  }

  return {
    async search(query) {
      for (let attempt = 1; ; attempt++) {
        const before =
          query.filter.words === null && query.filter.address === null ? null : await indexedNow()
        const { comments, next, seen } = await searchOnce(query, before)
        const isLast = before === null || attempt === maxAttempts
        // Otherwise what it looked into has become part of something else meanwhile.
        if (isLast || before.sealed === (seen ?? (await indexedNow())).sealed) return { comments, next }
      }
    },
  }
}

/** What a line of the log has to be; a note is no decision. */
function decidedAs({ decidedBy, reasonCode }: CommentFilter, nameColumn: SQL, codeColumn: SQL): SQL | null {
  if (decidedBy === null && reasonCode === null) return null
  const parts = [sql`action <> 'note'`]
  if (decidedBy !== null) parts.push(sql`${nameColumn} = ${decidedBy}`)
  if (reasonCode !== null) parts.push(sql`${codeColumn} = ${reasonCode}`)
  return sql.join(parts, sql` AND `)
}

/** `seen` is the state of the index after all of it that was read, where that was asked for beside something else. */
type Found = { comments: Comment[]; next: string | null; seen: Indexed | null }

/** A segment is made in tenths of a second, and a search takes hundredths. */
const maxAttempts = 5

/** How much of the index one call reads: lists of two words that never stand together may be as long as all there is. */
const mostCharacters = 4_000_000

type Lookup = (range: Range) => AsyncGenerator<Batch>

type Way = (range: Range, limit: number) => Promise<string[]>

/** Somebody's address is a word of each of their comments, so that it needs no index of its own. */
function wordsOf({ words, address }: CommentFilter): AskedWords | null {
  if (address === null) return words
  return { whole: [addressWord(address), ...(words?.whole ?? [])], begun: words?.begun ?? null }
}

function rangeOf(filter: CommentFilter, order: SearchOrder, after: string | null): Range {
  const { from, to } = idsSubmitted(filter.submittedFromMs, filter.submittedBeforeMs)
  if (after === null) return { order, from, to }
  return order === 'newest'
    ? { order, from, to: after < to ? after : to }
    : { order, from: after > from ? after : from, to }
}

function direction({ order }: Range): SQL {
  return sql.raw(order === 'newest' ? 'DESC' : 'ASC')
}

async function* one(ids: readonly string[]): AsyncGenerator<Batch> {
  const through = ids.at(-1)
  if (through !== undefined) yield { ids, through }
}

/** Of a way that leads to very many, as far as its first ones go: a page is mostly found there, without a row of the others. */
async function* firstHeld(
  ids: readonly string[],
  range: Range,
  read: Lookup,
  effort: Effort,
): AsyncGenerator<Batch> {
  const edge = ids.at(-1) ?? ''
  const within =
    range.order === 'newest' ? { ...range, from: justBefore(edge) } : { ...range, to: `${edge} ` }
  yield* heldTo(new Set(ids), read(within), effort)
  yield* read(behind(edge, range))
}

async function* heldTo(
  members: ReadonlySet<string>,
  batches: AsyncGenerator<Batch>,
  effort: Effort,
): AsyncGenerator<Batch> {
  for await (const { ids, through } of batches) {
    effort.held += ids.length
    yield { ids: ids.filter((id) => members.has(id)), through }
  }
}

/** What of a range stands behind an id, in the range's order. */
function behind(id: string, range: Range): Range {
  return range.order === 'newest' ? { ...range, to: id } : { ...range, from: id }
}

/** A place before an id, and behind all before that. */
function justBefore(id: string): string {
  const last = id.at(-1) ?? ''
  return `${id.slice(0, -1)}${String.fromCharCode(last.charCodeAt(0) - 1)}~`
}
