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

const url = '/v1/moderation/claims'

const plan = {
  request: async ({ call, submit, token }: TestApp) => {
    await submit('a')
    const headers = await token('moderate')
    await call({ method: 'POST', url, headers })
    return { method: 'PATCH', url, headers } as const
  },
  success: 200,
  faultIn: 'renewClaims',
} as const

t.setTimeout(300_000)

answersLikeEveryRoute(t, plan)
turnsAwayWhenOverloaded(t, plan)
needsToken(t, plan, 'moderate')
readsOnlyJson(t, plan)

t.test('what is renewed lasts from now on; what is over, decided or not one’s own is not', async (t) => {
  const { call, submit, token } = await startApp(t)
  const [marie, jean] = [await token('moderate'), await token('moderate')]
  const ids = [(await submit('a')).id, (await submit('a')).id, (await submit('a')).id]
  const [a, b, c] = ids as [string, string, string]
  const claimed = (await call({ method: 'POST', url, headers: marie, payload: { limit: 2 } })).json()
  const renew = async (payload: object, headers = marie) =>
    (await call({ method: 'PATCH', url, headers, payload })).json()
  const all = await renew({ seconds: 3_600 })
  t.same(all.commentIds, [a, b])
  t.ok(Date.parse(all.until) > Date.parse(claimed.until) + 3_000_000)
  t.same((await renew({ commentIds: [b.toUpperCase(), c] })).commentIds, [b])
  t.same((await renew({}, jean)).commentIds, [])
  await call({ method: 'POST', url: `/v1/moderation/comments/${a}/approve`, headers: jean })
  t.same((await renew({})).commentIds, [b])
  t.match((await call({ url, headers: marie })).json().comments, [{ id: b }])
})

t.test('names everything that is wrong at once', async (t) => {
  const { call, token } = await startApp(t)
  const headers = await token('moderate')
  const payload = { seconds: 3_601, commentIds: ['x'], limit: 1 }
  equalProblem(t, await call({ method: 'PATCH', url, headers, payload }), 400, 'invalid-request', [
    'body /seconds: must be at most 3600',
    'body /commentIds/0: must be a UUID',
    'body /limit: is not known here',
  ])
  equalProblem(
    t,
    await call({ method: 'PATCH', url, headers, payload: { seconds: 30.5, commentIds: [] } }),
    400,
    'invalid-request',
    ['body /seconds: must be a whole number', 'body /commentIds: must hold at least one id'],
  )
})

everyStatusWasSeen(t, 'renewClaims')
