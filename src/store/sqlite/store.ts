import type { Database } from 'better-sqlite3'
import { and, asc, count, desc, eq, inArray, isNull, sql } from 'drizzle-orm'
import { type BetterSQLite3Database, drizzle } from 'drizzle-orm/better-sqlite3'
import type { Change } from '../../domain/comment.ts'
import { isPublic } from '../../domain/comment.ts'
import type { ListOrder } from '../../domain/list-order.ts'
import type { Token } from '../../domain/token.ts'
import { behind, edge, inOrder } from '../predicates.ts'
import { commentFromRow, commentToRow, tokenFromRow, tokenToRow } from '../rows.ts'
import type { Store, Submission, SubmitOutcome } from '../store.ts'
import { articles, comments, decisions, idempotencyRecords, tokens, totals } from './schema.ts'

/**
 * The Store over one SQLite file. better-sqlite3 is synchronous, so each method runs from its first statement to
 * its commit without giving way to another request.
 */
export function sqliteStore(database: Database): Store {
  const db = drizzle(database)
  const reads = prepareReads(db)
  const writes = prepareWrites(db)

  const submit = database.transaction((submission: Submission): SubmitOutcome => {
    const { comment, idempotency, maxPending } = submission
    if (idempotency !== null) {
      const record = reads.idempotencyRecord.get({
        keyHash: idempotency.keyHash,
        nowMs: comment.submittedAtMs,
      })
      if (record !== undefined) return { kind: 'replayed', record }
    }
    if (maxPending > 0 && pending() >= maxPending) return { kind: 'full' }
    writes.addArticle.run({ articleId: comment.articleId })
    writes.addComment.run(commentToRow(comment))
    writes.movePending.run({ by: 1 })
    if (idempotency !== null) {
      writes.removeExpiredRecords.run({ nowMs: comment.submittedAtMs })
      writes.addIdempotencyRecord.run(idempotency)
    }
    return { kind: 'committed' }
  })

  const commit = database.transaction((changes: readonly Change[]) => {
    for (const change of changes) applyChange(writes, change)
  })

  const listApproved = database.transaction((query: Parameters<Store['listApproved']>[0]) => {
    const article = reads.article.get({ articleId: query.articleId })
    const rows =
      article === undefined
        ? []
        : reads.approved[query.order].all({
            articleId: query.articleId,
            after: query.after ?? edge(query.order),
            limit: query.limit,
          })
    return {
      approvedCount: article?.approvedCount ?? 0,
      revision: article?.revision ?? 0,
      comments: rows.map(commentFromRow),
    }
  })

  const createToken = database.transaction((token: Token) => {
    if (reads.activeTokenByName.get({ name: token.name }) !== undefined) return 'name-taken'
    writes.addToken.run(tokenToRow(token))
    return 'created'
  })

  const createFirstToken = database.transaction((token: Token) => {
    if (reads.anyActiveToken.get() !== undefined) return 'not-first'
    writes.addToken.run(tokenToRow(token))
    return 'created'
  })

  function pending(): number {
    return reads.pending.get()?.value ?? 0
  }

  return {
    async submit(submission) {
      return submit.immediate(submission)
    },
    async findIdempotencyRecord(keyHash, nowMs) {
      return reads.idempotencyRecord.get({ keyHash, nowMs }) ?? null
    },
    async commit(changes) {
      try {
        commit.immediate(changes)
        return 'committed'
      } catch (error) {
        if (error instanceof StaleVersion) return 'stale'
        throw error
      }
    },
    async findComment(id) {
      const row = reads.comment.get({ id })
      return row === undefined ? null : commentFromRow(row)
    },
    async listDecisions(commentId, limit) {
      return reads.decisions.all({ commentId, limit }).reverse()
    },
    async listApproved(query) {
      return listApproved(query)
    },
    async countApproved(articleIds) {
      // Not prepared: its number of parameters varies. One statement for all, by primary key.
      const rows = db
        .select({ articleId: articles.articleId, approvedCount: articles.approvedCount })
        .from(articles)
        .where(inArray(articles.articleId, [...articleIds]))
        .all()
      return new Map(rows.map((row) => [row.articleId, row.approvedCount]))
    },
    async listByStatus({ articleId, order, ...query }) {
      const parameters = { ...query, after: query.after ?? edge(order) }
      const rows =
        articleId === null
          ? reads.byStatus[order].all(parameters)
          : reads.byStatusOfArticle[order].all({ ...parameters, articleId })
      return rows.map(commentFromRow)
    },
    async listApprovedReplies(commentId, limit) {
      return reads.approvedReplies.all({ commentId, limit }).map(commentFromRow)
    },
    async countApprovedReplies(commentId) {
      return reads.approvedReplyCount.get({ commentId })?.count ?? 0
    },
    async queue() {
      return { pending: pending(), oldestAtMs: reads.oldestPending.get()?.submittedAtMs ?? null }
    },
    async createToken(token) {
      return createToken.immediate(token)
    },
    async createFirstToken(token) {
      return createFirstToken.immediate(token)
    },
    async findTokenByHash(hash) {
      const row = reads.tokenByHash.get({ hash })
      return row === undefined ? null : tokenFromRow(row)
    },
    async listTokens() {
      return reads.tokens.all().map(tokenFromRow)
    },
    async revokeToken(name, revokedAtMs) {
      return writes.revokeToken.run({ name, revokedAtMs }).changes === 0 ? 'missing' : 'revoked'
    },
    async touchToken(id, lastUsedAtMs) {
      writes.touchToken.run({ id, lastUsedAtMs })
    },
    async checkReady() {
      reads.article.get({ articleId: '' })
    },
    async close() {
      database.close()
    },
  }
}

