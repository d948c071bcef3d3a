import { setImmediate } from 'node:timers/promises'
import type { Outcome } from '../../domain/refusal.ts'
import type { Standing } from '../../store/moderation.ts'
import { type DecideDeps, type DecidedComment, type DecideInput, decideComment } from './decide-comment.ts'

/** How many are under way at once: all of them would take every connection of a small pool from the other callers. */
const atOnce = 5

/**
 * What became of one decision. `fault` is what was thrown; most often the store's, which may pass. `now` is the comment that is
 * not as it was seen, with the decision that changed it; `null` where it was not refused for that.
 */
export type Settled = { input: DecideInput } & (
  | { outcome: Outcome<DecidedComment>; now: Standing | null }
  | { fault: unknown }
)

/** Decides about many comments, each on its own: neither a refusal nor a fault holds up another. In the order asked. */
export async function decideMany(deps: DecideDeps, inputs: readonly DecideInput[]): Promise<Settled[]> {
  const settled: Settled[] = []
  for (let start = 0; start < inputs.length; start += atOnce) {
    const some = inputs.slice(start, start + atOnce)
    settled.push(...(await Promise.all(some.map((input) => settle(deps, input)))))
    // What changes nothing waits for no disk, and would hold all others until the last.
    await setImmediate()
  }
  return settled
}

async function settle(deps: DecideDeps, input: DecideInput): Promise<Settled> {
  try {
    const outcome = await decideComment(deps, input)
    const isStale = !outcome.ok && outcome.refusal.code === 'version-mismatch'
    const standing = isStale ? await deps.store.findStanding([input.commentId]) : null
    return { input, outcome, now: standing?.get(input.commentId) ?? null }
  } catch (fault) {
    return { input, fault }
  }
}
