import type { ClaimStore } from '../../store/claims.ts'
import type { ModerationStore } from '../../store/moderation.ts'
import type { Deps } from '../deps.ts'
import { type Queued, queuedOf } from './queued.ts'

/** What this moderator has claims on, oldest first. */
export async function listClaims(
  deps: Pick<Deps<ClaimStore & ModerationStore>, 'store'>,
  by: string,
): Promise<Queued[]> {
  const claimed = await deps.store.claimsOf(by)
  const queued = await queuedOf(
    deps,
    claimed.map(({ comment }) => comment),
  )
  return queued.map((one, index) => ({ ...one, claim: { by, untilMs: claimed[index]?.untilMs ?? 0 } }))
}
