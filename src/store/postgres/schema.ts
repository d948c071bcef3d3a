import { commentActions, commentStatuses } from '../../domain/comments/comment.ts'
import { sql } from '../drizzle.ts'
import {
  bigint,
  check,
  customType,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from './drizzle.ts'

/**
 * Ids, keys and hashes are told apart and put in order byte by byte, as SQLite does, whatever the database's own
 * collation says of case and accents.
 */
const key = customType<{ data: string }>({ dataType: () => 'text COLLATE "C"' })

/** A time, a revision or a count: beyond 32 bits, and far below 2 ** 53. The driver gives it as a text, Drizzle as a number. */
const whole = (name: string) => bigint(name, { mode: 'number' })

export const articles = pgTable(
  'articles',
  {
    articleId: key('article_id').primaryKey(),
    approvedCount: whole('approved_count').notNull(),
    /**
     * Moves with every visible change: max(revision + 1, now in ms), so that it never comes back, not even after
     * an older backup was restored. It is the list's ETag.
     */
    revision: whole('revision').notNull(),
    title: text('title'),
    url: text('url'),
    publishedAtMs: whole('published_at_ms'),
    closedAtMs: whole('closed_at_ms'),
    firstCommentAtMs: whole('first_comment_at_ms'),
    movedTo: key('moved_to'),
    movingFrom: key('moving_from'),
  },
  (table) => [
    index('articles_by_moved_to').on(table.movedTo).where(sql`moved_to IS NOT NULL`),
    index('articles_by_moving_from').on(table.movingFrom).where(sql`moving_from IS NOT NULL`),
  ],
)

export const comments = pgTable(
  'comments',
  {
    id: key('id').primaryKey(),
    articleId: key('article_id')
      .notNull()
      .references(() => articles.articleId),
    parentId: key('parent_id'),
    status: text('status', { enum: commentStatuses }).notNull(),
    version: integer('version').notNull(),
    authorName: text('author_name'),
    authorEmail: text('author_email'),
    body: text('body'),
    submittedAtMs: whole('submitted_at_ms').notNull(),
    publishedAtMs: whole('published_at_ms'),
    receiptHash: text('receipt_hash').notNull(),
    /** The revision of the article that the approval made; `null` while it is not public. */
    publishedRevision: whole('published_revision'),
    decidedAtMs: whole('decided_at_ms'),
  },
  (table) => [
    index('comments_by_article').on(table.articleId, table.status, table.id),
    // Of the keys alone: a body may be longer than an index entry can be, and PostgreSQL would refuse it.
    index('comments_public').on(table.articleId, table.id).where(sql`status = 'approved'`),
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

export const decisions = pgTable(
  'decisions',
  {
    commentId: key('comment_id')
      .notNull()
      .references(() => comments.id),
    version: integer('version').notNull(),
    id: key('id').notNull(),
    action: text('action', { enum: commentActions }).notNull(),
    decidedBy: text('decided_by'),
    reason: text('reason'),
    note: text('note'),
    decidedAtMs: whole('decided_at_ms').notNull(),
    rejectedWith: key('rejected_with'),
    rejectedWithVersion: integer('rejected_with_version'),
  },
  (table) => [
    primaryKey({ columns: [table.commentId, table.version] }),
    index('decisions_by_rejected_with').on(table.rejectedWith).where(sql`rejected_with IS NOT NULL`),
    check('decisions_action', sql`action IN ('approve', 'reject', 'withdraw')`),
  ],
)

export const idempotencyRecords = pgTable(
  'idempotency_records',
  {
    keyHash: key('key_hash').primaryKey(),
    salt: text('salt').notNull(),
    fingerprint: text('fingerprint').notNull(),
    commentId: key('comment_id')
      .notNull()
      .references(() => comments.id),
    language: text('language').notNull(),
    expiresAtMs: whole('expires_at_ms').notNull(),
  },
  (table) => [
    index('idempotency_records_by_expiry').on(table.expiresAtMs),
    index('idempotency_records_by_comment').on(table.commentId),
  ],
)

/** One row, `pending`: how many comments wait. Counting them on each submission would cost more with each. */
export const totals = pgTable('totals', {
  name: key('name').primaryKey(),
  value: whole('value').notNull(),
})

export const tokens = pgTable(
  'tokens',
  {
    id: key('id').primaryKey(),
    name: key('name').notNull(),
    /** Space-separated, as OAuth writes scopes (RFC 6749, section 3.3). */
    scopes: text('scopes').notNull(),
    hash: key('hash').notNull(),
    createdAtMs: whole('created_at_ms').notNull(),
    expiresAtMs: whole('expires_at_ms'),
    lastUsedAtMs: whole('last_used_at_ms'),
    revokedAtMs: whole('revoked_at_ms'),
  },
  (table) => [
    uniqueIndex('tokens_by_hash').on(table.hash),
    uniqueIndex('tokens_by_active_name').on(table.name).where(sql`revoked_at_ms IS NULL`),
  ],
)

/**
 * What the limits have counted over all replicas, by the hash of what is counted. SQLite has one process, which counts
 * in memory. The migration makes it UNLOGGED by hand, which drizzle-kit cannot say: a count costs no write of the log, and
 * is forgotten where the server crashes or a standby takes over.
 */
export const requestCounts = pgTable(
  'request_counts',
  {
    key: key('key').primaryKey(),
    hits: integer('hits').notNull(),
    resetsAtMs: whole('resets_at_ms').notNull(),
  },
  (table) => [index('request_counts_by_reset').on(table.resetsAtMs)],
)

/** Who of several replicas does a job in the background, until when, and when it was done last. */
export const leases = pgTable('leases', {
  job: key('job').primaryKey(),
  holder: text('holder').notNull(),
  untilMs: whole('until_ms').notNull(),
  doneAtMs: whole('done_at_ms'),
})