/** Thrown inside a commit to roll all of it back; never leaves this file. */
class StaleVersion extends Error {}

function applyChange(writes: Writes, { before, after, decision }: Change): void {
  const { id, ...row } = commentToRow(after)
  if (writes.moveComment.run({ ...row, id, expectedVersion: before.version }).changes === 0)
    throw new StaleVersion()
  writes.addDecision.run(decision)
  const waitingBy = Number(after.status === 'pending') - Number(before.status === 'pending')
  if (waitingBy !== 0) writes.movePending.run({ by: waitingBy })
  const publicBy = Number(isPublic(after)) - Number(isPublic(before))
  if (publicBy !== 0) {
    writes.moveArticle.run({ articleId: after.articleId, by: publicBy, nowMs: decision.decidedAtMs })
  }
}

type Writes = ReturnType<typeof prepareWrites>

/** The ids of all comments below one, at any depth. UNION, not UNION ALL: a loop, if there ever is one, ends. */
const below = sql`(
  WITH RECURSIVE below(id) AS (
    SELECT id FROM comments WHERE parent_id = ${sql.placeholder('commentId')}
    UNION
    SELECT child.id FROM comments child JOIN below ON child.parent_id = below.id
  )
  SELECT id FROM below
)`

/** Prepared once: a query built on each call costs twice as much. */
function prepareReads(db: BetterSQLite3Database) {
  const after = sql`${sql.placeholder('after')}`
  const limit = sql.placeholder('limit')
  const approvedBelow = and(eq(comments.status, 'approved'), sql`${comments.id} IN ${below}`)

  const approved = (order: ListOrder) =>
    db
      .select()
      .from(comments)
      .where(
        and(
          eq(comments.articleId, sql.placeholder('articleId')),
          eq(comments.status, 'approved'),
          behind(comments.id, order, after),
        ),
      )
      .orderBy(inOrder(comments.id, order))
      .limit(limit)
      .prepare()

  const byStatus = (order: ListOrder) =>
    db
      .select()
      .from(comments)
      .where(and(eq(comments.status, sql.placeholder('status')), behind(comments.id, order, after)))
      .orderBy(inOrder(comments.id, order))
      .limit(limit)
      .prepare()

  const byStatusOfArticle = (order: ListOrder) =>
    db
      .select()
      .from(comments)
      .where(
        and(
          eq(comments.articleId, sql.placeholder('articleId')),
          eq(comments.status, sql.placeholder('status')),
          behind(comments.id, order, after),
        ),
      )
      .orderBy(inOrder(comments.id, order))
      .limit(limit)
      .prepare()

  return {
    article: db
      .select()
      .from(articles)
      .where(eq(articles.articleId, sql.placeholder('articleId')))
      .prepare(),
    comment: db
      .select()
      .from(comments)
      .where(eq(comments.id, sql.placeholder('id')))
      .prepare(),
    approved: { oldest: approved('oldest'), newest: approved('newest') },
    byStatus: { oldest: byStatus('oldest'), newest: byStatus('newest') },
    byStatusOfArticle: { oldest: byStatusOfArticle('oldest'), newest: byStatusOfArticle('newest') },
    approvedReplies: db
      .select()
      .from(comments)
      .where(approvedBelow)
      .orderBy(asc(comments.id))
      .limit(limit)
      .prepare(),
    approvedReplyCount: db.select({ count: count() }).from(comments).where(approvedBelow).prepare(),
    decisions: db
      .select()
      .from(decisions)
      .where(eq(decisions.commentId, sql.placeholder('commentId')))
      .orderBy(desc(decisions.version))
      .limit(limit)
      .prepare(),
    pending: db.select({ value: totals.value }).from(totals).where(eq(totals.name, 'pending')).prepare(),
    oldestPending: db
      .select({ submittedAtMs: comments.submittedAtMs })
      .from(comments)
      .where(eq(comments.status, 'pending'))
      .orderBy(asc(comments.id))
      .limit(1)
      .prepare(),
    idempotencyRecord: db
      .select()
      .from(idempotencyRecords)
      .where(
        and(
          eq(idempotencyRecords.keyHash, sql.placeholder('keyHash')),
          sql`${idempotencyRecords.expiresAtMs} > ${sql.placeholder('nowMs')}`,
        ),
      )
      .prepare(),
    tokenByHash: db
      .select()
      .from(tokens)
      .where(eq(tokens.hash, sql.placeholder('hash')))
      .prepare(),
    activeTokenByName: db
      .select({ id: tokens.id })
      .from(tokens)
      .where(and(eq(tokens.name, sql.placeholder('name')), isNull(tokens.revokedAtMs)))
      .prepare(),
    anyActiveToken: db
      .select({ id: tokens.id })
      .from(tokens)
      .where(isNull(tokens.revokedAtMs))
      .limit(1)
      .prepare(),
    tokens: db.select().from(tokens).orderBy(asc(tokens.id)).prepare(),
  }
}

