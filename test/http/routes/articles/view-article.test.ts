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

const url = '/v1/moderation/articles/a'
const plan = {
  request: async ({ submit, token }: TestApp) => {
    await submit('a')
    return { url, headers: await token('moderate') }
  },
  success: 200,
  faultIn: 'findArticle',
} as const

answersLikeEveryRoute(t, plan)
turnsAwayWhenOverloaded(t, plan)
needsToken(t, plan, 'moderate')
answersHead(t, plan)
isConditional(t, plan)

t.test('shows what is known of an article that nobody has told of', async (t) => {
  const { call, token, publish, submit } = await startApp(t, { closeAfterDays: 1, clock: () => 86_400_000 })
  await publish('a')
  await submit('a')
  t.same((await call({ url, headers: await token('moderate') })).json(), {
    articleId: 'a',
    title: null,
    url: null,
    publishedAt: null,
    closedAt: null,
    closesAt: '1970-01-03T00:00:00.000Z',
    closed: false,
    total: 1,
  })
})

t.test('answers 404 where nobody has heard of it', async (t) => {
  const { call, token } = await startApp(t)
  equalProblem(t, await call({ url, headers: await token('moderate') }), 404, 'article-not-found')
})

everyStatusWasSeen(t, 'viewArticle')
