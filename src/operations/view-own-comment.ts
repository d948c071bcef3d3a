import type { Comment } from '../domain/comment.ts'
import { accepted, type Outcome } from '../domain/refusal.ts'
import type { Deps } from './deps.ts'
import { findOwnComment, type OwnCommentInput } from './own-comment.ts'

/** `reason` is what the last decision gave the author to read. */
export type OwnComment = { comment: Comment; reason: string | null }

export async function viewOwnComment(
  deps: Pick<Deps, 'store'>,
  input: OwnCommentInput,
): Promise<Outcome<OwnComment>> {
  const found = await findOwnComment(deps, input)
  if (!found.ok) return found
  const [last] = await deps.store.listDecisions(input.commentId, 1)
  return accepted({ comment: found.value, reason: last?.reason ?? null })
}
