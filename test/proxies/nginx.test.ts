import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import t from 'tap'
import { clientOf, moderator, unlimitedAt } from '../crash/client.ts'
import { blocksWith, fileText } from '../support/documents.ts'
import { answerTo, programOf, startService } from '../support/process.ts'
import { startNginx } from './programs.ts'

/* What README.md and the other documents tell who has nginx before the service. */

const program = programOf('nginx')

t.setTimeout(300_000)

if (program === null) t.pass('nginx', { skip: 'it is not installed here: .ci/run installs it' })
else {
  const servicePort = /127\.0\.0\.1:3000/g

  t.test('README.md: an id with a slash arrives as it was sent, and each reader is one', async (t) => {
    const service = await startService(t, {
      ...unlimitedAt('file::memory:'),
      TRUST_PROXY: '127.0.0.1',
      SUBMISSIONS_PER_MINUTE: '1',
    })
    const [block = ''] = blocksWith('README.md', 'proxy_pass http://127.0.0.1:3000;')
    const port = await startNginx(t, program, '', block.replaceAll(servicePort, new URL(service.origin).host))
    const client = clientOf(`http://127.0.0.1:${port}`)
    t.match((await client.get('/v1/articles/a%2Fb/comments'))?.body, '"articleId":"a/b"')
    t.equal(await statusOfSubmission(port, '127.0.0.2', '203.0.113.1'), 202)
    t.equal(await statusOfSubmission(port, '127.0.0.2', '203.0.113.2'), 429, 'whatever it says of itself')
    t.equal(await statusOfSubmission(port, '127.0.0.3', '203.0.113.1'), 202, 'another one')
  })

  t.test('docs/operating.md: below a path everything arrives as it was sent', async (t) => {
    const below = '/comments'
    const service = await startService(t, {
      ...unlimitedAt('file::memory:'),
      PUBLIC_URL: `https://example.org${below}`,
    })
    const [block = ''] = blocksWith('docs/operating.md', '$below_comments')
    const [http = '', server = ''] = block
      .replaceAll(servicePort, new URL(service.origin).host)
      .split('# In `server`.')
    const port = await startNginx(t, program, http, server)
    const get = (path: string) =>
      answerTo(port, `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
    t.match((await get(`${below}/v1/articles/a%2Fb%3Fc/comments?limit=1`)).body, '"articleId":"a/b?c"')
    t.equal((await get(`${below}/thread/a%2Fb`)).statusCode, 200)
    for (const page of ['desk', 'docs/', 'openapi.json', 'embed/comments.js'])
      t.equal((await get(`${below}/${page}`)).statusCode, 200, page)
    // Another spelling of the path before it is none that this location takes apart.
    for (const path of ['/%63omments/v1/counts?articleId=a', '/comments/../comments/v1/counts?articleId=a'])
      t.equal((await get(path)).statusCode, 404, path)
    t.equal((await get('/v1/counts?articleId=a')).statusCode, 404, 'beside it there is nothing')
  })

  t.test(
    'docs/operating.md: what compresses weakens tags, which is said, and what keeps them helps',
    async (t) => {
      const service = await startService(t, unlimitedAt('file::memory:'))
      const direct = clientOf(service.origin)
      const submitted = await direct.submit({
        idempotencyKey: 'key',
        articleId: 'a',
        parentId: null,
        author: { name: 'Ada', email: 'ada@example.org' },
        body: 'A fine article. '.repeat(100),
      })
      const { id } = JSON.parse(submitted?.body ?? '')
      const { host } = new URL(service.origin)
      const pass = `proxy_pass http://${host};`
      const compresses = 'gzip on; gzip_min_length 1; gzip_proxied any; gzip_types application/json;'
      t.match(fileText('docs/operating.md'), '`gzip off;` for `location /v1/moderation/`')
      for (const [server, tag, status] of [
        [`location / { ${pass} }`, 'W/"1"', 412],
        [`location / { ${pass} } location /v1/moderation/ { gzip off; ${pass} }`, '"1"', 200],
      ] as const) {
        const client = clientOf(`http://127.0.0.1:${await startNginx(t, program, compresses, server)}`)
        const comment = `/v1/moderation/comments/${id}`
        const seen = await client.get(comment, { ...moderator, 'accept-encoding': 'gzip' })
        t.equal(seen?.headers['etag'], tag)
        const decided = await client.post(`${comment}/approve`, undefined, { ...moderator, 'if-match': tag })
        t.equal(decided?.statusCode, status)
        if (status === 412) t.match(decided?.body, 'that a proxy has weakened')
        const list = await client.get('/v1/articles/a/comments', { 'accept-encoding': 'gzip' })
        const again = await client.get('/v1/articles/a/comments', {
          'if-none-match': list?.headers['etag'] ?? '',
        })
        t.equal(again?.statusCode, 304, 'lists are compared weakly')
      }
    },
  )

  t.test('docs/embedding.md: a thread is put into a file as it is sent', async (t) => {
    const service = await startService(t, unlimitedAt('file::memory:'))
    const [block = ''] = blocksWith('docs/embedding.md', 'ssi on;')
    const [page = ''] = blocksWith('docs/embedding.md', '<!--# include virtual=')
    const server = block.replaceAll(servicePort, new URL(service.origin).host)
    const sent = `location = /page { default_type text/html; return 200 '${page.trim()}'; }`
    const port = await startNginx(t, program, '', `${server}\n${sent}`)
    const answer = await fetch(`http://127.0.0.1:${port}/page`)
    const html = await answer.text()
    t.match(html, /^<imprimatur-comments article="why-we-print"><section class="imprimatur" lang="en"/)
    t.match(html, /<\/section>\s*<\/imprimatur-comments>$/)
    await service.stop()
    t.notMatch(await (await fetch(`http://127.0.0.1:${port}/page`)).text(), '<section class="imprimatur"')
  })
}

/** Of a reader who has this address of the loopback's, and says to be forwarded for another one. */
async function statusOfSubmission(port: number, localAddress: string, forwardedFor: string): Promise<number> {
  const sent = request({
    host: '127.0.0.1',
    port,
    localAddress,
    method: 'POST',
    path: '/v1/articles/a/comments',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': forwardedFor },
  })
  sent.end(
    `{"author":{"name":"Ada","email":"ada@example.org"},"body":"By ${localAddress} and ${forwardedFor}."}`,
  )
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  answer.resume()
  return answer.statusCode ?? 0
}
