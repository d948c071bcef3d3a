import type { Claim } from '../../domain/moderation/claim.ts'
import { accepted, type Outcome } from '../../domain/refusal.ts'
import type { ClaimStore } from '../../store/claims.ts'
import type { CommentWithDecisions, ModerationStore } from '../../store/moderation.ts'
import { commentNotFound } from '../comment-not-found.ts'
import type { Deps } from '../deps.ts'

/** How much of a comment's log one answer shows: its newest lines. The log itself keeps all. */
export const decisionsShown = 100

export type ViewedComment = CommentWithDecisions & { claim: Claim | null }

export async function viewComment(
  { store }: Pick<Deps<ModerationStore & Pick<ClaimStore, 'findClaims'>>, 'store'>,
  commentId: string,
): Promise<Outcome<ViewedComment>> {
  const found = await store.findWithDecisions(commentId, decisionsShown)
  if (found === null) return commentNotFound
  const claims = await store.findClaims([commentId])
  return accepted({ ...found, claim: claims.get(commentId) ?? null })
}
