import { join } from 'node:path'
import type { Test } from 'tap'
import t from 'tap'
import { checkAnswer } from '../../../src/contract/document-check.ts'
import { decideComment } from '../../../src/operations/moderation/decide-comment.ts'
import { openStore } from '../../../src/store/open-store.ts'
import type { Store } from '../../../src/store/store.ts'
import { StoreFault } from '../../../src/store/store-fault.ts'
import { startApp, type TestAppOptions } from '../../support/app.ts'
import { emptyStore, testDeps } from '../../support/store.ts'
import { until } from '../../support/until.ts'

/** A listening service, since the cache stands before Fastify and `inject` behind it. `listed` and `counted` count cold reads. */
async function listening(t: Test, options: TestAppOptions = {}) {
  const store = options.store ?? (await emptyStore(t))
  await heard(store)
  let listed = 0
  let counted = 0
  const counting: Store = {
    ...store,
    countApproved(articleIds) {
      counted += 1
      return store.countApproved(articleIds)
    },
    listApproved(query) {
      listed += 1
      return store.listApproved(query)
    },
  }
  const service = await startApp(t, { ...options, store: counting })
  const origin = await service.app.listen({ port: 0, host: '127.0.0.1' })
  const get = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
    const response = await fetch(origin + path, { method, headers })
    const body = await response.text()
    checkAnswer({
      method,
      url: path,
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body,
    })
    return { status: response.status, headers: response.headers, body }
  }
  return { ...service, get, listed: () => listed, counted: () => counted }
}

/** Resolves once the store hears of changes by others; until then it takes what it read to hold for a moment only. */
function heard(store: Store): Promise<number> {
  return until(() => {
    const stamp = store.changeStamp()
    return stamp === store.changeStamp() ? stamp : undefined
  })
}

const path = '/v1/articles/a/comments'

t.setTimeout(600_000)

t.test('a list is made once and given again, to the byte', async (t) => {
  const { get, listed, publish } = await listening(t)
  await publish('a')
  const first = await get(path)
  const again = await get(path)
  t.equal(listed(), 1)
  t.equal(again.status, 200)
  t.equal(again.body, first.body)
  const headers = (response: typeof first) =>
    Object.fromEntries(
      [...response.headers].filter(([name]) => name !== 'date' && !name.startsWith('ratelimit')),
    )
  t.same(headers(again), headers(first))
})

t.test('a decision is visible to the next request', async (t) => {
  const { get, publish, submit, listed } = await listening(t)
  await publish('a', { body: 'one' })
  t.match(JSON.parse((await get(path)).body), { total: 1 })
  await publish('a', { body: 'two' })
  t.match(JSON.parse((await get(path)).body), { total: 2 })
  await submit('a', { body: 'still pending' })
  const made = listed()
  t.match(JSON.parse((await get(path)).body), { total: 2 })
  t.equal(listed(), made, 'a submission makes no list anew')
})

t.test(
  'a list in order of approval in memory is none any more once a late comment is approved',
  async (t) => {
    const { get, publish, submit, call, token, listed } = await listening(t)
    const late = await submit('a')
    await publish('a')
    const list = async (query: string) => JSON.parse((await get(`${path}?order=published${query}`)).body)
    const { followCursor } = await list('')
    const behind = `&cursor=${followCursor}`
    t.same((await list(behind)).comments, [])
    const made = listed()
    t.same([(await list('')).comments.length, (await list(behind)).comments.length], [1, 0])
    t.equal(listed(), made, 'both were in memory')
    const url = `/v1/moderation/comments/${late.id}/approve`
    await call({ method: 'POST', url, headers: await token('moderate') })
    t.match([(await list('')).comments, (await list(behind)).comments], [{ length: 2 }, [{ id: late.id }]])
  },
)

t.test('a list is kept in memory also where its id is as long as one can be', async (t) => {
  const { get, publish, listed } = await listening(t)
  const articleId = '\u0e1a'.repeat(682)
  await publish(articleId)
  const long = `/v1/articles/${encodeURIComponent(articleId)}/comments?order=published&limit=100`
  t.equal((await get(long)).status, 200)
  const made = listed()
  t.equal((await get(long)).status, 200)
  t.equal(listed(), made)
})

