import type { Change } from '../domain/comments/comment.ts'
import { type Outcome, refused } from '../domain/refusal.ts'
import type { CommentStore } from '../store/comments.ts'
import type { Deps } from './deps.ts'

/** Each attempt starts from what another decider has just committed; five in a row lost is a storm, not a race. */
const maxAttempts = 5

/** What one attempt decided: changes to commit with the value to answer, or an answer without a commit. */
export type Attempt<T> = { changes: readonly Change[]; value: T } | { answer: Outcome<T> }

/**
 * Decides and commits; where another decider was faster, decides again about what is there now. The attempt must
 * read the comment itself each time.
 */
export async function commitDecided<T>(
  { store }: Pick<Deps<Pick<CommentStore, 'commit'>>, 'store'>,
  decideNow: () => Promise<Attempt<T>>,
): Promise<Outcome<T>> {
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const decided = await decideNow()
    if ('answer' in decided) return decided.answer
    if ((await store.commit(decided.changes)) === 'committed') return { ok: true, value: decided.value }
  }
  return refused('decision-conflict', 'Others are deciding about this comment at the same time. Try again.', {
    retryAfterSeconds: 1,
  })
}
