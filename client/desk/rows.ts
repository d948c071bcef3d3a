import type { Action, Decision, QueuedComment, Status, Verdict } from './wire.ts'

/** A comment as the desk has it, whatever lists show it. */
export type Row = {
  comment: QueuedComment
  /** Its log, where it was asked for. */
  decisions: Decision[] | null
  mark: Mark | null
  panel: 'reject' | 'note' | 'erase' | null
  /** What was begun and not sent. */
  drafts: { reason: string; reasonCode: string | null; note: string; erase: string }
  isSelected: boolean
}

/** Why a card is not simply waiting for a decision. */
export type Mark =
  /** Decided here, and not yet confirmed; `isStuck` where it could not be sent at once. */
  | { kind: 'sending'; verdict: Verdict; isStuck: boolean }
  | { kind: 'done'; action: Action }
  | { kind: 'elsewhere'; decision: Decision }
  /** Somebody else was first, or it cannot be: nothing was changed. */
  | { kind: 'refused'; verdict: Verdict; decision: Decision | null; code: string; again: Chosen }
  | { kind: 'skipped' }

/** What a verdict comes with. */
export type Chosen = {
  reason: string | null
  reasonCode: string | null
  replies: 'reject' | 'restore' | null
}

export const nothingChosen: Chosen = { reason: null, reasonCode: null, replies: null }

/** A decision on its way. */
export type Sending = Chosen & {
  row: Row
  verdict: Verdict
  /** The version that was seen; `null` where it is the one that `after` makes. */
  version: number | null
  /** An undo of what is itself still on its way. */
  after: Sending | null
  from: Status
  isUndo: boolean
  /** Its author is told again what they were told before, as the log has it. */
  tellsAgain: boolean
  /** It was on its way: where no answer came it may have been made all the same. */
  wasSent: boolean
  /** The service has answered. */
  isSettled: boolean
  /** The version that it made. */
  made: number | null
}

export function rowOf(comment: QueuedComment): Row {
  return {
    comment,
    decisions: null,
    mark: null,
    panel: null,
    drafts: { reason: '', reasonCode: null, note: '', erase: '' },
    isSelected: false,
  }
}

/** Whether the keys stop at it. */
export function isOpen({ mark }: Row): boolean {
  return mark === null || mark.kind === 'refused'
}

/** Whether something is to be told of it, or heard: no list drops it. */
export function isUnsettled({ mark }: Row): boolean {
  return mark?.kind === 'sending' || mark?.kind === 'refused'
}

/** Whether something is being written beside it. */
export function isBegun({ panel, drafts: { reason, note, erase } }: Row): boolean {
  return (
    (panel === 'reject' && reason !== '') ||
    (panel === 'note' && note !== '') ||
    (panel === 'erase' && erase !== '')
  )
}

/** Whether it still waits for this moderator. */
export function isWaiting(row: Row): boolean {
  return row.mark === null && row.comment.status === 'pending'
}

/** What may be decided about it now. */
export function verdictsOf({ comment, mark }: Row): Verdict[] {
  if (mark !== null && mark.kind !== 'skipped') return []
  switch (comment.status) {
    case 'pending':
      return ['approve', 'reject']
    case 'approved':
      return ['reject', 'reopen']
    case 'rejected':
      return ['approve', 'reopen']
    case 'withdrawn':
      return []
  }
}

export const statusAfter: Record<Exclude<Action, 'note'>, Status> = {
  approve: 'approved',
  reject: 'rejected',
  reopen: 'pending',
  withdraw: 'withdrawn',
  erase: 'withdrawn',
}

/** As it is after a line of its log. */
export function decided(comment: QueuedComment, { action, version }: Decision): QueuedComment {
  if (action === 'note') return comment
  const status = statusAfter[action]
  const isGone = status === 'withdrawn'
  return { ...comment, status, version, claim: null, ...(isGone && { author: null, body: null }) }
}

/** The action that leads back to where a decision began; `null` where none was made. */
export function backFrom({
  from,
  verdict,
}: Pick<Sending, 'from' | 'verdict'>): Pick<Sending, 'verdict' | 'replies'> | null {
  if (from === 'pending') return { verdict: 'reopen', replies: null }
  if (from === 'approved') return { verdict: 'approve', replies: verdict === 'reject' ? 'restore' : null }
  if (from === 'rejected') return { verdict: 'reject', replies: null }
  return null
}
