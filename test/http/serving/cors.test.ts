import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import t from 'tap'
import { startApp, submission } from '../../support/app.ts'
import { answerTo, listen } from '../../support/process.ts'
import { equalProblem } from '../../support/routes.ts'
import { until } from '../../support/until.ts'

const news = 'https://news.example'
const blog = 'https://blog.example:8443'
const preflight = {
  'access-control-request-method': 'POST',
  'access-control-request-headers': 'content-type',
}

/** Each path of the public API, with a method that is there. */
const publicRequests: InjectOptions[] = [
  { url: '/v1/articles/a/comments' },
  { method: 'POST', url: '/v1/articles/a/comments', payload: submission },
  { url: '/v1/counts?articleId=a' },
  { url: '/v1/comments/019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11', headers: { authorization: 'Bearer imr_x' } },
  { method: 'DELETE', url: '/v1/comments/019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11' },
]

const privatePaths = [
  '/v1/moderation/comments',
  '/v1/moderation/comments/019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11',
  '/v1/moderation/comments/019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11/approve',
  '/v1/moderation/decisions',
  '/metrics',
  '/livez',
  '/readyz',
  '/docs',
  '/docs/static/index.html',
]

t.test('with no origins configured, no page of another origin is let in', async (t) => {
  const { call } = await startApp(t)
  for (const request of publicRequests) {
    const response = await call({ ...request, headers: { ...request.headers, origin: news } })
    t.same(corsHeaders(response), {})
    t.notOk('vary' in response.headers)
    const options = await call({
      method: 'OPTIONS',
      url: request.url ?? '',
      headers: { origin: news, ...preflight },
    })
    t.equal(options.statusCode, 204)
    t.same(corsHeaders(options), {})
    t.match(options.headers.allow, /OPTIONS$/)
  }
})

t.test('pages of the configured origins may call the public API, and read what they need', async (t) => {
  const { call } = await startApp(t, { corsOrigins: [news, blog] })
  for (const request of publicRequests) {
    for (const origin of [news, blog]) {
      const response = await call({ ...request, headers: { ...request.headers, origin } })
      t.same(corsHeaders(response), {
        'access-control-allow-origin': origin,
        'access-control-expose-headers':
          'Allow, Content-Language, ETag, Idempotency-Replayed, Link, Location, RateLimit, RateLimit-Policy, Retry-After',
      })
      t.equal(response.headers.vary, 'Origin')
    }
  }
})

t.test('pages of other origins may not, and caches keep the answers apart', async (t) => {
  const { call } = await startApp(t, { corsOrigins: [news] })
  const others = [
    undefined,
    blog,
    'http://news.example',
    'https://news.example:444',
    'https://news.example.evil.example',
    'https://evilnews.example',
    'null',
    '',
  ]
  for (const request of publicRequests) {
    for (const origin of others) {
      const headers = { ...request.headers, ...(origin !== undefined && { origin }) }
      const response = await call({ ...request, headers })
      t.notOk('access-control-allow-origin' in response.headers, String(origin))
      t.equal(response.headers.vary, 'Origin')
    }
  }
})

t.test('a preflight is told what may be sent, and for how long that holds', async (t) => {
  const { call } = await startApp(t, { corsOrigins: [news] })
  for (const { url = '' } of publicRequests) {
    const response = await call({ method: 'OPTIONS', url, headers: { origin: news, ...preflight } })
    t.equal(response.statusCode, 204)
    t.equal(response.body, '')
    t.match(response.headers, {
      'access-control-allow-origin': news,
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers':
        'Authorization, Cache-Control, Content-Type, Idempotency-Key, If-None-Match',
      'access-control-max-age': '86400',
      vary: 'Origin',
      allow: /OPTIONS$/,
    })
    t.notOk('access-control-allow-credentials' in response.headers)
    const other = await call({ method: 'OPTIONS', url, headers: { origin: blog, ...preflight } })
    t.notOk('access-control-allow-origin' in other.headers)
    const plain = await call({ method: 'OPTIONS', url })
    t.equal(plain.statusCode, 204, 'no preflight at all')
  }
})

t.test('with *, any page may, and one answer does for all', async (t) => {
  const { call } = await startApp(t, { corsOrigins: '*' })
  for (const request of publicRequests) {
    for (const origin of [news, 'null', undefined]) {
      const headers = { ...request.headers, ...(origin !== undefined && { origin }) }
      const response = await call({ ...request, headers })
      t.equal(response.headers['access-control-allow-origin'], '*')
      t.notOk('vary' in response.headers)
      t.notOk('access-control-allow-credentials' in response.headers)
    }
  }
})

t.test('moderation, machines and pages are for no other origin, whatever is configured', async (t) => {
  for (const corsOrigins of ['*', [news]] as const) {
    const { app, token } = await startApp(t, { corsOrigins })
    const authorization = await token('moderate', 'admin')
    for (const url of privatePaths) {
      for (const method of ['GET', 'POST', 'OPTIONS', 'PUT'] as const) {
        const response = await app.inject({
          method,
          url,
          headers: { ...authorization, origin: news, ...preflight },
        })
        t.same(corsHeaders(response), {}, `${method} ${url}`)
      }
    }
  }
})

