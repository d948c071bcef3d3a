import t from 'tap'
import {
  type CommentAction,
  type CommentStatus,
  commentActions,
  commentStatuses,
} from '../../../src/domain/comments/comment.ts'
import { decide, transition } from '../../../src/domain/moderation/decide.ts'
import { someComment } from '../../support/comments.ts'

type Cell = CommentStatus | 'unchanged' | 'refused'

const table: Record<CommentStatus, Record<CommentAction, Cell>> = {
  pending: {
    approve: 'approved',
    reject: 'rejected',
    reopen: 'unchanged',
    withdraw: 'withdrawn',
    erase: 'withdrawn',
  },
  approved: {
    approve: 'unchanged',
    reject: 'rejected',
    reopen: 'pending',
    withdraw: 'withdrawn',
    erase: 'withdrawn',
  },
  rejected: {
    approve: 'approved',
    reject: 'unchanged',
    reopen: 'pending',
    withdraw: 'withdrawn',
    erase: 'withdrawn',
  },
  withdrawn: {
    approve: 'refused',
    reject: 'refused',
    reopen: 'refused',
    withdraw: 'unchanged',
    erase: 'unchanged',
  },
}

const verdict = {
  decisionId: 'd',
  decidedBy: 'marie',
  reason: 'because',
  reasonCode: 'off-topic',
  note: 'a note',
  along: null,
  decidedAtMs: 1_800_000_000_000,
}

for (const status of commentStatuses) {
  for (const action of commentActions) {
    const expected = table[status][action]

    t.test(`${action} of a comment that is ${status}: ${expected}`, async (t) => {
      const step = transition(status, action)
      t.same(
        step,
        expected === 'unchanged' || expected === 'refused'
          ? { kind: expected }
          : { kind: 'to', status: expected },
      )

      const comment = someComment({ status, version: 7 })
      const decided = decide(comment, { ...verdict, action })
      if (expected === 'refused') t.same(decided, { kind: 'refused' })
      else if (expected === 'unchanged') t.same(decided, { kind: 'unchanged', comment })
      else
        t.same(decided, {
          kind: 'changed',
          change: {
            before: comment,
            after: {
              ...comment,
              status: expected,
              version: 8,
              publishedAtMs: expected === 'approved' ? verdict.decidedAtMs : null,
              decidedAtMs: expected === 'pending' ? null : verdict.decidedAtMs,
              ...(expected === 'withdrawn' && { author: null, body: null }),
            },
            decision: {
              id: 'd',
              commentId: comment.id,
              action,
              version: 8,
              decidedBy: 'marie',
              reason: 'because',
              reasonCode: 'off-topic',
              note: 'a note',
              decidedAtMs: verdict.decidedAtMs,
              rejectedWith: null,
              rejectedWithVersion: null,
            },
          },
        })
    })
  }
}
