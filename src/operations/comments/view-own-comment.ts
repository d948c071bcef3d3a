import type { Outcome } from '../../domain/refusal.ts'
import type { ModerationStore } from '../../store/moderation.ts'
import type { Deps } from '../deps.ts'
import { findOwnComment, type OwnComment, type OwnCommentInput } from './own-comment.ts'

export async function viewOwnComment(
  deps: Pick<Deps<ModerationStore>, 'store'>,
  input: OwnCommentInput,
): Promise<Outcome<OwnComment>> {
  return findOwnComment(deps, input)
}
