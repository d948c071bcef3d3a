import t from 'tap'
import { articleIdBytes } from '../../../../src/domain/articles/article-id.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import {
  answersLikeEveryRoute,
  equalProblem,
  everyStatusWasSeen,
  needsToken,
  readsOnlyJson,
  turnsAwayWhenOverloaded,
} from '../../../support/routes.ts'

const url = '/v1/moderation/articles/old/move'
const plan = {
  request: async ({ submit, token }: TestApp) => {
    await submit('old')
    return { method: 'POST', url, headers: await token('moderate'), payload: { to: 'new' } } as const
  },
  success: 200,
  faultIn: 'beginMove',
} as const

answersLikeEveryRoute(t, plan)
turnsAwayWhenOverloaded(t, plan)
needsToken(t, plan, 'moderate')
readsOnlyJson(t, plan)

t.test('the new id has what the old one had, and the old one answers for it', async (t) => {
  const { call, token, publish, submit, log } = await startApp(t)
  const headers = await token('moderate')
  const parent = await publish('old')
  const reply = await publish('old', { parentId: parent.id })
  await call({ method: 'PUT', url: '/v1/moderation/articles/old', headers, payload: { title: 'A title' } })
  const list = (id: string) => call({ url: `/v1/articles/${id}/comments` })
  const before = await list('old')
  await list('new')

  const moved = await call({ method: 'POST', url, headers, payload: { to: 'new' } })
  t.match(moved.json(), { articleId: 'new', title: 'A title', total: 2, changed: true })
  t.match(JSON.parse(log.at(-1) ?? ''), {
    event: 'move',
    from: 'old',
    to: 'new',
    movedBy: /./,
    changed: true,
  })
  for (const id of ['old', 'new']) {
    const after = await list(id)
    t.same(after.json(), { ...before.json(), articleId: 'new' }, id)
    t.not(after.headers.etag, before.headers.etag)
    t.match((await call({ url: `/v1/moderation/articles/${id}`, headers })).json(), {
      articleId: 'new',
      total: 2,
    })
  }
  t.same((await call({ url: '/v1/counts?articleId=old&articleId=new' })).json().counts, [
    { articleId: 'old', total: 2 },
    { articleId: 'new', total: 2 },
  ])
  const late = await publish('old', { parentId: reply.id })
  t.equal((await list('new')).json().total, 3)
  const own = await call({
    url: `/v1/comments/${late.id}`,
    headers: { authorization: `Bearer ${late.receipt}` },
  })
  t.equal(own.json().articleId, 'new')
  await submit('new')
  for (const id of ['old', 'new']) {
    const queue = await call({ url: `/v1/moderation/comments?articleId=${id}`, headers })
    t.equal(queue.json().comments.length, 1, `the queue of ${id}`)
  }
  const again = await call({ method: 'POST', url, headers, payload: { to: 'new' } })
  t.match(again.json(), { articleId: 'new', changed: false })
})

t.test('refuses an id that nobody has heard of, and one that was moved elsewhere', async (t) => {
  const { call, token, submit } = await startApp(t)
  const headers = await token('moderate')
  const move = (to: string) => call({ method: 'POST', url, headers, payload: { to } })
  equalProblem(t, await move('new'), 404, 'article-not-found')
  await submit('old')
  await move('new')
  const elsewhere = await move('third')
  equalProblem(t, elsewhere, 409, 'article-moved')
  t.match(elsewhere.json().detail, /to new\./)
})

t.test('names the longest id that it was moved to, which the document has room for', async (t) => {
  const { call, token, submit } = await startApp(t)
  await submit('old')
  const headers = await token('moderate')
  const move = (to: string) => call({ method: 'POST', url, headers, payload: { to } })
  const longest = 'a'.repeat(articleIdBytes)
  t.equal((await move(longest)).statusCode, 200)
  const elsewhere = await move('elsewhere')
  equalProblem(t, elsewhere, 409, 'article-moved')
  t.ok(elsewhere.json().detail.includes(longest))
})

t.test('refuses an id that no article can have', async (t) => {
  const { call, token } = await startApp(t)
  const headers = await token('moderate')
  const move = (payload: object) => call({ method: 'POST', url, headers, payload })
  equalProblem(t, await move({ to: '..', from: 'x' }), 400, 'invalid-request', [
    'body /to: must not be . or .., which URLs cannot carry',
    'body /from: is not known here',
  ])
  equalProblem(t, await move({ to: 'new\n' }), 400, 'invalid-request', [
    'body /to: must be one line, without control characters',
  ])
  equalProblem(t, await move({ to: 'new ' }), 400, 'invalid-request', [
    'body /to: must not begin or end with white space',
  ])
  equalProblem(t, await move({ to: '\u200b' }), 400, 'invalid-request', ['body /to: must not be blank'])
  equalProblem(t, await move({}), 400, 'invalid-request', ['body /to: is required'])
  equalProblem(t, await call({ method: 'POST', url, headers }), 400, 'invalid-request', [
    'body : is required',
  ])
})

t.test('moves to the one spelling of an id', async (t) => {
  const { call, token, submit } = await startApp(t)
  await submit('old')
  const move = async (to: string) =>
    (await call({ method: 'POST', url, headers: await token('moderate'), payload: { to } })).json()
  t.match(await move('cafe\u0301'), { articleId: 'café', changed: true })
  t.match(await move('café'), { articleId: 'café', changed: false })
})

t.test('a link in the log cannot turn the terminal round', async (t) => {
  const { call, token, submit, log } = await startApp(t)
  await submit('a')
  await call({
    method: 'POST',
    url: '/v1/moderation/articles/a/move',
    headers: await token('moderate'),
    payload: { to: 'x\u202ey' },
  })
  t.match(JSON.parse(log.at(-1) ?? ''), { to: 'x\\u202ey' })
})

everyStatusWasSeen(t, 'moveArticle')
