import { connect } from 'node:net'
import { DrizzleQueryError } from 'drizzle-orm/errors'
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import t, { type Test } from 'tap'
import { idPrefixOf } from '../../src/page/thread.ts'
import type { Store } from '../../src/store/store.ts'
import { startApp, type TestApp, type TestAppOptions } from '../support/app.ts'
import { listen, sendRaw } from '../support/process.ts'
import { until } from '../support/until.ts'

/** In every address that these tests send, and nowhere else. */
const mark = 'zq7mark'
const address = `${mark}+tag@reader.example`
/** Of a reader; documentation addresses (RFC 5737), so that nothing else has them. */
const readerIp = '203.0.113.77'
const submission = { author: { name: 'Ada', email: address }, body: 'A fine article.' }
const url = '/v1/articles/a/comments'
const feeds = ['/v1/articles/a/comments.atom', '/v1/comments.atom']
const formUrl = '/thread/a'
const formType = { 'content-type': 'application/x-www-form-urlencoded' }
const browser = { ...formType, accept: 'text/html,*/*;q=0.8' }
const form = new URLSearchParams({ name: 'Ada', email: address, body: 'A fine article.' }).toString()

type Overheard = TestApp & {
  /** Every answer so far that was not for a moderator: status line, headers and body. */
  heard: string[]
  /** Calls without looking at the document: some of what is sent here is no request of it. */
  send: (request: InjectOptions) => Promise<LightMyRequestResponse>
}

async function startOverheard(t: Test, options: TestAppOptions = {}): Promise<Overheard> {
  const app = await startApp(t, { logLevel: 'trace', ...options })
  const heard: string[] = []
  const send: Overheard['send'] = async (request) => {
    const response = await app.app.inject({ remoteAddress: readerIp, ...request })
    heard.push(
      `${response.statusCode} ${response.statusMessage} ${JSON.stringify(response.headers)} ${response.body}`,
    )
    return response
  }
  return { ...app, heard, send }
}

/** Searches all that the service gave away. */
async function nothingWasGivenAway(t: Test, { app, heard, log, token }: Overheard): Promise<void> {
  const metrics = await app.inject({ url: '/metrics', headers: await token('admin') })
  t.equal(metrics.statusCode, 200)
  t.ok(heard.length > 0)
  for (const [what, texts] of Object.entries({ answers: heard, log, metrics: [metrics.body] })) {
    const found = texts.filter((text) => text.toLowerCase().includes(mark) || text.includes(readerIp))
    t.same(found, [], what)
  }
}

t.test('the marks are there to be found: moderators see them', async (t) => {
  const overheard = await startOverheard(t)
  await overheard.send({ method: 'POST', url, payload: submission })
  const queue = await overheard.call({
    url: '/v1/moderation/comments',
    headers: await overheard.token('moderate'),
  })
  t.match(queue.body, address)
})

t.test('an address is told to nobody on the way of a comment from submission to erasure', async (t) => {
  const overheard = await startOverheard(t, { corsOrigins: ['https://news.example'] })
  const { send, call, token } = overheard
  const moderator = await token('moderate')
  const decide = (id: string, verdict: string, payload: object = {}) =>
    call({ method: 'POST', url: `/v1/moderation/comments/${id}/${verdict}`, headers: moderator, payload })
  const submit = async (headers: Record<string, string> = {}) =>
    (await send({ method: 'POST', url, payload: submission, headers })).json()

  const approved = await submit({ 'idempotency-key': 'key', origin: 'https://news.example' })
  await submit({ 'idempotency-key': 'key' })
  await send({
    method: 'POST',
    url,
    headers: { 'idempotency-key': 'key' },
    payload: { ...submission, body: 'b' },
  })
  await decide(approved.id, 'approve')
  const reply = (
    await send({ method: 'POST', url, payload: { ...submission, parentId: approved.id } })
  ).json()
  await decide(reply.id, 'approve')
  t.equal((await send({ method: 'POST', url: formUrl, headers: browser, payload: form })).statusCode, 303)
  const [ofForm] = (await call({ url: '/v1/moderation/comments', headers: moderator })).json().comments
  t.equal(ofForm.author.email, address)
  await decide(ofForm.id, 'approve')
  const rejected = await submit()
  await decide(rejected.id, 'reject', { reason: 'Off topic.', note: `Known as ${address}.` })
  const withdrawn = await submit()
  await call({
    method: 'POST',
    url: '/v1/moderation/decisions',
    headers: moderator,
    payload: { decisions: [{ commentId: withdrawn.id, verdict: 'approve' }] },
  })

  for (const order of ['oldest', 'newest']) {
    for (const limit of [1, 100]) {
      await send({ url: `${url}?order=${order}&limit=${limit}` })
      await send({ method: 'HEAD', url: `${url}?order=${order}&limit=${limit}` })
    }
  }
  await send({ url: '/v1/counts?articleId=a' })
  for (const feed of feeds) {
    const { statusCode, body } = await send({ url: feed })
    t.match([statusCode, body], [200, approved.id])
    await send({ method: 'HEAD', url: feed })
  }
  for (const page of [
    '/v1/articles/a/thread.html',
    `${formUrl}?lang=fr`,
    `${formUrl}?sent=yes&reply=${reply.id}`,
  ])
    t.match((await send({ url: page })).body, /A fine article/)
  for (const { id, receipt } of [approved, reply, rejected, withdrawn]) {
    const headers = { authorization: `Bearer ${receipt}` }
    await send({ url: `/v1/comments/${id}`, headers })
    await send({ method: 'DELETE', url: `/v1/comments/${id}`, headers })
    await send({ url: `/v1/comments/${id}`, headers })
  }
  await send({ url })
  t.ok(overheard.log.length >= 10, 'each submission and each decision has its line')
  await nothingWasGivenAway(t, overheard)
})

