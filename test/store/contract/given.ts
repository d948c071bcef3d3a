import t, { type Test } from 'tap'
import type { Change, Comment, CommentAction } from '../../../src/domain/comments/comment.ts'
import type { IdempotencyRecord } from '../../../src/domain/comments/idempotency.ts'
import { decide } from '../../../src/domain/moderation/decide.ts'
import type { Store } from '../../../src/store/store.ts'
import type { Unit } from '../../../src/store/units.ts'
import { someComment } from '../../support/comments.ts'
import { until } from '../../support/until.ts'

/** Tests of one part of the contract; `open` gives an empty store, which closes with the test. */
export type Contract = (name: string, open: (t: Test) => Promise<Store>) => void

export type StoreTest = (what: string, run: (t: Test, store: Store) => Promise<void>) => void

t.setTimeout(600_000)
// Most of the time goes to the opening of databases.
t.jobs = 4

/** A part of what every Store promises. `alone`: a time is measured, which others on this event loop would use up. */
export function contract(tests: (test: StoreTest) => void, { alone = false } = {}): Contract {
  return (name, open) =>
    tests((what, run) => t.test(`${name}: ${what}`, { buffered: !alone }, async (t) => run(t, await open(t))))
}

/** The stamp, once the store hears of changes by others; until then it takes what it read to hold for a moment only. */
export function heard(store: Store): Promise<number> {
  return until(() => {
    const stamp = store.changeStamp()
    return stamp === store.changeStamp() ? stamp : undefined
  })
}

export function submit(
  store: Store,
  comment: Comment,
  more: { idempotency?: IdempotencyRecord; maxPending?: number; unit?: Unit } = {},
) {
  return store.submit({ comment, idempotency: null, maxPending: 0, ...more })
}

export function change(
  comment: Comment,
  action: CommentAction,
  decidedAtMs = 1_800_000_000_000,
  along: Comment | null = null,
): Change {
  const decided = decide(comment, {
    action,
    decisionId: `decision-${comment.id}-${comment.version + 1}`,
    decidedBy: action === 'withdraw' ? null : 'marie',
    reason: 'because',
    reasonCode: null,
    note: null,
    along,
    decidedAtMs,
  })
  if (decided.kind !== 'changed') throw new Error(decided.kind)
  return decided.change
}

export async function publish(store: Store, comment: Comment): Promise<Comment> {
  await submit(store, comment)
  const approval = change(comment, 'approve')
  await store.commit([approval])
  return approval.after
}

export async function publishMany(store: Store, count: number): Promise<Comment[]> {
  const published: Comment[] = []
  for (let index = 0; index < count; index++) published.push(await publish(store, someComment()))
  return published
}

export async function list(store: Store, articleId: string) {
  const { article, comments } = await store.listApproved({
    articleId,
    order: 'oldest',
    limit: 100,
    after: null,
  })
  return { approvedCount: article.approvedCount, revision: article.revision, comments }
}

export function idempotencyFor(comment: Comment): IdempotencyRecord {
  return {
    keyHash: 'key',
    salt: 'salt',
    fingerprint: 'fingerprint',
    commentId: comment.id,
    language: 'fr',
    expiresAtMs: comment.submittedAtMs + 1_000,
  }
}
