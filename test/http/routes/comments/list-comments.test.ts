import t from 'tap'
import {
  idsOf,
  pagesByCursor,
  pagesByLink,
  startApp,
  submission,
  type TestApp,
} from '../../../support/app.ts'
import { answersLikePublicRead, equalProblem, everyStatusWasSeen } from '../../../support/routes.ts'

const plan = {
  request: async ({ publish }: TestApp) => {
    await publish('a')
    return { url: '/v1/articles/a/comments' }
  },
  success: 200,
  faultIn: 'listApproved',
} as const

answersLikePublicRead(t, plan)

t.test('an article never heard of is an empty list', async (t) => {
  const { call } = await startApp(t)
  const response = await call({ url: '/v1/articles/unheard-of/comments' })
  t.equal(response.statusCode, 200)
  t.same(response.json(), {
    articleId: 'unheard-of',
    articleUrl: null,
    closed: false,
    total: 0,
    comments: [],
    nextCursor: null,
  })
  t.equal(response.headers.etag, '"0"')
  t.notOk('link' in response.headers)
})

t.test('lists what was approved, and nothing else', async (t) => {
  const nowMs = Date.parse('2026-05-04T09:30:00.000Z')
  const { call, token, submit, publish } = await startApp(t, { clock: () => nowMs })
  const moderator = await token('moderate')
  const parent = await publish('a')
  const reply = await publish('a', { body: 'A reply.', parentId: parent.id })
  await submit('a', { body: 'still pending' })
  const rejected = await publish('a', { body: 'later rejected' })
  await call({
    method: 'POST',
    url: `/v1/moderation/comments/${rejected.id}/reject`,
    headers: moderator,
  })
  const withdrawn = await publish('a', { body: 'later withdrawn' })
  await call({
    method: 'DELETE',
    url: `/v1/comments/${withdrawn.id}`,
    headers: { authorization: `Bearer ${withdrawn.receipt}` },
  })
  await publish('b', { body: 'elsewhere' })

  const response = await call({ url: '/v1/articles/a/comments' })
  t.equal(response.statusCode, 200)
  t.same(response.json(), {
    articleId: 'a',
    articleUrl: null,
    closed: false,
    total: 2,
    comments: [
      {
        id: parent.id,
        parentId: null,
        author: { name: 'Ada' },
        body: 'A fine article.',
        submittedAt: '2026-05-04T09:30:00.000Z',
        publishedAt: '2026-05-04T09:30:00.000Z',
      },
      {
        id: reply.id,
        parentId: parent.id,
        author: { name: 'Ada' },
        body: 'A reply.',
        submittedAt: '2026-05-04T09:30:00.000Z',
        publishedAt: '2026-05-04T09:30:00.000Z',
      },
    ],
    nextCursor: null,
  })
  t.equal(response.headers['content-type'], 'application/json; charset=utf-8')
  t.equal(response.headers['cache-control'], 'public, max-age=0, s-maxage=5, stale-while-revalidate=30')
})

t.test('a CDN may keep it as long as the operator says', async (t) => {
  const { call } = await startApp(t, { cdnFreshSeconds: 0, cdnStaleSeconds: 86_400 })
  const { headers } = await call({ url: '/v1/articles/a/comments' })
  t.equal(headers['cache-control'], 'public, max-age=0, s-maxage=0, stale-while-revalidate=86400')
})

t.test('a comment stands in for no other: a reply stays when its parent goes', async (t) => {
  const { call, token, publish } = await startApp(t)
  const parent = await publish('a')
  const reply = await publish('a', { parentId: parent.id })
  await call({
    method: 'POST',
    url: `/v1/moderation/comments/${parent.id}/reject`,
    headers: await token('moderate'),
  })
  const page = (await call({ url: '/v1/articles/a/comments' })).json()
  t.match(page, { total: 1, comments: [{ id: reply.id, parentId: parent.id }] })
})

t.test('the ETag moves with every visible change, and with no other', async (t) => {
  const { call, token, submit, publish } = await startApp(t)
  const moderator = await token('moderate')
  const etag = async () => (await call({ url: '/v1/articles/a/comments' })).headers.etag
  const decide = (id: string, verdict: string) =>
    call({ method: 'POST', url: `/v1/moderation/comments/${id}/${verdict}`, headers: moderator })

  const tags = [await etag()]
  const { id } = await submit('a')
  t.equal(await etag(), tags.at(-1), 'a submission is not visible')
  for (const verdict of ['approve', 'reject', 'approve']) {
    await decide(id, verdict)
    tags.push(await etag())
    await decide(id, verdict)
    t.equal(await etag(), tags.at(-1), 'deciding the same again is not visible')
  }
  const other = await publish('a')
  tags.push(await etag())
  await call({
    method: 'DELETE',
    url: `/v1/comments/${other.id}`,
    headers: { authorization: `Bearer ${other.receipt}` },
  })
  tags.push(await etag())
  t.equal(new Set(tags).size, tags.length, String(tags))
})

