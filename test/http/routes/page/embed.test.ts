import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import t from 'tap'
import { embedFile, embedFiles } from '../../../../src/http/routes/page/embed-files.ts'
import { startApp } from '../../../support/app.ts'
import { equalProblem } from '../../../support/routes.ts'

const folder = new URL('../../../../embed/', import.meta.url)
const names = readdirSync(folder)
const contentOf = (name: string) => readFileSync(new URL(name, folder), 'utf8')

t.test(
  'each file is there by its own name for some minutes, by the one with its digest for ever',
  async (t) => {
    const { app } = await startApp(t)
    t.ok(names.length > 10)
    for (const name of names) {
      const versioned = embedFile(name)
      t.match(versioned, /^[a-z-]+-[0-9a-f]{10}\.(?:js|css)$/)
      for (const [path, cacheControl] of [
        [name, 'public, max-age=300'],
        [versioned, 'public, max-age=31536000, immutable'],
      ]) {
        const { statusCode, headers, body } = await app.inject(`/embed/${path}`)
        t.equal(statusCode, 200, String(path))
        t.match(headers, {
          'cache-control': cacheControl,
          'content-type': name.endsWith('.css')
            ? 'text/css; charset=utf-8'
            : 'text/javascript; charset=utf-8',
          'x-content-type-options': 'nosniff',
          'cross-origin-resource-policy': 'cross-origin',
          'access-control-allow-origin': '*',
          vary: 'Accept-Encoding',
          etag: /^"[\w.-]+"$/,
        })
        t.notOk('set-cookie' in headers || 'content-encoding' in headers)
        t.equal(body, contentOf(name))
      }
    }
  },
)

t.test('what one of them loads is there, and for ever', async (t) => {
  const { app } = await startApp(t)
  const loaded = names.flatMap(
    (name) => contentOf(name).match(/\b[a-z]+(?:-[a-z]+)*-[0-9a-f]{10}\.(?:js|css)\b/g) ?? [],
  )
  for (const path of loaded)
    t.match((await app.inject(`/embed/${path}`)).headers['cache-control'], /immutable/, path)
  t.equal(
    contentOf('comments.js').includes(embedFile('own.js').slice(4, 14)),
    true,
    'by the digest of its parts',
  )
})

t.test('the digest of an older version gets what there is now, for some minutes', async (t) => {
  const { app } = await startApp(t)
  const { statusCode, headers, body } = await app.inject('/embed/comments-0123456789.js')
  t.equal(statusCode, 200)
  t.equal(headers['cache-control'], 'public, max-age=300')
  t.equal(body, contentOf('comments.js'))
})

t.test('goes out compressed to whoever takes that, and each form has a tag of its own', async (t) => {
  const { app } = await startApp(t)
  const get = (headers: Record<string, string>) => app.inject({ url: '/embed/comments.js', headers })
  const plain = await get({})
  for (const encoding of ['gzip', 'gzip, deflate, br, zstd', 'br;q=1, gzip;q=0.5', '*']) {
    const response = await get({ 'accept-encoding': encoding })
    t.match(response.headers, { 'content-encoding': 'gzip', vary: 'Accept-Encoding' }, encoding)
    t.equal(gunzipSync(response.rawPayload).toString(), plain.body)
    t.ok(response.rawPayload.length <= 8 * 1024, `${response.rawPayload.length} bytes`)
    t.not(response.headers.etag, plain.headers.etag)
  }
  for (const encoding of ['', 'identity', 'br', 'gzip;q=0', 'x-gzip;q=0', 'gzip;q=0, *;q=0', 'gzipped'])
    t.notOk('content-encoding' in (await get({ 'accept-encoding': encoding })).headers, encoding)
})

t.test('answers 304 and HEAD', async (t) => {
  const { app } = await startApp(t)
  for (const headers of [{}, { 'accept-encoding': 'gzip' }] as Record<string, string>[]) {
    const first = await app.inject({ url: '/embed/comments.js', headers })
    const etag = String(first.headers.etag)
    for (const tags of [etag, `W/${etag}`, '*', `"other", ${etag}`]) {
      const again = await app.inject({
        url: '/embed/comments.js',
        headers: { ...headers, 'if-none-match': tags },
      })
      t.same([again.statusCode, again.body], [304, ''], tags)
      t.match(again.headers, {
        etag,
        vary: 'Accept-Encoding',
        'cache-control': 'public, max-age=300',
        'access-control-allow-origin': '*',
      })
      t.notOk('content-type' in again.headers || 'content-encoding' in again.headers)
    }
    t.equal(
      (await app.inject({ url: '/embed/comments.js', headers: { ...headers, 'if-none-match': '"x"' } }))
        .statusCode,
      200,
    )
    const head = await app.inject({ method: 'HEAD', url: '/embed/comments.js', headers })
    t.same([head.statusCode, head.body, head.headers.etag], [200, '', etag])
    t.equal(head.headers['content-length'], first.headers['content-length'])
  }
})

t.test('may be loaded by a page of any site, whatever the API is open to', async (t) => {
  for (const corsOrigins of [[], '*', ['https://news.example']] as const) {
    const { app } = await startApp(t, { corsOrigins })
    const { headers } = await app.inject({
      url: '/embed/comments.js',
      headers: { origin: 'https://else.example' },
    })
    t.match(headers, { 'access-control-allow-origin': '*', vary: 'Accept-Encoding' })
    const preflight = await app.inject({
      method: 'OPTIONS',
      url: '/embed/comments.js',
      headers: { origin: 'https://else.example', 'access-control-request-method': 'GET' },
    })
    t.match(preflight, { statusCode: 204, headers: { 'access-control-allow-origin': '*' } })
  }
})

t.test('there is nothing else', async (t) => {
  const { app } = await startApp(t)
  for (const path of [
    'nothing.js',
    'comments',
    'comments.ts',
    'comments.js.map',
    'comments-012345678.js',
    'comments-0123456789-0123456789.js',
    'COMMENTS.js',
    '..%2Fpackage.json',
    '%2e%2e%2fpackage.json',
    '..%5Cpackage.json',
    'constructor',
    '__proto__',
    '%00',
    '',
  ]) {
    const response = await app.inject(`/embed/${path}`)
    equalProblem(t, response, 404, 'path-not-found')
    t.equal(response.headers['access-control-allow-origin'], '*', path)
  }
  equalProblem(t, await app.inject('/embed/a/b.js'), 404, 'path-not-found')
  for (const method of ['POST', 'PUT', 'DELETE'] as const) {
    const response = await app.inject({ method, url: '/embed/comments.js', payload: {} })
    equalProblem(t, response, 405, 'method-not-allowed')
    t.equal(response.headers.allow, 'GET, HEAD, OPTIONS')
  }
})

t.test('counts as a read', async (t) => {
  const { app } = await startApp(t, { readsPerMinute: 1 })
  t.match(await app.inject('/embed/comments.js'), {
    statusCode: 200,
    headers: { ratelimit: '"reads";r=0;t=60' },
  })
  const response = await app.inject('/embed/count.js')
  equalProblem(t, response, 429, 'too-many-requests')
  t.equal(response.headers['access-control-allow-origin'], '*')
})

t.test('each has the digest that a page can hold it to', async (t) => {
  for (const [name, { integrity, body }] of embedFiles()) {
    const digest = createHash('sha384').update(body).digest('base64')
    t.equal(integrity, `sha384-${digest}`, name)
  }
  t.throws(() => embedFile('nothing.js'), /no nothing\.js/)
})