t.test('an address is told to nobody by what is refused', async (t) => {
  const overheard = await startOverheard(t, { maxPending: 1, submissionsPerMinute: 200 })
  const { send, token } = overheard
  const json = { 'content-type': 'application/json' }
  const id = '019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11'
  const bodies = [
    { ...submission, body: '' },
    { ...submission, body: undefined },
    { ...submission, email: address },
    { ...submission, parentId: address },
    { ...submission, parentId: id },
    { ...submission, author: address },
    { ...submission, author: { name: 'Ada', email: `${address}@` } },
    { ...submission, author: { name: 'Ada', email: [address] } },
    { ...submission, author: { name: 'Ada', email: `${mark}${'x'.repeat(300)}@reader.example` } },
    { ...submission, author: { name: 'Ada', email: `${address}\u0000` } },
    { ...submission, author: { name: '', email: address } },
    { ...submission, [address]: true },
    { ...submission, [`<${address}>`]: true, [`a/${address}/b`]: { [address]: 1 } },
    { author: { [address]: 'name', name: 'x' }, body: 'x' },
    [address],
    address,
  ].map((body) => JSON.stringify(body))
  const texts = [
    `{"author":{"name":"Ada","email":"${address}"},"body":"x"`,
    `{"author":{"name":"Ada","email":"${address}"},"body":"\\x"}`,
    `author.email=${address}`,
    address,
  ]
  for (const payload of [...bodies, ...texts]) await send({ method: 'POST', url, headers: json, payload })
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    address,
    `application/json; charset=${address}`,
  ])
    await send({
      method: 'POST',
      url,
      headers: { 'content-type': type },
      payload: JSON.stringify(submission),
    })

  for (const type of ['text/plain', 'application/json', address, formType['content-type']])
    for (const payload of [
      form,
      `${form}&${encodeURIComponent(address)}=1`,
      `${form}&body=${'x'.repeat(200_000)}`,
    ]) {
      // What a form takes would fill the queue.
      if (type === formType['content-type'] && payload.length < 100_000) continue
      for (const { accept } of [browser, { accept: '*/*' }])
        await send({ method: 'POST', url: formUrl, headers: { 'content-type': type, accept }, payload })
    }

  // In the place of something else.
  const encoded = encodeURIComponent(address)
  const headers = {
    'idempotency-key': `${address}\u00e9`,
    'if-match': address,
    'if-none-match': address,
    accept: address,
    'accept-language': address,
    origin: address,
    'content-encoding': address,
    'x-forwarded-for': address,
    forwarded: `for="${address}"`,
    'user-agent': address,
    referer: `https://news.example/?email=${encoded}`,
    cookie: `email=${address}`,
  }
  for (const [name, value] of Object.entries(headers)) {
    for (const request of [
      { method: 'POST', url, payload: submission, headers: await token('submit') },
      { method: 'POST', url: `/v1/moderation/comments/${id}/approve`, headers: await token('moderate') },
      { url: '/v1/counts?articleId=a' },
    ] as InjectOptions[]) {
      await send({ ...request, headers: { ...request.headers, [name]: value } })
    }
  }
  for (const authorization of [`Bearer ${address}`, `Basic ${address}`, address, `Bearer ${mark}`]) {
    await send({ method: 'POST', url, payload: submission, headers: { authorization } })
    await send({ url: `/v1/comments/${id}`, headers: { authorization } })
    await send({ url: '/v1/moderation/comments', headers: { authorization } })
  }
  for (const path of [
    `/${encoded}`,
    `/v1/comments/${encoded}`,
    `${url}?cursor=${encoded}`,
    `${url}?limit=${encoded}`,
    `${url}?order=${encoded}`,
    `${url}?${encoded}=1`,
    `${url}?email=${encoded}&email=${encoded}`,
    ...feeds.flatMap((feed) => [`${feed}?lang=${encoded}`, `${feed}?${encoded}=1`]),
    `${url}?email=%ff${encoded}`,
    `/v1/articles/%ff${encoded}/comments`,
    `/docs/${encoded}`,
    `/embed/${encoded}`,
    `/desk/${encoded}`,
    `/desk?q=${encoded}`,
    `/v1/articles/a/thread.html?lang=${encoded}`,
    `${formUrl}?reply=${encoded}`,
    `${formUrl}?sent=${encoded}&lang=%22${encoded}`,
  ]) {
    await send({ url: path, headers: { authorization: 'Bearer imr_x' } })
    await send({ method: 'PATCH', url: path, payload: submission })
  }
  // With the queue full, and beyond the limit.
  for (let count = 0; count < 200; count++) await send({ method: 'POST', url, payload: submission })
  t.equal((await send({ method: 'POST', url, payload: submission })).statusCode, 429)
  const statuses = new Set(overheard.heard.map((line) => line.slice(0, 3)))
  for (const status of ['202', '400', '401', '404', '405', '406', '415', '422', '429', '503'])
    t.ok(statuses.has(status), status)
  await nothingWasGivenAway(t, overheard)
})

