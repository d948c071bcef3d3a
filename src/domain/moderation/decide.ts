import type { Change, Comment, CommentAction, CommentStatus } from '../comments/comment.ts'

/** What an action does to a comment in a given state. */
export type Transition = { kind: 'to'; status: CommentStatus } | { kind: 'unchanged' } | { kind: 'refused' }

/** Who decides, why and when; `decisionId` is the log line's own id. */
export type Verdict = {
  action: CommentAction
  decisionId: string
  decidedBy: string | null
  reason: string | null
  reasonCode: string | null
  note: string | null
  decidedAtMs: number
  /** The rejected comment that takes this one along, as it is by now; `null` where this one is decided about by itself. */
  along: Pick<Comment, 'id' | 'version'> | null
}

export type Decided =
  | { kind: 'changed'; change: Change }
  /** The comment already is what was asked for: nothing is written, no line is logged. */
  | { kind: 'unchanged'; comment: Comment }
  /** The author withdrew it: there is nothing left to decide about. */
  | { kind: 'refused' }

/**
 * The (state, action) table: pending → approved | rejected, approved ⇄ rejected, both → pending again, any → withdrawn, by its
 * author or, erased, by a moderator.
 */
export function transition(status: CommentStatus, action: CommentAction): Transition {
  return transitions[status][action]
}

/** Decides without writing: the comment's next state and its log line, for a Store to commit. */
export function decide(comment: Comment, verdict: Verdict): Decided {
  const step = transition(comment.status, verdict.action)
  switch (step.kind) {
    case 'refused':
      return { kind: 'refused' }
    case 'unchanged':
      return { kind: 'unchanged', comment }
    case 'to':
      return { kind: 'changed', change: changeTo(step.status, comment, verdict) }
  }
}

/** Whether a verdict can do this about the replies below: a rejection takes them along, an approval brings those back. */
export function decidesAboutReplies(action: CommentAction, replies: 'reject' | 'restore'): boolean {
  return action === (replies === 'reject' ? 'reject' : 'approve')
}

function changeTo(status: CommentStatus, before: Comment, verdict: Verdict): Change {
  const version = before.version + 1
  const erased = status === 'withdrawn'
  return {
    before,
    after: {
      ...before,
      status,
      version,
      publishedAtMs: status === 'approved' ? verdict.decidedAtMs : null,
      // Given back, it waits as if nobody had decided; the log alone knows better.
      decidedAtMs: status === 'pending' ? null : verdict.decidedAtMs,
      author: erased ? null : before.author,
      body: erased ? null : before.body,
    },
    decision: {
      id: verdict.decisionId,
      commentId: before.id,
      action: verdict.action,
      version,
      decidedBy: verdict.decidedBy,
      reason: verdict.reason,
      reasonCode: verdict.reasonCode,
      note: verdict.note,
      decidedAtMs: verdict.decidedAtMs,
      rejectedWith: verdict.along?.id ?? null,
      rejectedWithVersion: verdict.along?.version ?? null,
    },
  }
}

const toApproved: Transition = { kind: 'to', status: 'approved' }
const toRejected: Transition = { kind: 'to', status: 'rejected' }
const toPending: Transition = { kind: 'to', status: 'pending' }
const toWithdrawn: Transition = { kind: 'to', status: 'withdrawn' }
const unchanged: Transition = { kind: 'unchanged' }
const refusedStep: Transition = { kind: 'refused' }

/** Whatever the state, the words go. */
const erasing = { withdraw: toWithdrawn, erase: toWithdrawn }

const transitions: Record<CommentStatus, Record<CommentAction, Transition>> = {
  pending: { approve: toApproved, reject: toRejected, reopen: unchanged, ...erasing },
  approved: { approve: unchanged, reject: toRejected, reopen: toPending, ...erasing },
  rejected: { approve: toApproved, reject: unchanged, reopen: toPending, ...erasing },
  withdrawn: {
    approve: refusedStep,
    reject: refusedStep,
    reopen: refusedStep,
    withdraw: unchanged,
    erase: unchanged,
  },
}
