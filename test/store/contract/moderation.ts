import type { Comment } from '../../../src/domain/comments/comment.ts'
import { someComment } from '../../support/comments.ts'
import { change, contract, publish, publishMany, submit } from './given.ts'

/** The part of moderation. */
export const moderationContract = contract((test) => {
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
