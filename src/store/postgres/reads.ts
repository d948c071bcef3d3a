import type { SQLWrapper } from 'drizzle-orm'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import { repliesWalked } from '../../domain/comments/comment.ts'
import { type ListOrder, listOrders, type QueueOrder, queueOrders } from '../../domain/comments/list-order.ts'
import { and, asc, count, desc, eq, sql } from '../drizzle.ts'
import { behind, forEach, inOrder } from '../predicates.ts'
import { alias, unionAll } from './drizzle.ts'
import { articles, comments, decisions, idempotencyRecords, totals } from './schema.ts'

/**
 * The ids of the comments below one, at any depth. A pending comment that nobody ever decided about was never public, so nothing
 * is below it, and a thousand of them cost nothing here. UNION, not UNION ALL: a loop, if there ever is one, ends.
 */
const below = sql`(
  WITH RECURSIVE below(id) AS (
    SELECT id FROM comments WHERE parent_id = ${sql.placeholder('commentId')} AND (status <> 'pending' OR version > 1)
    UNION
    SELECT child.id FROM comments child JOIN below ON child.parent_id = below.id WHERE (child.status <> 'pending' OR child.version > 1)
  )
  SELECT id FROM below LIMIT ${sql.raw(String(repliesWalked))}
)`

/**
 * Prepared once, and by name in each session. Where rows and what is counted of them must hold together, one statement
 * asks for both: each statement sees one moment of the database.
 */
