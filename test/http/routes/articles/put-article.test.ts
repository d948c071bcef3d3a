import t from 'tap'
import { startApp, submission, type TestApp } from '../../../support/app.ts'
import {
  answersLikeEveryRoute,
  equalProblem,
  everyStatusWasSeen,
  needsToken,
  readsOnlyJson,
  turnsAwayWhenOverloaded,
} from '../../../support/routes.ts'

const url = '/v1/moderation/articles/a'
const details = {
  title: 'Why we print',
  url: 'https://www.example.org/why',
  publishedAt: '2026-05-04T11:30:00+02:00',
}
const plan = {
  request: async ({ token }: TestApp) =>
    ({ method: 'PUT', url, headers: await token('moderate'), payload: details }) as const,
  success: 200,
  faultIn: 'putArticle',
} as const

answersLikeEveryRoute(t, plan)
turnsAwayWhenOverloaded(t, plan)
needsToken(t, plan, 'site')
readsOnlyJson(t, plan)

const list = '/v1/articles/a/comments'

t.test('keeps all that it is told, and no more than that', async (t) => {
  const { call, token, publish, log } = await startApp(t)
  const headers = await token('submit')
  await publish('a')
  const told = await call({ method: 'PUT', url, headers, payload: details })
  t.same(told.json(), {
    articleId: 'a',
    ...details,
    publishedAt: '2026-05-04T09:30:00.000Z',
    closedAt: null,
    closesAt: null,
    closed: false,
    total: 1,
  })
  t.match(JSON.parse(log.at(-1) ?? ''), { event: 'article', articleId: 'a', toldBy: /./ })
  t.match((await call({ url: list })).json(), { articleUrl: details.url, closed: false, total: 1 })
  const less = await call({ method: 'PUT', url, headers, payload: { title: null } })
  t.match(less.json(), { title: null, url: null, publishedAt: null })
  t.match((await call({ url: list })).json(), { articleUrl: null })
})

t.test('a closed article lists as before, says so, and takes no more comments', async (t) => {
  let nowMs = Date.parse('2026-05-04T09:30:00.000Z')
  const { call, token, publish } = await startApp(t, { clock: () => nowMs })
  const headers = await token('moderate')
  const { id } = await publish('a')
  const send = (key: string, parentId?: string) =>
    call({
      method: 'POST',
      url: list,
      headers: { 'idempotency-key': key },
      payload: { ...submission, ...(parentId !== undefined && { parentId }) },
    })
  t.equal((await send('before')).statusCode, 202)
  const open = await call({ url: list })
  await call({ method: 'PUT', url, headers, payload: { closedAt: '2026-05-04T09:31:00Z' } })
  t.match((await call({ url: list })).json(), { closed: false })
  t.equal((await send('in time')).statusCode, 202)
  nowMs += 60_000
  const closed = await call({ url: list, headers: { 'if-none-match': String(open.headers.etag) } })
  t.match(closed.json(), { closed: true, total: 1, comments: [{ id }] })
  for (const refused of [await send('late'), await send('late reply', id)])
    equalProblem(t, refused, 409, 'article-closed')
  const again = await send('before')
  t.same([again.statusCode, again.headers['idempotency-replayed']], [202, 'true'])
  t.match((await call({ url, headers })).json(), { closed: true, closesAt: '2026-05-04T09:31:00.000Z' })
  await call({ method: 'PUT', url, headers, payload: {} })
  t.equal((await send('open again')).statusCode, 202)
})

t.test('CLOSE_AFTER_DAYS closes by the publication, or by the first comment', async (t) => {
  const dayMs = 86_400_000
  let nowMs = Date.parse('2026-05-04T09:30:00.000Z')
  const { call, token, submit, publish } = await startApp(t, { clock: () => nowMs, closeAfterDays: 2 })
  const headers = await token('moderate')
  await publish('a')
  await call({
    method: 'PUT',
    url: '/v1/moderation/articles/kept',
    headers,
    payload: { publishedAt: '2026-05-04T09:30:00Z', closedAt: '2099-01-01T00:00:00Z' },
  })
  const isClosed = async (id: string) => (await call({ url: `/v1/articles/${id}/comments` })).json().closed
  t.same([await isClosed('a'), await isClosed('kept'), await isClosed('unheard of')], [false, false, false])
  nowMs += 2 * dayMs - 1
  t.equal(await isClosed('a'), false)
  nowMs += 1
  t.same([await isClosed('a'), await isClosed('kept'), await isClosed('unheard of')], [true, false, false])
  await t.rejects(submit('a'), { message: /article-closed/ })
  await call({ method: 'PUT', url, headers, payload: { publishedAt: '2026-05-05T09:30:00Z' } })
  t.equal(await isClosed('a'), false)
  await submit('a')
})

