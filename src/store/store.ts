import type {
  Change,
  Comment,
  CommentStatus,
  Decision,
  PublishedComment,
} from '../domain/comments/comment.ts'
import type { IdempotencyRecord } from '../domain/comments/idempotency.ts'
import type { ListOrder } from '../domain/comments/list-order.ts'
import type { Token } from '../domain/tokens/token.ts'

/**
 * Where comments live. Each method is one atomic command or one consistent read; there is no `transaction(fn)`,
 * because on SQLite an awaiting body would commit other requests' writes. Policy is decided before the Store is
 * asked. Outcomes that a caller can cause are return values; an exception is a fault, and then nothing was written,
 * unless it is a `StoreFault` that says that this is not known. A write's promise settles only after its commit is durable.
 */
export interface Store {
  /**
   * Adds a pending comment, its article where that is new, and the idempotency record, if any. Answers
   * `replayed`, and writes nothing, where a live record stands under the same key; `full`, and writes nothing,
   * where `maxPending` comments wait already (0 is no limit). Records that expired by `submittedAtMs` are removed, a few at a time.
   */
  submit(submission: Submission): Promise<SubmitOutcome>

  /** The live record under this key hash, or `null`. */
  findIdempotencyRecord(keyHash: string, nowMs: number): Promise<IdempotencyRecord | null>

  /**
   * Commits all changes or none: each comment from `before.version` to `after`, its decision's log line, and its
   * article's `approved_count` and `revision` where something visible moves. What is left of a withdrawn comment in its
   * idempotency record is erased too: a retry is then no longer known as one. `stale`, and nothing written, where
   * any comment is at another version by now or gone.
   */
  commit(changes: readonly Change[]): Promise<'committed' | 'stale'>

  findComment(id: string): Promise<Comment | null>

  /** A comment with the newest `limit` lines of its log, oldest first, as they hold together. */
  findWithDecisions(id: string, limit: number): Promise<CommentWithDecisions | null>

  /**
   * One page of an article's approved comments, in order of submission, with the count and revision that hold for
   * exactly these rows. An article never heard of has count 0 and revision 0.
   */
  listApproved(query: ListApproved): Promise<ApprovedPage>

  /**
   * A number that is another one as soon as a revision may have moved, by this process or another, since the event loop's
   * turn began in which it was asked before. Cheap, and told without waiting. What another replica commits to a PostgreSQL
   * it tells within two seconds at the latest, and mostly within milliseconds.
   */
  changeStamp(): number

  /**
   * An article's revision as it is now, told without waiting: 0 where the article was never heard of, `null` where
   * only a read would tell.
   */
  currentRevision(articleId: string): number | null

  /** The approved counts of those of these articles that are known, in no order. */
  countApproved(articleIds: readonly string[]): Promise<Map<string, number>>

  /** Comments of one status, of one article or of all, in order of submission; and how many wait in all. */
  listByStatus(query: ListByStatus): Promise<{ comments: Comment[]; pending: number }>

  /**
   * The approved comments below this one, at any depth: how many there are, and the first `limit` of them in order of
   * submission, as they hold together. Of the replies that were ever decided about, at most `repliesWalked` are looked at.
   */
  approvedReplies(commentId: string, limit: number): Promise<{ total: number; comments: Comment[] }>

  queue(): Promise<Queue>

  /** `name-taken` where a token that is not revoked has this name. */
  createToken(token: Token): Promise<'created' | 'name-taken'>

  /** Creates it only where there is no token that is not revoked: of several first starts at once, one wins. */
  createFirstToken(token: Token): Promise<'created' | 'not-first'>

  findTokenByHash(hash: string): Promise<Token | null>

  /** All tokens, revoked ones too, oldest first. */
  listTokens(): Promise<Token[]>

  /** Revokes the token of this name that is not revoked yet. */
  revokeToken(name: string, revokedAtMs: number): Promise<'revoked' | 'missing'>

  touchToken(id: string, lastUsedAtMs: number): Promise<void>

  /**
   * Counts one more under a key in the window that runs, or in a new one of this length, over all processes that share
   * the database. `null` where this process is the only one: its own count is as good.
   */
  countHit(key: string, windowMs: number): Promise<HitCount | null>

  /** Resolves where a read answers and a write would be taken; rejects with the fault otherwise. */
  checkReady(): Promise<void>

  /** Lets commands under way finish, then releases the database. */
  close(): Promise<void>
}

export type Submission = {
  comment: Comment
  idempotency: IdempotencyRecord | null
  maxPending: number
}

export type SubmitOutcome =
  | { kind: 'committed' }
  | { kind: 'full' }
  | { kind: 'replayed'; record: IdempotencyRecord }

/** `after` is the id of the last comment of the page before: the page goes on behind it, in the same order. */
export type ListApproved = { articleId: string; order: ListOrder; limit: number; after: string | null }

export type CommentWithDecisions = { comment: Comment; decisions: Decision[] }

export type ApprovedPage = { approvedCount: number; revision: number; comments: PublishedComment[] }

export type ListByStatus = {
  status: CommentStatus
  articleId: string | null
  order: ListOrder
  limit: number
  after: string | null
}

/** `hits` are those of the window so far, this one included; it ends in `resetsInMs`. */
export type HitCount = { hits: number; resetsInMs: number }

/** `oldestAtMs` is when the comment that has waited longest was submitted; `null` where none waits. */
export type Queue = { pending: number; oldestAtMs: number | null }