t.test('what was typed into a form comes back to the one who typed it, and to nobody else', async (t) => {
  const overheard = await startOverheard(t, { maxPending: 1 })
  const { app, send } = overheard
  await send({ method: 'POST', url: formUrl, headers: browser, payload: form })
  const id = '019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11'
  for (const more of [
    '&body=',
    '&key=2&website=x',
    `&parentId=${id}`,
    '&body=Another.',
    `&name=${encodeURIComponent(address)}`,
  ]) {
    const response = await app.inject({
      method: 'POST',
      url: formUrl,
      headers: browser,
      payload: form + more,
      remoteAddress: readerIp,
    })
    t.ok([422, 503].includes(response.statusCode), `${response.statusCode}`)
    t.match(response.body, `value="${address}"`)
    t.equal(response.headers['cache-control'], 'no-store')
    t.notMatch(JSON.stringify(response.headers), mark)
    // Whoever comes next is shown nothing of it.
    await send({ url: formUrl })
    await send({ url: '/v1/articles/a/thread.html' })
  }
  await nothingWasGivenAway(t, overheard)
})

t.test('a faulty store tells the values of its statements to nobody', async (t) => {
  const params = [submission.author.name, address, 'line one\n    at two', `tail of ${mark}`]
  const faults: unknown[] = [
    new Error(`insert into comments values ('Ada', '${address}')`),
    new DrizzleQueryError('insert into comments values (?, ?)', params),
    new DrizzleQueryError('insert …', params, new Error(`Key (author_email)=(${address}) already exists.`)),
    Object.assign(new Error('duplicate key'), { detail: `(${address})`, parameters: params, email: address }),
    new Error('outer', { cause: new Error('inner', { cause: new DrizzleQueryError('insert …', params) }) }),
    new AggregateError([new Error(address)], 'several faults'),
    `thrown as text: ${address}`,
    { thrown: address },
  ]
  for (const fault of faults) {
    const overheard = await startOverheard(t)
    const { app, send, store, submit, token } = overheard
    const { id, receipt } = await submit('a')
    const moderator = await token('moderate')
    for (const method of [
      'submit',
      'commit',
      'findComment',
      'listApproved',
      'countApproved',
      'listPublishedLast',
      'checkReady',
    ] as const) {
      const { [method]: sound }: Store = store
      Object.assign(store, { [method]: async () => Promise.reject(fault) })
      await send({ method: 'POST', url, payload: { ...submission, parentId: id } })
      await send({ method: 'POST', url, headers: { 'idempotency-key': 'k' }, payload: submission })
      // With a parent that cannot be found it comes back to its reader; here the log alone is looked at.
      const request = { method: 'POST', url: formUrl, headers: formType } as const
      await app.inject({ ...request, payload: `${form}&key=${method}&parentId=${id}` })
      await send({ ...request, payload: `${form}&key=${method}` })
      await send({ url })
      await send({ url: formUrl })
      await send({ url: '/v1/articles/a/thread.html' })
      await send({ url: '/v1/counts?articleId=a' })
      for (const feed of feeds) await send({ url: feed })
      await send({ url: '/readyz' })
      await send({ method: 'POST', url: `/v1/moderation/comments/${id}/approve`, headers: moderator })
      await send({
        method: 'DELETE',
        url: `/v1/comments/${id}`,
        headers: { authorization: `Bearer ${receipt}` },
      })
      Object.assign(store, { [method]: sound })
    }
    // The one answer for a moderator in there shows the comment of the harness, whose address has no mark.
    t.ok(
      overheard.log.some((line) => JSON.parse(line).level === 50),
      'the fault itself is in the log',
    )
    await nothingWasGivenAway(t, overheard)
  }
})

