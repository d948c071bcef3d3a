import { type Change, type CommentStatus, commentStatuses, isPublic } from '../../domain/comments/comment.ts'
import type { IdempotencyRecord } from '../../domain/comments/idempotency.ts'
import type { Submission } from '../comments.ts'
import { commentToRow } from '../rows.ts'
import { changeChannel } from './changes.ts'
import type { Database, Statement } from './database.ts'

/*
 * The two writes that touch several tables, each as one statement: one round trip, whole or not at all, and through a
 * pooler as well. A statement that waits for a lock goes on with the row as it is then (READ COMMITTED), and whatever is
 * decided here is decided about locked rows. Locks are taken in one order: comments by id, totals (that of the log first), articles.
 */

const submissionColumns = `
  ordinal int, "maxPending" bigint, id text, "articleId" text, "parentId" text, status text, version int,
  "authorName" text, "authorEmail" text, body text, "submittedAtMs" bigint, "publishedAtMs" bigint,
  "receiptHash" text, "keyHash" text, salt text, fingerprint text, language text, "expiresAtMs" bigint`

/**
 * Adds those submissions whose key has no live record and for which there is room; the others are not in the answer. Who
 * writes a key first is decided by its row: another replica's is waited for. $2 is the moment at which records expire.
 * Keys are looked up one by one: NOT EXISTS would be planned as a join that reads all records for each statement.
 */
const submitText = `
WITH input AS (SELECT * FROM jsonb_to_recordset($1::jsonb) AS row (${submissionColumns})),
waiting AS (SELECT value FROM totals WHERE name = 'pending' FOR UPDATE),
wanted AS (
  SELECT input.*, row_number() OVER (ORDER BY ordinal) AS place FROM input
  WHERE (
    SELECT true FROM idempotency_records record
    WHERE record.key_hash = input."keyHash" AND record.expires_at_ms > $2::bigint
  ) IS NULL
),
known AS (
  -- As it is by now, though it was moved since this statement began; and it is not moved before this commits.
  SELECT article_id, moved_to, first_comment_at_ms FROM articles
  WHERE article_id = ANY (SELECT DISTINCT "articleId" FROM input)
    -- Nothing but the order in which these locks are taken.
    AND (SELECT count(*) FROM waiting) >= 0
  ORDER BY article_id FOR SHARE
),
fitting AS (
  SELECT wanted.* FROM wanted, waiting
  WHERE (wanted."maxPending" = 0 OR waiting.value + wanted.place <= wanted."maxPending")
    AND "articleId" NOT IN (SELECT article_id FROM known WHERE moved_to IS NOT NULL)
),
keys AS (
  INSERT INTO idempotency_records (key_hash, salt, fingerprint, comment_id, language, expires_at_ms)
  SELECT "keyHash", salt, fingerprint, id, language, "expiresAtMs" FROM fitting
  WHERE "keyHash" IS NOT NULL ORDER BY "keyHash"
  ON CONFLICT (key_hash) DO UPDATE SET
    salt = excluded.salt, fingerprint = excluded.fingerprint, comment_id = excluded.comment_id,
    language = excluded.language, expires_at_ms = excluded.expires_at_ms
  WHERE idempotency_records.expires_at_ms <= $2::bigint
  RETURNING key_hash
),
fresh AS (
  SELECT * FROM fitting WHERE "keyHash" IS NULL OR "keyHash" IN (SELECT key_hash FROM keys)
),
article AS (
  INSERT INTO articles (article_id, approved_count, revision, first_comment_at_ms)
  SELECT "articleId", 0, 0, min("submittedAtMs") FROM fresh
  WHERE "articleId" NOT IN (SELECT article_id FROM known) GROUP BY "articleId" ORDER BY "articleId"
  ON CONFLICT DO NOTHING
),
begun AS (
  UPDATE articles SET first_comment_at_ms = first."submittedAtMs"
  FROM (SELECT "articleId", min("submittedAtMs") AS "submittedAtMs" FROM fresh GROUP BY "articleId") AS first
  WHERE article_id = first."articleId" AND articles.first_comment_at_ms IS NULL
    AND article_id IN (SELECT known.article_id FROM known WHERE known.first_comment_at_ms IS NULL)
),
added AS (
  INSERT INTO comments (id, article_id, parent_id, status, version, author_name, author_email, body,
    submitted_at_ms, published_at_ms, receipt_hash)
  SELECT id, "articleId", "parentId", status, version, "authorName", "authorEmail", body,
    "submittedAtMs", "publishedAtMs", "receiptHash" FROM fresh ORDER BY ordinal
  RETURNING id
),
counted AS (
  UPDATE totals SET value = value + (SELECT count(*) FROM added) WHERE name = 'pending'
)
SELECT id FROM added`

