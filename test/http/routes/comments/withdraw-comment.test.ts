import t from 'tap'
import { startApp, type TestApp } from '../../../support/app.ts'
import {
  answersLikeEveryRoute,
  equalProblem,
  everyStatusWasSeen,
  isLimited,
  limitsFailedSignIns,
  readsOnlyJson,
  turnsAwayWhenOverloaded,
} from '../../../support/routes.ts'
import { logOf } from '../../../support/store.ts'

const plan = {
  request: async ({ submit }: TestApp) => {
    const { id, receipt } = await submit('a')
    return {
      method: 'DELETE',
      url: `/v1/comments/${id}`,
      headers: { authorization: `Bearer ${receipt}` },
    } as const
  },
  success: 200,
  faultIn: 'commit',
} as const

answersLikeEveryRoute(t, plan)
turnsAwayWhenOverloaded(t, plan)
isLimited(t, plan, 'reads', { readsPerMinute: 1 })
limitsFailedSignIns(t, plan)
readsOnlyJson(t, plan)

t.test('erases the text, the name and the address, and keeps the place in the thread', async (t) => {
  const nowMs = Date.parse('2026-05-04T09:30:00.000Z')
  const { call, store, token, publish } = await startApp(t, { clock: () => nowMs })
  const { id, receipt } = await publish('a', {
    author: { name: 'Grace', email: 'grace@example.org' },
    body: 'My words.',
  })
  const reply = await publish('a', { parentId: id })
  t.match(await store.findComment(id), { author: { email: 'grace@example.org' }, body: 'My words.' })

  const response = await call({
    method: 'DELETE',
    url: `/v1/comments/${id}`,
    headers: { authorization: `Bearer ${receipt}` },
  })
  t.equal(response.statusCode, 200)
  t.same(response.json(), {
    id,
    articleId: 'a',
    articleUrl: null,
    parentId: null,
    status: 'withdrawn',
    author: null,
    body: null,
    reason: null,
    submittedAt: '2026-05-04T09:30:00.000Z',
    publishedAt: null,
  })

  t.match(await store.findComment(id), { status: 'withdrawn', author: null, body: null, version: 3 })
  t.match((await call({ url: '/v1/articles/a/comments' })).json(), {
    total: 1,
    comments: [{ id: reply.id, parentId: id }],
  })
  const headers = await token('moderate')
  const viewed = await call({ url: `/v1/moderation/comments/${id}`, headers })
  t.match(viewed.json(), {
    status: 'withdrawn',
    author: null,
    body: null,
    decisions: [
      { action: 'approve', version: 2 },
      { action: 'withdraw', version: 3, decidedBy: null, reason: null, note: null },
    ],
  })
  t.notMatch(viewed.body, /Grace|grace|My words/)
})

t.test('withdraws from any state, and once', async (t) => {
  const { call, store, token, submit } = await startApp(t)
  const moderator = await token('moderate')
  for (const verdict of [null, 'approve', 'reject']) {
    const { id, receipt } = await submit('a')
    if (verdict !== null)
      await call({ method: 'POST', url: `/v1/moderation/comments/${id}/${verdict}`, headers: moderator })
    const withdraw = () =>
      call({ method: 'DELETE', url: `/v1/comments/${id}`, headers: { authorization: `Bearer ${receipt}` } })
    const first = await withdraw()
    t.match(first.json(), { status: 'withdrawn', body: null })
    const decisions = await logOf(store, id, 100)
    const again = await withdraw()
    t.equal(again.statusCode, 200)
    t.equal(again.body, first.body)
    t.same(await logOf(store, id, 100), decisions, 'nothing was decided again')
  }
  t.match((await call({ url: '/v1/moderation/comments', headers: moderator })).json(), {
    pending: 0,
    comments: { length: 0 },
  })
})

