import type { Comment, Decision } from '../domain/comment.ts'
import { accepted, type Outcome } from '../domain/refusal.ts'
import { commentNotFound } from './comment-not-found.ts'
import type { Deps } from './deps.ts'

/** How much of a comment's log one answer shows: its newest lines. The log itself keeps all. */
export const decisionsShown = 100

export type ViewedComment = { comment: Comment; decisions: Decision[]; approvedReplies: number }

export async function viewComment(
  { store }: Pick<Deps, 'store'>,
  commentId: string,
): Promise<Outcome<ViewedComment>> {
  const comment = await store.findComment(commentId)
  if (comment === null) return commentNotFound
  const [decisions, approvedReplies] = await Promise.all([
    store.listDecisions(commentId, decisionsShown),
    store.countApprovedReplies(commentId),
  ])
  return accepted({ comment, decisions, approvedReplies })
}
