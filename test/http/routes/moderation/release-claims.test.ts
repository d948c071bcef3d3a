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
  request: async ({ token }: TestApp) =>
    ({ method: 'DELETE', url, headers: await token('moderate') }) as const,
  success: 200,
  faultIn: 'releaseClaims',
} as const

t.setTimeout(300_000)

answersLikeEveryRoute(t, plan)
turnsAwayWhenOverloaded(t, plan)
needsToken(t, plan, 'moderate')
readsOnlyJson(t, plan)

t.test('what is given up is free at once', async (t) => {
  const { call, submit, token } = await startApp(t)
  const [marie, jean] = [await token('moderate'), await token('moderate')]
  const ids: string[] = []
  for (let count = 0; count < 4; count++) ids.push((await submit('a')).id)
  const [a, b, c, d] = ids
  const claim = async (headers: Record<string, string>, limit: number) =>
    (await call({ method: 'POST', url, headers, payload: { limit } }))
      .json()
      .comments.map(({ id }: { id: string }) => id)
  const release = async (query: string, headers = marie) =>
    (await call({ method: 'DELETE', url: url + query, headers })).json()
  t.same(await claim(marie, 3), [a, b, c])
  t.same(await claim(jean, 4), [d])
  t.same(await release(`?commentId=${b}&commentId=${d}`), { released: 1 }, 'nobody else’s')
  t.same(await claim(jean, 4), [b])
  t.same(await release(`?commentId=${a}`), { released: 1 })
  t.same(await release(''), { released: 1 })
  t.same(await release(''), { released: 0 })
  t.same(await claim(jean, 4), [a, c])
})

t.test('refuses what is no id', async (t) => {
  const { call, token } = await startApp(t)
  const headers = await token('moderate')
  equalProblem(
    t,
    await call({ method: 'DELETE', url: `${url}?commentId=1&commentId=`, headers }),
    400,
    'invalid-request',
    ['query /commentId/0: must be a UUID', 'query /commentId/1: must be a UUID'],
  )
})

everyStatusWasSeen(t, 'releaseClaims')