t.test('is for who holds the receipt of this very comment', async (t) => {
  const { call, store, token, submit } = await startApp(t)
  const { id } = await submit('a')
  const other = await submit('a')
  const withdraw = (headers: Record<string, string>) =>
    call({ method: 'DELETE', url: `/v1/comments/${id}`, headers })
  const missing = await withdraw({})
  equalProblem(t, missing, 401, 'token-missing')
  t.equal(missing.headers['www-authenticate'], 'Bearer realm="imprimatur"')
  for (const headers of [{ authorization: `Bearer ${other.receipt}` }, await token('moderate', 'admin')]) {
    const response = await withdraw(headers)
    equalProblem(t, response, 401, 'token-invalid')
    t.equal(response.headers['www-authenticate'], 'Bearer realm="imprimatur", error="invalid_token"')
  }
  t.match(await store.findComment(id), { status: 'pending', version: 1 })
})

t.test('takes no body; an empty one is none, whatever it calls itself', async (t) => {
  const { call, store, submit } = await startApp(t)
  const { id, receipt } = await submit('a')
  const headers = { authorization: `Bearer ${receipt}` }
  const withdraw = (type: string, payload: string) =>
    call({
      method: 'DELETE',
      url: `/v1/comments/${id}`,
      headers: { ...headers, 'content-type': type },
      payload,
    })
  equalProblem(t, await withdraw('application/json', '{"reason":"x"}'), 400, 'invalid-request', [
    'body : must not be sent: this call takes no body',
  ])
  t.match(await store.findComment(id), { status: 'pending' })
  t.equal((await withdraw('application/json', '')).statusCode, 200)
  t.equal((await withdraw('application/x-www-form-urlencoded', '')).statusCode, 200)
})

t.test('a comment that never was is none of who asks; an id that is no UUID is refused', async (t) => {
  const { call } = await startApp(t)
  const withdraw = (id: string) =>
    call({ method: 'DELETE', url: `/v1/comments/${id}`, headers: { authorization: 'Bearer imr_x' } })
  equalProblem(t, await withdraw('019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11'), 401, 'token-invalid')
  equalProblem(t, await withdraw('1'), 400, 'invalid-request', ['path /commentId: must be a UUID'])
})

t.test('decides again where a moderator was faster', async (t) => {
  const app = await startApp(t)
  const { id, receipt } = await app.submit('a')
  const moderator = await app.token('moderate')
  const { commit } = app.store
  let lost = false
  Object.assign(app.store, {
    commit: async (changes: Parameters<typeof commit>[0]) => {
      if (!lost) {
        lost = true
        await app.call({
          method: 'POST',
          url: `/v1/moderation/comments/${id}/approve`,
          headers: moderator,
        })
      }
      return commit(changes)
    },
  })
  const response = await app.call({
    method: 'DELETE',
    url: `/v1/comments/${id}`,
    headers: { authorization: `Bearer ${receipt}` },
  })
  t.match(response.json(), { status: 'withdrawn' })
  t.match(await app.store.findComment(id), { status: 'withdrawn', version: 3 })
})

t.test('answers 409 where others decide faster all the time', async (t) => {
  const app = await startApp(t)
  const { id, receipt } = await app.submit('a')
  Object.assign(app.store, { commit: async () => 'stale' })
  const response = await app.call({
    method: 'DELETE',
    url: `/v1/comments/${id}`,
    headers: { authorization: `Bearer ${receipt}` },
  })
  equalProblem(t, response, 409, 'decision-conflict')
  t.equal(response.headers['retry-after'], '1')
})

t.test('tells the log that it happened, and nothing of the comment', async (t) => {
  const { call, log, submit } = await startApp(t)
  const { id, receipt } = await submit('a', { body: 'My words.' })
  log.length = 0
  await call({
    method: 'DELETE',
    url: `/v1/comments/${id}`,
    headers: { authorization: `Bearer ${receipt}` },
  })
  t.equal(log.length, 1)
  t.match(JSON.parse(log[0] ?? ''), {
    level: 30,
    event: 'decision',
    action: 'withdraw',
    commentId: id,
    version: 2,
    changed: true,
  })
  t.notMatch(log[0], /words|Ada|example\.org|imr_/)
})

everyStatusWasSeen(t, 'withdrawComment')
