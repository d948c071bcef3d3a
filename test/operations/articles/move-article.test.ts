import t from 'tap'
import type { Article } from '../../../src/domain/articles/article.ts'
import { finishMoves, moveArticle } from '../../../src/operations/articles/move-article.ts'
import { putArticle } from '../../../src/operations/articles/put-article.ts'
import { submitComment } from '../../../src/operations/comments/submit-comment.ts'
import type { Store } from '../../../src/store/store.ts'
import { testDeps } from '../../support/store.ts'

const details = { title: null, url: null, publishedAtMs: null, closedAtMs: null }
const input = {
  articleId: 'old',
  parentId: null,
  author: { name: 'Ada', email: 'ada@example.org' },
  body: 'A fine article.',
  language: 'en',
  idempotencyKey: null,
  form: null,
}

t.test('moving again changes nothing; moving on is told where to', async (t) => {
  const deps = await testDeps(t)
  await submitComment(deps, input)
  t.match(await moveArticle(deps, 'old', 'new'), {
    ok: true,
    value: { changed: true, article: { articleId: 'new' } },
  })
  const before = await deps.store.findArticle('new')
  t.match(await moveArticle(deps, 'old', 'new'), { ok: true, value: { changed: false } })
  t.match(await moveArticle(deps, 'new', 'new'), { ok: true, value: { changed: false } })
  t.same(await deps.store.findArticle('new'), before)
  t.match(await moveArticle(deps, 'old', 'third'), {
    ok: false,
    refusal: { code: 'article-moved', detail: /to new\./ },
  })
  t.match(await moveArticle(deps, 'unheard of', 'new'), { ok: false, refusal: { code: 'article-not-found' } })
})

t.test(
  'to a former id of another article means that article; to one of its own, that id again',
  async (t) => {
    const deps = await testDeps(t)
    for (const articleId of ['a', 'b', 'c']) await putArticle(deps, articleId, details)
    await moveArticle(deps, 'a', 'b')
    t.match(await moveArticle(deps, 'c', 'a'), { ok: true, value: { article: { articleId: 'b' } } })
    t.match(await moveArticle(deps, 'b', 'a'), { ok: true, value: { article: { articleId: 'a' } } })
    for (const id of ['a', 'b', 'c']) t.equal((await deps.store.findArticle(id))?.articleId, 'a', id)
  },
)

t.test('a move that was cut short is ended by who comes next, or by the job', async (t) => {
  for (const next of ['move', 'job', 'back'] as const) {
    const deps = await testDeps(t)
    await submitComment(deps, input)
    const moveSome: Store['moveSome'] = async () => {
      throw new Error('killed')
    }
    await t.rejects(moveArticle({ ...deps, store: { ...deps.store, moveSome } }, 'old', 'new'), {
      message: 'killed',
    })
    t.equal((await deps.store.movesUnderWay()).length, 1)
    if (next === 'move')
      t.match(await moveArticle(deps, 'old', 'new'), { ok: true, value: { changed: false } })
    else if (next === 'job') await finishMoves(deps)
    else t.match(await moveArticle(deps, 'new', 'old'), { ok: true, value: { changed: true } })
    t.same(await deps.store.movesUnderWay(), [])
    const id = next === 'back' ? 'old' : 'new'
    t.equal((await deps.store.listByStatus({ ...page, articleId: id })).comments.length, 1)
  }
})

t.test('who comes upon others again and again is told to try later', async (t) => {
  const deps = await testDeps(t)
  await putArticle(deps, 'a', details)
  const stale: Partial<Store> = { beginMove: async () => 'stale', putArticle: async () => 'stale' }
  const contended = { ...deps, store: { ...deps.store, ...stale } }
  const moving = { ok: false, refusal: { code: 'article-moving', retryAfterSeconds: 1 } }
  t.match(await moveArticle(contended, 'a', 'b'), moving)
  t.match(await putArticle(contended, 'a', details), moving)
  const moved = { ...deps, store: { ...deps.store, submit: async () => ({ kind: 'moved' as const }) } }
  t.match(await submitComment(moved, input), moving)
})

t.test('a submission follows its article, and its parent, though neither is there any more', async (t) => {
  const deps = await testDeps(t)
  const first = await submitComment(deps, input)
  await moveArticle(deps, 'old', 'new')
  const second = await submitComment(deps, { ...input, idempotencyKey: 'key' })
  const again = await submitComment(deps, { ...input, idempotencyKey: 'key' })
  t.equal(first.ok && second.ok && again.ok, true)
  if (!second.ok || !again.ok) return
  t.match(again.value, { commentId: second.value.commentId, replayed: true })
  t.equal((await deps.store.findComment(second.value.commentId))?.articleId, 'new')
})

t.test('a reply to a comment that is still being moved is taken', async (t) => {
  const deps = await testDeps(t)
  const parent = await submitComment(deps, input)
  if (!parent.ok) throw new Error(parent.refusal.detail)
  const found = await deps.store.findComment(parent.value.commentId)
  const movedTo: Article | null = await deps.store.findArticle('old')
  const store: Store = {
    ...deps.store,
    findComment: async () => (found === null ? null : { ...found, status: 'approved' }),
    findArticle: async () => (movedTo === null ? null : { ...movedTo, articleId: 'new' }),
  }
  await deps.store.putArticle('new', details, 1)
  t.match(
    await submitComment({ ...deps, store }, { ...input, articleId: 'new', parentId: found?.id ?? '' }),
    {
      ok: true,
    },
  )
})

const page = { status: 'pending', order: 'oldest', limit: 5, after: null } as const