/** The ids of the comments that were added. Of one key there must be one submission only. */
export async function addComments(
  query: Database['query'],
  submissions: readonly Submission[],
): Promise<Set<string>> {
  const rows = submissions.map(({ comment, idempotency, maxPending }, ordinal) => ({
    ...idempotency,
    ...commentToRow(comment),
    ordinal,
    maxPending,
  }))
  const nowMs = Math.min(...submissions.map(({ comment }) => comment.submittedAtMs))
  const result = await query(named('add_comments', submitText), [JSON.stringify(rows), nowMs])
  return new Set(result.rows.map(({ id }) => id as string))
}

/** Those of these articles for which another one answers. */
export async function movedAmong(
  query: Database['query'],
  articleIds: readonly string[],
): Promise<Set<string>> {
  const text = 'SELECT article_id FROM articles WHERE article_id = ANY($1) AND moved_to IS NOT NULL'
  const { rows } = await query(named('moved_among', text), [articleIds])
  return new Set(rows.map((row) => row.article_id as string))
}

/** The records of these keys that expire after `nowMs`, by key. */
export async function liveRecords(
  query: Database['query'],
  keyHashes: readonly string[],
  nowMs: number,
): Promise<Map<string, IdempotencyRecord>> {
  const { rows } = await query(
    named(
      'live_records',
      `select key_hash AS "keyHash", salt, fingerprint, comment_id AS "commentId", language,
        expires_at_ms::float8 AS "expiresAtMs" FROM idempotency_records
        WHERE key_hash = ANY($1) AND expires_at_ms > $2`,
    ),
    [keyHashes, nowMs],
  )
  return new Map((rows as IdempotencyRecord[]).map((record) => [record.keyHash, record]))
}

const changeColumns = `
  id text, "articleId" text, "expectedVersion" int, status text, version int, "authorName" text, "authorEmail" text, body text,
  "publishedAtMs" bigint, "decidedAtMs" bigint, ordinal int, "decisionId" text, action text, "decidedBy" text, reason text,
  "reasonCode" text, note text, "loggedAtMs" bigint, "rejectedWith" text, "rejectedWithVersion" int`

/**
 * Moves all comments or none. An article's revision moves as if its changes had come one by one: each to the next number, or
 * to its own moment where that is later. $3 says by how much the total of each status changes. The row of the log's positions is
 * held from here until the commit, so lines become visible in the order of their positions, and no two commits wait for each
 * other's totals.
 */
const commitText = `
WITH input AS (SELECT * FROM jsonb_to_recordset($1::jsonb) AS row (${changeColumns})),
locked AS (
  SELECT comments.id FROM comments JOIN input ON comments.id = input.id
  WHERE comments.version = input."expectedVersion" AND comments.article_id = input."articleId" ORDER BY comments.id FOR UPDATE OF comments
),
whole AS (SELECT WHERE (SELECT count(*) FROM locked) = (SELECT count(*) FROM input)),
numbered AS (
  UPDATE totals SET value = value + (SELECT count(*) FROM input)
  WHERE name = 'decisions' AND EXISTS (SELECT FROM whole)
  RETURNING value - (SELECT count(*) FROM input) AS last
),
logged AS (
  INSERT INTO decisions (comment_id, version, id, action, decided_by, reason, reason_code, note, decided_at_ms, rejected_with,
    rejected_with_version, position)
  SELECT id, version, "decisionId", action, "decidedBy", reason, "reasonCode", note, "loggedAtMs", "rejectedWith",
    "rejectedWithVersion", numbered.last + ordinal FROM input, numbered
),
forgotten AS (
  UPDATE idempotency_records SET fingerprint = '' FROM input
  WHERE comment_id = input.id AND input.status = 'withdrawn' AND EXISTS (SELECT FROM whole)
),
counted AS (
  UPDATE totals SET value = value + moved.by::bigint FROM jsonb_each_text($3::jsonb) AS moved (status, by)
  WHERE name = moved.status AND (SELECT count(*) FROM numbered) > 0
  RETURNING name
),
touched AS (
  -- A comment may still lie under an id for which another article answers; then both may be in one batch.
  SELECT coalesce(moved_to, "articleId") AS "articleId", sum(by)::bigint AS by, sum(moves)::bigint AS moves,
    max("laterMs") AS "laterMs"
  FROM jsonb_to_recordset($2::jsonb) AS row ("articleId" text, by bigint, moves bigint, "laterMs" bigint)
  LEFT JOIN articles AS own ON own.article_id = "articleId"
  GROUP BY 1
),
visible AS (
  UPDATE articles SET approved_count = approved_count + touched.by,
    revision = greatest(revision, touched."laterMs") + touched.moves
  FROM touched WHERE article_id = touched."articleId" AND EXISTS (SELECT FROM whole)
    -- Nothing but the order in which these locks are taken.
    AND (SELECT count(*) FROM counted) >= 0
  RETURNING article_id, revision
),
moved AS (
  UPDATE comments SET status = input.status, version = input.version, author_name = input."authorName",
    author_email = input."authorEmail", body = input.body, published_at_ms = input."publishedAtMs",
    decided_at_ms = input."decidedAtMs",
    published_revision = CASE WHEN input.status = 'approved' THEN
      (SELECT revision FROM visible WHERE visible.article_id = coalesce(own.moved_to, input."articleId")) END
  FROM input LEFT JOIN articles AS own ON own.article_id = input."articleId"
  WHERE comments.id = input.id AND EXISTS (SELECT FROM whole)
)
SELECT
  EXISTS (SELECT FROM whole) AS committed,
  (SELECT jsonb_agg(jsonb_build_array(article_id, revision)) FROM visible) AS revisions,
  (SELECT count(pg_notify('${changeChannel}', revision || ' ' || article_id)) FROM visible) AS told`

