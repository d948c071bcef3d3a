import t from 'tap'
import { startApp, type TestApp } from '../../../support/app.ts'
import {
  answersLikeEveryRoute,
  everyStatusWasSeen,
  needsToken,
  turnsAwayWhenOverloaded,
} from '../../../support/routes.ts'

const plan = {
  request: async ({ token }: TestApp) => ({ url: '/metrics', headers: await token('admin') }),
  success: 200,
  faultIn: 'queue',
} as const

answersLikeEveryRoute(t, plan)
turnsAwayWhenOverloaded(t, plan)
needsToken(t, plan, 'admin')

t.test('answers HEAD with the headers of GET and no body', async (t) => {
  const { call, token } = await startApp(t)
  const response = await call({ method: 'HEAD', url: '/metrics', headers: await token('admin') })
  t.equal(response.statusCode, 200)
  t.equal(response.body, '')
  t.equal(response.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8')
})

t.test('tells the length of the queue and the age of its oldest comment', async (t) => {
  let nowMs = Date.parse('2026-05-04T09:30:00.000Z')
  const { call, token, submit } = await startApp(t, { clock: () => nowMs })
  const [admin, moderator] = [await token('admin'), await token('moderate')]
  const gauge = async (name: string) => sampleOf((await call({ url: '/metrics', headers: admin })).body, name)

  t.equal(await gauge('imprimatur_queue_length'), 0)
  const bytes = await gauge('imprimatur_database_bytes')
  t.ok(Number(bytes) > 10_000, `${bytes} bytes`)
  t.equal(await gauge('imprimatur_oldest_pending_age_seconds'), 0)
  const { id } = await submit('a')
  nowMs += 90_000
  await submit('a')
  nowMs += 500
  t.equal(await gauge('imprimatur_queue_length'), 2)
  t.equal(await gauge('imprimatur_oldest_pending_age_seconds'), 90.5)
  await call({ method: 'POST', url: `/v1/moderation/comments/${id}/approve`, headers: moderator })
  t.equal(await gauge('imprimatur_queue_length'), 1)
  t.equal(await gauge('imprimatur_oldest_pending_age_seconds'), 0.5)
  nowMs -= 3_600_000
  t.equal(await gauge('imprimatur_oldest_pending_age_seconds'), 0, 'a clock that was set back')
})

t.test('counts and times what was answered, by operation', async (t) => {
  const { app, call, token } = await startApp(t)
  const headers = await token('admin')
  await call({ url: '/v1/counts?articleId=a' })
  await call({ url: '/v1/counts?articleId=b' })
  await call({ method: 'HEAD', url: '/v1/counts?articleId=b' })
  await call({ url: '/v1/counts' })
  await call({ url: '/nowhere/ada@example.org' })
  await call({ method: 'PUT', url: '/v1/counts' })
  await app.inject({ url: '/docs/' })
  const { body } = await call({ url: '/metrics', headers })
  const requests = (operation: string, status: number) =>
    sampleOf(body, `imprimatur_http_requests_total{operation="${operation}",status="${status}"}`)
  t.equal(requests('countComments', 200), 3)
  t.equal(requests('countComments', 400), 1)
  t.equal(requests('unknownPath', 404), 1)
  t.equal(requests('unknownPath', 405), 1)
  t.equal(requests('docs', 200), 1)
  const durations = 'imprimatur_http_request_duration_seconds'
  t.equal(sampleOf(body, `${durations}_count{operation="countComments"}`), 4)
  t.ok(Number(sampleOf(body, `${durations}_sum{operation="countComments"}`)) < 10, 'in seconds')
  t.match(body, /^process_resident_memory_bytes \d+$/m)
  t.match(body, /^nodejs_eventloop_lag_seconds /m)
  t.notMatch(body, /nowhere|example/)
})

t.test('two services in one process keep their numbers apart', async (t) => {
  const [one, other] = [await startApp(t), await startApp(t)]
  await one.call({ url: '/livez' })
  const { body } = await other.call({ url: '/metrics', headers: await other.token('admin') })
  t.equal(sampleOf(body, 'imprimatur_http_requests_total{operation="livez",status="200"}'), undefined)
})

/** The sample of this name and labels. */
function sampleOf(metrics: string, sample: string): number | undefined {
  const line = metrics.split('\n').find((one) => one.startsWith(`${sample} `))
  return line === undefined ? undefined : Number(line.slice(sample.length))
}

everyStatusWasSeen(t, 'readMetrics')
