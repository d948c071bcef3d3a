import type { Comment } from '../../domain/comments/comment.ts'
import type { Claim } from '../../domain/moderation/claim.ts'
import type { ClaimStore } from '../../store/claims.ts'
import type { ModerationStore } from '../../store/moderation.ts'
import type { Deps } from '../deps.ts'

/**
 * A comment as the queue has it. `repeats` is the id of the one that it repeats, where it is pending and does; `claim` tells who
 * looks at it.
 */
export type Queued = { comment: Comment; repeats: string | null; claim: Claim | null }

/** Whatever a list shows of its comments, read for all of them at once. */
export async function queuedOf(
  { store }: Pick<Deps<Pick<ModerationStore, 'findRepeats'> & Pick<ClaimStore, 'findClaims'>>, 'store'>,
  comments: readonly Comment[],
): Promise<Queued[]> {
  const waiting = comments.filter(({ status }) => status === 'pending').map(({ id }) => id)
  const [repeats, claims] = await Promise.all([store.findRepeats(waiting), store.findClaims(waiting)])
  return comments.map((comment) => ({
    comment,
    repeats: repeats.get(comment.id) ?? null,
    claim: claims.get(comment.id) ?? null,
  }))
}