/** The new revisions of the articles whose lists have changed; `null` where a comment is at another version by now. */
export async function applyChanges(
  query: Database['query'],
  changes: readonly Change[],
): Promise<[articleId: string, revision: number][] | null> {
  const rows = changes.map(({ before, after, decision }, index) => ({
    ...commentToRow(after),
    expectedVersion: before.version,
    ordinal: index + 1,
    decisionId: decision.id,
    action: decision.action,
    decidedBy: decision.decidedBy,
    reason: decision.reason,
    reasonCode: decision.reasonCode,
    note: decision.note,
    loggedAtMs: decision.decidedAtMs,
    rejectedWith: decision.rejectedWith,
    rejectedWithVersion: decision.rejectedWithVersion,
  }))
  const result = await query(named('apply_changes', commitText), [
    JSON.stringify(rows),
    JSON.stringify(touchedArticles(changes)),
    JSON.stringify(movedTotals(changes)),
  ])
  const { committed, revisions } = result.rows[0] as CommitRow
  return committed ? (revisions ?? []) : null
}

/**
 * The articles that change visibly. One change moves a revision to max(revision + 1, its moment); `moves` of them in a row,
 * the i-th at its own moment, to max(revision, the greatest of moment - i) + moves.
 */
function touchedArticles(changes: readonly Change[]): TouchedArticle[] {
  const touched = new Map<string, TouchedArticle>()
  for (const change of changes) {
    const publicBy = by(change, isPublic)
    if (publicBy === 0) continue
    const { articleId } = change.after
    const before = touched.get(articleId) ?? { articleId, by: 0, moves: 0, laterMs: 0 }
    const moves = before.moves + 1
    touched.set(articleId, {
      articleId,
      by: before.by + publicBy,
      moves,
      laterMs: Math.max(before.laterMs, change.decision.decidedAtMs - moves),
    })
  }
  return [...touched.values()].sort((one, other) => (one.articleId < other.articleId ? -1 : 1))
}

/** By how much they change the total of each status that they change. */
function movedTotals(changes: readonly Change[]): Partial<Record<CommentStatus, number>> {
  const moved = commentStatuses.map((one) => [
    one,
    changes.reduce((sum, change) => sum + by(change, ({ status }) => status === one), 0),
  ])
  return Object.fromEntries(moved.filter(([, sum]) => sum !== 0))
}

/** By how much a change moves the number of comments of which this is true: 1, 0 or -1. */
function by({ before, after }: Change, holds: (comment: Change['after']) => boolean): number {
  return Number(holds(after)) - Number(holds(before))
}

function named(name: string, text: string): Statement {
  return { name, text }
}

type TouchedArticle = { articleId: string; by: number; moves: number; laterMs: number }
type CommitRow = { committed: boolean; revisions: [string, number][] | null }
