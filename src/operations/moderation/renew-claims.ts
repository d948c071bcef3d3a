import type { ClaimStore } from '../../store/claims.ts'
import type { Deps } from '../deps.ts'

export type RenewInput = { by: string; seconds: number; commentIds: readonly string[] | null }

/** Lets a moderator's claims last from now on: of which, and until when. What is over stays so. */
export async function renewClaims(
  { store, newId, clock }: Deps<ClaimStore>,
  { by, seconds, commentIds }: RenewInput,
): Promise<{ commentIds: string[]; untilMs: number }> {
  const forMs = 1_000 * seconds
  const renewed = await store.renewClaims({ call: newId(), by, forMs, ids: commentIds })
  return {
    commentIds: renewed.map(({ comment }) => comment.id),
    untilMs: renewed[0]?.untilMs ?? clock() + forMs,
  }
}
