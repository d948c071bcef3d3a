import type { AnyColumn, Table } from 'drizzle-orm'
import type { Comment, CommentStatus, Decision } from '../domain/comments/comment.ts'
import type { decidedAbout, Place, QueueOrder } from '../domain/comments/list-order.ts'
import { sql } from './drizzle.ts'
import { commentFromRow, type StoredComment } from './rows.ts'
import { columnsOf, type Units } from './units.ts'

/** What moderators look at. What they decide is committed by the CommentStore, with the comment that it changes. */
export interface ModerationStore {
  /** A comment with the newest `limit` lines of its log, oldest first, as they hold together. */
  findWithDecisions(id: string, limit: number): Promise<CommentWithDecisions | null>

  /** Comments of one status, or those that moderators have decided about, of one article or of all, in the order asked for; and how many wait in all. */
  listByStatus(query: ListByStatus): Promise<{ comments: Comment[]; pending: number }>

  /**
   * The approved comments below this one, at any depth: how many there are, and the first `limit` of them in order of
   * submission, as they hold together. Of the replies that were ever decided about, at most `repliesWalked` are looked at.
   */
  approvedReplies(commentId: string, limit: number): Promise<{ total: number; comments: Comment[] }>

  /**
   * The comments that were rejected along with this one while it was at this version, and not decided about since: at most
   * `limit` of them, by their ids.
   */
  rejectedAlong(commentId: string, version: number, limit: number): Promise<Comment[]>

  /**
   * Of these comments, those that repeat another: the same article, parent, address and text, submitted within the minute
   * before. To each the earliest such comment that stands close before it.
   */
  findRepeats(ids: readonly string[]): Promise<Map<string, string>>

  queue(): Promise<Queue>
}

/** What of it is not hot. */
export function moderationStore(
  { all }: Pick<Units, 'all'>,
  comments: Table & Record<'id' | 'version', AnyColumn>,
  decisions: Table,
): Pick<ModerationStore, 'rejectedAlong'> {
  const columns = columnsOf(comments)
  return {
    async rejectedAlong(commentId, version, limit) {
      const along = sql`rejected_with = ${commentId} AND rejected_with_version = ${version}`
      const rows = await all<StoredComment>(
        sql`SELECT ${columns} FROM ${comments}
          WHERE ${comments.id} IN (SELECT comment_id FROM ${decisions} WHERE ${along}) AND EXISTS (
            SELECT 1 FROM ${decisions} AS newest
            WHERE newest.comment_id = ${comments.id} AND newest.version = ${comments.version} AND ${along}
          ) ORDER BY ${comments.id} LIMIT ${limit}`,
      )
      return rows.map(commentFromRow)
    },
  }
}

export type CommentWithDecisions = { comment: Comment; decisions: Decision[] }

export type ListByStatus = {
  articleId: string | null
  limit: number
  after: Place | null
} & ({ status: CommentStatus; order: QueueOrder } | { status: typeof decidedAbout; order: 'decided' })

/** `oldestAtMs` is when the comment that has waited longest was submitted; `null` where none waits. */
export type Queue = { pending: number; oldestAtMs: number | null }
