import t from 'tap'
import { startApp, type TestApp } from '../../../support/app.ts'
import {
  answersHead,
  answersLikeEveryRoute,
  equalProblem,
  everyStatusWasSeen,
  isConditional,
  needsToken,
  turnsAwayWhenOverloaded,
} from '../../../support/routes.ts'

const urlOf = (id: string) => `/v1/moderation/comments/${id}/context`

const plan = {
  request: async ({ submit, token }: TestApp) => {
    const { id } = await submit('a')
    return { url: urlOf(id), headers: await token('moderate') }
  },
  success: 200,
  faultIn: 'parentsOf',
} as const

t.setTimeout(300_000)

answersLikeEveryRoute(t, plan)
turnsAwayWhenOverloaded(t, plan)
needsToken(t, plan, 'moderate')
answersHead(t, plan)
isConditional(t, plan)

t.test('shows a comment in its thread, its article and beside what its author wrote', async (t) => {
  const nowMs = Date.parse('2026-05-04T09:30:00.000Z')
  const { call, store, token, submit, publish } = await startApp(t, {
    clock: () => nowMs,
    articleUrl: 'https://example.org/{articleId}',
  })
  const headers = await token('moderate')
  const [moderator] = await store.listTokens()
  const root = await publish('a')
  const parent = await publish('a', { parentId: root.id })
  const eve = { author: { name: 'Eve', email: 'eve@example.org' } }
  const before = await submit('b', eve)
  const decide = (id: string, verdict: string, payload: object = {}) =>
    call({ method: 'POST', url: `/v1/moderation/comments/${id}/${verdict}`, headers, payload })
  await decide(before.id, 'reject', { reasonCode: 'spam' })
  const own = await submit('a', { ...eve, parentId: parent.id })
  const look = async (id: string) => (await call({ url: urlOf(id), headers })).json()
  const found = await look(own.id)
  t.match(found, {
    comment: { id: own.id, author: { email: 'eve@example.org' }, claim: null, decisions: [] },
    parents: [{ id: root.id }, { id: parent.id, parentId: root.id }],
    parentsLeftOut: false,
    replies: { total: 0, comments: [] },
    author: {
      last: [
        {
          comment: { id: before.id, articleId: 'b', status: 'rejected' },
          lastDecision: { action: 'reject', reasonCode: 'spam', decidedBy: moderator?.name },
        },
      ],
      counts: { pending: 1, approved: 0, rejected: 1 },
      decided30Days: 1,
      rejected30Days: 1,
    },
  })
  t.same(found.article, {
    articleId: 'a',
    title: null,
    url: 'https://example.org/a',
    approved: 2,
    pending: 1,
    closed: false,
  })
  t.match((await look(parent.id)).replies, { total: 1, comments: [{ id: own.id, status: 'pending' }] })
  await call({
    method: 'DELETE',
    url: `/v1/comments/${own.id}`,
    headers: { authorization: `Bearer ${own.receipt}` },
  })
  t.match(await look(own.id), { comment: { status: 'withdrawn' }, author: null })
  t.equal((await look(before.id)).author.last.length, 0, 'what is withdrawn is nobody’s any more')
})

t.test('a comment that never was is not found; an id that is no UUID is refused', async (t) => {
  const { call, token } = await startApp(t)
  const headers = await token('moderate')
  const url = urlOf('019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11')
  equalProblem(t, await call({ url, headers }), 404, 'comment-not-found')
  equalProblem(t, await call({ url: urlOf('1'), headers }), 400, 'invalid-request', [
    'path /commentId: must be a UUID',
  ])
})

everyStatusWasSeen(t, 'viewContext')
