import type { Database } from 'better-sqlite3'
import type { Article } from '../../domain/articles/article.ts'
import type { Comment, CommentStatus, PublishedComment } from '../../domain/comments/comment.ts'
import {
  decidedAbout,
  type ListOrder,
  type Place,
  type QueueOrder,
} from '../../domain/comments/list-order.ts'
import { wholeSite } from '../../domain/feeds/feed.ts'
import { additionStore } from '../additions.ts'
import { articleStore } from '../articles.ts'
import { claimStore } from '../claims.ts'
import type { ListApproved } from '../comments.ts'
import { contextStore } from '../context.ts'
import { sql } from '../drizzle.ts'
import { feedStore } from '../feeds.ts'
import { leaseStore } from '../leases.ts'
import { type ListByStatus, moderationStore } from '../moderation.ts'
import { comparePlaces, placeParameters } from '../predicates.ts'
import { repeatsAmong } from '../repeats.ts'
import {
  type ArticleRow,
  articleFromRow,
  type CountedRow,
  commentFromRow,
  countedFrom,
  type PublishedRow,
  publishedFromRow,
  unknownArticle,
} from '../rows.ts'
import { searchStore } from '../search.ts'
import { committedWith, searchIndex } from '../search-index.ts'
import type { Store } from '../store.ts'
import { StoreFault } from '../store-fault.ts'
import { summaryStore } from '../summary.ts'
import { tokenStore } from '../tokens.ts'
import { removerOf } from '../upkeep.ts'
import { withFaults } from '../with-faults.ts'
import type { Command } from './commands.ts'
import { drizzle } from './drizzle.ts'
import { faultCodeOf } from './group.ts'
import { prepareReads } from './reads.ts'
import {
  articles,
  claims,
  comments,
  decisions,
  idempotencyRecords,
  leases,
  searchBlocks,
  searchIds,
  searchLate,
  searchSegments,
  searchState,
  tokens,
  totals,
} from './schema.ts'
import { sqliteUnits } from './units.ts'
import type { Writer } from './writer.ts'

const search = {
  state: searchState,
  segments: searchSegments,
  blocks: searchBlocks,
  ids: searchIds,
  late: searchLate,
}

/** How long an answer to "are you ready?" holds: it costs a sync, and anybody may ask. */
const readinessMs = 1_000

/** How long the writer may take to say that it would write; past that another process holds the file. */
const probeTimeoutMs = 2_000

/** The Store over one SQLite file: reads on this connection and this thread, writes by the writer. */
export function sqliteStore(database: Database, writer: Writer): Store {
  return withFaults(unguardedStore(database, writer), faultOf)
}

