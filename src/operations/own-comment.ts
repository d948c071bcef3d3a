import type { Comment } from '../domain/comment.ts'
import { accepted, type Outcome, refused } from '../domain/refusal.ts'
import { commentNotFound } from './comment-not-found.ts'
import type { Deps } from './deps.ts'
import { hashSecret, sameHash } from './secrets.ts'

export type OwnCommentInput = { commentId: string; receipt: string }

/** The comment, for who holds its receipt. */
export async function findOwnComment(
  { store }: Pick<Deps, 'store'>,
  { commentId, receipt }: OwnCommentInput,
): Promise<Outcome<Comment>> {
  const comment = await store.findComment(commentId)
  if (comment === null) return commentNotFound
  if (!sameHash(comment.receiptHash, hashSecret(receipt))) {
    return refused('token-invalid', 'The bearer token is not the receipt of this comment.')
  }
  return accepted(comment)
}
