import t from 'tap'
import { startApp } from '../../../support/app.ts'
import { equalProblem } from '../../../support/routes.ts'

t.test('says what this is, and links to what there is', async (t) => {
  const { app } = await startApp(t)
  const page = await app.inject('/')
  t.equal(page.statusCode, 200)
  t.equal(page.headers['content-type'], 'text/html; charset=utf-8')
  t.match(page.body, /<html lang="en" dir="ltr">.*<title>Imprimatur<\/title>/)
  t.match(page.body, /<h1>Imprimatur<\/h1>.*comments until a moderator says yes/)
  const targets = [...page.body.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, target = '']) => target)
  t.match(targets.join(' '), /\.\/docs\/ .*\.\/openapi\.json .*\.\/v1\/comments\.atom .*\.\/thread\/hello$/)
  for (const target of targets) {
    t.match(target, /^\.\//, 'whatever path a proxy puts before it')
    const { statusCode } = await app.inject(new URL(target, 'http://localhost/').pathname)
    t.equal(statusCode, 200, target)
  }
})

t.test('takes nothing from elsewhere, runs nothing, and is in no search engine', async (t) => {
  const { app } = await startApp(t)
  const { headers, body } = await app.inject('/')
  t.match(headers['content-security-policy'], /^default-src 'none'; .*require-trusted-types-for 'script'$/)
  t.match(headers, { 'x-robots-tag': 'noindex', 'x-content-type-options': 'nosniff' })
  t.notMatch(body, /<script|style=|https?:/)
})

t.test('is sent once to who keeps it', async (t) => {
  const { app } = await startApp(t)
  const { headers } = await app.inject('/')
  const again = await app.inject({ url: '/', headers: { 'if-none-match': String(headers.etag) } })
  t.match(again, { statusCode: 304, body: '', headers: { etag: headers.etag } })
  const other = await app.inject({ url: '/', headers: { 'if-none-match': '"other"' } })
  t.equal(other.statusCode, 200)
})

t.test('is there to be read only', async (t) => {
  const { app } = await startApp(t)
  t.match(await app.inject({ method: 'HEAD', url: '/' }), { statusCode: 200, body: '' })
  t.match(await app.inject({ method: 'OPTIONS', url: '/' }), {
    statusCode: 204,
    headers: { allow: 'GET, HEAD, OPTIONS' },
  })
  for (const method of ['POST', 'DELETE'] as const) {
    const response = await app.inject({ method, url: '/', payload: '{}' })
    equalProblem(t, response, 405, 'method-not-allowed')
    t.match(response.headers, { allow: 'GET, HEAD, OPTIONS' })
  }
})

t.test('is read at no higher a rate than anything else', async (t) => {
  const { app } = await startApp(t, { readsPerMinute: 1 })
  t.match(await app.inject('/'), { statusCode: 200, headers: { 'ratelimit-policy': '"reads";q=1;w=60' } })
  equalProblem(t, await app.inject('/'), 429, 'too-many-requests')
})
