import type { Comment } from '../../domain/comments/comment.ts'
import { accepted, type Outcome, refused } from '../../domain/refusal.ts'
import type { ModerationStore } from '../../store/moderation.ts'
import { commentNotFound } from '../comment-not-found.ts'
import type { Deps } from '../deps.ts'
import { hashSecret, sameHash } from '../secrets.ts'

export type OwnCommentInput = { commentId: string; receipt: string }

/** `reason` is what the last decision gave the author to read. */
export type OwnComment = { comment: Comment; reason: string | null }

/** The comment, for who holds its receipt. */
export async function findOwnComment(
  { store }: Pick<Deps<ModerationStore>, 'store'>,
  { commentId, receipt }: OwnCommentInput,
): Promise<Outcome<OwnComment>> {
  const found = await store.findWithDecisions(commentId, 1)
  if (found === null) return commentNotFound
  if (!sameHash(found.comment.receiptHash, hashSecret(receipt))) {
    return refused('token-invalid', 'The bearer token is not the receipt of this comment.')
  }
  return accepted({ comment: found.comment, reason: found.decisions[0]?.reason ?? null })
}
