import type { Article } from '../domain/articles/article.ts'
import type { Change, Comment, PublishedComment } from '../domain/comments/comment.ts'
import type { IdempotencyRecord } from '../domain/comments/idempotency.ts'
import type { ListOrder, Place } from '../domain/comments/list-order.ts'
import type { Unit } from './units.ts'

/** What readers write and read: the two hot writes, and the lists. */
export interface CommentStore {
  /**
   * Adds a pending comment, its article where that is new, and the idempotency record, if any. Answers
   * `replayed`, and writes nothing, where a live record stands under the same key; `full`, and writes nothing,
   * where `maxPending` comments wait already (0 is no limit); `stale`, and writes nothing, where a unit rides along that
   * is stale; `moved`, and writes nothing, where another article answers for this id.
   */
  submit(submission: Submission): Promise<SubmitOutcome>

  /** The live record under this key hash, or `null`. */
  findIdempotencyRecord(keyHash: string, nowMs: number): Promise<IdempotencyRecord | null>

  /**
   * Commits all changes or none: each comment from `before.version` to `after`, its decision's log line, and its
   * article's `approved_count` and `revision` where something visible moves. What is left of a withdrawn comment in its
   * idempotency record is erased too: a retry is then no longer known as one. A `unit` that rides along is committed with
   * them. `stale`, and nothing written, where any comment is at another version by now or gone, or the unit is stale.
   */
  commit(changes: readonly Change[], unit?: Unit): Promise<'committed' | 'stale'>

  findComment(id: string): Promise<Comment | null>

  /**
   * One page of an article's approved comments, in the order asked for, with the count and revision that hold for
   * exactly these rows. An article never heard of has count 0 and revision 0; of an id that was moved it is the page of the
   * article that answers for it.
   */
  listApproved(query: ListApproved): Promise<ApprovedPage>

  /**
   * A number that is another one as soon as a revision may have moved, by this process or another, since the event loop's
   * turn began in which it was asked before. Cheap, and told without waiting. What another replica commits to a PostgreSQL
   * it tells within two seconds at the latest, and mostly within milliseconds.
   */
  changeStamp(): number

  /**
   * The revisions of these articles as they are now, in turn, told without waiting: 0 where an article was never heard of,
   * `null` where only a read would tell. Of `wholeSite` it is the change stamp: all that is visible moves that one.
   */
  currentRevisions(articleIds: readonly string[]): (number | null)[]

  /**
   * What is counted of each of these articles, by the id that was asked for, at one moment; an article never heard of has
   * count 0 and revision 0. Of a moved id it is the article that answers for it.
   */
  countApproved(articleIds: readonly string[]): Promise<Map<string, Counted>>
}

export type Submission = {
  comment: Comment
  idempotency: IdempotencyRecord | null
  maxPending: number
  /** Commits with the comment, or keeps it from being committed. */
  unit?: Unit
}

export type SubmitOutcome =
  | { kind: 'committed' }
  | { kind: 'full' }
  | { kind: 'replayed'; record: IdempotencyRecord }
  | { kind: 'stale' }
  /** Nothing was written: another article answers for this id. */
  | { kind: 'moved' }

/** `after` is where the last comment of the page before stands: the page goes on behind it, in the same order. */
export type ListApproved = { articleId: string; order: ListOrder; limit: number; after: Place | null }

/** `articleId` is the one that answers: another one than was asked for where that was moved. */
export type Counted = Pick<Article, 'articleId' | 'revision' | 'approvedCount'>

export type ApprovedPage = { article: Article; comments: PublishedComment[] }
