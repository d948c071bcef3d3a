import { commentStatuses, logActions } from '../../domain/comments/comment.ts'
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

export const decisions = sqliteTable(
  'decisions',
  {
    commentId: text('comment_id')
      .notNull()
      .references(() => comments.id),
    version: integer('version').notNull(),
    id: text('id').notNull(),
    action: text('action', { enum: logActions }).notNull(),
    decidedBy: text('decided_by'),
    reason: text('reason'),
    note: text('note'),
    decidedAtMs: integer('decided_at_ms').notNull(),
    rejectedWith: text('rejected_with'),
    rejectedWithVersion: integer('rejected_with_version'),
    reasonCode: text('reason_code'),
    /** Given out by `totals`, whose row is held until the commit: the order of the lines is that of the commits. */
    position: integer('position').notNull(),
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

/**
 * How many comments are `pending`, `approved`, `rejected`, `withdrawn`: to count them when asked would cost more with each.
 * `decisions` is the last position that the log has given out; `claims` is what they who claim wait for, one after the other.
 */
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

/**
 * Who of the moderators looks at a comment, until when. It holds for the version that was claimed alone, so each decision ends
 * it without knowing of it. No reference to `comments`: that would lock a row there against its decision.
 */
export const claims = sqliteTable(
  'claims',
  {
    commentId: text('comment_id').primaryKey(),
    version: integer('version').notNull(),
    claimedBy: text('claimed_by').notNull(),
    untilMs: integer('until_ms').notNull(),
    /** The call that claimed, renewed or released it last, which then reads what it got. */
    call: text('call'),
  },
  (table) => [
    index('claims_by_holder').on(table.claimedBy, table.untilMs),
    index('claims_by_end').on(table.untilMs),
  ],
)

/** One row: how far the index of words goes, and how often it was changed. ADR 23 tells of it and the four tables below. */
export const searchState = sqliteTable('search_state', {
  name: text('name').primaryKey(),
  /** The number of the last segment that was made. */
  sealed: integer('sealed').notNull(),
  /** How many comments were erased from it. */
  erased: integer('erased').notNull(),
  /** The greatest id that is in it; what is beyond waits to be taken in. */
  high: text('high').notNull(),
  /** The greatest id of those that were there before it, and still wait; empty where none does. */
  low: text('low').notNull(),
})

export const searchSegments = sqliteTable(
  'search_segments',
  {
    segment: integer('segment').notNull(),
    size: integer('size').notNull(),
    minId: text('min_id').notNull(),
    maxId: text('max_id').notNull(),
    revision: integer('revision').notNull(),
  },
  (table) => [primaryKey({ columns: [table.segment] })],
)

/** Words of a segment, each with the ordinals of the comments that have it; under the beginning of the first. */
export const searchBlocks = sqliteTable(
  'search_blocks',
  {
    segment: integer('segment').notNull(),
    fromWord: text('from_word').notNull(),
    entries: text('entries').notNull(),
  },
  (table) => [primaryKey({ columns: [table.segment, table.fromWord] })],
)

/** The comments of a segment, in the order of their ordinals. */
export const searchIds = sqliteTable(
  'search_ids',
  {
    place: text('place').primaryKey(),
    segment: integer('segment').notNull(),
    firstId: text('first_id').notNull(),
    ids: text('ids').notNull(),
  },
  (table) => [index('search_ids_by_first').on(table.segment, table.firstId)],
)

/** Comments that came among those that are in the index already. */
export const searchLate = sqliteTable('search_late', { commentId: text('comment_id').primaryKey() })
