import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import { LRUCache } from 'lru-cache'
import type { Pool } from 'pg'
import type { Article } from '../../domain/articles/article.ts'
import type { Change, Comment, PublishedComment } from '../../domain/comments/comment.ts'
import { decidedAbout } from '../../domain/comments/list-order.ts'
import { wholeSite } from '../../domain/feeds/feed.ts'
import { additionStore } from '../additions.ts'
import { articleStore } from '../articles.ts'
import { claimStore } from '../claims.ts'
import type { ApprovedPage, ListApproved, Submission, SubmitOutcome } from '../comments.ts'
import { contextStore } from '../context.ts'
import { eq, sql } from '../drizzle.ts'
import { feedStore } from '../feeds.ts'
import type { HitCount } from '../hits.ts'
import { leaseStore } from '../leases.ts'
import type { Hearing } from '../location.ts'
import { moderationStore } from '../moderation.ts'
import { placeParameters } from '../predicates.ts'
import { repeatsAmong } from '../repeats.ts'
import { commentFromRow, countedFrom, unknownArticle } from '../rows.ts'
import { searchStore } from '../search.ts'
import { committedWith, searchIndex } from '../search-index.ts'
import type { Store } from '../store.ts'
import { StoreFault } from '../store-fault.ts'
import { summaryStore } from '../summary.ts'
import { tokenStore } from '../tokens.ts'
import { importMark, unfinishedImport } from '../transfer.ts'
import type { Unit } from '../units.ts'
import { removerOf } from '../upkeep.ts'
import { withFaults } from '../with-faults.ts'
import { batches } from './batch.ts'
import { followChanges } from './changes.ts'
import { applyChanges } from './commands.ts'
import type { Database } from './database.ts'
import { drizzle } from './drizzle.ts'
import { faultOf } from './fault.ts'
import { submitGroup } from './group.ts'
import { countHits, type Hit } from './hits.ts'
import { prepareReads } from './reads.ts'
import {
  articles,
  claims,
  comments,
  decisions,
  idempotencyRecords,
  leases,
  requestCounts,
  searchBlocks,
  searchIds,
  searchLate,
  searchSegments,
  searchState,
  tokens,
  totals,
} from './schema.ts'
import { postgresUnits, Stale } from './units.ts'

const search = {
  state: searchState,
  segments: searchSegments,
  blocks: searchBlocks,
  ids: searchIds,
  late: searchLate,
}

/** How long an answer to "are you ready?" holds: it costs a commit, and anybody may ask. */
const readinessMs = 1_000

/**
 * How many submissions, or counts, share a statement; more would only make the first of them wait longer. Two statements at
 * once, so that the server has the next at hand while the answers of the last one are on their way.
 */
const together = { maxItems: 500, maxUnderWay: 2 }

/** Twice the one that there is. */
const longestWindowMs = 120_000

/** About twice as many bytes, for some 5,000 articles with ids and URLs of a usual length. */
const articlesKept = {
  maxSize: 2_000_000,
  sizeCalculation: ({ title, url }: Article, articleId: string) =>
    200 + 2 * articleId.length + (title?.length ?? 0) + (url?.length ?? 0),
}

/** The Store over one PostgreSQL, which any number of replicas share. */
export function postgresStore(database: Database, onHearing: (hearing: Hearing) => void = () => {}): Store {
  return withFaults(unguardedStore(database, onHearing), faultOf)
}

