import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import type { Pool } from 'pg'
import type { PublishedComment } from '../../domain/comments/comment.ts'
import { and, eq, isNull, sql } from '../drizzle.ts'
import type { Hearing } from '../location.ts'
import { edge } from '../predicates.ts'
import { commentFromRow, tokenFromRow, tokenToRow } from '../rows.ts'
import type { HitCount, Store, Submission, SubmitOutcome } from '../store.ts'
import { StoreFault } from '../store-fault.ts'
import { importMark, unfinishedImport } from '../transfer.ts'
import { withFaults } from '../with-faults.ts'
import { batches } from './batch.ts'
import { followChanges } from './changes.ts'
import { applyChanges } from './commands.ts'
import type { Database } from './database.ts'
import { drizzle } from './drizzle.ts'
import { faultOf } from './fault.ts'
import { submitGroup } from './group.ts'
import { countHits, type Hit, removeExpiredCounts } from './hits.ts'
import { prepareReads } from './reads.ts'
import { tokens, totals } from './schema.ts'

/** How long an answer to "are you ready?" holds: it costs a commit, and anybody may ask. */
const readinessMs = 1_000

/**
 * How many submissions, or counts, share a statement; more would only make the first of them wait longer. Two statements at
 * once, so that the server has the next at hand while the answers of the last one are on their way.
 */
const together = { maxItems: 500, maxUnderWay: 2 }

/** How often counts are looked for whose window is over. */
const forgetEveryMs = 60_000

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
  const forgetting = setInterval(
    () => void removeExpiredCounts(database.query).catch(() => {}),
    forgetEveryMs,
  )
  forgetting.unref()
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

  return {
    async submit(submission) {
      return submissions.add(submission)
    },
    async findIdempotencyRecord(keyHash, nowMs) {
      const [record] = await reads.idempotencyRecord.execute({ keyHash, nowMs })
      return record ?? null
    },
    async commit(decided) {
      const startedMs = performance.now()
      const revisions = await applyChanges(database.query, decided)
      for (const [articleId, revision] of revisions ?? []) changes.learn(articleId, revision, startedMs)
      return revisions === null ? 'stale' : 'committed'
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
    async listApproved({ articleId, order, limit, after }) {
      const startedMs = performance.now()
      const rows = await reads.approved[order].execute({ articleId, limit, after: after ?? edge(order) })
      const { approvedCount, revision } = rows[0] ?? { approvedCount: 0, revision: 0 }
      changes.learn(articleId, revision, startedMs)
      // Only what is withdrawn has neither name nor text; the schema sees to it.
      const comments = rows.flatMap(({ comment }) => (comment as PublishedComment | null) ?? [])
      return { approvedCount, revision, comments }
    },
    changeStamp() {
      return changes.stamp()
    },
    currentRevision(articleId) {
      return changes.revisionOf(articleId)
    },
    async countApproved(articleIds) {
      const rows = await reads.approvedCounts.execute({ articleIds })
      return new Map(rows.map(({ articleId, approvedCount }) => [articleId, approvedCount]))
    },
    async listByStatus({ status, articleId, order, limit, after }) {
      const parameters = { status, limit, after: after ?? edge(order) }
      const rows =
        articleId === null
          ? await reads.byStatus[order].execute(parameters)
          : await reads.byStatusOfArticle[order].execute({ ...parameters, articleId })
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
    async queue() {
      const [row] = await reads.queue.execute()
      const oldestAtMs = row?.oldestAtMs ?? null
      return { pending: row?.pending ?? 0, oldestAtMs: oldestAtMs === null ? null : Number(oldestAtMs) }
    },
    async createToken(token) {
      const created = await db
        .insert(tokens)
        .values(tokenToRow(token))
        // Another replica that starts at the same moment may bring the same secret under the same name.
        .onConflictDoNothing()
        .returning({ id: tokens.id })
      if (created.length > 0) return 'created'
      const [named] = await db
        .select({ id: tokens.id })
        .from(tokens)
        .where(and(eq(tokens.name, token.name), isNull(tokens.revokedAtMs)))
      if (named !== undefined) return 'name-taken'
      throw new Error('A token with this id or this secret is there already, under another name.')
    },
    async createFirstToken(token) {
      return database.transaction(async (query) => {
        const inTransaction = drizzleOver({ query })
        // Whoever starts at the same moment waits here, and then sees the other's token.
        await inTransaction.execute(sql`LOCK TABLE ${tokens} IN SHARE ROW EXCLUSIVE MODE`)
        const [active] = await inTransaction
          .select({ id: tokens.id })
          .from(tokens)
          .where(isNull(tokens.revokedAtMs))
          .limit(1)
        if (active !== undefined) return 'not-first'
        await inTransaction.insert(tokens).values(tokenToRow(token))
        return 'created'
      })
    },
    async findTokenByHash(hash) {
      const [row] = await reads.tokenByHash.execute({ hash })
      return row === undefined ? null : tokenFromRow(row)
    },
    async listTokens() {
      return (await reads.tokens.execute()).map(tokenFromRow)
    },
    async revokeToken(name, revokedAtMs) {
      const revoked = await db
        .update(tokens)
        .set({ revokedAtMs })
        .where(and(eq(tokens.name, name), isNull(tokens.revokedAtMs)))
        .returning({ id: tokens.id })
      return revoked.length === 0 ? 'missing' : 'revoked'
    },
    async touchToken(id, lastUsedAtMs) {
      await db.update(tokens).set({ lastUsedAtMs }).where(eq(tokens.id, id))
    },
    async countHit(key, windowMs) {
      return hits.add({ key, windowMs })
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
      clearInterval(forgetting)
      await Promise.all([submissions.drained(), hits.drained()])
      await database.close()
      await changes.close()
    },
  }
}

/** Drizzle calls no other method of a client's. */
function drizzleOver(database: Pick<Database, 'query'>): NodePgDatabase {
  return drizzle({ client: database as unknown as Pool })
}
