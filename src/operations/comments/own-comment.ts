import type { Comment } from '../../domain/comments/comment.ts'
import { accepted, type Outcome, refused } from '../../domain/refusal.ts'
import type { ModerationStore } from '../../store/moderation.ts'
import type { Deps } from '../deps.ts'
import { hashSecret, sameHash } from '../secrets.ts'

export type OwnCommentInput = { commentId: string; receipt: string }

/** `reason` is what the last decision gave the author to read; `reasonCode` the ready reason, whose text serves where there is none. */
export type OwnComment = { comment: Comment; reason: string | null; reasonCode: string | null }

/** The comment, for who holds its receipt. Nobody else is told so much as whether there is one. */
export async function findOwnComment(
  { store }: Pick<Deps<ModerationStore>, 'store'>,
  { commentId, receipt }: OwnCommentInput,
): Promise<Outcome<OwnComment>> {
  const found = (await store.findStanding([commentId])).get(commentId) ?? null
  const isReceipt = sameHash(found?.comment.receiptHash ?? hashOfNone, hashSecret(receipt))
  if (found === null || !isReceipt)
    return refused('token-invalid', 'The bearer token is not the receipt of a comment with this id.')
  const { comment, decision } = found
  return accepted({ comment, reason: decision?.reason ?? null, reasonCode: decision?.reasonCode ?? null })
}

/** As long as any other, and that of no receipt. */
const hashOfNone = 'x'.repeat(43)
