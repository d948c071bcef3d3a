import { gunzipSync } from 'node:zlib'
import t from 'tap'
import { startApp } from '../../../support/app.ts'
import { equalProblem } from '../../../support/routes.ts'

const files = [
  ['/desk', 'text/html; charset=utf-8'],
  ['/desk/desk.js', 'text/javascript; charset=utf-8'],
  ['/desk/desk.css', 'text/css; charset=utf-8'],
] as const

t.test('the desk is plain files under a strict policy, kept nowhere', async (t) => {
  const { app } = await startApp(t)
  for (const [url, mediaType] of files) {
    const { statusCode, headers, body } = await app.inject(url)
    t.equal(statusCode, 200, url)
    t.match(headers, {
      'content-type': mediaType,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-robots-tag': 'noindex',
      vary: 'Accept-Encoding',
    })
    t.equal(
      headers['content-security-policy'],
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
    )
    t.notOk('set-cookie' in headers)
    const gzipped = await app.inject({ url, headers: { 'accept-encoding': 'gzip' } })
    t.equal(gzipped.headers['content-encoding'], 'gzip')
    t.equal(gunzipSync(gzipped.rawPayload).toString(), body)
  }
})

t.test('its page names nothing but its own files, whatever path a proxy puts before it', async (t) => {
  const { app } = await startApp(t)
  const { body } = await app.inject('/desk')
  const targets = [...body.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, target = '']) => target)
  t.same(targets, ['desk/desk.css', 'desk/desk.js', 'docs/'])
  for (const target of targets) t.equal((await app.inject(`/${target}`)).statusCode, 200, target)
})

t.test('with a slash behind it, it is the same desk', async (t) => {
  const { app } = await startApp(t)
  for (const url of ['/desk/', '/desk/index.html'])
    t.match(await app.inject(url), { statusCode: 308, headers: { location: '../desk' } })
})

t.test('there is no other file, and nothing but reading', async (t) => {
  const { app } = await startApp(t)
  for (const url of ['/desk/other.js', '/desk/index.htm', '/desk/..%2fpackage.json', '/desk/constructor'])
    equalProblem(t, await app.inject(url), 404, 'path-not-found')
  const allow = 'GET, HEAD, OPTIONS'
  for (const url of ['/desk', '/desk/desk.js']) {
    t.match(await app.inject({ method: 'OPTIONS', url }), { statusCode: 204, headers: { allow } })
    t.match(await app.inject({ method: 'HEAD', url }), { statusCode: 200, body: '' })
    equalProblem(t, await app.inject({ method: 'POST', url, payload: '{}' }), 405, 'method-not-allowed')
  }
})

t.test('it is read at no higher a rate than anything else', async (t) => {
  const { app } = await startApp(t, { readsPerMinute: 1 })
  t.equal((await app.inject('/desk')).statusCode, 200)
  equalProblem(t, await app.inject('/desk/desk.js'), 429, 'too-many-requests')
})

t.test('DESK=off leaves it out, and the front page says nothing of it', async (t) => {
  const { app } = await startApp(t, { desk: false })
  for (const url of ['/desk', '/desk/', ...files.map(([url]) => url)])
    equalProblem(t, await app.inject(url), 404, 'path-not-found')
  t.notMatch((await app.inject('/')).body, /desk/)
  const { app: other } = await startApp(t)
  t.match((await other.inject('/')).body, /href="\.\/desk"/)
})