t.test('an article that has told no URL has one by ARTICLE_URL, wherever a comment is shown', async (t) => {
  const { call, token, publish, submit } = await startApp(t, {
    articleUrl: 'https://www.example.org/{articleId}',
  })
  const headers = await token('moderate')
  const { id, receipt } = await submit('2024/é')
  const link = 'https://www.example.org/2024/%C3%A9'
  const at = `/v1/moderation/comments/${id}`
  const seen = [
    (await call({ url: `/v1/articles/${encodeURIComponent('2024/é')}/comments` })).json(),
    (await call({ url: `/v1/comments/${id}`, headers: { authorization: `Bearer ${receipt}` } })).json(),
    (await call({ url: at, headers })).json(),
    (await call({ url: '/v1/moderation/comments', headers })).json().comments[0],
    (await call({ method: 'POST', url: `${at}/approve`, headers })).json(),
    (
      await call({
        method: 'POST',
        url: '/v1/moderation/decisions',
        headers,
        payload: { decisions: [{ commentId: id, verdict: 'reject' }] },
      })
    ).json().outcomes[0].comment,
  ]
  for (const { articleUrl } of seen) t.equal(articleUrl, link)
  await publish('a')
  await call({ method: 'PUT', url, headers, payload: { url: 'https://elsewhere.example/' } })
  t.equal((await call({ url: list })).json().articleUrl, 'https://elsewhere.example/')
})

t.test('refuses what it cannot show or link to, all of it at once', async (t) => {
  const { call, token } = await startApp(t)
  const headers = await token('submit')
  const refuse = async (payload: object, errors: string[]) =>
    equalProblem(t, await call({ method: 'PUT', url, headers, payload }), 400, 'invalid-request', errors)
  await refuse(
    { title: ' ', url: 'javascript:alert(1)', publishedAt: 'yesterday', closedAt: 5, author: 'x' },
    [
      'body /title: must not be blank',
      'body /url: must be a whole URL without a user, such as https://www.example.org/why-we-print',
      'body /publishedAt: must be a time since 1970 as RFC 3339 writes it, such as 2026-05-04T09:30:00Z',
      'body /closedAt: must be a string',
      'body /author: is not known here',
    ],
  )
  for (const title of ['Why\nwe print', 'Why\u2028we print', 'Why\twe print', 'Why\u0085'])
    await refuse({ title }, ['body /title: must be one line, without control characters'])
  await refuse({ title: '\u200b' }, ['body /title: must not be blank'])
  const noUrl = [
    'body /url: must be a whole URL without a user, such as https://www.example.org/why-we-print',
  ]
  for (const wrong of [
    '//x',
    '/a',
    'https://',
    'https://x y',
    'ftp://x/',
    'https://x/"onload="',
    'https://x/<b>',
    'data:,x',
    'https://x/\u0000',
    'https://x/a\u001b[2J',
    'https://x/?\u0085',
    'https://x/\ud800',
    'https://ada@x/',
    'https://ada:secret@x/',
    'https://:secret@x:80/',
  ])
    await refuse({ url: wrong }, noUrl)
  await refuse({ url: `https://x/${'a'.repeat(1_992)}` }, ['body /url: must be at most 2000 characters long'])
  for (const closedAt of [
    '1969-12-31T23:59:59Z',
    '9999-12-31T23:59:59-00:01',
    '2026-02-30T00:00:00Z',
    '2026-05-04',
    '2026-05-04T09:30:00',
    '',
  ])
    await refuse({ closedAt }, [
      'body /closedAt: must be a time since 1970 as RFC 3339 writes it, such as 2026-05-04T09:30:00Z',
    ])
})

t.test('tells who comes upon a move again and again to try later', async (t) => {
  const { call, token, store } = await startApp(t)
  Object.assign(store, { putArticle: async () => 'stale' })
  const response = await call({ method: 'PUT', url, headers: await token('submit'), payload: details })
  equalProblem(t, response, 409, 'article-moving')
  t.equal(response.headers['retry-after'], '1')
})

everyStatusWasSeen(t, 'putArticle')
