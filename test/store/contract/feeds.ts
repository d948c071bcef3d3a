import type { Comment } from '../../../src/domain/comments/comment.ts'
import { wholeSite } from '../../../src/domain/feeds/feed.ts'
import { commentsMovedAtOnce } from '../../../src/store/articles.ts'
import type { Store } from '../../../src/store/store.ts'
import { someComment } from '../../support/comments.ts'
import { until } from '../../support/until.ts'
import { change, contract, publish, submit } from './given.ts'

/** The part of feeds. */
export const feedsContract = contract((test) => {
  const idsIn = async (store: Store, limit = 50) =>
    (await store.listPublishedLast(limit)).map(({ comment }) => comment.id)

  /** Commits a decision of this moment, and gives what it made. */
  const decided = async (
    store: Store,
    comment: Comment,
    action: 'approve' | 'reject' | 'withdraw',
    atMs: number,
  ) => {
    const made = change(comment, action, atMs)
    await store.commit([made])
    return made.after
  }

  test('what was published last comes first, of whatever article, and nothing else comes', async (t, store) => {
    t.same(await store.listPublishedLast(50), [])
    const [first, second, third, waiting, rejected] = [
      someComment({ articleId: 'a' }),
      someComment({ articleId: 'b' }),
      someComment({ articleId: 'a', parentId: 'parent' }),
      someComment({ articleId: 'a' }),
      someComment({ articleId: 'b' }),
    ] as const
    for (const comment of [first, second, third, waiting, rejected]) await submit(store, comment)
    await decided(store, second, 'approve', 2_000_000_000_001)
    await decided(store, rejected, 'reject', 2_000_000_000_009)
    await decided(store, third, 'approve', 2_000_000_000_002)
    const { publishedAtMs } = await decided(store, first, 'approve', 2_000_000_000_003)
    t.same(await idsIn(store), [first.id, third.id, second.id])
    t.same(await idsIn(store, 2), [first.id, third.id])
    const [newest, reply] = await store.listPublishedLast(2)
    t.match(newest, {
      comment: {
        id: first.id,
        parentId: null,
        authorName: 'Ada',
        body: 'A fine article.',
        submittedAtMs: first.submittedAtMs,
        publishedAtMs,
        publishedRevision: Number,
      },
      article: { articleId: 'a', title: null, url: null },
    })
    t.equal(reply?.comment.parentId, 'parent')
    t.notMatch(JSON.stringify(newest), '@')
  })

  test('of one moment the greater id comes first', async (t, store) => {
    const comments = [someComment({ articleId: 'a' }), someComment({ articleId: 'b' }), someComment()]
    for (const comment of comments) await submit(store, comment)
    await store.commit(comments.toReversed().map((comment) => change(comment, 'approve')))
    t.same(await idsIn(store), comments.map(({ id }) => id).toReversed())
  })

  test('a rejection and a withdrawal take it out, and another approval puts it first', async (t, store) => {
    const [one, other] = [await publish(store, someComment()), await publish(store, someComment())]
    const rejected = await decided(store, one, 'reject', 2_000_000_000_001)
    t.same(await idsIn(store), [other.id])
    const again = await decided(store, rejected, 'approve', 2_000_000_000_002)
    t.same(await idsIn(store), [again.id, other.id])
    await decided(store, other, 'withdraw', 2_000_000_000_003)
    t.same(await idsIn(store), [again.id])
  })

  test('each comes with what is told of the article that answers for it', async (t, store) => {
    const comments: Comment[] = []
    for (let count = 0; count <= commentsMovedAtOnce; count++)
      comments.push(someComment({ articleId: 'old' }))
    await Promise.all(comments.map((comment) => submit(store, comment)))
    await store.commit(comments.map((comment) => change(comment, 'approve')))
    const details = { url: 'https://example.org/new', publishedAtMs: null, closedAtMs: null }
    await store.putArticle('new', { title: 'The new one', ...details }, 1)
    await store.beginMove('old', 'new', 2)
    const told = { articleId: 'new', title: 'The new one', url: 'https://example.org/new' }
    const articles = async () =>
      (await store.listPublishedLast(1_000)).map(({ article }) => JSON.stringify(article))
    t.same(
      new Set(await articles()),
      new Set([JSON.stringify(told)]),
      'one of them still lies under the old id',
    )
    while ((await store.moveSome('old', 'new', 3)) === 'more');
    t.equal((await articles()).length, commentsMovedAtOnce + 1)
    t.same(new Set(await articles()), new Set([JSON.stringify(told)]))
  })

  test('the revision of the site moves with all that is visible in any article', async (t, store) => {
    // Until a replica hears of others, it takes nothing to hold.
    await until(() => {
      const stamp = store.changeStamp()
      return stamp === store.changeStamp() ? true : undefined
    })
    const revision = () => store.currentRevisions([wholeSite])[0]
    const comment = someComment()
    await submit(store, comment)
    const moves = async (what: string, work: () => Promise<unknown>) => {
      const before = revision()
      await work()
      t.not(revision(), before, what)
      const after = revision()
      t.equal(revision(), after, 'and holds while nothing is written')
    }
    let now = comment
    for (const action of ['approve', 'reject', 'approve', 'withdraw'] as const)
      await moves(action, async () => {
        now = await decided(store, now, action, 2_000_000_000_000)
      })
    const details = { title: 'A title', url: null, publishedAtMs: null, closedAtMs: null }
    await moves('what is told', () => store.putArticle('article', details, 1))
    await moves('a move', () => store.beginMove('article', 'another', 2))
  })
})
