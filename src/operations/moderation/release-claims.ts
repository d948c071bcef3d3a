import type { ClaimStore } from '../../store/claims.ts'
import type { Deps } from '../deps.ts'

export type ReleaseInput = { by: string; commentIds: readonly string[] | null }

/** Gives a moderator's claims up, so that others find the comments at once; how many they were. */
export async function releaseClaims(
  { store, newId }: Deps<ClaimStore>,
  { by, commentIds }: ReleaseInput,
): Promise<number> {
  return store.releaseClaims({ call: newId(), by, ids: commentIds })
}
