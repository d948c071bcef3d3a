import t from 'tap'
import { startApp, type TestApp } from '../../../support/app.ts'
import {
  answersHead,
  answersLikeEveryRoute,
  equalProblem,
  everyStatusWasSeen,
  needsToken,
  turnsAwayWhenOverloaded,
} from '../../../support/routes.ts'
import { logOf } from '../../../support/store.ts'

const plan = {
  request: async ({ submit, token }: TestApp) => {
    const { id } = await submit('a')
    return { url: `/v1/moderation/comments/${id}`, headers: await token('moderate') }
  },
  success: 200,
  faultIn: 'findWithDecisions',
} as const

answersLikeEveryRoute(t, plan)
turnsAwayWhenOverloaded(t, plan)
needsToken(t, plan, 'moderate')
answersHead(t, plan)

t.test('shows one comment with what was decided about it, by whom and why', async (t) => {
  const nowMs = Date.parse('2026-05-04T09:30:00.000Z')
  const { call, store, token, submit, publish } = await startApp(t, { clock: () => nowMs })
  const headers = await token('moderate')
  const name = (await store.listTokens())[0]?.name
  const { id } = await submit('a')
  const look = () => call({ url: `/v1/moderation/comments/${id}`, headers })
  const pending = {
    id,
    articleId: 'a',
    articleUrl: null,
    parentId: null,
    status: 'pending',
    version: 1,
    author: { name: 'Ada', email: 'ada@example.org' },
    body: 'A fine article.',
    submittedAt: '2026-05-04T09:30:00.000Z',
    publishedAt: null,
    claim: null,
    decisions: [],
  }
  const before = await look()
  t.same(before.json(), pending)
  t.equal(before.headers.etag, '"1"')
  t.equal(before.headers['cache-control'], 'no-store')

  await call({ method: 'POST', url: `/v1/moderation/comments/${id}/approve`, headers })
  const reply = await publish('a', { parentId: id })
  await publish('a', { parentId: reply.id })
  await submit('a', { parentId: id })
  await call({
    method: 'POST',
    url: `/v1/moderation/comments/${id}/reject`,
    headers,
    payload: { reason: 'Off topic.', note: 'Third time.' },
  })
  const after = await look()
  const { decisions, ...comment } = after.json()
  t.same({ ...comment, decisions: [] }, { ...pending, status: 'rejected', version: 3 })
  t.equal(after.headers.etag, '"3"')
  const again = await call({
    url: `/v1/moderation/comments/${id}`,
    headers: { ...headers, 'if-none-match': '"3"' },
  })
  t.equal(again.statusCode, 200, 'claims and notes do not move it')
  const line = { decidedBy: name, decidedAt: '2026-05-04T09:30:00.000Z' }
  t.match(decisions, [
    { ...line, action: 'approve', version: 2, reason: null, note: null },
    { ...line, action: 'reject', version: 3, reason: 'Off topic.', note: 'Third time.' },
  ])
  t.equal(decisions.length, 2)
})

t.test('shows the newest 100 decisions, oldest first', async (t) => {
  const { call, store, token, submit } = await startApp(t)
  const headers = await token('moderate')
  const { id } = await submit('a')
  for (let count = 1; count <= 101; count++) {
    const verdict = count % 2 === 1 ? 'approve' : 'reject'
    await call({ method: 'POST', url: `/v1/moderation/comments/${id}/${verdict}`, headers })
  }
  const { version, decisions } = (await call({ url: `/v1/moderation/comments/${id}`, headers })).json()
  t.equal(version, 102)
  t.same(
    decisions.map((decision: { version: number }) => decision.version),
    Array.from({ length: 100 }, (_, index) => index + 3),
  )
  t.equal((await logOf(store, id, 1_000)).length, 101, 'the log itself keeps all')
})

t.test('a comment that never was is not found; an id that is no UUID is refused', async (t) => {
  const { call, token } = await startApp(t)
  const headers = await token('moderate')
  const look = (id: string) => call({ url: `/v1/moderation/comments/${id}`, headers })
  equalProblem(t, await look('019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11'), 404, 'comment-not-found')
  for (const id of ['1', 'decisions', '%00', '019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11%20']) {
    equalProblem(t, await look(id), 400, 'invalid-request', ['path /commentId: must be a UUID'])
  }
})

t.test('an id has no case', async (t) => {
  const { call, token, submit } = await startApp(t)
  const { id } = await submit('a')
  const response = await call({
    url: `/v1/moderation/comments/${id.toUpperCase()}`,
    headers: await token('moderate'),
  })
  t.match(response.json(), { id })
})

everyStatusWasSeen(t, 'viewComment')