for (const order of ['oldest', 'newest'] as const) {
  t.test(`pages through all of it, ${order} first, by cursor and by Link`, async (t) => {
    const { call, publish } = await startApp(t)
    const ids: string[] = []
    for (let count = 0; count < 7; count++) ids.push((await publish('a/é')).id)
    const expected = order === 'oldest' ? ids : ids.toReversed()

    const first = `/v1/articles/a%2F%C3%A9/comments?order=${order}&limit=3`
    const linked = await pagesByLink(call, first)
    const pages = linked.map(({ page }) => page)
    t.same(idsOf(pages), expected)
    t.same(
      pages.map(({ comments }) => comments.length),
      [3, 3, 1],
    )
    t.match(pages, Array(3).fill({ articleId: 'a/é', total: 7 }))
    t.same(
      pages.map(({ nextCursor }) => nextCursor),
      [expected[2], expected[5], null],
    )
    t.same(
      linked.map(({ url }) => url),
      [first, `${first}&cursor=${expected[2]}`, `${first}&cursor=${expected[5]}`],
    )
    t.same(await pagesByCursor(call, first), pages)
  })
}

t.test('a page that ends with the last comment has no next one', async (t) => {
  const { call, publish } = await startApp(t)
  for (let count = 0; count < 2; count++) await publish('a')
  const response = await call({ url: '/v1/articles/a/comments?limit=2' })
  t.match(response.json(), { comments: { length: 2 }, nextCursor: null })
  t.notOk('link' in response.headers)
})

t.test('a cursor needs no comment of its own, and its letters no case', async (t) => {
  const { call, publish } = await startApp(t)
  const { id } = await publish('a')
  const list = (cursor: string) => call({ url: `/v1/articles/a/comments?cursor=${cursor}` })
  t.match((await list('00000000-0000-7000-8000-000000000000')).json(), { comments: [{ id }] })
  t.match((await list('ffffffff-ffff-7fff-bfff-ffffffffffff')).json(), { total: 1, comments: { length: 0 } })
  t.match((await list(id.toUpperCase())).json(), { comments: { length: 0 } })
})

t.test('holds 20 comments a page unless told otherwise, 1 to 100', async (t) => {
  const { call, publish } = await startApp(t)
  for (let count = 0; count < 22; count++) await publish('a')
  const list = (query: string) => call({ url: `/v1/articles/a/comments${query}` })
  t.match((await list('')).json(), { comments: { length: 20 } })
  t.match((await list('?limit=1')).json(), { comments: { length: 1 } })
  t.match((await list('?limit=100')).json(), { comments: { length: 22 } })
  for (const limit of ['0', '101', '-1', '1.5', '1e1', '01', '0x1', '', '%20', '9999999999', 'ten']) {
    equalProblem(t, await list(`?limit=${limit}`), 400, 'invalid-request', [
      'query /limit: must be a whole number from 1 to 100',
    ])
  }
})

t.test('names everything that is wrong at once, in the path and in the query', async (t) => {
  const { call } = await startApp(t)
  equalProblem(
    t,
    await call({ url: '/v1/articles/%20/comments?limit=0&order=best&cursor=1&cursor=2&page=2&%80=1' }),
    400,
    'invalid-request',
    [
      'path /articleId: must not be blank',
      'query : must be percent-encoded UTF-8',
      'query /cursor: must be given once',
      'query /limit: must be a whole number from 1 to 100',
      'query /cursor: must be the nextCursor of an earlier page',
      'query /order: must be one of oldest, newest',
      'query /page: is not known here',
    ],
  )
})

t.test('takes any text of 1 to 255 characters as an article id', async (t) => {
  const { call, publish } = await startApp(t)
  const ids = [
    'why-we-print',
    'https://example.org/2026/05/why?a=b&c=d#e',
    'é ü ß 漢字 🖋️',
    '🖋'.repeat(255),
    '<b>\'"; DROP TABLE comments;--',
    '%2F',
    '...',
    '__proto__',
    'a+b',
  ]
  for (const articleId of ids) {
    await publish(articleId)
    const response = await call({ url: `/v1/articles/${encodeURIComponent(articleId)}/comments` })
    t.match(response.json(), { articleId, total: 1, comments: [{ body: submission.body }] })
  }
})

t.test('refuses an article id that is none', async (t) => {
  const { call } = await startApp(t)
  const refused: [string, string][] = [
    ['%20%09%0a', 'must not be blank'],
    ['%00', 'must not contain NUL characters or ill-formed Unicode'],
    ['a%00b', 'must not contain NUL characters or ill-formed Unicode'],
    [encodeURIComponent('🖋'.repeat(256)), 'must be at most 255 characters long'],
    ['a'.repeat(256), 'must be at most 255 characters long'],
  ]
  for (const [articleId, detail] of refused) {
    equalProblem(t, await call({ url: `/v1/articles/${articleId}/comments` }), 400, 'invalid-request', [
      `path /articleId: ${detail}`,
    ])
  }
  equalProblem(t, await call({ url: '/v1/articles/%ED%A0%80/comments' }), 400, 'invalid-request', [
    'path : must be percent-encoded UTF-8',
  ])
})

everyStatusWasSeen(t, 'listComments')
