import type { Comment } from '../../../src/domain/comments/comment.ts'
import { contextLimits } from '../../../src/domain/moderation/context.ts'
import { commentToRow } from '../../../src/store/rows.ts'
import type { Store } from '../../../src/store/store.ts'
import { someComment } from '../../support/comments.ts'
import { change, contract, publish, submit } from './given.ts'

const nowMs = 1_900_000_000_000

/** The part of what stands around a comment. */
export const contextContract = contract((test) => {
  test('what a comment replies to is told from the top', async (t, store) => {
    const chain = [someComment()]
    for (let depth = 1; depth < 4; depth++) chain.push(someComment({ parentId: chain.at(-1)?.id ?? '' }))
    for (const comment of chain) await submit(store, comment)
    const [root, second, third, last] = chain as [Comment, Comment, Comment, Comment]
    t.same(await store.parentsOf(last), { parents: [root, second, third], leftOut: false })
    t.same(await store.parentsOf(root), { parents: [], leftOut: false })
    const nowhere = someComment({ parentId: '019aa5c1-3b7e-7c3a-9d55-ffffffffffff' })
    await submit(store, nowhere)
    t.same(await store.parentsOf(nowhere), { parents: [], leftOut: false })
  })

  test('of a chain of five thousand replies the nearest are told, and that there are more', async (t, store) => {
    const chain: Comment[] = [someComment()]
    for (let depth = 1; depth < 5_000; depth++)
      chain.push(someComment({ parentId: chain.at(-1)?.id ?? null }))
    await addAll(store, chain)
    const last = chain.at(-1) as Comment
    const { parents, leftOut } = await store.parentsOf(last)
    t.same(
      parents.map(({ id }) => id),
      chain.slice(-1 - contextLimits.parents, -1).map(({ id }) => id),
    )
    t.equal(leftOut, true)
    const exact = await store.parentsOf(chain[contextLimits.parents] as Comment)
    t.equal(exact.parents[0]?.id, chain[0]?.id)
    t.equal(exact.leftOut, false)
  })

  test('replies in a ring end where they come round', async (t, store) => {
    const [one, other] = [someComment(), someComment()]
    const ring = [
      { ...one, parentId: other.id },
      { ...other, parentId: one.id },
    ] as const
    for (const comment of ring) await submit(store, comment)
    t.same(await store.parentsOf(ring[0]), { parents: [ring[1]], leftOut: false })
  })

  test('what waits and what is approved directly below is told, oldest first', async (t, store) => {
    const root = await publish(store, someComment())
    const [waits, approved, rejected, withdrawn, reopened] = Array.from({ length: 5 }, () =>
      someComment({ parentId: root.id }),
    ) as [Comment, Comment, Comment, Comment, Comment]
    await submit(store, waits)
    for (const comment of [approved, reopened]) await publish(store, comment)
    for (const comment of [rejected, withdrawn]) await submit(store, comment)
    await submit(store, someComment({ parentId: approved.id }))
    const below = change(reopened, 'approve').after
    await store.commit([change(rejected, 'reject'), change(withdrawn, 'withdraw'), change(below, 'reopen')])
    const replies = await store.repliesTo(root.id)
    t.equal(replies.total, 3)
    t.same(
      replies.comments.map(({ id, status }) => [id, status]),
      [
        [waits.id, 'pending'],
        [approved.id, 'approved'],
        [reopened.id, 'pending'],
      ],
    )
    t.same(await store.repliesTo(waits.id), { total: 0, comments: [] })
    t.equal(await store.countPendingOf('article'), 3)
    t.equal(await store.countPendingOf('another'), 0)
  })

  test('of very many replies, as many are counted as are looked at', async (t, store) => {
    const root = someComment()
    const replies = Array.from({ length: contextLimits.repliesCounted + 5 }, () =>
      someComment({ parentId: root.id }),
    )
    await addAll(store, [root, ...replies])
    const { total, comments } = await store.repliesTo(root.id)
    t.equal(total, contextLimits.repliesCounted)
    t.same(
      comments.map(({ id }) => id),
      replies.slice(0, contextLimits.replies).map(({ id }) => id),
    )
  })

  test('what else an author wrote is told by the address, with what became of it', async (t, store) => {
    const by = (email: string | null) => someComment({ author: { name: 'Eve', email } })
    const own = Array.from({ length: 13 }, () => by('eve@example.org'))
    for (const comment of [...own, by('Eve@example.org'), by(null)]) await submit(store, comment)
    const [a, b, c, d] = own as [Comment, Comment, Comment, Comment]
    await store.commit([
      change(a, 'approve', nowMs - 1_000),
      change(b, 'reject', nowMs),
      change(c, 'reject', nowMs),
    ])
    await store.commit([change(change(c, 'reject', nowMs).after, 'reopen', nowMs + 1)])
    await store.commit([change(d, 'withdraw', nowMs)])
    const ask = (email: string, without = own[12]?.id ?? '', decidedSinceMs = nowMs) =>
      store.commentsBy({ email, without, decidedSinceMs })
    const found = await ask('eve@example.org')
    t.same(
      found.last.map(({ id }) => id),
      own
        .slice(2, 12)
        .filter((comment) => comment !== d)
        .map(({ id }) => id)
        .toReversed()
        .concat(b.id),
    )
    t.same(found.counts, { pending: 10, approved: 1, rejected: 1 })
    t.same([found.decidedSince, found.rejectedSince], [1, 1])
    t.equal((await ask('eve@example.org', '', nowMs - 1_000)).decidedSince, 2)
    t.equal((await ask('Eve@example.org')).last.length, 1)
    t.same(await ask('nobody@example.org'), {
      last: [],
      counts: { pending: 0, approved: 0, rejected: 0 },
      decidedSince: 0,
      rejectedSince: 0,
    })
  })

  test('of a busy author the newest are counted, and no more', async (t, store) => {
    const comments = Array.from({ length: contextLimits.authorsCounted + 7 }, () => someComment())
    await addAll(store, comments)
    const { last, counts } = await store.commentsBy({
      email: 'ada@example.org',
      without: comments.at(-1)?.id ?? '',
      decidedSinceMs: 0,
    })
    t.same(
      last.map(({ id }) => id),
      comments
        .slice(-11, -1)
        .map(({ id }) => id)
        .toReversed(),
    )
    t.same(counts, { pending: contextLimits.authorsCounted, approved: 0, rejected: 0 })
  })
})

async function addAll(store: Store, comments: readonly Comment[]): Promise<void> {
  await store.addComments(
    comments.map((comment) => ({
      comment: { ...commentToRow(comment), publishedRevision: null },
      decisions: [],
    })),
    nowMs,
  )
}
