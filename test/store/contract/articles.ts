import { randomBytes } from 'node:crypto'
import type { ArticleDetails } from '../../../src/domain/articles/article.ts'
import { articleIdBytes } from '../../../src/domain/articles/article-id.ts'
import type { Comment } from '../../../src/domain/comments/comment.ts'
import { commentsMovedAtOnce } from '../../../src/store/articles.ts'
import type { Store } from '../../../src/store/store.ts'
import { someComment } from '../../support/comments.ts'
import { countsOf } from '../../support/store.ts'
import { until } from '../../support/until.ts'
import { change, contract, list, publish, submit } from './given.ts'

/** The part of articles. */
export const articlesContract = contract((test) => {
  const details: ArticleDetails = {
    title: 'Why we print',
    url: 'https://www.example.org/why',
    publishedAtMs: 1_600_000_000_000,
    closedAtMs: null,
  }
  const nothing: ArticleDetails = { title: null, url: null, publishedAtMs: null, closedAtMs: null }

  test('an article is there with its first comment, whose time it keeps', async (t, store) => {
    t.equal(await store.findArticle('article'), null)
    const [first, second] = [someComment(), someComment()]
    await submit(store, first)
    await submit(store, second)
    t.same(await store.findArticle('article'), {
      ...nothing,
      articleId: 'article',
      approvedCount: 0,
      revision: 0,
      firstCommentAtMs: first.submittedAtMs,
      movedTo: null,
      movingFrom: null,
    })
  })

  test('what is told of an article is kept, and all lists of it are told so', async (t, store) => {
    t.equal(await store.putArticle('article', details, 5_000), 'committed')
    t.match(await store.findArticle('article'), { ...details, revision: 5_000, firstCommentAtMs: null })
    const comment = await publish(store, someComment())
    t.match(await store.findArticle('article'), { ...details, firstCommentAtMs: comment.submittedAtMs })
    const { revision } = await list(store, 'article')
    await store.putArticle('article', { ...nothing, closedAtMs: 7 }, 6_000)
    t.match(await store.findArticle('article'), {
      ...nothing,
      closedAtMs: 7,
      revision: revision + 1,
      approvedCount: 1,
      firstCommentAtMs: comment.submittedAtMs,
    })
    t.equal(store.currentRevisions(['article'])[0], revision + 1)
  })

  test('articles are listed by their ids, a page at a time', async (t, store) => {
    const ids = ['B', 'a', 'b', 'ä', '\u{1f4f0}']
    for (const id of ids.toReversed()) await store.putArticle(id, nothing, 1)
    const first = await store.listArticles('', 2)
    const rest = await store.listArticles(first.at(-1)?.articleId ?? '', 10)
    t.same([first.length, [...first, ...rest].map(({ articleId }) => articleId)], [2, ids])
    t.same([...(await store.findArticles(['b', 'nowhere', 'a', 'b'])).keys()].sort(), ['a', 'b'])
  })

  test('an id may be as long as its limit, in every index and in every list', async (t, store) => {
    // Of random bytes, so that no database makes it shorter.
    const longId = (mark: string) => {
      const random = Array.from(randomBytes(articleIdBytes), (byte) => String.fromCharCode(97 + (byte % 26)))
      return mark + random.slice(mark.length).join('')
    }
    const [here, there] = [longId('a'), longId('b')]
    const [first, second] = [someComment({ articleId: here }), someComment({ articleId: here })]
    t.same(await submit(store, first), { kind: 'committed' })
    t.same(await submit(store, second), { kind: 'committed' })
    await store.commit([change(first, 'approve'), change(second, 'reject')])
    t.equal(await store.putArticle(here, details, 1), 'committed')
    t.equal((await list(store, here)).approvedCount, 1)
    // What this process hears of its own commit may come behind the list.
    const { revision } = await list(store, here)
    t.equal(
      await until(async () => (await list(store, here)) && (store.currentRevisions([here])[0] ?? undefined)),
      revision,
    )
    t.same(await countsOf(store, [here, there]), [
      [here, 1],
      [there, 0],
    ])
    await move(store, here, there)
    for (const articleId of [here, there]) {
      const page = await store.listApproved({ articleId, order: 'published', limit: 5, after: null })
      t.same([page.article.articleId, page.comments.map(({ id }) => id)], [there, [first.id]])
    }
    const queue = { articleId: there, limit: 5, after: null }
    for (const query of [
      { ...queue, status: 'rejected', order: 'oldest' },
      { ...queue, status: 'rejected', order: 'decided' },
    ] as const)
      t.same(
        (await store.listByStatus(query)).comments.map(({ id }) => id),
        [second.id],
      )
    t.same(
      (await store.listArticles('', 5)).map(({ articleId }) => articleId),
      [there],
    )
  })

  test('a moved article takes its comments, its count and what is known of it along', async (t, store) => {
    const one = await publish(store, someComment({ articleId: 'old' }))
    const reply = await publish(store, someComment({ articleId: 'old', parentId: one.id }))
    const waiting = someComment({ articleId: 'old' })
    await submit(store, waiting)
    await store.putArticle('old', details, 1)
    const before = await list(store, 'old')
    t.equal(await store.beginMove('old', 'new', 2), 'committed')
    t.same(await store.movesUnderWay(), [{ from: 'old', to: 'new' }])
    t.equal(await store.moveSome('old', 'new', 2), 'moved')
    t.same(await store.movesUnderWay(), [])

    for (const id of ['old', 'new']) {
      const now = await list(store, id)
      t.same(now.comments, before.comments, id)
      t.ok(now.revision > before.revision)
      t.match(await store.findArticle(id), {
        ...details,
        articleId: 'new',
        approvedCount: 2,
        firstCommentAtMs: one.submittedAtMs,
      })
    }
    t.not(
      store.currentRevisions(['old'])[0],
      before.revision,
      'a list that was kept of the old id is none any more',
    )
    t.same(await countsOf(store, ['old', 'new']), [
      ['new', 2],
      ['old', 2],
    ])
    t.equal((await store.findComment(waiting.id))?.articleId, 'new')
    t.equal((await store.approvedReplies(one.id, 5)).comments[0]?.id, reply.id)
    t.same(
      (await store.listArticles('', 5)).map(({ articleId }) => articleId),
      ['new'],
    )
    t.equal(await store.putArticle('old', nothing, 9), 'stale')
    t.same(await submit(store, someComment({ articleId: 'old' })), { kind: 'moved' })
  })

  test('two articles become one, in order of submission, and may part again in name', async (t, store) => {
    const comments = []
    for (const articleId of ['a', 'b', 'b', 'a', 'b'])
      comments.push(await publish(store, someComment({ articleId })))
    await move(store, 'a', 'b')
    const ids = comments.map(({ id }) => id)
    for (const id of ['a', 'b']) {
      const now = await list(store, id)
      t.same([now.approvedCount, now.comments.map((comment) => comment.id)], [5, ids], id)
    }
    await move(store, 'b', 'a')
    t.match(await store.findArticle('b'), { articleId: 'a', movedTo: null })
    for (const asked of [['b'], ['nowhere', 'b', 'a', 'b']]) {
      const articles = await store.findArticles(asked)
      t.same([...articles.keys()].sort(), [...new Set(asked)].filter((id) => id !== 'nowhere').sort())
      for (const article of articles.values()) t.match(article, { articleId: 'a', movedTo: null })
    }
    await move(store, 'a', 'c')
    for (const id of ['a', 'b', 'c']) t.equal((await list(store, id)).approvedCount, 5, id)
    t.equal((await store.findArticle('b'))?.articleId, 'c', 'who came from further back is led on')
  })

  test('while comments go over in steps, readers and moderators see all of them', async (t, store) => {
    const each = commentsMovedAtOnce / 2 + 1
    const comments = Array.from({ length: each }, () =>
      ['from', 'from', 'to'].map((articleId) => someComment({ articleId })),
    ).flat()
    await Promise.all(comments.map(async (comment) => submit(store, comment)))
    await store.commit(comments.map((comment) => change(comment, 'approve')))
    const ids = comments.map(({ id }) => id)
    const whole = async (id: string) => {
      for (const order of ['oldest', 'newest'] as const) {
        const page = await store.listApproved({ articleId: id, order, limit: 2_000, after: null })
        t.equal(page.article.approvedCount, ids.length)
        t.same(
          page.comments.map((comment) => comment.id),
          order === 'oldest' ? ids : ids.toReversed(),
        )
        const some = await store.listApproved({
          articleId: id,
          order,
          limit: 3,
          after: { rank: null, id: ids[300] ?? '' },
        })
        t.same(
          some.comments.map((comment) => comment.id),
          order === 'oldest' ? ids.slice(301, 304) : ids.slice(297, 300).toReversed(),
        )
      }
      t.same(await countsOf(store, [id]), [[id, ids.length]])
      // In order of approval, whichever id a comment lies under; and page by page the same.
      for (const order of ['published', 'last-published'] as const) {
        const query = { articleId: id, order, limit: 2_000, after: null }
        const all = (await store.listApproved(query)).comments
        t.same(all.map((comment) => comment.id).sort(), ids)
        const turn = order === 'published' ? 1 : -1
        const places = all.map(({ publishedRevision, id: own }) => ({ rank: publishedRevision, id: own }))
        const sorted = places.toSorted(
          (one, other) => turn * (one.rank - other.rank || (one.id < other.id ? -1 : 1)),
        )
        t.same(places, sorted)
        const after = places[300] ?? null
        t.same((await store.listApproved({ ...query, limit: 3, after })).comments, all.slice(301, 304))
      }
    }
    await store.beginMove('from', 'to', 1)
    await whole('from')
    await whole('to')
    t.equal(await store.beginMove('to', 'elsewhere', 1), 'stale', 'one move at a time')
    t.equal(await store.beginMove('elsewhere', 'to', 1), 'stale')

    // Some are still under the old id, whichever the database left; a decision about one of them counts for the new.
    let [index, last]: [number, Comment | null] = [-1, null]
    // One after the other: hundreds at once are more than a store has connections for.
    for (const [at, id] of ids.entries()) {
      last = await store.findComment(id)
      if (last?.articleId !== 'from') continue
      index = at
      break
    }
    t.equal(last?.articleId, 'from')
    if (last !== null) t.equal(await store.commit([change(last, 'reject')]), 'committed')
    ids.splice(index, 1)
    await whole('from')
    // And who is approved in between stands behind all that was read, of either id.
    const seen = (
      await store.listApproved({ articleId: 'to', order: 'last-published', limit: 1, after: null })
    ).comments[0]
    const again = await store.findComment(last?.id ?? '')
    if (again !== null) t.equal(await store.commit([change(again, 'approve', 1)]), 'committed')
    ids.splice(index, 0, again?.id ?? '')
    await whole('to')
    const after = { rank: seen?.publishedRevision ?? 0, id: seen?.id ?? '' }
    const since = await store.listApproved({ articleId: 'from', order: 'published', limit: 5, after })
    t.same(
      since.comments.map(({ id }) => id),
      [again?.id],
    )
    t.equal(await store.moveSome('from', 'to', 1), 'moved')
    await whole('to')
    t.same(await store.movesUnderWay(), [])
  })

  test('a step of a move that has ended moves nothing', async (t, store) => {
    const comment = await publish(store, someComment({ articleId: 'a' }))
    await move(store, 'a', 'b')
    await move(store, 'b', 'a')
    t.equal(await store.moveSome('a', 'b', 1), 'moved')
    t.equal((await store.findComment(comment.id))?.articleId, 'a')
    t.match(await list(store, 'a'), { approvedCount: 1, comments: [{ id: comment.id }] })
  })

  test('a decision that began before its comment was moved is stale', async (t, store) => {
    const comment = someComment({ articleId: 'old' })
    await submit(store, comment)
    await move(store, 'old', 'new')
    t.equal(await store.commit([change(comment, 'approve')]), 'stale')
    t.equal(await store.commit([change({ ...comment, articleId: 'new' }, 'approve')]), 'committed')
    t.equal((await list(store, 'old')).approvedCount, 1)
  })

  test('what is submitted and decided while an article moves is counted, and lost nowhere', async (t, store) => {
    const comments = Array.from({ length: 40 }, () => someComment({ articleId: 'old' }))
    for (const comment of comments.slice(0, 20)) await submit(store, comment)
    const [, outcomes] = await Promise.all([
      move(store, 'old', 'new'),
      Promise.all(comments.slice(20).map(async (comment) => submit(store, comment))),
      Promise.all(comments.slice(0, 20).map(async ({ id }) => approve(store, id))),
    ])
    const taken = outcomes.filter(({ kind }) => kind === 'committed').length
    t.equal(outcomes.filter(({ kind }) => kind === 'moved').length, 20 - taken)
    const { approvedCount, comments: listed } = await list(store, 'old')
    t.same([approvedCount, listed.length], [20, 20])
    t.equal((await store.queue()).pending, taken)
    for (const { id } of comments) {
      const found = await store.findComment(id)
      if (found !== null) t.equal(found.articleId, 'new')
    }
  })

  async function move(store: Store, from: string, to: string): Promise<void> {
    if ((await store.beginMove(from, to, 1)) !== 'committed') throw new Error(`${from} was not moved`)
    while ((await store.moveSome(from, to, 1)) === 'more');
  }

  /** As the use case does: from what is there now, until nobody was faster. */
  async function approve(store: Store, id: string): Promise<void> {
    await until(async () => {
      const comment = await store.findComment(id)
      return comment !== null && (await store.commit([change(comment, 'approve')])) === 'committed'
        ? true
        : undefined
    })
  }
})
