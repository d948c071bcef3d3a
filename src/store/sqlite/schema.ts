import { commentActions, commentStatuses } from '../../domain/comments/comment.ts'
import { sql } from '../drizzle.ts'
import { check, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from './drizzle.ts'

/*
 * Every table is STRICT (SQLite would store 1.5 or 'abc' in an INTEGER column). drizzle-kit cannot say so: the word
 * is added to the generated migration by hand, and test/store/sqlite/migrate.test.ts fails where it is missing.
 */

export const articles = sqliteTable(
  'articles',
  {
    articleId: text('article_id').primaryKey(),
    approvedCount: integer('approved_count').notNull(),
    /**
     * Moves with every visible change: max(revision + 1, now in ms), so that it never comes back, not even after
     * an older backup was restored. It is the list's ETag.
     */
    revision: integer('revision').notNull(),
    title: text('title'),
    url: text('url'),
    publishedAtMs: integer('published_at_ms'),
    closedAtMs: integer('closed_at_ms'),
    firstCommentAtMs: integer('first_comment_at_ms'),
    movedTo: text('moved_to'),
    movingFrom: text('moving_from'),
  },
  (table) => [
    index('articles_by_moved_to').on(table.movedTo).where(sql`moved_to IS NOT NULL`),
    index('articles_by_moving_from').on(table.movingFrom).where(sql`moving_from IS NOT NULL`),
  ],
)

export const comments = sqliteTable(
  'comments',
  {
    id: text('id').primaryKey(),
    articleId: text('article_id')
      .notNull()
      .references(() => articles.articleId),
    parentId: text('parent_id'),
    status: text('status', { enum: commentStatuses }).notNull(),
    version: integer('version').notNull(),
    authorName: text('author_name'),
    authorEmail: text('author_email'),
    body: text('body'),
    submittedAtMs: integer('submitted_at_ms').notNull(),
    publishedAtMs: integer('published_at_ms'),
    receiptHash: text('receipt_hash').notNull(),
    /** The revision of the article that the approval made; `null` while it is not public. */
    publishedRevision: integer('published_revision'),
    decidedAtMs: integer('decided_at_ms'),
  },
  (table) => [
    index('comments_by_article').on(table.articleId, table.status, table.id),
    // Holds all that a public list shows, so that its rows are read one beside the other, however large the table is.
    index('comments_public')
      .on(
        table.articleId,
        table.id,
        table.parentId,
        table.authorName,
        table.body,
        table.submittedAtMs,
        table.publishedAtMs,
        table.publishedRevision,
      )
      .where(sql`status = 'approved'`),
    index('comments_published')
      .on(table.articleId, table.publishedRevision, table.id)
      .where(sql`status = 'approved'`),
    index('comments_by_status').on(table.status, table.id),
    index('comments_by_decision')
      .on(table.status, table.decidedAtMs, table.id)
      .where(sql`decided_at_ms IS NOT NULL`),
    index('comments_by_article_decision')
      .on(table.articleId, table.status, table.decidedAtMs, table.id)
      .where(sql`decided_at_ms IS NOT NULL`),
    index('comments_by_parent').on(table.parentId).where(sql`parent_id IS NOT NULL AND status <> 'pending'`),
    check('comments_status', sql`status IN ('pending', 'approved', 'rejected', 'withdrawn')`),
    check(
      'comments_erased_when_withdrawn',
      sql`(status = 'withdrawn') = (author_name IS NULL) AND (author_name IS NULL) = (author_email IS NULL) AND (author_name IS NULL) = (body IS NULL)`,
    ),
  ],
)

export const decisions = sqliteTable(
  'decisions',
  {
    commentId: text('comment_id')
      .notNull()
      .references(() => comments.id),
    version: integer('version').notNull(),
    id: text('id').notNull(),
    action: text('action', { enum: commentActions }).notNull(),
    decidedBy: text('decided_by'),
    reason: text('reason'),
    note: text('note'),
    decidedAtMs: integer('decided_at_ms').notNull(),
    rejectedWith: text('rejected_with'),
    rejectedWithVersion: integer('rejected_with_version'),
  },
  (table) => [
    primaryKey({ columns: [table.commentId, table.version] }),
    index('decisions_by_rejected_with').on(table.rejectedWith).where(sql`rejected_with IS NOT NULL`),
    check('decisions_action', sql`action IN ('approve', 'reject', 'withdraw')`),
  ],
)

export const idempotencyRecords = sqliteTable(
  'idempotency_records',
  {
    keyHash: text('key_hash').primaryKey(),
    salt: text('salt').notNull(),
    fingerprint: text('fingerprint').notNull(),
    commentId: text('comment_id')
      .notNull()
      .references(() => comments.id),
    language: text('language').notNull(),
    expiresAtMs: integer('expires_at_ms').notNull(),
  },
  (table) => [
    index('idempotency_records_by_expiry').on(table.expiresAtMs),
    index('idempotency_records_by_comment').on(table.commentId),
  ],
)

/** One row, `pending`: how many comments wait. Counting them on each submission would cost more with each. */
export const totals = sqliteTable('totals', {
  name: text('name').primaryKey(),
  value: integer('value').notNull(),
})

export const tokens = sqliteTable(
  'tokens',
  {
    id: text('id').primaryKey(),
    name: text('name').notNull(),
    /** Space-separated, as OAuth writes scopes (RFC 6749, section 3.3). */
    scopes: text('scopes').notNull(),
    hash: text('hash').notNull(),
    createdAtMs: integer('created_at_ms').notNull(),
    expiresAtMs: integer('expires_at_ms'),
    lastUsedAtMs: integer('last_used_at_ms'),
    revokedAtMs: integer('revoked_at_ms'),
  },
  (table) => [
    uniqueIndex('tokens_by_hash').on(table.hash),
    uniqueIndex('tokens_by_active_name').on(table.name).where(sql`revoked_at_ms IS NULL`),
  ],
)

/** Who of several processes does a job in the background, until when, and when it was done last. */
export const leases = sqliteTable('leases', {
  job: text('job').primaryKey(),
  holder: text('holder').notNull(),
  untilMs: integer('until_ms').notNull(),
  doneAtMs: integer('done_at_ms'),
})
