import { accepted, type Outcome } from '../../domain/refusal.ts'
import type { CommentWithDecisions, ModerationStore } from '../../store/moderation.ts'
import { commentNotFound } from '../comment-not-found.ts'
import type { Deps } from '../deps.ts'

/** How much of a comment's log one answer shows: its newest lines. The log itself keeps all. */
export const decisionsShown = 100

export async function viewComment(
  { store }: Pick<Deps<ModerationStore>, 'store'>,
  commentId: string,
): Promise<Outcome<CommentWithDecisions>> {
  const found = await store.findWithDecisions(commentId, decisionsShown)
  return found === null ? commentNotFound : accepted(found)
}
