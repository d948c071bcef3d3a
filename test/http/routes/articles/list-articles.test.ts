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

const url = '/v1/moderation/articles'
const plan = {
  request: async ({ submit, token }: TestApp) => {
    await submit('a')
    return { url, headers: await token('moderate') }
  },
  success: 200,
  faultIn: 'listArticles',
} as const

answersLikeEveryRoute(t, plan)
turnsAwayWhenOverloaded(t, plan)
needsToken(t, plan, 'moderate')
answersHead(t, plan)
isConditional(t, plan)

t.test('lists every article once, a page after the other, without those that were moved', async (t) => {
  const { call, token, submit } = await startApp(t)
  const headers = await token('moderate')
  const ids = ['a', 'b', 'https://x.example/é?a=1&b=2', 'é', '\u{1f4f0}']
  for (const id of [...ids, 'moved']) await submit(id)
  await call({ method: 'POST', url: `${url}/moved/move`, headers, payload: { to: 'a' } })
  const seen: string[] = []
  let next: string | undefined = `${url}?limit=2`
  while (next !== undefined) {
    const page = await call({ url: next, headers })
    const { articles, nextCursor } = page.json()
    seen.push(...articles.map(({ articleId }: { articleId: string }) => articleId))
    next = /<(.*)>; rel="next"/.exec(String(page.headers.link))?.[1]
    t.equal(next?.includes(`cursor=${nextCursor}`) ?? false, nextCursor !== null)
  }
  t.same(seen, ids)
})

t.test('refuses a cursor that no page has given, and a limit out of bounds', async (t) => {
  const { call, token } = await startApp(t)
  equalProblem(
    t,
    await call({ url: `${url}?cursor=a.b&limit=101`, headers: await token('moderate') }),
    400,
    'invalid-request',
    [
      'query /limit: must be a whole number from 1 to 100',
      'query /cursor: must be the nextCursor of an earlier page',
    ],
  )
})

everyStatusWasSeen(t, 'listArticles')
