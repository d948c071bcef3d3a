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

const url = '/v1/moderation/reasons'

const plan = {
  request: async ({ token }: TestApp) => ({ url, headers: await token('moderate') }),
  success: 200,
  // Signing in alone asks the store.
  faultIn: 'findTokenByHash',
} as const

answersLikeEveryRoute(t, plan)
turnsAwayWhenOverloaded(t, plan)
needsToken(t, plan, 'moderate')
answersHead(t, plan)
isConditional(t, plan)

t.test('lists ten reasons in every language, or those of the deployment', async (t) => {
  const { call, token } = await startApp(t)
  const { reasons } = (await call({ url, headers: await token('moderate') })).json()
  t.same(
    reasons.map(({ code }: { code: string }) => code),
    [
      'off-topic',
      'insult',
      'hate',
      'illegal',
      'spam',
      'advertising',
      'personal-data',
      'misinformation',
      'duplicate',
      'other',
    ],
  )
  t.match(reasons[4], { texts: { en: 'It looks like spam.', fr: 'Il ressemble à un message indésirable.' } })
  const own = [{ code: 'rule-7', texts: { nl: 'Zie regel 7.' } }]
  const other = await startApp(t, { reasons: own })
  t.same((await other.call({ url, headers: await other.token('moderate') })).json(), { reasons: own })
})

everyStatusWasSeen(t, 'listReasons')