t.test('a decision by another process on the same SQLite file is visible as well', async (t) => {
  const location = { dialect: 'sqlite', file: join(t.testdir(), 'imprimatur.db') } as const
  const { get, publish } = await listening(t, { store: await openStore(location) })
  const { id } = await publish('a')
  t.match(JSON.parse((await get(path)).body), { total: 1 })
  t.match(JSON.parse((await get(path)).body), { total: 1 })

  const other = await testDeps(t, { store: await openStore(location) })
  t.teardown(() => other.store.close())
  const rejected = await decideComment(other, {
    commentId: id,
    action: 'reject',
    decidedBy: 'other process',
    reason: null,
    reasonCode: null,
    note: null,
    onlyVersions: null,
    replies: 'keep',
    countsReplies: true,
    repliesReason: null,
  })
  t.equal(rejected.ok, true)
  t.match(JSON.parse((await get(path)).body), { total: 0, comments: [] })
})

t.test('If-None-Match is answered from memory too', async (t) => {
  const { get, publish, listed } = await listening(t)
  await publish('a')
  const etag = (await get(path)).headers.get('etag') ?? ''
  for (const tag of [etag, `"other", W/${etag}`, '*']) {
    const response = await get(path, { 'if-none-match': tag })
    t.equal(response.status, 304)
    t.equal(response.headers.get('etag'), etag)
    t.match(response.headers.get('cache-control'), /s-maxage/)
    t.equal(response.headers.get('content-type'), null)
  }
  t.equal((await get(path, { 'if-none-match': '"other"' })).status, 200)
  t.equal(listed(), 1)
})

t.test('a conditional request fills the cache as well', async (t) => {
  const { get, publish, listed } = await listening(t)
  await publish('a')
  const etag = (await get('/v1/articles/a/comments?limit=20')).headers.get('etag') ?? ''
  t.equal((await get(path, { 'if-none-match': etag })).status, 304)
  t.equal((await get(path)).status, 200)
  t.equal(listed(), 2)
})

t.test('pages and orders are told apart', async (t) => {
  const { get, publish } = await listening(t)
  for (const body of ['one', 'two', 'three']) await publish('a', { body })
  const texts = async (query: string) => {
    await get(path + query)
    return JSON.parse((await get(path + query)).body).comments.map(
      (comment: { body: string }) => comment.body,
    )
  }
  t.same(await texts('?limit=2'), ['one', 'two'])
  t.same(await texts('?limit=2&order=newest'), ['three', 'two'])
  const link = (await get(`${path}?limit=2`)).headers.get('link') ?? ''
  t.match(link, /rel="next"/)
  t.same(await texts(new URL(/<(.*)>/.exec(link)?.[1] ?? '', 'http://x').search), ['three'])
})

t.test('what cannot be answered from memory is left to the route', async (t) => {
  const { get, publish } = await listening(t)
  await publish('a')
  await get(path)
  t.equal((await get(path, { accept: 'text/html' })).status, 406)
  t.equal((await get(path, { accept: 'text/html, application/json;q=0.5' })).status, 200)
  t.equal((await get(path, {}, 'HEAD')).status, 200)
  t.equal((await get(`${path}?nonsense=1`)).status, 400)
  t.equal((await get(`${path}?nonsense=1`)).status, 400)
})

t.test('a header that nobody needs that long is not read where the list is in memory either', async (t) => {
  const { get, publish } = await listening(t, { readsPerMinute: 1_000 })
  await publish('a')
  const etag = (await get(path)).headers.get('etag') ?? ''
  const conditional = (tags: number) => ({ 'if-none-match': `${'"x", '.repeat(tags)}${etag}` })
  t.equal((await get(path, conditional(100))).status, 304)
  t.equal((await get(path, conditional(300))).status, 200)
  const cached = await get(path, { 'cache-control': 'no-store,'.repeat(100) })
  t.equal(cached.status, 200)
  t.ok(cached.headers.has('ratelimit'), 'by the route')
})

t.test('a hit is no work and counts against no limit; a miss does', async (t) => {
  const { get, publish } = await listening(t, { readsPerMinute: 2 })
  await publish('a')
  const first = await get(path)
  t.match(first.headers.get('ratelimit'), /"reads";r=1/)
  for (let hit = 0; hit < 10; hit++) t.equal((await get(path)).headers.get('ratelimit'), null)
  t.equal((await get('/v1/articles/b/comments')).status, 200)
  t.equal((await get('/v1/articles/c/comments')).status, 429)
  t.equal((await get(path)).status, 200)
})

