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
    followCursor: null,
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
    followCursor: null,
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

for (const order of ['published', 'last-published'] as const) {
  t.test(`pages through all of it, ${order}, by cursor and by Link`, async (t) => {
    const app = await startApp(t)
    const { call, submit } = app
    const approve = approverOf(app)
    const ids: string[] = []
    for (let count = 0; count < 7; count++) ids.push((await submit('a')).id)
    const approved = [6, 1, 5, 0, 3, 2, 4].map((index) => ids[index] ?? '')
    for (const id of approved) await approve(id)
    const expected = order === 'published' ? approved : approved.toReversed()
    const first = `/v1/articles/a/comments?order=${order}&limit=3`
    const pages = (await pagesByLink(call, first)).map(({ page }) => page)
    t.same(idsOf(pages), expected)
    t.same(await pagesByCursor(call, first), pages)
    t.equal(pages.at(-1)?.nextCursor, null)
  })
}

t.test('who follows a list in order of approval is told of what is approved late', async (t) => {
  const app = await startApp(t)
  const { call, submit } = app
  const approve = approverOf(app)
  const list = async (query: string) => (await call({ url: `/v1/articles/a/comments?${query}` })).json()
  const ids = ({ comments }: { comments: { id: string }[] }) => comments.map(({ id }) => id)
  t.match(await list('order=published'), { comments: { length: 0 }, followCursor: null })
  const [late, early, later] = [await submit('a'), await submit('a'), await submit('a')]
  await approve(early.id)
  const first = await list('order=published')
  t.same([ids(first), first.nextCursor], [[early.id], null])
  const behind = `order=published&cursor=${first.followCursor}`
  t.match(await list(behind), { comments: { length: 0 }, followCursor: first.followCursor })

  await approve(later.id)
  await approve(late.id)
  const second = await list(`${behind}&limit=1`)
  t.same([ids(second), second.followCursor], [[later.id], second.nextCursor])
  const third = await list(`order=published&cursor=${second.followCursor}`)
  t.same([ids(third), third.nextCursor], [[late.id], null])
  t.same(ids(await list('order=last-published&limit=1')), [late.id], 'what a front page shows')
  t.same(ids(await list('order=newest&limit=1')), [later.id])
  for (const order of ['oldest', 'newest', 'last-published'])
    t.equal((await list(`order=${order}`)).followCursor, null, order)
})

t.test('a cursor is of the order that gave it', async (t) => {
  const { call, publish } = await startApp(t)
  for (let count = 0; count < 2; count++) await publish('a')
  const cursors = new Map<string, string>()
  for (const order of ['oldest', 'newest', 'published', 'last-published'])
    cursors.set(
      order,
      (await call({ url: `/v1/articles/a/comments?limit=1&order=${order}` })).json().nextCursor,
    )
  const isById = (order: string) => order === 'oldest' || order === 'newest'
  for (const [of, cursor] of cursors)
    for (const order of cursors.keys()) {
      const response = await call({ url: `/v1/articles/a/comments?order=${order}&cursor=${cursor}` })
      if (isById(of) === isById(order)) t.equal(response.statusCode, 200)
      else
        equalProblem(t, response, 400, 'invalid-request', [
          'query /cursor: must be the nextCursor of an earlier page in this order',
        ])
    }
  const id = cursors.get('oldest')
  for (const cursor of [`.${id}`, `-1.${id}`, `1234567890123456.${id}`, `1.1.${id}`, '1.', `1,${id}`])
    equalProblem(
      t,
      await call({ url: `/v1/articles/a/comments?order=published&cursor=${cursor}&limit=0` }),
      400,
      'invalid-request',
      [
        'query /limit: must be a whole number from 1 to 100',
        'query /cursor: must be the nextCursor of an earlier page',
      ],
    )
})

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
      'query /order: must be one of oldest, newest, published, last-published',
      'query /page: is not known here',
    ],
  )
})

t.test('takes any text of 1 to 2,048 bytes as an article id', async (t) => {
  const { call, publish } = await startApp(t)
  const ids = [
    'why-we-print',
    'https://example.org/2026/05/why?a=b&c=d#e',
    'é ü ß 漢字 🖋️',
    '🖋'.repeat(512),
    'a'.repeat(2_048),
    'บ'.repeat(682),
    `https://example.org/${encodeURIComponent('Почему мы печатаем газеты и дальше будем печатать их')}`,
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
    [encodeURIComponent('🖋'.repeat(513)), 'must be at most 2048 bytes long in UTF-8'],
    ['a'.repeat(2_049), 'must be at most 2048 bytes long in UTF-8'],
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

function approverOf({ call, token }: TestApp): (id: string) => Promise<unknown> {
  const headers = token('moderate')
  return async (id) =>
    call({ method: 'POST', url: `/v1/moderation/comments/${id}/approve`, headers: await headers })
}

everyStatusWasSeen(t, 'listComments')
