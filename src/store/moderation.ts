import type { Comment, CommentStatus, Decision } from '../domain/comments/comment.ts'
import type { ListOrder } from '../domain/comments/list-order.ts'

/** What moderators look at. What they decide is committed by the CommentStore, with the comment that it changes. */
export interface ModerationStore {
  /** A comment with the newest `limit` lines of its log, oldest first, as they hold together. */
  findWithDecisions(id: string, limit: number): Promise<CommentWithDecisions | null>

  /** Comments of one status, of one article or of all, in order of submission; and how many wait in all. */
  listByStatus(query: ListByStatus): Promise<{ comments: Comment[]; pending: number }>

  /**
   * The approved comments below this one, at any depth: how many there are, and the first `limit` of them in order of
   * submission, as they hold together. Of the replies that were ever decided about, at most `repliesWalked` are looked at.
   */
  approvedReplies(commentId: string, limit: number): Promise<{ total: number; comments: Comment[] }>

  /**
   * Of these comments, those that repeat another: the same article, parent, address and text, submitted within the minute
   * before. To each the earliest such comment that stands close before it.
   */
  findRepeats(ids: readonly string[]): Promise<Map<string, string>>

  queue(): Promise<Queue>
}

export type CommentWithDecisions = { comment: Comment; decisions: Decision[] }

export type ListByStatus = {
  status: CommentStatus
  articleId: string | null
  order: ListOrder
  limit: number
  after: string | null
}

/** `oldestAtMs` is when the comment that has waited longest was submitted; `null` where none waits. */
export type Queue = { pending: number; oldestAtMs: number | null }