t.test('each allowed origin has its own answer, others have none from memory', async (t) => {
  const { get, publish, listed } = await listening(t, {
    corsOrigins: ['https://one.example', 'https://two.example'],
  })
  await publish('a')
  const allowed = async (origin: string) =>
    (await get(path, { origin })).headers.get('access-control-allow-origin')
  for (let round = 0; round < 2; round++) {
    t.equal(await allowed('https://one.example'), 'https://one.example')
    t.equal(await allowed('https://two.example'), 'https://two.example')
    const plain = await get(path)
    t.equal(plain.headers.get('access-control-allow-origin'), null)
    t.equal(plain.headers.get('vary'), 'Origin')
  }
  t.equal(listed(), 3)
  t.equal(await allowed('https://evil.example'), null)
  t.equal(await allowed('https://evil.example'), null)
  t.equal(listed(), 5)
})

t.test('where any origin is allowed, one answer serves all', async (t) => {
  const { get, publish, listed } = await listening(t, { corsOrigins: '*' })
  await publish('a')
  for (const origin of ['https://one.example', 'https://two.example']) {
    t.equal((await get(path, { origin })).headers.get('access-control-allow-origin'), '*')
  }
  t.equal((await get(path)).headers.get('access-control-allow-origin'), '*')
  t.equal(listed(), 1)
})

t.test('it keeps within its bytes, and forgets what was used least', async (t) => {
  const { get, publish, listed } = await listening(t, { readCacheMegabytes: 1 })
  const body = 'x'.repeat(10_000)
  for (let index = 0; index < 60; index++) await publish('a', { body })
  const big = '/v1/articles/a/comments?limit=60'
  const bigNewest = `${big}&order=newest`
  await get(big)
  await get(big)
  t.equal(listed(), 1)
  await get(bigNewest)
  await get(big)
  t.equal(listed(), 3, 'two of 600 KB do not fit into one megabyte')
})

t.test('what a list is asked for by counts as well, and is not kept where it is absurdly long', async (t) => {
  const { get, listed } = await listening(t, { readCacheMegabytes: 1 })
  const long = (index: number) => `/v1/articles/${'a'.repeat(240)}${index}${'%61'.repeat(4)}/comments`
  for (let index = 0; index < 600; index++) await get(long(index))
  await get(long(0))
  t.equal(listed(), 601, 'the first was forgotten: 600 of them take more than one megabyte')
  const absurd = `/v1/articles/${'%E1%84%92%E1%85%A1%E1%86%AB'.repeat(300)}/comments`
  const made = listed()
  await get(absurd)
  await get(absurd)
  t.equal(listed(), made + 2)
})

t.test('where the store cannot tell whether a list still holds, the route answers', async (t) => {
  const store = await emptyStore(t)
  let broken = false
  const breaking: Store = {
    ...store,
    changeStamp() {
      if (broken) throw new StoreFault('STORE_FAILED', 'disk I/O error')
      return store.changeStamp()
    },
  }
  const { app, publish } = await startApp(t, { store: breaking })
  const origin = await app.listen({ port: 0, host: '127.0.0.1' })
  await publish('a')
  const get = async () => (await fetch(origin + path)).status
  t.equal(await get(), 200)
  broken = true
  t.equal(await get(), 200)
})

t.test('a list that a decision overtook on its way is not kept', async (t) => {
  const store = await emptyStore(t)
  const overtaken = Promise.withResolvers<void>()
  const read = Promise.withResolvers<void>()
  let first = true
  const slow: Store = {
    ...store,
    async listApproved(query) {
      const page = await store.listApproved(query)
      if (first) {
        first = false
        read.resolve()
        await overtaken.promise
      }
      return page
    },
  }
  const { app, publish } = await startApp(t, { store: slow })
  const origin = await app.listen({ port: 0, host: '127.0.0.1' })
  const total = async () => ((await (await fetch(origin + path)).json()) as { total: number }).total
  const early = total()
  await read.promise
  await publish('a')
  overtaken.resolve()
  t.equal(await early, 0)
  t.equal(await total(), 1)
})

t.test('without memory nothing is kept', async (t) => {
  const { get, publish, listed } = await listening(t, { readCacheMegabytes: 0 })
  await publish('a')
  await get(path)
  await get(path)
  t.equal(listed(), 2)
})

