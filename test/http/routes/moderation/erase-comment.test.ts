import t from 'tap'
import { startApp, type TestApp } from '../../../support/app.ts'
import {
  answersLikeEveryRoute,
  equalProblem,
  everyStatusWasSeen,
  needsToken,
  readsOnlyJson,
  turnsAwayWhenOverloaded,
} from '../../../support/routes.ts'
import { logOf } from '../../../support/store.ts'

const urlOf = (id: string) => `/v1/moderation/comments/${id}/erase`
const payload = { reason: 'It named a private address.' }
const plan = {
  request: async ({ publish, token }: TestApp) => {
    const { id } = await publish('a')
    return { method: 'POST', url: urlOf(id), headers: await token('moderate'), payload } as const
  },
  success: 200,
  faultIn: 'commit',
} as const

answersLikeEveryRoute(t, plan)
turnsAwayWhenOverloaded(t, plan)
needsToken(t, plan, 'moderate')
readsOnlyJson(t, plan)

for (const before of ['pending', 'approved', 'rejected'] as const)
  t.test(`name, address and text of what is ${before} are gone, and the log says who and why`, async (t) => {
    const { call, store, token, submit } = await startApp(t)
    const headers = await token('moderate')
    const name = (await store.listTokens())[0]?.name
    const { id, receipt } = await submit('a', { body: 'Ring me at 0171 5550100.' })
    if (before !== 'pending') {
      const verdict = before === 'approved' ? 'approve' : 'reject'
      await call({ method: 'POST', url: `/v1/moderation/comments/${id}/${verdict}`, headers })
    }
    const version = before === 'pending' ? 2 : 3
    const response = await call({ method: 'POST', url: urlOf(id), headers, payload })
    t.match(response.json(), { id, status: 'withdrawn', version, author: null, body: null, changed: true })
    t.equal(response.headers.etag, `"${version}"`)
    t.match(await store.findComment(id), {
      status: 'withdrawn',
      author: null,
      body: null,
      publishedAtMs: null,
    })
    t.match((await logOf(store, id)).at(-1), { action: 'erase', decidedBy: name, ...payload })
    t.equal((await store.queue()).pending, 0)
    t.match((await call({ url: '/v1/articles/a/comments' })).json(), { total: 0 })
    const own = await call({ url: `/v1/comments/${id}`, headers: { authorization: `Bearer ${receipt}` } })
    t.match(own.json(), { status: 'withdrawn', body: null, ...payload })
    const view = await call({ url: `/v1/moderation/comments/${id}`, headers })
    t.notMatch(view.body, /Ada|0171 5550|example\.org/)
    t.match((await call({ method: 'POST', url: urlOf(id), headers, payload })).json(), {
      version,
      changed: false,
    })
  })

t.test('what is asked for under an old Idempotency-Key is not known any more', async (t) => {
  const { call, token } = await startApp(t)
  const submission = {
    method: 'POST',
    url: '/v1/articles/a/comments',
    headers: { 'idempotency-key': 'once' },
    payload: { author: { name: 'Ada', email: 'ada@example.org' }, body: 'Ring me.' },
  } as const
  const { id } = (await call(submission)).json()
  await call({ method: 'POST', url: urlOf(id), headers: await token('moderate'), payload })
  equalProblem(t, await call(submission), 422, 'idempotency-key-reused')
})

t.test('needs a reason, and the version that If-Match names', async (t) => {
  const { call, store, token, submit } = await startApp(t)
  const headers = await token('moderate')
  const { id } = await submit('a')
  const erase = (payload: object, more: object = {}) =>
    call({ method: 'POST', url: urlOf(id), headers: { ...headers, ...more }, payload })
  equalProblem(t, await erase({}), 400, 'invalid-request', ['body /reason: is required'])
  equalProblem(t, await erase({ reason: ' ', replies: 'reject' }), 400, 'invalid-request', [
    'body /reason: must not be blank',
    'body /replies: is not known here',
  ])
  equalProblem(t, await erase(payload, { 'if-match': '"2"' }), 412, 'version-mismatch')
  t.match(await store.findComment(id), { status: 'pending', version: 1 })
  const unknown = urlOf('019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11')
  equalProblem(t, await call({ method: 'POST', url: unknown, headers, payload }), 404, 'comment-not-found')
  Object.assign(store, { commit: async () => 'stale' })
  equalProblem(t, await erase(payload), 409, 'decision-conflict')
})

everyStatusWasSeen(t, 'eraseComment')