export function prepareReads(db: NodePgDatabase) {
  const limit = sql.placeholder('limit')
  const approvedBelow = and(eq(comments.status, 'approved'), sql`${comments.id} IN ${below}`)

  const published = { rank: comments.publishedRevision, id: comments.id }
  const decided = { rank: comments.decidedAtMs, id: comments.id }

  const heir = alias(articles, 'heir')

  /** `coming`: also of what is being moved here. */
  const approved = (order: ListOrder, coming = false) => {
    const page = db
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
          coming
            ? sql`${comments.articleId} IN (${articles.articleId}, ${articles.movingFrom})`
            : eq(comments.articleId, sql.placeholder('articleId')),
          // As text: a prepared statement's plan for any status could not use the index of approved comments.
          sql`${comments.status} = 'approved'`,
          behind(published, order),
        ),
      )
      .orderBy(...inOrder(published, order))
      .limit(limit)
      .as('page')
    return db
      .select({
        article: articles,
        comment: {
          id: page.id,
          parentId: page.parentId,
          authorName: page.authorName,
          body: page.body,
          submittedAtMs: page.submittedAtMs,
          publishedAtMs: page.publishedAtMs,
          publishedRevision: page.publishedRevision,
        },
      })
      .from(articles)
      .leftJoinLateral(page, sql`true`)
      .where(eq(articles.articleId, sql.placeholder('articleId')))
      .orderBy(...inOrder({ rank: page.publishedRevision, id: page.id }, order))
      .prepare(`approved_${order}${coming ? '_coming' : ''}`)
  }

  const withStatus = (status: SQLWrapper, order: QueueOrder, ofArticle: boolean) =>
    db
      .select()
      .from(comments)
      .where(
        and(
          ofArticle ? eq(comments.articleId, sql.placeholder('articleId')) : undefined,
          sql`${comments.status} = ${status}`,
          behind(decided, order),
        ),
      )
      .orderBy(...inOrder(decided, order))
      .limit(limit)
  /** Each status by itself: no index has both in the order of decision. */
  const withDecision = (ofArticle: boolean) =>
    unionAll(
      withStatus(sql`'approved'`, 'decided', ofArticle),
      withStatus(sql`'rejected'`, 'decided', ofArticle),
    )
      .orderBy(...inOrder(decided, 'decided'))
      .limit(limit)

  const pageOf = (part: ReturnType<typeof withStatus>) => part.as('page')
  const queued = (page: ReturnType<typeof pageOf>, order: QueueOrder) =>
    db
      .select({
        pending: totals.value,
        comment: {
          id: page.id,
          articleId: page.articleId,
          parentId: page.parentId,
          status: page.status,
          version: page.version,
          authorName: page.authorName,
          authorEmail: page.authorEmail,
          body: page.body,
          submittedAtMs: page.submittedAtMs,
          publishedAtMs: page.publishedAtMs,
          receiptHash: page.receiptHash,
          publishedRevision: page.publishedRevision,
          decidedAtMs: page.decidedAtMs,
        },
      })
      .from(totals)
      .leftJoinLateral(page, sql`true`)
      .where(eq(totals.name, 'pending'))
      .orderBy(...inOrder({ rank: page.decidedAtMs, id: page.id }, order))
  const inQueue = (order: QueueOrder, ofArticle: boolean) => {
    const status = sql`${sql.placeholder('status')}`
    const page = pageOf(withStatus(status, order, ofArticle))
    return queued(page, order).prepare(`by_status${ofArticle ? '_of_article' : ''}_${order}`)
  }
  const decidedAbout = (ofArticle: boolean) =>
    queued(withDecision(ofArticle).as('page'), 'decided').prepare(
      `decided_about${ofArticle ? '_of_article' : ''}`,
    )

  const log = db
    .select()
    .from(decisions)
    .where(eq(decisions.commentId, sql.placeholder('id')))
    .orderBy(desc(decisions.position))
    .limit(limit)
    .as('log')

  return {
    // One statement for any number of ids, so that it can be prepared.
    approvedCounts: db
      .select({
        asked: articles.articleId,
        articleId: sql<string>`coalesce(${heir.articleId}, ${articles.articleId})`,
        revision: sql<string>`coalesce(${heir.revision}, ${articles.revision})`,
        approvedCount: sql<string>`coalesce(${heir.approvedCount}, ${articles.approvedCount})`,
      })
      .from(articles)
      .leftJoin(heir, eq(heir.articleId, articles.movedTo))
      .where(sql`${articles.articleId} = ANY(${sql.placeholder('articleIds')})`)
      .prepare('approved_counts'),
    comment: db
      .select()
      .from(comments)
      .where(eq(comments.id, sql.placeholder('id')))
      .prepare('comment'),
    commentWithDecisions: db
      .select({
        comment: comments,
        decision: {
          commentId: log.commentId,
          version: log.version,
          id: log.id,
          action: log.action,
          decidedBy: log.decidedBy,
          reason: log.reason,
          note: log.note,
          decidedAtMs: log.decidedAtMs,
          rejectedWith: log.rejectedWith,
          rejectedWithVersion: log.rejectedWithVersion,
          reasonCode: log.reasonCode,
          position: log.position,
        },
      })
      .from(comments)
      .leftJoinLateral(log, sql`true`)
      .where(eq(comments.id, sql.placeholder('id')))
      .orderBy(asc(log.position))
      .prepare('comment_with_decisions'),
    article: db
      .select()
      .from(articles)
      .where(eq(articles.articleId, sql.placeholder('articleId')))
      .prepare('article'),
    articles: db
      .select()
      .from(articles)
      .where(sql`${articles.articleId} = ANY(${sql.placeholder('articleIds')})`)
      .prepare('articles'),
    approved: forEach(listOrders, (order) => approved(order)),
    approvedComing: forEach(listOrders, (order) => approved(order, true)),
    byStatus: forEach(queueOrders, (order) => inQueue(order, false)),
    byStatusOfArticle: forEach(queueOrders, (order) => inQueue(order, true)),
    decidedAbout: decidedAbout(false),
    decidedAboutOfArticle: decidedAbout(true),
    approvedReplies: db
      .select({ total: sql<string>`count(*) OVER ()`, comment: comments })
      .from(comments)
      .where(approvedBelow)
      .orderBy(asc(comments.id))
      .limit(limit)
      .prepare('approved_replies'),
    approvedReplyCount: db
      .select({ count: count() })
      .from(comments)
      .where(approvedBelow)
      .prepare('approved_reply_count'),
    queue: db
      .select({
        pending: totals.value,
        oldestAtMs: sql<string | null>`(
          SELECT submitted_at_ms FROM comments WHERE status = 'pending' ORDER BY id LIMIT 1
        )`,
      })
      .from(totals)
      .where(eq(totals.name, 'pending'))
      .prepare('queue'),
    idempotencyRecord: db
      .select()
      .from(idempotencyRecords)
      .where(
        and(
          eq(idempotencyRecords.keyHash, sql.placeholder('keyHash')),
          sql`${idempotencyRecords.expiresAtMs} > ${sql.placeholder('nowMs')}`,
        ),
      )
      .prepare('idempotency_record'),
  }
}
