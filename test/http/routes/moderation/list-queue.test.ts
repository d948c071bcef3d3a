import t from 'tap'
import { idsOf, pagesByCursor, pagesByLink, startApp, type TestApp } from '../../../support/app.ts'
import {
  answersHead,
  answersLikeEveryRoute,
  equalProblem,
  everyStatusWasSeen,
  isConditional,
  needsToken,
  turnsAwayWhenOverloaded,
} from '../../../support/routes.ts'

const plan = {
  request: async ({ submit, token }: TestApp) => {
    await submit('a')
    return { url: '/v1/moderation/comments', headers: await token('moderate') }
  },
  success: 200,
  faultIn: 'listByStatus',
} as const

answersLikeEveryRoute(t, plan)
turnsAwayWhenOverloaded(t, plan)
needsToken(t, plan, 'moderate')
answersHead(t, plan)
isConditional(t, plan)

t.test('lists what waits, oldest first, e-mail included', async (t) => {
  const nowMs = Date.parse('2026-05-04T09:30:00.000Z')
  const { call, token, submit, publish } = await startApp(t, { clock: () => nowMs })
  const headers = await token('moderate')
  t.same((await call({ url: '/v1/moderation/comments', headers })).json(), {
    pending: 0,
    comments: [],
    nextCursor: null,
  })
  const parent = await publish('a')
  const first = await submit('a', { parentId: parent.id })
  const second = await submit('b', { author: { name: 'Grace', email: 'grace@example.org' }, body: 'Hm.' })
  const response = await call({ url: '/v1/moderation/comments', headers })
  t.same(response.json(), {
    pending: 2,
    comments: [
      {
        id: first.id,
        articleId: 'a',
        articleUrl: null,
        parentId: parent.id,
        status: 'pending',
        version: 1,
        author: { name: 'Ada', email: 'ada@example.org' },
        body: 'A fine article.',
        submittedAt: '2026-05-04T09:30:00.000Z',
        publishedAt: null,
        repeats: null,
        claim: null,
      },
      {
        id: second.id,
        articleId: 'b',
        articleUrl: null,
        parentId: null,
        status: 'pending',
        version: 1,
        author: { name: 'Grace', email: 'grace@example.org' },
        body: 'Hm.',
        submittedAt: '2026-05-04T09:30:00.000Z',
        publishedAt: null,
        repeats: null,
        claim: null,
      },
    ],
    nextCursor: null,
  })
  t.equal(response.headers['cache-control'], 'no-store')
  t.match(response.body, /^\{\n {2}"pending": 2,\n.*\}\n$/s, 'it is pleasant to read')
})

t.test('lists by status and by article', async (t) => {
  const { call, token, submit, publish } = await startApp(t)
  const headers = await token('moderate')
  const ids: Record<string, string> = {}
  for (const articleId of ['a', 'b?c&d']) {
    ids[`${articleId} pending`] = (await submit(articleId)).id
    ids[`${articleId} approved`] = (await publish(articleId)).id
    const rejected = await submit(articleId)
    await call({ method: 'POST', url: `/v1/moderation/comments/${rejected.id}/reject`, headers })
    ids[`${articleId} rejected`] = rejected.id
    const { id, receipt } = await submit(articleId)
    await call({
      method: 'DELETE',
      url: `/v1/comments/${id}`,
      headers: { authorization: `Bearer ${receipt}` },
    })
    ids[`${articleId} withdrawn`] = id
  }
  const list = async (query: string) => {
    const page = (await call({ url: `/v1/moderation/comments?${query}`, headers })).json()
    t.equal(page.pending, 2, 'how many wait in all, whatever the filter')
    return idsOf([page])
  }
  for (const status of ['pending', 'approved', 'rejected', 'withdrawn']) {
    t.same(await list(`status=${status}`), [ids[`a ${status}`], ids[`b?c&d ${status}`]])
    t.same(await list(`status=${status}&order=newest`), [ids[`b?c&d ${status}`], ids[`a ${status}`]])
    t.same(await list(`status=${status}&articleId=a`), [ids[`a ${status}`]])
    t.same(await list(`status=${status}&articleId=b%3Fc%26d&order=newest`), [ids[`b?c&d ${status}`]])
    t.same(await list(`status=${status}&articleId=c`), [])
  }
})

for (const order of ['oldest', 'newest'] as const) {
  t.test(`pages through all of it, ${order} first, by cursor and by Link, filters and all`, async (t) => {
    const { call, token, submit } = await startApp(t)
    const headers = await token('moderate')
    const ids: string[] = []
    for (let count = 0; count < 5; count++) {
      ids.push((await submit('what?>&é')).id)
      await submit('another')
    }
    const expected = order === 'oldest' ? ids : ids.toReversed()
    // The question mark and the bracket left bare, as a client may do.
    const first = `/v1/moderation/comments?articleId=what?>%26%C3%A9&order=${order}&limit=2&status=pending`
    const pages = await pagesByLink(call, first, headers)
    t.same(idsOf(pages.map(({ page }) => page)), expected)
    t.equal(
      pages[1]?.url,
      `/v1/moderation/comments?articleId=what%3F%3E%26%C3%A9&order=${order}&limit=2&status=pending&cursor=${expected[1]}`,
    )
    t.same(
      await pagesByCursor(call, first, headers),
      pages.map(({ page }) => page),
    )
  })
}

