import { commentStatuses, logActions } from '../../domain/comments/comment.ts'
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
    authorEmail: key('author_email'),
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
    index('comments_by_parent')
      .on(table.parentId)
      .where(sql`parent_id IS NOT NULL AND (status <> 'pending' OR version > 1)`),
    // What waits below a comment is none of those, and moderators ask for it.
    index('comments_pending_replies')
      .on(table.parentId, table.id)
      .where(sql`parent_id IS NOT NULL AND status = 'pending'`),
    // Moderators ask what else an author wrote. Neither moves with a decision.
    index('comments_by_author').on(table.authorEmail, table.id).where(sql`author_email IS NOT NULL`),
    check('comments_status', sql`status IN ('pending', 'approved', 'rejected', 'withdrawn')`),
    check(
      'comments_erased_when_withdrawn',
      sql`(status = 'withdrawn') = (author_name IS NULL) AND (author_name IS NULL) = (body IS NULL) AND (author_name IS NOT NULL OR author_email IS NULL)`,
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
    action: text('action', { enum: logActions }).notNull(),
    decidedBy: key('decided_by'),
    reason: text('reason'),
    note: text('note'),
    decidedAtMs: whole('decided_at_ms').notNull(),
    rejectedWith: key('rejected_with'),
    rejectedWithVersion: integer('rejected_with_version'),
    reasonCode: key('reason_code'),
    /** Given out by `totals`, whose row is held until the commit: the order of the lines is that of the commits. */
    position: whole('position').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.commentId, table.position] }),
    // No two decisions make one version; whatever else goes wrong, this keeps the second of them from being written.
    uniqueIndex('decisions_by_version').on(table.commentId, table.version).where(sql`action <> 'note'`),
    uniqueIndex('decisions_by_position').on(table.position),
    index('decisions_by_decider').on(table.decidedBy, table.position),
    // In the order in which a search gives comments.
    index('decisions_by_decider_of').on(table.decidedBy, table.commentId),
    index('decisions_by_reason').on(table.reasonCode, table.commentId).where(sql`reason_code IS NOT NULL`),
    index('decisions_by_moment').on(table.decidedAtMs),
    index('decisions_by_rejected_with').on(table.rejectedWith).where(sql`rejected_with IS NOT NULL`),
    check('decisions_action', sql`action IN ('approve', 'reject', 'reopen', 'withdraw', 'erase', 'note')`),
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

/**
 * How many comments are `pending`, `approved`, `rejected`, `withdrawn`: to count them when asked would cost more with each.
 * `decisions` is the last position that the log has given out; `claims` is what they who claim wait for, one after the other.
 */
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

/**
 * Who of the moderators looks at a comment, until when. It holds for the version that was claimed alone, so each decision ends
 * it without knowing of it. No reference to `comments`: that would lock a row there against its decision.
 */
export const claims = pgTable(
  'claims',
  {
    commentId: key('comment_id').primaryKey(),
    version: integer('version').notNull(),
    claimedBy: key('claimed_by').notNull(),
    untilMs: whole('until_ms').notNull(),
    /** The call that claimed, renewed or released it last, which then reads what it got. */
    call: key('call'),
  },
  (table) => [
    index('claims_by_holder').on(table.claimedBy, table.untilMs),
    index('claims_by_end').on(table.untilMs),
  ],
)

/** One row: how far the index of words goes, and how often it was changed. ADR 23 tells of it and the four tables below. */
export const searchState = pgTable('search_state', {
  name: key('name').primaryKey(),
  /** The number of the last segment that was made. */
  sealed: integer('sealed').notNull(),
  /** How many comments were erased from it. */
  erased: integer('erased').notNull(),
  /** The greatest id that is in it; what is beyond waits to be taken in. */
  high: key('high').notNull(),
  /** The greatest id of those that were there before it, and still wait; empty where none does. */
  low: key('low').notNull(),
})

export const searchSegments = pgTable(
  'search_segments',
  {
    segment: integer('segment').notNull(),
    size: integer('size').notNull(),
    minId: key('min_id').notNull(),
    maxId: key('max_id').notNull(),
    revision: integer('revision').notNull(),
  },
  (table) => [primaryKey({ columns: [table.segment] })],
)

/** Words of a segment, each with the ordinals of the comments that have it; under the beginning of the first. */
export const searchBlocks = pgTable(
  'search_blocks',
  {
    segment: integer('segment').notNull(),
    fromWord: key('from_word').notNull(),
    entries: key('entries').notNull(),
  },
  (table) => [primaryKey({ columns: [table.segment, table.fromWord] })],
)

/** The comments of a segment, in the order of their ordinals. */
export const searchIds = pgTable(
  'search_ids',
  {
    place: key('place').primaryKey(),
    segment: integer('segment').notNull(),
    firstId: key('first_id').notNull(),
    ids: key('ids').notNull(),
  },
  (table) => [index('search_ids_by_first').on(table.segment, table.firstId)],
)

/** Comments that came among those that are in the index already. */
export const searchLate = pgTable('search_late', { commentId: key('comment_id').primaryKey() })
