import t from 'tap'
import { startApp } from '../../../support/app.ts'
import {
  answersHead,
  answersLikeEveryRoute,
  equalProblem,
  everyStatusWasSeen,
} from '../../../support/routes.ts'
import { until } from '../../../support/until.ts'

const plan = { request: async () => ({ url: '/livez' }), success: 200, faultIn: null } as const

answersLikeEveryRoute(t, plan)
answersHead(t, plan)

t.test('answers as long as the process does: without a database, and however busy', async (t) => {
  const { app, call, store } = await startApp(t, { maxEventLoopDelayMs: 1e-9 })
  await until(async () => ((await app.inject('/openapi.json')).statusCode === 503 ? true : undefined))
  const asked: string[] = []
  for (const method of Object.keys(store)) {
    if (method === 'close') continue
    Object.assign(store, { [method]: async () => asked.push(method) })
  }
  const response = await call({ url: '/livez' })
  t.equal(response.statusCode, 200)
  t.equal(response.body, '{"status":"ok"}\n')
  t.equal(response.headers['cache-control'], 'no-store')
  t.same(asked, [])
})

t.test('answers a fault of the server around it with 500', async (t) => {
  const { app, call } = await startApp(t)
  app.addHook('preHandler', async () => {
    throw new Error('a fault of a plugin')
  })
  const response = await call({ url: '/livez' })
  equalProblem(t, response, 500, 'internal-error')
  t.notMatch(response.body, /plugin/)
})

everyStatusWasSeen(t, 'livez')