t.test('what was decided last is the first of one order, so that it can be undone', async (t) => {
  const { call, token, submit } = await startApp(t)
  const headers = await token('moderate')
  const approve = (id: string) =>
    call({ method: 'POST', url: `/v1/moderation/comments/${id}/approve`, headers })
  const comments = []
  for (const articleId of ['a', 'b', 'a', 'a']) comments.push(await submit(articleId))
  const [first, second, third, fourth] = comments.map(({ id }) => id)
  const list = async (query: string) =>
    (await call({ url: `/v1/moderation/comments?order=decided${query}`, headers })).json()
  const ids = ({ comments }: { comments: { id: string }[] }) => comments.map(({ id }) => id)
  t.same(ids(await list('')), [])
  await approve(third ?? '')
  await call({ method: 'POST', url: `/v1/moderation/comments/${first}/reject`, headers })
  await approve(second ?? '')
  t.match(await list('&limit=1'), { pending: 1, comments: [{ id: second, status: 'approved' }] })
  t.same(ids(await list('')), [second, first, third])
  t.same(ids(await list('&articleId=a')), [first, third])
  t.same(ids(await list('&status=approved')), [second, third])
  t.same(ids(await list('&status=rejected')), [first])
  await call({ method: 'POST', url: `/v1/moderation/comments/${second}/reject`, headers })
  t.match(await list('&limit=1'), { comments: [{ id: second, status: 'rejected' }] })
  const pages = await pagesByLink(call, '/v1/moderation/comments?order=decided&limit=2', headers)
  t.same(
    pages.map(({ page }) => ids(page)),
    [[second, first], [third]],
  )
  equalProblem(
    t,
    await call({ url: `/v1/moderation/comments?order=decided&status=pending&cursor=${fourth}`, headers }),
    400,
    'invalid-request',
    [
      'query /cursor: must be the nextCursor of an earlier page in this order',
      'query /status: must be one of approved, rejected, withdrawn with this order',
    ],
  )
})

t.test('names everything that is wrong at once', async (t) => {
  const { call, token } = await startApp(t)
  const headers = await token('moderate')
  const response = await call({
    url: '/v1/moderation/comments?status=spam&articleId=%00&limit=x&limit=1&cursor=&order=OLDEST&sort=1',
    headers,
  })
  equalProblem(t, response, 400, 'invalid-request', [
    'query /limit: must be given once',
    'query /status: must be one of pending, approved, rejected, withdrawn',
    'query /articleId: must not contain NUL characters or ill-formed Unicode',
    'query /limit: must be a whole number from 1 to 100',
    'query /cursor: must be the nextCursor of an earlier page',
    'query /order: must be one of oldest, newest, decided',
    'query /sort: is not known here',
  ])
})

t.test('holds 20 comments a page unless told otherwise, 1 to 100', async (t) => {
  const { call, token, submit } = await startApp(t)
  const headers = await token('moderate')
  for (let count = 0; count < 21; count++) await submit('a')
  const list = (query: string) => call({ url: `/v1/moderation/comments${query}`, headers })
  t.match((await list('')).json(), { pending: 21, comments: { length: 20 } })
  t.match((await list('?limit=1')).json(), { comments: { length: 1 } })
  t.match((await list('?limit=100')).json(), { comments: { length: 21 } })
  for (const limit of ['0', '101']) {
    equalProblem(t, await list(`?limit=${limit}`), 400, 'invalid-request', [
      'query /limit: must be a whole number from 1 to 100',
    ])
  }
})

t.test(
  'says which comment one repeats: two clicks on a form are two receipts, and one of them is rejected',
  async (t) => {
    const { call, submit, token } = await startApp(t)
    const [first, second] = await Promise.all([submit('a'), submit('a')])
    await submit('a', { body: 'Another.' })
    const [earlier, later] = [first.id, second.id].sort()
    t.not(first.receipt, second.receipt)
    const headers = await token('moderate')
    const repeats = async (query = '') => {
      const { comments } = (await call({ url: `/v1/moderation/comments${query}`, headers })).json()
      return comments.map(({ id, repeats }: { id: string; repeats: string | null }) => [id, repeats])
    }
    t.match(await repeats(), [
      [earlier, null],
      [later, earlier],
      [/./, null],
    ])
    t.match(await repeats('?order=newest&limit=2'), [
      [/./, null],
      [later, earlier],
    ])
    await call({ method: 'POST', url: `/v1/moderation/comments/${earlier}/approve`, headers })
    t.match((await repeats())[0], [later, earlier], 'also once the first is approved')
    t.same(await repeats('?status=approved'), [[earlier, null]])
  },
)

everyStatusWasSeen(t, 'listQueue')
