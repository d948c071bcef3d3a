import type { Comment } from '../../domain/comments/comment.ts'
import { accepted, type Outcome, refused } from '../../domain/refusal.ts'
import type { ModerationStore } from '../../store/moderation.ts'
import type { Deps } from '../deps.ts'
import { hashSecret, sameHash } from '../secrets.ts'

export type OwnCommentInput = { commentId: string; receipt: string }

/** `reason` is what the last decision gave the author to read. */
export type OwnComment = { comment: Comment; reason: string | null }

/** The comment, for who holds its receipt. Nobody else is told so much as whether there is one. */
export async function findOwnComment(
  { store }: Pick<Deps<ModerationStore>, 'store'>,
  { commentId, receipt }: OwnCommentInput,
): Promise<Outcome<OwnComment>> {
  const found = await store.findWithDecisions(commentId, 1)
  const isReceipt = sameHash(found?.comment.receiptHash ?? hashOfNone, hashSecret(receipt))
  if (found === null || !isReceipt)
    return refused('token-invalid', 'The bearer token is not the receipt of a comment with this id.')
  return accepted({ comment: found.comment, reason: found.decisions[0]?.reason ?? null })
}

/** As long as any other, and that of no receipt. */
const hashOfNone = 'x'.repeat(43)
