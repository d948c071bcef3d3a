import t from 'tap'
import { startApp } from '../../../support/app.ts'
import { equalProblem } from '../../../support/routes.ts'

t.test('the reference is a page, and all that it loads comes from the service', async (t) => {
  const { app } = await startApp(t)
  const url = '/docs/'
  const page = await app.inject(url)
  t.equal(page.statusCode, 200)
  t.equal(page.headers['content-type'], 'text/html; charset=utf-8')
  t.match(page.body, /<title>Imprimatur: the API<\/title>/)
  const assets = [...page.body.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, target]) => String(target))
  t.ok(assets.length >= 5, String(assets))
  t.notMatch(page.body, /<script[^>]*>\s*[^\s<]|\son\w+=/, 'nothing that the policy would keep from running')
  for (const asset of assets) {
    const target = new URL(asset, `http://localhost${url}`)
    t.equal(target.origin, 'http://localhost', asset)
    const response = await app.inject(target.pathname)
    t.equal(response.statusCode, 200, asset)
    t.match(response.headers, { 'x-content-type-options': 'nosniff' })
    if (!/\.(?:css|js)$/.test(asset)) continue
    t.match(response.headers['content-type'], /css|javascript/)
    const loads = [...response.body.matchAll(/(?:url\(|@import\s*)["']?(?!data:|#)(https?:)?\/\/[^)"'\s]+/g)]
    t.same(loads, [], 'a style sheet loads nothing from elsewhere')
  }
})

t.test('it shows the very document, and asks no validator elsewhere', async (t) => {
  const { app } = await startApp(t)
  const { body } = await app.inject('/docs/static/swagger-initializer.js')
  t.match(body, '"url":"/docs/json"')
  t.match(body, '"validatorUrl":null')
  t.notMatch(body.replaceAll(/^\s*\/\/.*$/gm, ''), /https?:\/\//)
  const document = (await app.inject('/openapi.json')).json()
  const shown = { ...document, servers: [{ url: '..' }] }
  t.same((await app.inject('/docs/json')).json(), shown, 'to be tried out at this very service')
  for (const url of ['/docs/yaml', '/docs/%79aml', '/docs/yaml?a'])
    equalProblem(t, await app.inject(url), 404, 'path-not-found')
})

t.test('what is not there is a problem, as everywhere', async (t) => {
  const { app } = await startApp(t)
  equalProblem(t, await app.inject('/docs/static/nothing'), 404, 'path-not-found')
})

t.test('without the slash it leads to the page, whatever path a proxy has before it', async (t) => {
  const { app } = await startApp(t)
  for (const url of ['/docs', '/docs?lang=en'])
    t.match(await app.inject(url), { statusCode: 302, headers: { location: 'docs/' }, body: '' })
})

t.test('its content security policy lets in nothing from elsewhere', async (t) => {
  const { app } = await startApp(t)
  for (const url of ['/docs/', '/docs/static/index.html', '/docs/static/swagger-ui-bundle.js']) {
    const { headers } = await app.inject(url)
    const policy = String(headers['content-security-policy'])
    t.same(policy.split(';').sort(), [
      "base-uri 'none'",
      "connect-src 'self'",
      "default-src 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "img-src 'self' data:",
      "script-src 'self'",
      "style-src 'self' 'unsafe-inline'",
    ])
    t.match(headers, {
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
    })
    t.notOk('strict-transport-security' in headers, 'whoever ends TLS has to promise it')
  }
})

t.test('it is read at no higher a rate than anything else', async (t) => {
  const { app } = await startApp(t, { readsPerMinute: 1 })
  t.match(await app.inject('/docs/static/swagger-ui.css'), {
    statusCode: 200,
    headers: { 'ratelimit-policy': '"reads";q=1;w=60' },
  })
  for (const url of ['/docs/static/swagger-ui.css', '/docs'])
    equalProblem(t, await app.inject(url), 429, 'too-many-requests')
})

t.test('it serves its own files and no others', async (t) => {
  const { app } = await startApp(t)
  for (const url of [
    '/docs/static/nothing.js',
    '/docs/static/..%2f..%2fpackage.json',
    '/docs/static/%2e%2e/%2e%2e/package.json',
    '/docs/static/.env',
    '/docs/nothing',
  ]) {
    const response = await app.inject(url)
    t.match(response, { statusCode: 404 }, url)
    t.match(response.json(), { type: 'urn:imprimatur:problem:path-not-found' })
  }
})

t.test('it is there to be read only', async (t) => {
  const { app } = await startApp(t)
  for (const url of ['/docs', '/docs/', '/docs/static/swagger-ui.css']) {
    const statusCode = url === '/docs' ? 302 : 200
    t.match(await app.inject({ method: 'HEAD', url }), { statusCode, body: '' })
    t.match(await app.inject({ method: 'OPTIONS', url }), {
      statusCode: 204,
      headers: { allow: 'GET, HEAD, OPTIONS' },
    })
    for (const method of ['POST', 'DELETE', 'PUT'] as const) {
      const response = await app.inject({ method, url, payload: '{}' })
      t.match(response, { statusCode: 405, headers: { allow: 'GET, HEAD, OPTIONS' } }, `${method} ${url}`)
      t.match(response.json(), { type: 'urn:imprimatur:problem:method-not-allowed' })
    }
  }
})

t.test(
  'a request that the file server cannot make sense of is told that there is no such page',
  async (t) => {
    const { app, log } = await startApp(t)
    const css = '/docs/static/swagger-ui.css'
    for (const request of [
      { url: '/docs/static/../x' },
      { url: '/docs/static/%00' },
      { url: '/docs/static/%5c..%5c' },
      { url: `/docs/static/${'a'.repeat(3_000)}` },
      { url: css, headers: { range: 'bytes=99999999-' } },
      { url: css, headers: { 'if-match': '"x"' } },
    ]) {
      const response = await app.inject(request)
      t.ok(response.statusCode < 500, `${request.url.slice(0, 40)} ${response.statusCode}`)
    }
    t.same(
      log.filter((line) => JSON.parse(line).level >= 50),
      [],
    )
  },
)
