import type { Comment, Decision } from '../../../src/domain/comments/comment.ts'
import type { ArticleAddition, CommentAddition } from '../../../src/store/additions.ts'
import { commentToRow } from '../../../src/store/rows.ts'
import { someComment } from '../../support/comments.ts'
import { change, contract, list, publish, submit } from './given.ts'

const nowMs = 1_900_000_000_000

/** What another database held, and is taken in while this one is in use. */
export const additionsContract = contract((test) => {
  test('what is added counts, waits and is listed as if it had been decided here', async (t, store) => {
    const there = await publish(store, someComment({ articleId: 'a' }))
    const before = await list(store, 'a')
    const comments = [
      approved(someComment({ articleId: 'a' })),
      approved(someComment({ articleId: 'a' })),
      decided(someComment({ articleId: 'a' }), 'reject'),
      decided(someComment({ articleId: 'b' }), 'withdraw'),
      added(someComment({ articleId: 'b' })),
    ]
    t.same(await store.addComments(comments, nowMs), { comments: 5, decisions: 4, articles: 1, atTheTop: 0 })
    const after = await list(store, 'a')
    t.equal(after.approvedCount, 3)
    t.equal(after.revision, nowMs, 'which is later than the one before')
    t.ok(after.revision > before.revision)
    t.same(
      after.comments.map(({ id, publishedRevision }) => [id, publishedRevision]),
      [[there.id, before.revision], ...comments.slice(0, 2).map(({ comment }) => [comment.id, nowMs])],
    )
    t.equal((await store.queue()).pending, 1)
    for (const { comment, decisions } of comments) {
      const found = await store.findWithDecisions(comment.id, 10)
      t.same(
        found?.decisions.map(({ position: _, ...decision }) => decision),
        decisions,
      )
      t.match(found?.comment, { id: comment.id, status: comment.status, version: comment.version })
    }
    t.match(await store.countApproved(['a', 'b']), new Map([['a', { approvedCount: 3 }]]))
    const page = await store.listApproved({ articleId: 'a', order: 'published', limit: 10, after: null })
    t.equal(page.comments[0]?.id, there.id, 'who has read it goes on behind it')
  })

  test('what is there already stays as it is, whatever became of it', async (t, store) => {
    const comments = [0, 1, 2].map(() => approved(someComment({ articleId: 'a' })))
    await store.addComments(comments.slice(0, 2), nowMs)
    const [first, second] = await Promise.all(
      comments.slice(0, 2).map(async ({ comment }) => store.findComment(comment.id)),
    )
    if (first == null || second == null) throw new Error('They are there.')
    await store.commit([change(first, 'reject'), change(second, 'withdraw')])
    const revision = (await list(store, 'a')).revision
    t.same(await store.addComments(comments.slice(0, 2), nowMs), {
      comments: 0,
      decisions: 0,
      articles: 0,
      atTheTop: 0,
    })
    t.equal((await list(store, 'a')).revision, revision, 'and nothing moves')
    t.same(await store.addComments(comments, nowMs), { comments: 1, decisions: 1, articles: 0, atTheTop: 0 })
    t.equal((await store.findComment(first.id))?.status, 'rejected')
    t.match(await store.findComment(second.id), { status: 'withdrawn', body: null })
    t.match(await list(store, 'a'), { approvedCount: 1 })
    t.same(
      [...(await store.articlesOfComments([first.id, 'another', second.id])).keys()].sort(),
      [first.id, second.id].sort(),
    )
  })

  test('of the same additions made at once each is made once', async (t, store) => {
    const comments = Array.from({ length: 40 }, (_, index) =>
      index % 4 === 0
        ? added(someComment({ articleId: `a${index % 7}` }))
        : approved(someComment({ articleId: `a${index % 7}` })),
    )
    const all = await Promise.all(Array.from({ length: 8 }, async () => store.addComments(comments, nowMs)))
    t.equal(sum(all.map(({ comments }) => comments)), 40)
    t.equal(sum(all.map(({ decisions }) => decisions)), 30)
    t.equal(sum(all.map(({ articles }) => articles)), 7)
    t.equal((await store.queue()).pending, 10)
    const ids = [...new Set(comments.map(({ comment }) => comment.articleId))]
    const counted = await store.countApproved(ids)
    t.equal(sum([...counted.values()].map(({ approvedCount }) => approvedCount)), 30)
  })

  test('what is added goes to the article that answers by now, beside submissions, decisions and moves', async (t, store) => {
    const there = await publish(store, someComment({ articleId: 'a' }))
    const comments = Array.from({ length: 60 }, () => approved(someComment({ articleId: 'a' })))
    const waiting = Array.from({ length: 20 }, () => someComment({ articleId: 'other' }))
    const adding = (async () => {
      for (let from = 0; from < comments.length; from += 5)
        await store.addComments(comments.slice(from, from + 5), nowMs)
    })()
    const moving = (async () => {
      for (const [from, to] of [
        ['a', 'b'],
        ['b', 'a'],
        ['a', 'c'],
      ] as const) {
        while ((await store.beginMove(from, to, nowMs)) === 'stale');
        while ((await store.moveSome(from, to, nowMs)) === 'more');
      }
    })()
    const deciding = waiting.map(async (comment) => publish(store, comment))
    await Promise.all([adding, moving, ...deciding])
    const { approvedCount, comments: listed } = await list(store, 'a')
    t.equal(approvedCount, 61)
    t.same(listed.map(({ id }) => id).sort(), [there.id, ...comments.map(({ comment }) => comment.id)].sort())
    t.equal((await store.findArticle('a'))?.articleId, 'c')
    t.equal((await list(store, 'other')).approvedCount, 20)
    t.equal((await store.queue()).pending, 0)
  })

  test('while an article moves, what is added is listed and counted once', async (t, store) => {
    await publish(store, someComment({ articleId: 'a' }))
    await store.beginMove('a', 'b', nowMs)
    await store.addComments([approved(someComment({ articleId: 'a' }))], nowMs)
    for (const id of ['a', 'b']) {
      const { approvedCount, comments } = await list(store, id)
      t.same([approvedCount, comments.length], [2, 2])
    }
    await store.moveSome('a', 'b', nowMs)
    t.match(await list(store, 'a'), { approvedCount: 2 })
  })

  test('a first comment that is earlier moves the revision, one that only waits does not', async (t, store) => {
    const comment = someComment({ articleId: 'a', submittedAtMs: 1_700_000_000_000 })
    await submit(store, comment)
    t.equal((await list(store, 'a')).revision, 0)
    const later = someComment({ articleId: 'a', submittedAtMs: 1_700_000_000_001 })
    await store.addComments([added(later)], nowMs)
    t.equal((await list(store, 'a')).revision, 0)
    const earlier = someComment({ articleId: 'a', submittedAtMs: 1_600_000_000_000 })
    await store.addComments([added(earlier)], nowMs)
    t.match(await store.findArticle('a'), { firstCommentAtMs: 1_600_000_000_000, revision: nowMs })
  })

  test('an article is told what nobody has told of it', async (t, store) => {
    await store.putArticle('told', { title: 'Told', url: null, publishedAtMs: null, closedAtMs: null }, 1)
    await submit(store, someComment({ articleId: 'commented' }))
    await publish(store, someComment({ articleId: 'old' }))
    await store.beginMove('old', 'new', 2)
    await store.moveSome('old', 'new', 2)
    const more = { title: 'Theirs', url: 'https://example.org/1', publishedAtMs: 5, closedAtMs: 6 }
    const ids = ['told', 'commented', 'old', 'unheard']
    const additions = ids.map((articleId) => ({ articleId, movedTo: null, ...more }))
    t.same(await store.addArticles(additions, nowMs), { made: 1, told: 2 })
    t.match(await store.findArticle('told'), {
      ...more,
      title: 'Told',
      closedAtMs: null,
      revision: nowMs,
    })
    t.match(
      await store.findArticle('commented'),
      { ...more, closedAtMs: null, revision: nowMs },
      'which takes comments here',
    )
    t.match(await store.findArticle('unheard'), { ...more, revision: nowMs, firstCommentAtMs: null })
    t.match(await store.findArticle('old'), { articleId: 'new', title: null }, 'it is another by now')
    t.same(await store.addArticles(additions, nowMs), { made: 0, told: 0 })
    t.match(await store.findArticle('told'), { revision: nowMs }, 'a second time nothing is told')
    t.same([...(await store.answeringArticles(['old', 'never', 'new']))].sort(), [
      ['new', 'new'],
      ['old', 'new'],
    ])
  })

  test('an id that was moved there leads to the article that answers here', async (t, store) => {
    await publish(store, someComment({ articleId: 'there' }))
    await store.beginMove('there', 'here', nowMs)
    await store.moveSome('there', 'here', nowMs)
    await submit(store, someComment({ articleId: 'own' }))
    const additions = ['alias', 'own'].map((articleId) => addition(articleId, 'there'))
    t.match(await store.addArticles(additions, nowMs), { made: 1 })
    t.equal((await store.findArticle('alias'))?.articleId, 'here')
    t.equal((await store.findArticle('own'))?.articleId, 'own')
    await store.addComments([approved(someComment({ articleId: 'alias' }))], nowMs)
    t.match(await list(store, 'here'), { approvedCount: 2 })
    const [own] = (await list(store, 'here')).comments
    t.same([...(await store.articlesOfComments([own?.id ?? '']))], [[own?.id, 'here']])
    await store.beginMove('here', 'further', nowMs)
    t.equal((await store.findArticle('alias'))?.articleId, 'further')
  })
})

function added(comment: Comment, decisions: readonly Decision[] = []): CommentAddition {
  return { comment: { ...commentToRow(comment), publishedRevision: null }, decisions }
}

function decided(comment: Comment, ...actions: ('approve' | 'reject' | 'withdraw')[]): CommentAddition {
  const decisions: Decision[] = []
  let last = comment
  for (const action of actions) {
    const { after, decision } = change(last, action, 1_600_000_000_000)
    decisions.push(decision)
    last = after
  }
  const row = { ...commentToRow(last), publishedRevision: last.status === 'approved' ? 7 : null }
  return { comment: row, decisions }
}

function approved(comment: Comment): CommentAddition {
  return decided(comment, 'approve')
}

function addition(articleId: string, movedTo: string | null): ArticleAddition {
  return { articleId, movedTo, title: null, url: null, publishedAtMs: null, closedAtMs: null }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0)
}
