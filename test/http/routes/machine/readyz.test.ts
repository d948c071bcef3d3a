import t from 'tap'
import { startApp } from '../../../support/app.ts'
import {
  answersHead,
  answersLikeEveryRoute,
  equalProblem,
  everyStatusWasSeen,
} from '../../../support/routes.ts'
import { until } from '../../../support/until.ts'

const plan = { request: async () => ({ url: '/readyz' }), success: 200, faultIn: null } as const

answersLikeEveryRoute(t, plan)
answersHead(t, plan)

t.test('asks the database, and answers 503 for as long as it does not answer', async (t) => {
  const { call, log, store } = await startApp(t)
  const response = await call({ url: '/readyz' })
  t.equal(response.statusCode, 200)
  t.equal(response.body, '{"status":"ok","jobsBehind":[]}\n')

  const { checkReady } = store
  Object.assign(store, { checkReady: async () => Promise.reject(new Error('unable to open /var/lib/x')) })
  const down = await call({ url: '/readyz' })
  equalProblem(t, down, 503, 'not-ready')
  t.equal(down.headers['retry-after'], '5')
  t.notMatch(down.body, /var/)
  t.match(JSON.parse(log.at(-1) ?? ''), { level: 50, err: { message: 'unable to open /var/lib/x' } })

  Object.assign(store, { checkReady })
  t.equal((await call({ url: '/readyz' })).statusCode, 200)
})

t.test('answers whatever the load is', async (t) => {
  const { app, call } = await startApp(t, { maxEventLoopDelayMs: 1e-9 })
  await until(async () => ((await app.inject('/openapi.json')).statusCode === 503 ? true : undefined))
  t.equal((await call({ url: '/readyz' })).statusCode, 200)
})

t.test('answers a fault of the server around it with 500', async (t) => {
  const { app, call } = await startApp(t)
  app.addHook('preHandler', async () => {
    throw new Error('a fault of a plugin')
  })
  equalProblem(t, await call({ url: '/readyz' }), 500, 'internal-error')
})

everyStatusWasSeen(t, 'readyz')
