import t from 'tap'
import { startApp, type TestApp } from '../../../support/app.ts'
import {
  answersHead,
  answersLikeEveryRoute,
  everyStatusWasSeen,
  isConditional,
  needsToken,
  turnsAwayWhenOverloaded,
} from '../../../support/routes.ts'

const plan = {
  request: async ({ call, submit, token }: TestApp) => {
    await submit('a')
    const headers = await token('moderate')
    await call({ method: 'POST', url: '/v1/moderation/claims', headers })
    return { url: '/v1/moderation/claims', headers }
  },
  success: 200,
  faultIn: 'claimsOf',
} as const

t.setTimeout(300_000)

answersLikeEveryRoute(t, plan)
turnsAwayWhenOverloaded(t, plan)
needsToken(t, plan, 'moderate')
answersHead(t, plan)
isConditional(t, plan)

t.test('lists what one has taken, oldest first, and nothing of others', async (t) => {
  const { call, submit, token } = await startApp(t)
  const [marie, jean] = [await token('moderate'), await token('moderate')]
  const text = { body: 'Twice.' }
  const ids = [(await submit('a', text)).id, (await submit('a', text)).id, (await submit('a')).id]
  const claim = async (headers: Record<string, string>, limit: number) =>
    (
      await call({
        method: 'POST',
        url: '/v1/moderation/claims',
        headers,
        payload: { limit, order: 'newest', seconds: 600 },
      })
    ).json()
  await claim(jean, 1)
  const taken = await claim(marie, 5)
  const own = (await call({ url: '/v1/moderation/claims', headers: marie })).json()
  t.same(own, { comments: taken.comments.toReversed() })
  t.match(own.comments, [
    { id: ids[0], repeats: null, claim: { until: taken.until } },
    { id: ids[1], repeats: ids[0] },
  ])
  t.match((await call({ url: '/v1/moderation/claims', headers: jean })).json().comments, [{ id: ids[2] }])
})

everyStatusWasSeen(t, 'listClaims')
