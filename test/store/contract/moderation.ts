import type { Comment } from '../../../src/domain/comments/comment.ts'
import { someComment } from '../../support/comments.ts'
import { change, contract, publish, publishMany, submit } from './given.ts'

/** The part of moderation. */
export const moderationContract = contract((test) => {
  test('a comment that repeats another is known, whatever became of the first', async (t, store) => {
    const text = { body: 'Twice.', submittedAtMs: 1_700_000_000_000 }
    const reply = { ...text, parentId: someComment().id }
    const first = someComment(text)
    const others = [
      someComment({ ...text, body: 'Once.' }),
      someComment({ ...text, articleId: 'other' }),
      someComment({ ...text, author: { name: 'Ada', email: 'eve@example.org' } }),
      someComment(reply),
    ]
    const [second, third] = [
      someComment({ ...text, submittedAtMs: text.submittedAtMs + 60_000 }),
      someComment(reply),
    ]
    const late = someComment({ ...text, submittedAtMs: text.submittedAtMs + 120_001 })
    const all = [first, ...others, second, third, late]
    for (const comment of all) await submit(store, comment)
    const repeats = async () => [...(await store.findRepeats(all.map(({ id }) => id)))].sort()
    const expected = [
      [second.id, first.id],
      [third.id, others[3]?.id],
    ]
    t.same(await repeats(), expected)
    await store.commit([change(first, 'approve')])
    t.same(await repeats(), expected)
    await store.commit([change({ ...first, status: 'approved', version: 2 }, 'withdraw')])
    t.same(await repeats(), expected.slice(1), 'of what was withdrawn nothing is known any more')
    t.same([...(await store.findRepeats([]))], [])
  })

  test('the moderation list has one status, of one article or of all', async (t, store) => {
    const [here, there, decided] = [
      someComment({ articleId: 'here' }),
      someComment({ articleId: 'there' }),
      someComment({ articleId: 'here' }),
    ]
    for (const comment of [here, there, decided]) await submit(store, comment)
    await store.commit([change(decided, 'reject')])
    const ids = async (
      status: Comment['status'],
      articleId: string | null,
      order: 'oldest' | 'newest' = 'oldest',
      after: string | null = null,
    ) =>
      (await store.listByStatus({ status, articleId, order, limit: 10, after })).comments.map(({ id }) => id)
    t.same(await ids('pending', null), [here.id, there.id])
    t.same(await ids('pending', null, 'newest'), [there.id, here.id])
    t.same(await ids('pending', null, 'oldest', here.id), [there.id])
    t.same(await ids('pending', 'here'), [here.id])
    t.same(await ids('pending', 'here', 'newest', here.id), [])
    t.same(await ids('rejected', null), [decided.id])
    t.same(await ids('approved', 'here'), [])
  })

  test('the replies below a comment are found at any depth, approved ones only', async (t, store) => {
    const [root, ...rest] = await publishMany(store, 1)
    t.same(rest, [])
    const child = await publish(store, someComment({ parentId: root?.id ?? '' }))
    const grandchild = await publish(store, someComment({ parentId: child.id }))
    await submit(store, someComment({ parentId: child.id }))
    await publish(store, someComment())
    t.same(
      (await store.approvedReplies(root?.id ?? '', 10)).comments.map(({ id }) => id),
      [child.id, grandchild.id],
    )
    t.same(
      (await store.approvedReplies(root?.id ?? '', 1)).comments.map(({ id }) => id),
      [child.id],
    )
    t.equal((await store.approvedReplies(root?.id ?? '', 0)).total, 2)
    await store.commit([change(child, 'reject')])
    t.equal((await store.approvedReplies(root?.id ?? '', 0)).total, 1)
    t.same(await store.approvedReplies(grandchild.id, 10), { total: 0, comments: [] })
  })
})
