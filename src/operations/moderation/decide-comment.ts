import type { Change, Comment, CommentAction } from '../../domain/comments/comment.ts'
import { type Decided, decide } from '../../domain/moderation/decide.ts'
import { accepted, type Outcome, refused } from '../../domain/refusal.ts'
import type { CommentStore } from '../../store/comments.ts'
import type { ModerationStore } from '../../store/moderation.ts'
import { commentNotFound } from '../comment-not-found.ts'
import { type Attempt, commitDecided } from '../commit-decided.ts'
import type { Deps } from '../deps.ts'

/** How many replies one decision takes along at the most; it is one commit. The answer tells how many still stand. */
export const repliesTakenAlong = 1_000

export type DecideInput = {
  commentId: string
  action: Exclude<CommentAction, 'withdraw'>
  decidedBy: string
  reason: string | null
  note: string | null
  /** The versions the moderator may have seen (`If-Match`); `null` decides about whatever is there. */
  onlyVersions: readonly number[] | null
  /** `reject`: the approved replies below, at any depth, are rejected in the same commit. */
  replies: 'keep' | 'reject'
}

export type DecideDeps = Deps<CommentStore & ModerationStore>

export type DecidedComment = {
  comment: Comment
  /** `false`: it already was what was asked for. */
  changed: boolean
  /** How many approved replies stand below it after the decision, of the first `repliesWalked`. */
  approvedReplies: number
  /** The replies that were rejected along with it. */
  rejectedReplyIds: readonly string[]
}

/** Approves or rejects one comment. Deciding the same again changes nothing and logs nothing. */
export async function decideComment(deps: DecideDeps, input: DecideInput): Promise<Outcome<DecidedComment>> {
  return commitDecided(deps, () => attempt(deps, input))
}

async function attempt(deps: DecideDeps, input: DecideInput): Promise<Attempt<DecidedComment>> {
  const comment = await deps.store.findComment(input.commentId)
  if (comment === null) return { answer: commentNotFound }
  if (input.onlyVersions !== null && !input.onlyVersions.includes(comment.version)) {
    return {
      answer: refused(
        'version-mismatch',
        input.onlyVersions.length === 0
          ? 'If-Match names no version of a comment. Send the ETag as it was made, such as "1": one that a proxy has weakened (W/"1") or added to ("1-gzip") matches nothing.'
          : 'The comment has changed since the version that If-Match names. Look at it again.',
      ),
    }
  }

  const decided = decideOne(deps, comment, input)
  if (decided.kind === 'refused') {
    return {
      answer: refused(
        'comment-withdrawn',
        'Its author withdrew this comment; there is nothing left to decide.',
      ),
    }
  }
  const takesAlong = input.replies === 'reject'
  const replies = await deps.store.approvedReplies(comment.id, takesAlong ? repliesTakenAlong : 0)
  const rejections = takesAlong ? replies.comments.flatMap((reply) => rejectionOf(deps, reply, input)) : []
  const changes = [...(decided.kind === 'changed' ? [decided.change] : []), ...rejections]
  const value: DecidedComment = {
    comment: decided.kind === 'changed' ? decided.change.after : comment,
    changed: decided.kind === 'changed',
    approvedReplies: replies.total - rejections.length,
    rejectedReplyIds: rejections.map(({ after }) => after.id),
  }
  return changes.length === 0 ? { answer: accepted(value) } : { changes, value }
}

function decideOne(deps: DecideDeps, comment: Comment, input: DecideInput): Decided {
  return decide(comment, {
    action: input.action,
    decisionId: deps.newId(),
    decidedBy: input.decidedBy,
    reason: input.reason,
    note: input.note,
    decidedAtMs: deps.clock(),
  })
}

function rejectionOf(deps: DecideDeps, reply: Comment, input: DecideInput): Change[] {
  const decided = decideOne(deps, reply, { ...input, action: 'reject' })
  return decided.kind === 'changed' ? [decided.change] : []
}