function unguardedStore(database: Database, writer: Writer): Store {
  const reads = prepareReads(drizzle(database))
  const changes = changeCounter(database)
  const size = database
    .prepare<[], number>('SELECT page_count * page_size FROM pragma_page_count, pragma_page_size')
    .pluck()
  let readiness: { promise: Promise<void>; untilMs: number } | null = null

  const listApproved = database.transaction((query: ListApproved) => {
    const article = answering(query.articleId) ?? unknownArticle(query.articleId)
    const own = approvedUnder(article.articleId, query)
    if (article.movingFrom === null) return { article, comments: own }
    const coming = approvedUnder(article.movingFrom, query)
    const place = ({ id, publishedRevision }: PublishedComment) => ({ id, rank: publishedRevision })
    return { article, comments: merged([...own, ...coming], place, query.order, query.limit) }
  })

  /** The article of this id, or the one that answers for it. */
  function answering(articleId: string): Article | null {
    const [row] = reads.article.values({ articleId }) as ArticleRow[]
    if (row === undefined) return null
    const article = articleFromRow(row)
    return article.movedTo === null ? article : answering(article.movedTo)
  }

  function approvedUnder(articleId: string, { order, after, limit }: ListApproved): PublishedComment[] {
    // As rows, not objects: a cold list spends most of its time here. The statement selects these columns.
    const rows = reads.approved[order].values({
      articleId,
      ...placeParameters(after, order),
      limit,
    }) as PublishedRow[]
    return rows.map(publishedFromRow)
  }

  const findWithDecisions = database.transaction((id: string, limit: number) => {
    const row = reads.comment.get({ id })
    if (row === undefined) return null
    return {
      comment: commentFromRow(row),
      decisions: reads.decisions.all({ commentId: id, limit }).reverse(),
    }
  })

  const listByStatus = database.transaction(({ status, articleId, order, after, limit }: ListByStatus) => {
    const statuses: CommentStatus[] = status === decidedAbout ? ['approved', 'rejected'] : [status]
    const rows = statuses.flatMap((one) => {
      const parameters = { status: one, limit, ...placeParameters(after, order) }
      return articleId === null
        ? reads.byStatus[order].all(parameters)
        : reads.byStatusOfArticle[order].all({ ...parameters, articleId })
    })
    const place = ({ id, decidedAtMs }: { id: string; decidedAtMs: number | null }) => ({
      id,
      rank: decidedAtMs,
    })
    return { comments: merged(rows, place, order, limit).map(commentFromRow), pending: pending() }
  })

  const approvedReplies = database.transaction((commentId: string, limit: number) => ({
    total: reads.approvedReplyCount.get({ commentId })?.count ?? 0,
    comments: limit === 0 ? [] : reads.approvedReplies.all({ commentId, limit }).map(commentFromRow),
  }))

  function pending(): number {
    return reads.pending.get()?.value ?? 0
  }

  async function write<K extends Command['kind']>(command: Extract<Command, { kind: K }>) {
    const result = await writer.run<K>(command)
    changes.note()
    return result
  }

  const units = sqliteUnits(database, async (unit) => write({ kind: 'unit', unit }))
  const findRepeats = repeatsAmong(units, comments)
  const index = searchIndex(units, comments, search)
  const removeRecords = removerOf(
    units,
    idempotencyRecords,
    idempotencyRecords.keyHash,
    idempotencyRecords.expiresAtMs,
  )

  async function probe(): Promise<void> {
    pending()
    const timeout = Promise.withResolvers<never>()
    const timer = setTimeout(() => timeout.reject(new Error('The writer does not answer.')), probeTimeoutMs)
    try {
      await Promise.race([writer.run({ kind: 'probe' }), timeout.promise])
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    ...tokenStore(units, tokens, totals),
    ...articleStore(units, articles, comments),
    ...moderationStore(units, comments, decisions, totals),
    ...claimStore(units, { claims, comments, articles, totals }),
    ...contextStore(units, comments),
    ...summaryStore(units, comments, decisions, totals),
    ...feedStore(units, articles, comments),
    ...leaseStore(units, leases),
    ...additionStore(units, { articles, comments, decisions, totals, late: searchLate }),
    ...searchStore(units, { articles, comments, decisions, claims, search }),
    indexSome: index.indexSome,
    // By statements that are prepared once: each submission asks.
    async findArticle(articleId) {
      return answering(articleId)
    },
    async findArticles(articleIds) {
      return new Map(
        articleIds.flatMap((id) => {
          const article = answering(id)
          return article === null ? [] : [[id, article]]
        }),
      )
    },
    async removeExpiredRecords(nowMs, limit) {
      return removeRecords(sql`${nowMs}`, limit)
    },
    async removeOldHits() {
      return false
    },
    async vacuumErased() {
      // Erased text is overwritten with the commit: `secure_delete`, and the writer empties the log.
    },
    async submit(submission) {
      const { unit, ...rest } = submission
      return write({ kind: 'submit', submission: rest, unit: units.built(unit) })
    },
    async findIdempotencyRecord(keyHash, nowMs) {
      return reads.idempotencyRecord.get({ keyHash, nowMs }) ?? null
    },
    async commit(changes, unit) {
      const isAsBefore = async ({ id, version }: Comment) => reads.comment.get({ id })?.version === version
      return committedWith(index, isAsBefore, changes, unit, async (whole) =>
        write({ kind: 'commit', changes, unit: units.built(whole) }),
      )
    },
    async findComment(id) {
      const row = reads.comment.get({ id })
      return row === undefined ? null : commentFromRow(row)
    },
    async findWithDecisions(id, limit) {
      return findWithDecisions(id, limit)
    },
    async listApproved(query) {
      return listApproved(query)
    },
    changeStamp() {
      return changes.stamp()
    },
    currentRevisions(articleIds) {
      const [articleId] = articleIds
      if (articleId === wholeSite) return [changes.stamp()]
      const rows =
        articleIds.length === 1 && articleId !== undefined
          ? reads.revision.values({ articleId })
          : reads.revisions.values({ articleIds: JSON.stringify(articleIds) })
      return articleIds.map((_, index) => (rows as [number | null][])[index]?.[0] ?? 0)
    },
    async countApproved(articleIds) {
      const rows: unknown[] = reads.approvedCounts.values({ articleIds: JSON.stringify(articleIds) })
      // The statement selects these columns.
      return countedFrom(articleIds, rows as CountedRow[])
    },
    async listByStatus(query) {
      return listByStatus(query)
    },
    async approvedReplies(commentId, limit) {
      return approvedReplies(commentId, limit)
    },
    findRepeats,
    async queue() {
      return {
        pending: pending(),
        oldestAtMs: reads.oldestPending.get()?.submittedAtMs ?? null,
      }
    },
    async countHit() {
      return null
    },
    async sizeBytes() {
      return size.get() ?? 0
    },
    async checkReady() {
      const nowMs = performance.now()
      if (readiness === null || readiness.untilMs <= nowMs) {
        readiness = { promise: probe(), untilMs: nowMs + readinessMs }
      }
      return readiness.promise
    },
    async close() {
      readiness = null
      await writer.close()
      database.close()
    },
  }
}

/** One page of several, each in the order of all. */
function merged<R>(
  rows: readonly R[],
  placeOf: (row: R) => Place,
  order: ListOrder | QueueOrder,
  limit: number,
): R[] {
  return rows.toSorted((one, other) => comparePlaces(placeOf(one), placeOf(other), order)).slice(0, limit)
}

/**
 * Counts changes of the database. `PRAGMA data_version` tells of commits by other connections, in this process or
 * another, and is asked once in a turn of the event loop; `note` tells of the own writer's at once, so that who was
 * answered a decision sees it.
 */
function changeCounter(database: Database): { stamp: () => number; note: () => void } {
  const dataVersion = database.prepare<[], number>('PRAGMA data_version').pluck()
  let seen: number | undefined
  let count = 0
  let asked = false
  const forget = () => {
    asked = false
  }
  return {
    stamp() {
      if (asked) return count
      asked = true
      setImmediate(forget)
      const version = dataVersion.get()
      if (version !== seen) count += 1
      seen = version
      return count
    },
    note() {
      count += 1
      asked = false
    },
  }
}

function faultOf(error: unknown): unknown {
  const code = error instanceof StoreFault ? null : faultCodeOf(error)
  return code === null ? error : new StoreFault(code, (error as Error).message)
}