t.test('answers from memory are counted in the metrics', async (t) => {
  const { get, token, publish, call } = await listening(t)
  await publish('a')
  const etag = (await get(path)).headers.get('etag') ?? ''
  await get(path)
  await get(path, { 'if-none-match': etag })
  const metrics = (await call({ url: '/metrics', headers: await token('admin') })).body
  t.match(metrics, /imprimatur_http_requests_total\{operation="listComments",status="200"\} 2\n/)
  t.match(metrics, /imprimatur_http_requests_total\{operation="listComments",status="304"\} 1\n/)
  t.match(metrics, /imprimatur_http_request_duration_seconds_count\{operation="listComments"\} 1\n/)
})

t.test('a list closes by the clock, though nothing was written', async (t) => {
  let nowMs = Date.parse('2026-05-04T09:30:00.000Z')
  const { get, listed, publish, store } = await listening(t, { clock: () => nowMs, closeAfterDays: 1 })
  await get(path)
  await publish('a')
  const isClosed = async () => JSON.parse((await get(path)).body).closed
  t.same([await isClosed(), await isClosed()], [false, false])
  const made = listed()
  const { etag } = Object.fromEntries((await get(path)).headers)
  nowMs += 86_400_000
  t.same([await isClosed(), await isClosed()], [true, true])
  t.equal(listed(), made + 1)
  t.equal((await get(path, { 'if-none-match': etag ?? '' })).status, 200)

  await store.putArticle('a', { title: null, url: null, publishedAtMs: nowMs, closedAtMs: null }, nowMs)
  t.equal(await isClosed(), false, 'what is told of the article is seen by the next request')
})

t.test(
  'a list of an id that nobody has commented on closes as late as its first comment allows',
  async (t) => {
    let nowMs = Date.parse('2026-05-04T09:30:00.000Z')
    const { get, submit } = await listening(t, { clock: () => nowMs, closeAfterDays: 1 })
    const isClosed = async () => JSON.parse((await get(path)).body).closed
    t.equal(await isClosed(), false)
    await submit('a')
    nowMs += 86_400_000
    t.equal(await isClosed(), true, 'though the list in memory knew of no comment')
  },
)

t.test('a move is visible to the next request, under both ids', async (t) => {
  const { get, publish, token, call } = await listening(t)
  await publish('a', { body: 'one' })
  await publish('b', { body: 'two' })
  const totals = async () => {
    const bodies = [await get(path), await get(path), await get('/v1/articles/b/comments')]
    return bodies.map(({ body }) => JSON.parse(body)).map(({ articleId, total }) => [articleId, total])
  }
  t.same(await totals(), [
    ['a', 1],
    ['a', 1],
    ['b', 1],
  ])
  const headers = await token('moderate')
  await call({ method: 'POST', url: '/v1/moderation/articles/a/move', headers, payload: { to: 'b' } })
  t.same(await totals(), [
    ['b', 2],
    ['b', 2],
    ['b', 2],
  ])
  await publish('a', { body: 'three' })
  t.same(await totals(), [
    ['b', 3],
    ['b', 3],
    ['b', 3],
  ])
  await call({ method: 'POST', url: '/v1/moderation/articles/b/move', headers, payload: { to: 'a' } })
  t.same(await totals(), [
    ['a', 3],
    ['a', 3],
    ['a', 3],
  ])
})

const countsPath = (...articleIds: string[]) =>
  `/v1/counts?${articleIds.map((articleId) => `articleId=${encodeURIComponent(articleId)}`).join('&')}`

const totalsIn = ({ body }: { body: string }): number[] =>
  JSON.parse(body).counts.map(({ total }: { total: number }) => total)

t.test('counts are made once and given again, to the byte', async (t) => {
  const { get, counted, publish } = await listening(t)
  await publish('a')
  const url = countsPath('a', 'b', 'c')
  const first = await get(url)
  const again = await get(url)
  t.equal(counted(), 1)
  t.equal(again.body, first.body)
  const headers = ({ headers }: typeof first) =>
    [...headers].filter(([name]) => name !== 'date' && !name.startsWith('ratelimit'))
  t.same(headers(again), headers(first))
  const etag = first.headers.get('etag') ?? ''
  const condition = await get(url, { 'if-none-match': etag })
  t.equal(condition.status, 304)
  t.equal(condition.headers.get('etag'), etag)
  t.match(condition.headers.get('cache-control'), /s-maxage/)
  t.equal(counted(), 1)
  t.equal((await get(url, { 'cache-control': 'no-cache' })).status, 200)
  t.equal((await get(url, {}, 'HEAD')).status, 200)
  t.equal(counted(), 3, 'who wants them from the database gets them from there')
})