function prepareWrites(db: BetterSQLite3Database) {
  const value = (name: string) => sql`${sql.placeholder(name)}`
  return {
    addArticle: db
      .insert(articles)
      .values({ articleId: sql.placeholder('articleId'), approvedCount: 0, revision: 0 })
      .onConflictDoNothing()
      .prepare(),
    moveArticle: db
      .update(articles)
      .set({
        approvedCount: sql`${articles.approvedCount} + ${sql.placeholder('by')}`,
        revision: sql`max(${articles.revision} + 1, ${sql.placeholder('nowMs')})`,
      })
      .where(eq(articles.articleId, sql.placeholder('articleId')))
      .prepare(),
    addComment: db
      .insert(comments)
      .values({
        id: sql.placeholder('id'),
        articleId: sql.placeholder('articleId'),
        parentId: sql.placeholder('parentId'),
        status: sql.placeholder('status'),
        version: sql.placeholder('version'),
        authorName: sql.placeholder('authorName'),
        authorEmail: sql.placeholder('authorEmail'),
        body: sql.placeholder('body'),
        submittedAtMs: sql.placeholder('submittedAtMs'),
        publishedAtMs: sql.placeholder('publishedAtMs'),
        receiptHash: sql.placeholder('receiptHash'),
      })
      .prepare(),
    moveComment: db
      .update(comments)
      .set({
        status: value('status'),
        version: value('version'),
        authorName: value('authorName'),
        authorEmail: value('authorEmail'),
        body: value('body'),
        publishedAtMs: value('publishedAtMs'),
      })
      .where(
        and(eq(comments.id, sql.placeholder('id')), eq(comments.version, sql.placeholder('expectedVersion'))),
      )
      .prepare(),
    movePending: db
      .update(totals)
      .set({ value: sql`${totals.value} + ${sql.placeholder('by')}` })
      .where(eq(totals.name, 'pending'))
      .prepare(),
    addDecision: db
      .insert(decisions)
      .values({
        id: sql.placeholder('id'),
        commentId: sql.placeholder('commentId'),
        action: sql.placeholder('action'),
        version: sql.placeholder('version'),
        decidedBy: sql.placeholder('decidedBy'),
        reason: sql.placeholder('reason'),
        note: sql.placeholder('note'),
        decidedAtMs: sql.placeholder('decidedAtMs'),
      })
      .prepare(),
    addIdempotencyRecord: db
      .insert(idempotencyRecords)
      .values({
        keyHash: sql.placeholder('keyHash'),
        salt: sql.placeholder('salt'),
        fingerprint: sql.placeholder('fingerprint'),
        commentId: sql.placeholder('commentId'),
        language: sql.placeholder('language'),
        expiresAtMs: sql.placeholder('expiresAtMs'),
      })
      .prepare(),
    removeExpiredRecords: db
      .delete(idempotencyRecords)
      .where(sql`${idempotencyRecords.expiresAtMs} <= ${sql.placeholder('nowMs')}`)
      .prepare(),
    addToken: db
      .insert(tokens)
      .values({
        id: sql.placeholder('id'),
        name: sql.placeholder('name'),
        scopes: sql.placeholder('scopes'),
        hash: sql.placeholder('hash'),
        createdAtMs: sql.placeholder('createdAtMs'),
        expiresAtMs: sql.placeholder('expiresAtMs'),
        lastUsedAtMs: sql.placeholder('lastUsedAtMs'),
        revokedAtMs: sql.placeholder('revokedAtMs'),
      })
      .prepare(),
    revokeToken: db
      .update(tokens)
      .set({ revokedAtMs: value('revokedAtMs') })
      .where(and(eq(tokens.name, sql.placeholder('name')), isNull(tokens.revokedAtMs)))
      .prepare(),
    touchToken: db
      .update(tokens)
      .set({ lastUsedAtMs: value('lastUsedAtMs') })
      .where(eq(tokens.id, sql.placeholder('id')))
      .prepare(),
  }
}