function unguardedStore(database: Database, onHearing: (hearing: Hearing) => void): Store {
  const db = drizzleOver(database)
  const reads = prepareReads(db)
  const changes = followChanges(database.connect, onHearing)
  const submissions = batches<Submission, SubmitOutcome>(
    (group) => submitGroup(database.query, group),
    together,
  )
  const hits = batches<Hit, HitCount>((group) => countHits(database.query, group), together)
  let readiness: { promise: Promise<void>; untilMs: number } | null = null

  async function probe(): Promise<void> {
    await reads.queue.execute()
    const [mark] = await db.select().from(totals).where(eq(totals.name, importMark))
    if (mark !== undefined) throw new StoreFault('STORE_FAILED', unfinishedImport)
    await db
      .update(totals)
      .set({ value: sql`${totals.value}` })
      .where(eq(totals.name, 'pending'))
  }

  const units = postgresUnits(database, changes)
  const articlesRead = new LRUCache<string, Article>(articlesKept)
  const findRepeats = repeatsAmong(units, comments)
  const index = searchIndex(units, comments, search)
  const removeRecords = removerOf(
    units,
    idempotencyRecords,
    idempotencyRecords.keyHash,
    idempotencyRecords.expiresAtMs,
  )
  const removeHits = removerOf(
    units,
    requestCounts,
    requestCounts.key,
    requestCounts.resetsAtMs,
    longestWindowMs,
  )

  /** Of its own, and not with others: what rides along may keep it from being committed. */
  async function submitWith(unit: Unit, submission: Submission): Promise<SubmitOutcome> {
    let outcome: SubmitOutcome = { kind: 'stale' }
    await units.transaction(async (query) => {
      const [settled] = await submitGroup(query, [submission])
      if (settled === undefined || !settled.ok) throw settled?.error
      outcome = { kind: 'stale' }
      if (settled.value.kind === 'committed') await units.within(query, unit)
      outcome = settled.value
    })
    return outcome
  }

  async function commitWith(unit: Unit, decided: readonly Change[]) {
    let revisions: [string, number][] | null = null
    await units.transaction(async (query) => {
      revisions = null
      const moved = await applyChanges(query, decided)
      if (moved === null) throw new Stale()
      await units.within(query, unit)
      revisions = moved
    })
    return revisions
  }

  /**
   * Each submission asks: what was read is kept for as long as the article's revision is known to be the same. A first comment
   * moves none, so an article without one is read anew.
   */
  async function findArticle(articleId: string): Promise<Article | null> {
    const known = knownArticle(articleId)
    if (known !== null) return known
    const startedMs = performance.now()
    const [article] = await reads.article.execute({ articleId })
    if (article === undefined) return null
    if (article.movedTo !== null) return findArticle(article.movedTo)
    return learnArticle(article, startedMs)
  }

  /** The same of many, by one question, and another for those that were moved. */
  async function findArticles(articleIds: readonly string[]): Promise<Map<string, Article>> {
    const found = new Map<string, Article>()
    const asked = [...new Set(articleIds)].filter((articleId) => {
      const known = knownArticle(articleId)
      if (known !== null) found.set(articleId, known)
      return known === null
    })
    if (asked.length === 0) return found
    const startedMs = performance.now()
    const rows = await reads.articles.execute({ articleIds: asked })
    const moved = new Map<string, string>()
    for (const article of rows) {
      if (article.movedTo !== null) moved.set(article.articleId, article.movedTo)
      else found.set(article.articleId, learnArticle(article, startedMs))
    }
    const others = await findArticles([...moved.values()])
    for (const [articleId, movedTo] of moved) {
      const article = others.get(movedTo)
      if (article !== undefined) found.set(articleId, article)
    }
    return found
  }

  function knownArticle(articleId: string): Article | null {
    const known = articlesRead.get(articleId)
    return known !== undefined && known.revision === changes.revisionOf(articleId) ? known : null
  }

  function learnArticle(article: Article, startedMs: number): Article {
    const { articleId, revision, firstCommentAtMs } = article
    changes.learn(articleId, revision, startedMs)
    if (firstCommentAtMs !== null) articlesRead.set(articleId, article)
    return article
  }

  async function approvedPage(query: ListApproved): Promise<ApprovedPage> {
    const { articleId, order, limit, after } = query
    const startedMs = performance.now()
    const parameters = { articleId, limit, ...placeParameters(after, order) }
    let rows = await reads.approved[order].execute(parameters)
    // Both ids in one statement, so that what goes over between two is neither missed nor seen twice.
    if ((rows[0]?.article.movingFrom ?? null) !== null)
      rows = await reads.approvedComing[order].execute(parameters)
    const article = rows[0]?.article ?? unknownArticle(articleId)
    changes.learn(articleId, article.revision, startedMs)
    if (article.movedTo !== null) return approvedPage({ ...query, articleId: article.movedTo })
    // Only what is withdrawn has neither name nor text; the schema sees to it.
    const comments = rows.flatMap(({ comment }) => (comment as PublishedComment | null) ?? [])
    return { article, comments }
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
    findArticle,
    findArticles,
    async removeExpiredRecords(nowMs, limit) {
      return removeRecords(sql`${nowMs}`, limit)
    },
    async removeOldHits(limit) {
      return removeHits(units.nowMs, limit)
    },
    async vacuumErased(signal) {
      await vacuum(database, signal)
    },
    async submit(submission) {
      const { unit } = submission
      return unit === undefined ? submissions.add(submission) : submitWith(unit, submission)
    },
    async findIdempotencyRecord(keyHash, nowMs) {
      const [record] = await reads.idempotencyRecord.execute({ keyHash, nowMs })
      return record ?? null
    },
    async commit(decided, unit) {
      const startedMs = performance.now()
      const isAsBefore = async ({ id, version }: Comment) =>
        (await reads.comment.execute({ id }))[0]?.version === version
      const revisions = await committedWith(index, isAsBefore, decided, unit, async (whole) =>
        whole === undefined
          ? ((await applyChanges(database.query, decided)) ?? 'stale')
          : ((await commitWith(whole, decided)) ?? 'stale'),
      )
      if (revisions === 'stale') return 'stale'
      for (const [articleId, revision] of revisions) changes.learn(articleId, revision, startedMs)
      return 'committed'
    },
    async findComment(id) {
      const [row] = await reads.comment.execute({ id })
      return row === undefined ? null : commentFromRow(row)
    },
    async findWithDecisions(id, limit) {
      const rows = await reads.commentWithDecisions.execute({ id, limit })
      const [first] = rows
      if (first === undefined) return null
      return {
        comment: commentFromRow(first.comment),
        decisions: rows.flatMap(({ decision }) => decision ?? []),
      }
    },
    async listApproved(query) {
      return approvedPage(query)
    },
    changeStamp() {
      return changes.stamp()
    },
    currentRevisions(articleIds) {
      return articleIds.map((id) => (id === wholeSite ? changes.stamp() : changes.revisionOf(id)))
    },
    async countApproved(articleIds) {
      const startedMs = performance.now()
      const rows = await reads.approvedCounts.execute({ articleIds })
      const counted = countedFrom(
        articleIds,
        rows.map((row) => [row.asked, row.articleId, row.revision, row.approvedCount]),
      )
      for (const { articleId, revision } of counted.values())
        changes.learnCounted(articleId, revision, startedMs)
      return counted
    },
    async listByStatus({ status, articleId, order, limit, after }) {
      const parameters = { status, limit, ...placeParameters(after, order) }
      const [ofAll, ofArticle] =
        status === decidedAbout
          ? [reads.decidedAbout, reads.decidedAboutOfArticle]
          : [reads.byStatus[order], reads.byStatusOfArticle[order]]
      const rows =
        articleId === null
          ? await ofAll.execute(parameters)
          : await ofArticle.execute({ ...parameters, articleId })
      return {
        comments: rows.flatMap(({ comment }) => (comment === null ? [] : commentFromRow(comment))),
        pending: rows[0]?.pending ?? 0,
      }
    },
    async approvedReplies(commentId, limit) {
      if (limit === 0) {
        const [row] = await reads.approvedReplyCount.execute({ commentId })
        return { total: row?.count ?? 0, comments: [] }
      }
      const rows = await reads.approvedReplies.execute({ commentId, limit })
      return {
        total: Number(rows[0]?.total ?? 0),
        comments: rows.map(({ comment }) => commentFromRow(comment)),
      }
    },
    findRepeats,
    async queue() {
      const [row] = await reads.queue.execute()
      const oldestAtMs = row?.oldestAtMs ?? null
      return { pending: row?.pending ?? 0, oldestAtMs: oldestAtMs === null ? null : Number(oldestAtMs) }
    },
    async countHit(key, windowMs) {
      return hits.add({ key, windowMs })
    },
    async sizeBytes() {
      const text = 'SELECT pg_database_size(current_database())::float8 AS bytes'
      const { rows } = await database.query({ name: 'size', text })
      return rows[0]?.bytes as number
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
      await Promise.all([submissions.drained(), hits.drained()])
      await database.close()
      await changes.close()
    },
  }
}

/** A table of many millions of rows may take that long; nobody waits for it. */
const vacuumMs = 3_600_000

/**
 * What a withdrawal has erased stays in a dead row until then. Pages without one are passed over, so that it costs what has
 * changed since the last time. Who does not own the table is told so by a notice, and vacuums nothing.
 */
async function vacuum(database: Database, signal: AbortSignal): Promise<void> {
  const { client, query, direct } = await database.connect()
  // Whatever the server does then: one that is silent would be waited for.
  const leave = () => void client.end().catch(() => {})
  signal.addEventListener('abort', leave, { once: true })
  try {
    signal.throwIfAborted()
    // Through a pooler another would meet the setting; there the role's own limit holds.
    if (direct) await query({ text: `SELECT set_config('statement_timeout', '${vacuumMs}', false)` })
    await query({ text: 'VACUUM (INDEX_CLEANUP ON) comments, search_blocks', query_timeout: vacuumMs })
  } finally {
    signal.removeEventListener('abort', leave)
    await client.end()
  }
}

/** Drizzle calls no other method of a client's. */
function drizzleOver(database: Pick<Database, 'query'>): NodePgDatabase {
  return drizzle({ client: database as unknown as Pool })
}