t.test(
  'a decision on any of many articles is in the next counts, and no other makes them anew',
  async (t) => {
    const { get, counted, publish, submit, call, token } = await listening(t)
    const url = countsPath('a', 'b', 'never heard of')
    const totals = async () => totalsIn(await get(url))
    await publish('a')
    t.same(
      [await totals(), await totals()],
      [
        [1, 0, 0],
        [1, 0, 0],
      ],
    )
    const { id } = await publish('b')
    t.same(await totals(), [1, 1, 0])
    const made = counted()
    await submit('a')
    await submit('never heard of')
    await publish('another')
    t.same(await totals(), [1, 1, 0])
    t.equal(counted(), made)
    await publish('never heard of')
    t.same(await totals(), [1, 1, 1], 'also of an article that nobody had heard of')
    const reject = `/v1/moderation/comments/${id}/reject`
    await call({ method: 'POST', url: reject, headers: await token('moderate') })
    t.same(await totals(), [1, 0, 1])
    const author = await publish('a')
    t.same(await totals(), [2, 0, 1])
    await call({
      method: 'DELETE',
      url: `/v1/comments/${author.id}`,
      headers: { authorization: `Bearer ${author.receipt}` },
    })
    t.same(await totals(), [1, 0, 1])
  },
)

t.test('counts follow each decision of many in one call', async (t) => {
  const { get, submit, call, token } = await listening(t)
  const url = countsPath('a', 'b', 'c')
  const comments = [await submit('a'), await submit('b'), await submit('b')]
  t.same(totalsIn(await get(url)), [0, 0, 0])
  await call({
    method: 'POST',
    url: '/v1/moderation/decisions',
    headers: await token('moderate'),
    payload: { decisions: comments.map(({ id }) => ({ commentId: id, verdict: 'approve' })) },
  })
  t.same(totalsIn(await get(url)), [1, 2, 0])
})

t.test('counts under a moved id follow who answers for it, wherever it goes', async (t) => {
  const { get, counted, publish, token, call } = await listening(t)
  const headers = await token('moderate')
  const move = (from: string, to: string) =>
    call({ method: 'POST', url: `/v1/moderation/articles/${from}/move`, headers, payload: { to } })
  const url = countsPath('a', 'b', 'c')
  const totals = async () => totalsIn(await get(url))
  await publish('a')
  t.same(await totals(), [1, 0, 0])
  await move('a', 'b')
  t.same(await totals(), [1, 1, 0])
  const made = counted()
  t.same(await totals(), [1, 1, 0])
  t.equal(counted(), made)
  await publish('a')
  t.same(await totals(), [2, 2, 0])
  await move('b', 'c')
  t.same(await totals(), [2, 2, 2])
  await publish('b')
  t.same(await totals(), [3, 3, 3])
  await move('c', 'a')
  t.same(await totals(), [3, 3, 3])
  await publish('c')
  t.same(await totals(), [4, 4, 4])
})

t.test('a decision by another process on the same SQLite file is in the counts as well', async (t) => {
  const location = { dialect: 'sqlite', file: join(t.testdir(), 'imprimatur.db') } as const
  const { get, publish } = await listening(t, { store: await openStore(location) })
  const { id } = await publish('a')
  const url = countsPath('b', 'a')
  t.same(
    [totalsIn(await get(url)), totalsIn(await get(url))],
    [
      [0, 1],
      [0, 1],
    ],
  )
  const other = await testDeps(t, { store: await openStore(location) })
  t.teardown(() => other.store.close())
  const rejected = await decideComment(other, {
    commentId: id,
    action: 'reject',
    decidedBy: 'other process',
    reason: null,
    reasonCode: null,
    note: null,
    onlyVersions: null,
    replies: 'keep',
    countsReplies: true,
    repliesReason: null,
  })
  t.equal(rejected.ok, true)
  t.same(totalsIn(await get(url)), [0, 0])
})

