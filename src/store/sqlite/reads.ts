import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3'
import { repliesWalked } from '../../domain/comments/comment.ts'
import { type ListOrder, listOrders, type QueueOrder, queueOrders } from '../../domain/comments/list-order.ts'
import { and, asc, count, desc, eq, sql } from '../drizzle.ts'
import { behind, forEach, inOrder, onFirstUse } from '../predicates.ts'
import { alias } from './drizzle.ts'
import { articles, comments, decisions, idempotencyRecords, totals } from './schema.ts'

/**
 * The ids of the approved comments below one, at any depth. A pending comment that nobody ever decided about was never public, so
 * nothing is below it, and a thousand of them cost nothing here. UNION, not UNION ALL: a loop, if there ever is one, ends.
 */
const below = sql`(
  WITH RECURSIVE below(id, status) AS (
    SELECT id, status FROM comments WHERE parent_id = ${sql.placeholder('commentId')} AND (status <> 'pending' OR version > 1)
    UNION
    SELECT child.id, child.status FROM comments child JOIN below ON child.parent_id = below.id WHERE (child.status <> 'pending' OR child.version > 1)
    LIMIT ${sql.raw(String(repliesWalked))}
  )
  SELECT id FROM below WHERE status = 'approved'
)`

/** How many comments wait; the writer asks it too. */
export function pendingCount(db: BetterSQLite3Database) {
  return db.select({ value: totals.value }).from(totals).where(eq(totals.name, 'pending'))
}

/** The idempotency record under a key that has not expired; the writer asks it too. */
export function liveRecord(db: BetterSQLite3Database) {
  return db
    .select()
    .from(idempotencyRecords)
    .where(
      and(
        eq(idempotencyRecords.keyHash, sql.placeholder('keyHash')),
        sql`${idempotencyRecords.expiresAtMs} > ${sql.placeholder('nowMs')}`,
      ),
    )
}

/** Prepared once, when it is first asked for: a query built on each call costs twice as much. */
export function prepareReads(db: BetterSQLite3Database) {
  const limit = sql.placeholder('limit')

  const published = { rank: comments.publishedRevision, id: comments.id }
  const decided = { rank: comments.decidedAtMs, id: comments.id }

  const asked = sql`json_each(${sql.placeholder('articleIds')}) AS asked`
  const heir = alias(articles, 'heir')

  const approved = (order: ListOrder) =>
    db
      .select({
        id: comments.id,
        parentId: comments.parentId,
        authorName: comments.authorName,
        body: comments.body,
        submittedAtMs: comments.submittedAtMs,
        publishedAtMs: comments.publishedAtMs,
        publishedRevision: comments.publishedRevision,
      })
      .from(comments)
      .where(
        and(
          eq(comments.articleId, sql.placeholder('articleId')),
          // As text: a bound parameter would not let SQLite use the index of approved comments.
          sql`${comments.status} = 'approved'`,
          behind(published, order),
        ),
      )
      .orderBy(...inOrder(published, order))
      .limit(limit)
      .prepare()

  const byStatus = (order: QueueOrder) =>
    db
      .select()
      .from(comments)
      .where(and(eq(comments.status, sql.placeholder('status')), behind(decided, order)))
      .orderBy(...inOrder(decided, order))
      .limit(limit)
      .prepare()

  const byStatusOfArticle = (order: QueueOrder) =>
    db
      .select()
      .from(comments)
      .where(
        and(
          eq(comments.articleId, sql.placeholder('articleId')),
          // Told as no rare one: SQLite would not use the index that has the article as well.
          sql`likelihood(${comments.status} = ${sql.placeholder('status')}, 0.9)`,
          behind(decided, order),
        ),
      )
      .orderBy(...inOrder(decided, order))
      .limit(limit)
      .prepare()

  return onFirstUse({
    article: () =>
      db
        .select()
        .from(articles)
        .where(eq(articles.articleId, sql.placeholder('articleId')))
        .prepare(),
    revision: () =>
      db
        .select({ revision: articles.revision })
        .from(articles)
        .where(eq(articles.articleId, sql.placeholder('articleId')))
        .prepare(),
    // One statement for any number of ids, so that it can be prepared. Each statement takes a lock of the file, which costs
    // more than many rows of one.
    revisions: () =>
      db
        .select({ revision: articles.revision })
        .from(asked)
        .leftJoin(articles, sql`${articles.articleId} = asked.value`)
        .orderBy(sql`asked.key`)
        .prepare(),
    approvedCounts: () =>
      db
        .select({
          asked: articles.articleId,
          articleId: sql<string>`coalesce(${heir.articleId}, ${articles.articleId})`,
          revision: sql<number>`coalesce(${heir.revision}, ${articles.revision})`,
          approvedCount: sql<number>`coalesce(${heir.approvedCount}, ${articles.approvedCount})`,
        })
        .from(articles)
        .leftJoin(heir, eq(heir.articleId, articles.movedTo))
        .where(sql`${articles.articleId} IN (SELECT value FROM ${asked})`)
        .prepare(),
    comment: () =>
      db
        .select()
        .from(comments)
        .where(eq(comments.id, sql.placeholder('id')))
        .prepare(),
    approved: () => forEach(listOrders, approved),
    byStatus: () => forEach(queueOrders, byStatus),
    byStatusOfArticle: () => forEach(queueOrders, byStatusOfArticle),
    approvedReplies: () =>
      db
        .select()
        .from(comments)
        .where(sql`${comments.id} IN ${below}`)
        .orderBy(asc(comments.id))
        .limit(limit)
        .prepare(),
    approvedReplyCount: () => db.select({ count: count() }).from(sql`${below} AS approved`).prepare(),
    decisions: () =>
      db
        .select()
        .from(decisions)
        .where(eq(decisions.commentId, sql.placeholder('commentId')))
        .orderBy(desc(decisions.position))
        .limit(limit)
        .prepare(),
    pending: () => pendingCount(db).prepare(),
    oldestPending: () =>
      db
        .select({ submittedAtMs: comments.submittedAtMs })
        .from(comments)
        .where(eq(comments.status, 'pending'))
        .orderBy(asc(comments.id))
        .limit(1)
        .prepare(),
    idempotencyRecord: () => liveRecord(db).prepare(),
  })
}