t.test('what arrives over a socket and is no request is told to nobody', async (t) => {
  const overheard = await startOverheard(t)
  const { app, heard } = overheard
  const port = await listen(app)
  const head = `POST ${url} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n`
  const body = JSON.stringify(submission)
  for (const bytes of [
    `${address}\r\n\r\n`,
    `GET /${address} HTTP/9.9\r\nHost: x\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: x\r\n${address}\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: ${address.repeat(5_000)}\r\n\r\n`,
    `${head}Content-Length: 3\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    `${head}Transfer-Encoding: chunked\r\n\r\n${address}\r\n`,
    `${head}Content-Length: 5\r\n\r\n${body}`,
    `GET /livez HTTP/1.1\r\nConnection: close\r\nX: ${address}\r\n\r\n`,
  ])
    heard.push(await sendRaw(port, bytes))
  heard.push(await sendRaw(port, `${head}Content-Length: ${body.length + 9}\r\n\r\n${body}`, { end: true }))

  const socket = connect({ host: '127.0.0.1', port })
  socket.write(`${head}Content-Length: ${body.length + 9}\r\n\r\n${body}`)
  const open = () =>
    new Promise<number>((resolve, reject) => {
      app.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)))
    })
  await until(async () => ((await open()) > 0 ? true : undefined))
  socket.destroy()
  await until(async () => ((await open()) === 0 ? true : undefined))
  await nothingWasGivenAway(t, overheard)
})

t.test(
  'an article whose comments all wait, or were rejected, answers as one that nobody knows',
  async (t) => {
    const { app, token, submit } = await startApp(t, { clock: () => Date.UTC(2026, 0, 2) })
    await submit('known')
    const { id } = await submit('known')
    const rejected = await app.inject({
      method: 'POST',
      url: `/v1/moderation/comments/${id}/reject`,
      headers: await token('moderate'),
    })
    t.equal(rejected.statusCode, 200)
    /** Without what an answer has of the article's id, and of the moment by another clock than the service's. */
    const answerOf = async (path: string, articleId: string) => {
      const { statusCode, headers, body } = await app.inject(path.replace('ID', articleId))
      const { date: _, etag, ...others } = headers
      return (
        JSON.stringify([statusCode, others, path.endsWith('.atom') ? null : etag, body])
          .replaceAll(idPrefixOf(articleId), 'PREFIX')
          .replaceAll(articleId, 'ID')
          // The feed's own id, which is made of the article's, and its tag of that.
          .replaceAll(/urn:uuid:[0-9a-f-]{36}/g, 'UUID')
      )
    }
    for (const path of [
      '/v1/articles/ID/comments',
      '/v1/articles/ID/comments?order=newest&limit=1',
      '/v1/articles/ID/comments?order=published',
      '/v1/articles/ID/comments.atom',
      '/v1/articles/ID/thread.html',
      '/thread/ID',
      '/v1/counts?articleId=ID',
    ])
      t.equal(await answerOf(path, 'known'), await answerOf(path, 'never'), path)
  },
)

t.test('the address that a site passes for its reader is kept nowhere', async (t) => {
  const overheard = await startOverheard(t, { trustProxy: ['10.0.0.0/8'], submissionsPerMinute: 1 })
  const { send, store, token } = overheard
  const site = await token('submit')
  for (const headers of [
    { forwarded: `for=${readerIp}` },
    { forwarded: `for=${readerIp}` },
    { 'x-forwarded-for': readerIp },
    { forwarded: `for=${readerIp}.1` },
    { 'x-forwarded-for': `${readerIp}x` },
  ]) {
    await send({
      method: 'POST',
      url,
      payload: submission,
      remoteAddress: '198.51.100.5',
      headers: { ...site, ...headers },
    })
    await send({ url, remoteAddress: '10.0.0.1', headers: { ...headers } })
  }
  await nothingWasGivenAway(t, overheard)
  const { comments: kept } = await store.listByStatus({
    status: 'pending',
    articleId: null,
    order: 'oldest',
    limit: 9,
    after: null,
  })
  t.equal(kept.length, 1)
  t.notMatch(JSON.stringify(kept), readerIp)
})