t.test('counts that a decision overtook on their way are not kept', async (t) => {
  const store = await emptyStore(t)
  await heard(store)
  const overtaken = Promise.withResolvers<void>()
  const read = Promise.withResolvers<void>()
  let first = true
  const slow: Store = {
    ...store,
    async countApproved(articleIds) {
      const counted = await store.countApproved(articleIds)
      if (first) {
        first = false
        read.resolve()
        await overtaken.promise
      }
      return counted
    },
  }
  const { app, publish } = await startApp(t, { store: slow })
  const origin = await app.listen({ port: 0, host: '127.0.0.1' })
  const totals = async () => totalsIn({ body: await (await fetch(origin + countsPath('a', 'b'))).text() })
  const early = totals()
  await read.promise
  await publish('b')
  overtaken.resolve()
  t.same(await early, [0, 0])
  t.same(await totals(), [0, 1])
})

t.test('counts of a hundred articles are kept, and not where their ids are absurdly long', async (t) => {
  const { get, counted } = await listening(t)
  const idsOf = (length: number) =>
    Array.from({ length: 100 }, (_, index) => `https://example.org/${index}`.padEnd(length, 'x'))
  const usual = countsPath(...idsOf(120))
  t.equal((await get(usual)).status, 200)
  t.equal((await get(usual)).status, 200)
  t.equal(counted(), 1)
  const absurd = countsPath(...idsOf(160))
  t.equal((await get(absurd)).status, 200)
  t.equal((await get(absurd)).status, 200)
  t.equal(counted(), 3)
})

t.test('whoever makes up ids to be counted pushes out other counts, and no list', async (t) => {
  const { get, listed, counted } = await listening(t, { readCacheMegabytes: 1 })
  await get(path)
  const front = countsPath('a', 'b')
  await get(front)
  const madeUp = (round: number) =>
    countsPath(...Array.from({ length: 100 }, (_, index) => `${round}-${index}`.padEnd(50, 'x')))
  for (let round = 0; round < 60; round++) await get(madeUp(round))
  const made = counted()
  await get(madeUp(59))
  t.equal(counted(), made, 'the last are kept')
  await get(front)
  t.equal(
    counted(),
    made + 1,
    'the first were forgotten: sixty of them take more than their part of one megabyte',
  )
  await get(path)
  t.equal(listed(), 1)
})

t.test('each allowed origin has counts of its own', async (t) => {
  const { get, counted } = await listening(t, {
    corsOrigins: ['https://one.example', 'https://two.example'],
  })
  const url = countsPath('a', 'b')
  for (let round = 0; round < 2; round++) {
    for (const origin of ['https://one.example', 'https://two.example'])
      t.equal((await get(url, { origin })).headers.get('access-control-allow-origin'), origin)
    t.equal((await get(url)).headers.get('access-control-allow-origin'), null)
  }
  t.equal(counted(), 3)
  await get(url, { origin: 'https://evil.example' })
  await get(url, { origin: 'https://evil.example' })
  t.equal(counted(), 5)
})

t.test('counts from memory count against no limit, and in the metrics by their own name', async (t) => {
  const { get, token, call } = await listening(t, { readsPerMinute: 1 })
  const url = countsPath('a', 'b')
  const first = await get(url)
  await get(url)
  await get(url, { 'if-none-match': first.headers.get('etag') ?? '' })
  t.equal((await get(countsPath('a', 'c'))).status, 429)
  const metrics = (await call({ url: '/metrics', headers: await token('admin') })).body
  t.match(metrics, /imprimatur_http_requests_total\{operation="countComments",status="200"\} 2\n/)
  t.match(metrics, /imprimatur_http_requests_total\{operation="countComments",status="304"\} 1\n/)
  t.notMatch(metrics, /operation="listComments"/)
})

