import t from 'tap'
import { startApp, type TestApp } from '../../../support/app.ts'
import { answersLikePublicRead, equalProblem, everyStatusWasSeen } from '../../../support/routes.ts'

const plan = {
  request: async ({ publish }: TestApp) => {
    await publish('a')
    return { url: '/v1/counts?articleId=a' }
  },
  success: 200,
  faultIn: 'countApproved',
} as const

answersLikePublicRead(t, plan)

t.test('counts what was approved, in the order asked for, and 0 for an article never heard of', async (t) => {
  const { call, token, submit, publish } = await startApp(t)
  await publish('a')
  await publish('a')
  await publish('b/ü')
  await submit('b/ü')
  const gone = await publish('c')
  await call({
    method: 'POST',
    url: `/v1/moderation/comments/${gone.id}/reject`,
    headers: await token('moderate'),
  })
  const response = await call({
    url: '/v1/counts?articleId=b%2F%C3%BC&articleId=never&articleId=c&articleId=a',
  })
  t.equal(response.statusCode, 200)
  t.same(response.json(), {
    counts: [
      { articleId: 'b/ü', total: 1 },
      { articleId: 'never', total: 0 },
      { articleId: 'c', total: 0 },
      { articleId: 'a', total: 2 },
    ],
  })
  t.equal(response.headers['cache-control'], 'public, max-age=0, s-maxage=5, stale-while-revalidate=30')
})

t.test('counts for 100 articles at once, and each once however often it is named', async (t) => {
  const { call, publish } = await startApp(t)
  const articleIds = Array.from({ length: 100 }, (_, index) => `article-${index}`)
  await publish('article-99')
  const all = await call({ url: `/v1/counts?${articleIds.map((id) => `articleId=${id}`).join('&')}` })
  t.same(all.json(), {
    counts: articleIds.map((articleId) => ({ articleId, total: articleId === 'article-99' ? 1 : 0 })),
  })
  const twice = await call({
    url: '/v1/counts?articleId=x&articleId=article-99&articleId=x&articleId=article-99',
  })
  t.same(twice.json(), {
    counts: [
      { articleId: 'x', total: 0 },
      { articleId: 'article-99', total: 1 },
    ],
  })
  const tooMany = await call({
    url: `/v1/counts?${[...articleIds, 'x'].map((id) => `articleId=${id}`).join('&')}`,
  })
  equalProblem(t, tooMany, 400, 'invalid-request', ['query /articleId: must be given at most 100 times'])
})

t.test('needs one article id at least', async (t) => {
  const { call } = await startApp(t)
  for (const url of ['/v1/counts', '/v1/counts?']) {
    equalProblem(t, await call({ url }), 400, 'invalid-request', ['query /articleId: is required'])
  }
})

t.test('names every bad article id by its place', async (t) => {
  const { call } = await startApp(t)
  equalProblem(
    t,
    await call({
      url: `/v1/counts?articleId=a&articleId=&articleId=b%00&articleId=${'x'.repeat(2_049)}&articleid=c`,
    }),
    400,
    'invalid-request',
    [
      'query /articleId/1: must not be blank',
      'query /articleId/2: must not contain NUL characters or ill-formed Unicode',
      'query /articleId/3: must be at most 2048 bytes long in UTF-8',
      'query /articleid: is not known here',
    ],
  )
})

t.test('takes a plus for a space, as forms write it, and an article id with an equals sign', async (t) => {
  const { call } = await startApp(t)
  t.same((await call({ url: '/v1/counts?articleId=a+b&articleId=a%2Bb&articleId=a=b' })).json(), {
    counts: ['a b', 'a+b', 'a=b'].map((articleId) => ({ articleId, total: 0 })),
  })
})

t.test('the ETag moves when a count does', async (t) => {
  const { call, submit, publish } = await startApp(t)
  const etag = async () => (await call({ url: '/v1/counts?articleId=a&articleId=b' })).headers.etag
  const before = await etag()
  await submit('a')
  t.equal(await etag(), before)
  await publish('a')
  const after = await etag()
  t.not(after, before)
  await publish('b')
  t.not(await etag(), after)
})

everyStatusWasSeen(t, 'countComments')
