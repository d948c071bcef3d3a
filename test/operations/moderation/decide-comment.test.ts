import t from 'tap'
import { type DecideInput, decideComment } from '../../../src/operations/moderation/decide-comment.ts'
import { decideMany } from '../../../src/operations/moderation/decide-many.ts'
import type { Store } from '../../../src/store/store.ts'
import { someComment } from '../../support/comments.ts'
import { logOf, testDeps } from '../../support/store.ts'

const input: Omit<DecideInput, 'commentId'> = {
  action: 'approve',
  decidedBy: 'marie',
  reason: null,
  reasonCode: null,
  note: null,
  onlyVersions: null,
  replies: 'keep',
  countsReplies: true,
  repliesReason: null,
}

t.test('decides again about what a faster decider left', async (t) => {
  const deps = await testDeps(t)
  const comment = someComment()
  await deps.store.submit({ comment, idempotency: null, maxPending: 0 })
  const store = losing(deps.store, 2, async () => {
    await decideComment(deps, { ...input, commentId: comment.id, action: 'reject', decidedBy: 'faster' })
  })
  const result = await decideComment({ ...deps, store }, { ...input, commentId: comment.id })
  t.match(result, { ok: true, value: { changed: true, comment: { status: 'approved', version: 3 } } })
  t.same(
    (await logOf(deps.store, comment.id, 10)).map(({ decidedBy }) => decidedBy),
    ['faster', 'marie'],
  )
})

t.test('gives up where others are always faster, and says when to come back', async (t) => {
  const deps = await testDeps(t)
  const comment = someComment()
  await deps.store.submit({ comment, idempotency: null, maxPending: 0 })
  const store: Store = { ...deps.store, commit: async () => 'stale' }
  const result = await decideComment({ ...deps, store }, { ...input, commentId: comment.id })
  t.match(result, { ok: false, refusal: { code: 'decision-conflict', retryAfterSeconds: 1 } })
})

t.test('twenty deciders at once: each version is made by one of them', async (t) => {
  const deps = await testDeps(t)
  const comment = someComment()
  await deps.store.submit({ comment, idempotency: null, maxPending: 0 })
  const results = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      decideComment(deps, {
        ...input,
        commentId: comment.id,
        action: index % 2 === 0 ? 'approve' : 'reject',
        decidedBy: `m${index}`,
      }),
    ),
  )
  const committed = results.filter((result) => result.ok && result.value.changed).length
  const log = await logOf(deps.store, comment.id, 100)
  t.equal(log.length, committed)
  t.same(
    log.map(({ version }) => version),
    log.map((_, index) => index + 2),
  )
  t.equal((await deps.store.findComment(comment.id))?.version, log.length + 1)
})

t.test('many are decided each on its own', async (t) => {
  const deps = await testDeps(t)
  const [one, two] = [someComment(), someComment()]
  for (const comment of [one, two]) await deps.store.submit({ comment, idempotency: null, maxPending: 0 })
  const results = await decideMany(
    deps,
    [one.id, 'unknown', two.id].map((commentId) => ({ ...input, commentId })),
  )
  t.same(
    results.map((settled) => 'outcome' in settled && settled.outcome.ok),
    [true, false, true],
  )
})

t.test('of many, a few at a time are under way, and all are decided in order', async (t) => {
  const deps = await testDeps(t)
  const comments = Array.from({ length: 25 }, () => someComment())
  for (const comment of comments) await deps.store.submit({ comment, idempotency: null, maxPending: 0 })
  let underWay = 0
  let most = 0
  const store: Store = {
    ...deps.store,
    commit: async (changes) => {
      most = Math.max(most, ++underWay)
      const committed = await deps.store.commit(changes)
      underWay--
      return committed
    },
  }
  const results = await decideMany(
    { ...deps, store },
    comments.map(({ id }) => ({ ...input, commentId: id })),
  )
  t.equal(most, 5)
  t.match(
    results,
    comments.map(({ id }) => ({
      input: { commentId: id },
      outcome: { ok: true, value: { comment: { id } } },
    })),
  )
})

t.test('a rejected parent takes its approved replies along only when asked', async (t) => {
  const deps = await testDeps(t)
  const parent = someComment()
  const child = someComment({ parentId: parent.id })
  const grandchild = someComment({ parentId: child.id })
  const pending = someComment({ parentId: parent.id })
  for (const comment of [parent, child, grandchild, pending]) {
    await deps.store.submit({ comment, idempotency: null, maxPending: 0 })
  }
  for (const { id } of [parent, child, grandchild]) await decideComment(deps, { ...input, commentId: id })

  const kept = await decideComment(deps, { ...input, commentId: parent.id, action: 'reject' })
  t.match(kept, { ok: true, value: { approvedReplies: 2, rejectedReplyIds: [] } })
  t.match(await deps.store.findComment(child.id), { status: 'approved' })

  const taken = await decideComment(deps, {
    ...input,
    commentId: parent.id,
    action: 'reject',
    replies: 'reject',
  })
  t.match(taken, {
    ok: true,
    value: { changed: false, approvedReplies: 0, rejectedReplyIds: [child.id, grandchild.id] },
  })
  for (const { id } of [child, grandchild]) {
    t.match(await deps.store.findComment(id), { status: 'rejected' })
    t.equal((await logOf(deps.store, id, 10)).length, 2)
  }
  t.match(await deps.store.findComment(pending.id), { status: 'pending' })
})

/** A store whose nth commit comes too late: `before` runs first. */
function losing(store: Store, attempt: number, before: () => Promise<void>): Store {
  let attempts = attempt - 1
  return {
    ...store,
    async commit(changes) {
      attempts -= 1
      if (attempts === 0) await before()
      return store.commit(changes)
    },
  }
}
