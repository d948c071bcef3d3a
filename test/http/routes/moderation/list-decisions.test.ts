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

const url = '/v1/moderation/decisions'
const plan = {
  request: async ({ token }: TestApp) => ({ url, headers: await token('moderate') }),
  success: 200,
  faultIn: 'listLog',
} as const

answersLikeEveryRoute(t, plan)
turnsAwayWhenOverloaded(t, plan)
needsToken(t, plan, 'moderate')
answersHead(t, plan)
isConditional(t, plan)

t.test('has all that happened, oldest first, and what is new is behind what was seen', async (t) => {
  const { call, token, submit, publish } = await startApp(t)
  const headers = await token('moderate')
  const read = async (query: string) => (await call({ url: `${url}?${query}`, headers })).json()
  t.same(await read('after=0'), { decisions: [], nextAfter: 0 })
  const root = await publish('a')
  const reply = await publish('a', { parentId: root.id })
  const act = (id: string, action: string, payload: object = {}) =>
    call({ method: 'POST', url: `/v1/moderation/comments/${id}/${action}`, headers, payload })
  await act(root.id, 'reject', { replies: 'reject', note: 'All of it.' })
  await act(root.id, 'notes', { text: 'Really.' })
  const gone = await submit('b')
  await call({
    method: 'DELETE',
    url: `/v1/comments/${gone.id}`,
    headers: { authorization: `Bearer ${gone.receipt}` },
  })
  await act(gone.id, 'approve')

  const whole = await read('limit=100')
  t.match(whole.decisions, [
    { position: 1, action: 'approve', commentId: root.id, articleId: 'a' },
    { position: 2, action: 'approve', commentId: reply.id },
    { position: 3, action: 'reject', commentId: root.id, rejectedWith: null },
    { position: 4, action: 'reject', commentId: reply.id, rejectedWith: root.id },
    { position: 5, action: 'note', commentId: root.id, note: 'Really.', version: 3 },
    { position: 6, action: 'withdraw', commentId: gone.id, articleId: 'b', decidedBy: null },
  ])
  t.equal(whole.decisions.length, 6)
  t.equal(whole.nextAfter, 6)
  t.same(await read('after=6'), { decisions: [], nextAfter: 6 })

  const seen: object[] = []
  for (let after = 0; ; ) {
    const { decisions, nextAfter } = await read(`after=${after}&limit=2`)
    if (decisions.length === 0) break
    seen.push(...decisions)
    after = nextAfter
  }
  t.same(seen, whole.decisions)
  t.same((await read('order=newest&limit=100')).decisions, whole.decisions.toReversed())
  t.match(await read('order=newest&limit=2&after=5'), {
    decisions: [{ position: 4 }, { position: 3 }],
    nextAfter: 3,
  })
  t.match(await read(`commentId=${root.id}`), {
    decisions: [{ position: 1 }, { position: 3 }, { position: 5 }],
  })
})

t.test('has what one moderator did, by name or for oneself', async (t) => {
  const { call, store, token, submit } = await startApp(t)
  const [one, other] = [await token('moderate'), await token('moderate')]
  const names = (await store.listTokens()).map(({ name }) => name)
  for (const headers of [one, other, one])
    await call({
      method: 'POST',
      url: `/v1/moderation/comments/${(await submit('a')).id}/approve`,
      headers,
    })
  const positions = async (headers: Record<string, string>, decidedBy: string) =>
    (await call({ url: `${url}?decidedBy=${encodeURIComponent(decidedBy)}`, headers }))
      .json()
      .decisions.map(({ position }: { position: number }) => position)
  t.same(await positions(one, 'me'), [1, 3])
  t.same(await positions(other, 'me'), [2])
  const byName = await Promise.all(names.map((name) => positions(one, name)))
  t.same(byName.sort(), [[1, 3], [2]])
  t.same(await positions(one, 'nobody'), [])
})

t.test('refuses what is no position, order or name', async (t) => {
  const { call, token } = await startApp(t)
  const headers = await token('moderate')
  const range = 'query /after: must be a whole number from 0 to 9007199254740991'
  for (const after of ['-1', '', '1.5', '01', '0x1', '9007199254740992', '%201'])
    equalProblem(t, await call({ url: `${url}?after=${after}`, headers }), 400, 'invalid-request', [range])
  equalProblem(
    t,
    await call({ url: `${url}?order=last&decidedBy=&commentId=1&limit=101`, headers }),
    400,
    'invalid-request',
    [
      'query /order: must be oldest or newest',
      'query /decidedBy: must not be blank',
      'query /commentId: must be a UUID',
      'query /limit: must be a whole number from 1 to 100',
    ],
  )
  t.equal(
    (await call({ url: `${url}?after=9007199254740991`, headers })).json().nextAfter,
    Number.MAX_SAFE_INTEGER,
  )
})

everyStatusWasSeen(t, 'listDecisions')
