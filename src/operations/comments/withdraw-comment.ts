import { decide } from '../../domain/moderation/decide.ts'
import { accepted, type Outcome } from '../../domain/refusal.ts'
import type { CommentStore } from '../../store/comments.ts'
import type { ModerationStore } from '../../store/moderation.ts'
import { type Attempt, commitDecided } from '../commit-decided.ts'
import type { Deps } from '../deps.ts'
import { findOwnComment, type OwnComment, type OwnCommentInput } from './own-comment.ts'

export type Withdrawn = OwnComment & { changed: boolean }

/** Withdraws a comment for its author: its text, name and address are erased, its place in the thread is not. */
export async function withdrawComment(
  deps: Deps<CommentStore & ModerationStore>,
  input: OwnCommentInput,
): Promise<Outcome<Withdrawn>> {
  return commitDecided(deps, () => attempt(deps, input))
}

async function attempt(
  deps: Deps<CommentStore & ModerationStore>,
  input: OwnCommentInput,
): Promise<Attempt<Withdrawn>> {
  const found = await findOwnComment(deps, input)
  if (!found.ok) return { answer: found }
  const decided = decide(found.value.comment, {
    action: 'withdraw',
    decisionId: deps.newId(),
    decidedBy: null,
    reason: null,
    reasonCode: null,
    note: null,
    along: null,
    decidedAtMs: deps.clock(),
  })
  return decided.kind === 'changed'
    ? { changes: [decided.change], value: { comment: decided.change.after, ...unreasoned, changed: true } }
    : { answer: accepted({ comment: found.value.comment, ...unreasoned, changed: false }) }
}

const unreasoned = { reason: null, reasonCode: null }