t.test('each way to change what is public leaves the lists and the counts in memory right', async (t) => {
  const { get, store, publish, submit, call, token } = await listening(t)
  const headers = await token('moderate')
  const articleIds = ['a', 'b', 'c', 'd']
  const url = countsPath(...articleIds)
  const decide = (id: string, action: string, payload = {}) =>
    call({ method: 'POST', url: `/v1/moderation/comments/${id}/${action}`, headers, payload })
  const [one, two] = [await submit('a'), await submit('b')]
  const reply = await publish('a', {})
  const steps: [string, () => Promise<unknown>][] = [
    ['approve', () => decide(one.id, 'approve')],
    ['approve another', () => decide(two.id, 'approve')],
    ['reject', () => decide(one.id, 'reject')],
    ['approve again', () => decide(one.id, 'approve')],
    [
      'withdraw',
      () =>
        call({
          method: 'DELETE',
          url: `/v1/comments/${reply.id}`,
          headers: { authorization: `Bearer ${reply.receipt}` },
        }),
    ],
    [
      'describe',
      () => call({ method: 'PUT', url: '/v1/moderation/articles/d', headers, payload: { title: 'D' } }),
    ],
    [
      'move',
      () => call({ method: 'POST', url: '/v1/moderation/articles/a/move', headers, payload: { to: 'c' } }),
    ],
    ['publish under the old id', () => publish('a')],
    [
      'move back',
      () => call({ method: 'POST', url: '/v1/moderation/articles/c/move', headers, payload: { to: 'a' } }),
    ],
    ['publish', () => publish('d')],
  ]
  for (const [what, step] of steps) {
    // In memory, as they were before.
    await get(url)
    await get(url)
    await step()
    const fresh = [...(await store.countApproved(articleIds)).values()].map((each) => each.approvedCount)
    t.same(totalsIn(await get(url)), fresh, what)
    for (const [index, articleId] of articleIds.entries())
      t.equal(JSON.parse((await get(`/v1/articles/${articleId}/comments`)).body).total, fresh[index], what)
  }
})

/** As Chromium, Firefox and Safari ask for a page. */
const pageAccepts = [
  'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
  'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'text/html',
  '*/*',
]

for (const page of ['/v1/articles/a/thread.html', '/thread/a', '/thread/a?lang=ar&order=newest'])
  t.test(`${page} is given again from memory, and made anew after a decision`, async (t) => {
    const { get, listed, publish, call, token } = await listening(t)
    const { id } = await publish('a')
    const first = await get(page, { accept: pageAccepts[0] ?? '' })
    t.equal(first.headers.get('content-type'), 'text/html; charset=utf-8')
    for (const accept of pageAccepts) {
      const again = await get(page, { accept })
      t.equal(again.body, first.body)
      for (const name of ['content-security-policy', 'etag', 'cache-control', 'content-type'])
        t.equal(again.headers.get(name), first.headers.get(name), name)
    }
    const etag = first.headers.get('etag') ?? ''
    t.match(etag, /^W\/"/)
    for (const tag of [etag, etag.replace('W/', '')])
      t.equal((await get(page, { 'if-none-match': tag })).status, 304)
    t.equal(listed(), 1)
    t.equal((await get(page, { accept: 'application/json' })).status, 406)
    t.equal(JSON.parse((await get(path)).body).total, 1)
    t.equal((await get(path, { accept: 'text/html' })).status, 406, 'the list in memory is none')
    t.equal((await get(page)).body, first.body)
    const made = listed()
    t.equal((await get(page, { 'cache-control': 'no-cache' })).status, 200)
    t.equal(listed(), made + 1)

    const headers = await token('moderate')
    await call({ method: 'POST', url: `/v1/moderation/comments/${id}/reject`, headers })
    const after = await get(page, { 'if-none-match': etag })
    t.equal(after.status, 200)
    t.notMatch(after.body, id)
    t.not(after.headers.get('etag'), etag)
  })

t.test('a page that asks for a reply is none any more once its parent is gone', async (t) => {
  const { get, publish, call, token } = await listening(t)
  const { id } = await publish('a')
  const page = `/thread/a?reply=${id}`
  for (let time = 0; time < 2; time++) t.match((await get(page)).body, /name="parentId"/)
  const headers = await token('moderate')
  await call({ method: 'POST', url: `/v1/moderation/comments/${id}/reject`, headers })
  for (let time = 0; time < 2; time++) t.notMatch((await get(page)).body, /name="parentId"/)
})

t.test('what comes back from a form is in nobody’s memory', async (t) => {
  const { app, get, publish } = await listening(t)
  await publish('a')
  const first = await get('/thread/a?lang=en')
  const refused = await app.inject({
    method: 'POST',
    url: '/thread/a?lang=en',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: 'name=Mallory',
  })
  t.equal(refused.statusCode, 422)
  t.equal((await get('/thread/a?lang=en')).body, first.body)
})