t.test('a page can read why it was refused', async (t) => {
  const { call, store } = await startApp(t, { corsOrigins: [news], submissionsPerMinute: 1 })
  const url = '/v1/articles/a/comments'
  const calls: [number, InjectOptions][] = [
    [400, { method: 'POST', url, payload: {} }],
    [202, { method: 'POST', url, payload: submission }],
    [429, { method: 'POST', url, payload: submission }],
    [401, { url: '/v1/comments/019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11' }],
    [406, { url, headers: { accept: 'text/html' } }],
  ]
  for (const [status, request] of calls) {
    const response = await call({ ...request, headers: { ...request.headers, origin: news } })
    t.equal(response.statusCode, status)
    t.equal(response.headers['access-control-allow-origin'], news, String(status))
  }
  Object.assign(store, { listApproved: async () => Promise.reject(new Error('down')) })
  const fault = await call({ url, headers: { origin: news } })
  t.match(fault, { statusCode: 500, headers: { 'access-control-allow-origin': news } })
})

t.test('a page can read that a path or a method is not there, after its preflight too', async (t) => {
  for (const corsOrigins of ['*', [news, blog]] as const) {
    const { call } = await startApp(t, { corsOrigins, unknownPathsPerMinute: 3 })
    const headers = { origin: news }
    const allowed = corsOrigins === '*' ? '*' : news
    // A slash that was not encoded.
    const url = '/v1/articles/2026/hello/comments'
    const options = await call({ method: 'OPTIONS', url, headers: { ...headers, ...preflight } })
    t.match(options, { statusCode: 204, headers: { 'access-control-allow-origin': allowed } })
    const unknown = await call({ method: 'POST', url, headers, payload: submission })
    equalProblem(t, unknown, 404, 'path-not-found')
    t.equal(unknown.headers['access-control-allow-origin'], allowed)
    const method = await call({ method: 'PATCH', url: '/v1/counts', headers })
    equalProblem(t, method, 405, 'method-not-allowed')
    t.equal(method.headers['access-control-allow-origin'], allowed)
    t.match(method.headers['access-control-expose-headers'], /\bAllow\b/)

    t.match(await call({ method: 'OPTIONS', url, headers: { ...headers, ...preflight } }), {
      statusCode: 204,
    })
    const tooMany = await call({ method: 'OPTIONS', url, headers: { ...headers, ...preflight } })
    equalProblem(t, tooMany, 429, 'too-many-requests')
  }
  const { call } = await startApp(t, { corsOrigins: [news] })
  const others = { origin: blog, ...preflight }
  const refused = await call({ method: 'OPTIONS', url: '/nothing', headers: others })
  equalProblem(t, refused, 404, 'path-not-found')
  t.notOk('access-control-allow-origin' in refused.headers)
  equalProblem(t, await call({ method: 'OPTIONS', url: '/nothing' }), 404, 'path-not-found')
})

t.test('a page can read what was refused before anything of it was looked at', async (t) => {
  const { app } = await startApp(t, { corsOrigins: [news, blog] })
  const port = await listen(app)
  const [origin, long] = [`Origin: ${blog}`, `X-Long: ${'a'.repeat(70_000)}`]
  const list = 'GET /v1/articles/a/comments HTTP/1.1'
  const refused: [number, string[]][] = [
    [431, [list, 'Host: x', origin, long]],
    [431, [list, 'Host: x', origin, `Forwarded: ${'a'.repeat(2_000)}`]],
    [400, [list, origin]],
    [400, [list, 'Host: x', origin, 'nonsense']],
    [400, ['GET /v1/articles/%/comments HTTP/1.1', 'Host: x', origin]],
    [400, [`GET /v1/articles/${'a'.repeat(7_000)}/comments HTTP/1.1`, 'Host: x', origin]],
  ]
  for (const [status, lines] of refused) {
    const response = await answerTo(port, [...lines, 'Connection: close', '', ''].join('\r\n'))
    t.equal(response.statusCode, status)
    t.match(response.headers, { 'access-control-allow-origin': blog, vary: 'Origin' })
  }
})

t.test('the document may be read by any page, whatever is configured', async (t) => {
  for (const corsOrigins of ['*', [], [news]] as const) {
    const { call } = await startApp(t, { corsOrigins, readsPerMinute: 1 })
    const get = { url: '/openapi.json', headers: { origin: 'https://editor.example' } }
    const first = await call(get)
    t.match(first, { statusCode: 200, headers: { 'access-control-allow-origin': '*' } })
    t.notOk('vary' in first.headers)
    t.match(await call(get), { statusCode: 429, headers: { 'access-control-allow-origin': '*' } })
    const options = await call({ ...get, method: 'OPTIONS', headers: { ...get.headers, ...preflight } })
    t.match(options, {
      statusCode: 204,
      headers: { 'access-control-allow-origin': '*', 'access-control-allow-headers': /If-None-Match/ },
    })
  }
})

t.test('a page can read that it has to wait', async (t) => {
  const { app } = await startApp(t, { corsOrigins: [news], maxEventLoopDelayMs: 1e-9 })
  const overloaded = await until(async () => {
    const response = await app.inject({ url: '/v1/articles/a/comments', headers: { origin: news } })
    return response.statusCode === 503 ? response : undefined
  })
  t.match(overloaded.headers, { 'access-control-allow-origin': news, 'retry-after': '10' })
})

function corsHeaders({ headers }: LightMyRequestResponse): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('access-control-')))
}
