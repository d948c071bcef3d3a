import type { Outcome } from '../domain/refusal.ts'
import { type DecidedComment, type DecideInput, decideComment } from './decide-comment.ts'
import type { Deps } from './deps.ts'

/** Decides about many comments, each on its own: one that is refused holds up no other. Outcomes in the order asked. */
export async function decideMany(
  deps: Deps,
  inputs: readonly DecideInput[],
): Promise<Outcome<DecidedComment>[]> {
  return Promise.all(inputs.map((input) => decideComment(deps, input)))
}
