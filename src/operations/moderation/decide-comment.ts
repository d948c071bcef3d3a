import type { Change, Comment, CommentAction } from '../../domain/comments/comment.ts'
import { type Decided, decide, decidesAboutReplies } from '../../domain/moderation/decide.ts'
import { isKnownReason, type ReadyReason } from '../../domain/moderation/reason.ts'
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
  reasonCode: string | null
  note: string | null
  /** The versions the moderator may have seen (`If-Match`); `null` decides about whatever is there. */
  onlyVersions: readonly number[] | null
  /**
   * `reject`: the approved replies below, at any depth, are rejected in the same commit. `restore`: those that went along with
   * the comment's own rejection, and were not decided about since, are approved in the same commit. They stay where a verdict can
   * do nothing of the kind.
   */
  replies: 'keep' | 'reject' | 'restore'
  /** Whether the answer tells how many stand below: a long thread takes a while to count. */
  countsReplies: boolean
  /** What the authors of those replies are told: they have not written what the comment's reason is about. */
  repliesReason: string | null
}

export type DecideDeps = Deps<CommentStore & ModerationStore> & {
  /** The ready reasons that the deployment has. */
  reasons: readonly ReadyReason[]
}

export type DecidedComment = {
  comment: Comment
  /** `false`: it already was what was asked for. */
  changed: boolean
  /** How many approved replies stand below it after the decision, of the first `repliesWalked`; `null` where nobody asks. */
  approvedReplies: number | null
  /** The replies that were rejected along with it. */
  rejectedReplyIds: readonly string[]
  /** The replies that were approved again along with it. */
  restoredReplyIds: readonly string[]
}

/** Approves, rejects, gives back or erases one comment. Deciding the same again changes nothing and logs nothing. */
export async function decideComment(deps: DecideDeps, input: DecideInput): Promise<Outcome<DecidedComment>> {
  return unknownReason(deps, input) ?? commitDecided(deps, () => attempt(deps, input))
}

/** Refuses a ready reason that the deployment does not have; `null` where it has it, or none is given. */
export function unknownReason(
  { reasons }: Pick<DecideDeps, 'reasons'>,
  { reasonCode }: Pick<DecideInput, 'reasonCode'>,
): ReturnType<typeof refused> | null {
  if (reasonCode === null || isKnownReason(reasons, reasonCode)) return null
  return refused(
    'reason-unknown',
    `There is no reason ${reasonCode}. Those that there are stand at /v1/moderation/reasons.`,
    { pointer: '/reasonCode' },
  )
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
          : 'The comment has changed since the version that was named. Look at it again.',
      ),
    }
  }

  const decided = decideOne(deps, comment, input)
  if (decided.kind === 'refused') {
    return {
      answer: refused(
        'comment-withdrawn',
        'This comment was withdrawn or erased; there is nothing left to decide.',
      ),
    }
  }
  const now = decided.kind === 'changed' ? decided.change.after : comment
  const takesAlong = input.replies === 'reject' && decidesAboutReplies(input.action, 'reject')
  const restores = input.replies === 'restore' && decidesAboutReplies(input.action, 'restore')
  const replies =
    takesAlong || input.countsReplies
      ? await deps.store.approvedReplies(comment.id, takesAlong ? repliesTakenAlong : 0)
      : null
  const taken = takesAlong ? (replies?.comments ?? []) : []
  const rejections = taken.flatMap((reply) => alongWith(deps, reply, input, 'reject', now))
  const wentAlong = restores ? await rejectedAlong(deps, comment) : []
  const restorations = wentAlong.flatMap((reply) => alongWith(deps, reply, input, 'approve', null))
  const changes = [...(decided.kind === 'changed' ? [decided.change] : []), ...rejections, ...restorations]
  const value: DecidedComment = {
    comment: now,
    changed: decided.kind === 'changed',
    approvedReplies: replies === null ? null : replies.total - rejections.length + restorations.length,
    rejectedReplyIds: rejections.map(({ after }) => after.id),
    restoredReplyIds: restorations.map(({ after }) => after.id),
  }
  return changes.length === 0 ? { answer: accepted(value) } : { changes, value }
}

function decideOne(
  deps: DecideDeps,
  comment: Comment,
  input: DecideInput,
  along: Comment | null = null,
): Decided {
  return decide(comment, {
    action: input.action,
    decisionId: deps.newId(),
    decidedBy: input.decidedBy,
    reason: input.reason,
    reasonCode: input.reasonCode,
    note: input.note,
    decidedAtMs: deps.clock(),
    along,
  })
}

/** A reply's own decision: with the note, which moderators read, and a reason of its own, or none. */
function alongWith(
  deps: DecideDeps,
  reply: Comment,
  input: DecideInput,
  action: DecideInput['action'],
  along: Comment | null,
): Change[] {
  const own = { ...input, action, reason: input.repliesReason, reasonCode: null }
  const decided = decideOne(deps, reply, own, along)
  return decided.kind === 'changed' ? [decided.change] : []
}

/** What went along with the rejection that is now undone, or that was by the decision before this one. */
async function rejectedAlong({ store }: DecideDeps, { id, status, version }: Comment): Promise<Comment[]> {
  return store.rejectedAlong(id, status === 'approved' ? version - 1 : version, repliesTakenAlong)
}
