import { parseAtomFeed } from 'feedsmith'
import t from 'tap'
import { languages } from '../../../../src/domain/language.ts'
import { publishAtOnce, startApp, submission, type TestApp } from '../../../support/app.ts'
import { readFeed } from '../../../support/feeds.ts'
import { answersLikePublicRead, equalProblem, everyStatusWasSeen } from '../../../support/routes.ts'

const plan = {
  request: async ({ publish }: TestApp) => {
    await publish('a')
    return { url: '/v1/articles/a/comments.atom' }
  },
  success: 200,
  faultIn: 'listApproved',
} as const

answersLikePublicRead(t, plan)

const url = '/v1/articles/why-we-print/comments.atom'

t.test('holds what is approved and nothing else, the last published first', async (t) => {
  let nowMs = Date.parse('2026-05-04T09:30:00.000Z')
  const { call, submit, publish, token } = await startApp(t, { clock: () => nowMs })
  const headers = await token('moderate')
  const late = await submit('why-we-print', { body: 'Submitted first.' })
  nowMs += 1_000
  const early = await publish('why-we-print', { author: { name: 'Zoé', email: 'zoe@example.org' } })
  await submit('why-we-print', { body: 'Waits.' })
  const rejected = await submit('why-we-print', { body: 'Is rejected.' })
  await call({ method: 'POST', url: `/v1/moderation/comments/${rejected.id}/reject`, headers })
  await publish('another', { body: 'Elsewhere.' })
  nowMs += 1_000
  await call({ method: 'POST', url: `/v1/moderation/comments/${late.id}/approve`, headers })

  const response = await call({ url })
  t.equal(response.headers['content-type'], 'application/atom+xml')
  t.equal(response.headers['cache-control'], 'public, max-age=0, s-maxage=5, stale-while-revalidate=30')
  const { id, ...feed } = readFeed(response.body)
  t.match(id, /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5/)
  t.same(feed, {
    language: 'en',
    title: 'Comments on why-we-print',
    updated: '2026-05-04T09:30:02.000Z',
    self: null,
    alternate: null,
    entries: [
      {
        id: `urn:uuid:${late.id}`,
        title: 'Ada on why-we-print',
        author: 'Ada',
        published: '2026-05-04T09:30:00.000Z',
        updated: '2026-05-04T09:30:02.000Z',
        alternate: null,
        replyTo: null,
        content: 'Submitted first.',
      },
      {
        id: `urn:uuid:${early.id}`,
        title: 'Zoé on why-we-print',
        author: 'Zoé',
        published: '2026-05-04T09:30:01.000Z',
        updated: '2026-05-04T09:30:01.000Z',
        alternate: null,
        replyTo: null,
        content: submission.body,
      },
    ],
  })
})

t.test('of an article never heard of is an empty feed, and always the same one', async (t) => {
  const { call } = await startApp(t)
  const response = await call({ url })
  t.equal(response.statusCode, 200)
  t.match(readFeed(response.body), { updated: '1970-01-01T00:00:00.000Z', entries: [] })
  t.equal((await call({ url })).headers.etag, response.headers.etag)
})

t.test('a rejection and a withdrawal take the entry out with the next request', async (t) => {
  const { call, publish, token } = await startApp(t)
  const [rejected, withdrawn] = [await publish('why-we-print'), await publish('why-we-print')]
  const read = async () => readFeed((await call({ url })).body).entries.map(({ id }) => id)
  t.same(await read(), [`urn:uuid:${withdrawn.id}`, `urn:uuid:${rejected.id}`])
  await call({
    method: 'POST',
    url: `/v1/moderation/comments/${rejected.id}/reject`,
    headers: await token('moderate'),
  })
  t.same(await read(), [`urn:uuid:${withdrawn.id}`])
  await call({
    method: 'DELETE',
    url: `/v1/comments/${withdrawn.id}`,
    headers: { authorization: `Bearer ${withdrawn.receipt}` },
  })
  t.same(await read(), [])
})

t.test('a reply names what it replies to, and a reader of feeds understands it', async (t) => {
  const { call, publish } = await startApp(t, {
    articleUrl: 'https://www.example.org/{articleId}#comments',
    publicUrl: 'https://comments.example.org/api',
  })
  const parent = await publish('why-we-print')
  const reply = await publish('why-we-print', { parentId: parent.id })
  const { body } = await call({ url: `${url}?lang=fr` })
  const page = 'https://www.example.org/why-we-print'
  t.match(readFeed(body), {
    self: `https://comments.example.org/api${url}?lang=fr`,
    alternate: `${page}#comments`,
    entries: [
      {
        alternate: `${page}#comment-${reply.id}`,
        replyTo: { ref: `urn:uuid:${parent.id}`, href: `${page}#comment-${parent.id}` },
      },
      { alternate: `${page}#comment-${parent.id}`, replyTo: null },
    ],
  })
  const [first, second] = parseAtomFeed(body).entries ?? []
  t.same(first?.thr?.inReplyTos, [{ ref: second?.id, href: second?.links?.[0]?.href }])
  t.equal(second?.thr, undefined)
})

t.test('without an address of the article, a reply names its parent all the same', async (t) => {
  const { call, publish } = await startApp(t)
  const parent = await publish('why-we-print')
  await publish('why-we-print', { parentId: parent.id })
  const [reply] = readFeed((await call({ url })).body).entries
  t.match(reply, { alternate: null, replyTo: { ref: `urn:uuid:${parent.id}`, href: null } })
})

t.test('says what the site has told of the article, as soon as it has', async (t) => {
  const { call, publish, token } = await startApp(t, { articleUrl: 'https://example.org/{articleId}' })
  const { id } = await publish('why-we-print')
  const before = await call({ url })
  await call({
    method: 'PUT',
    url: '/v1/moderation/articles/why-we-print',
    headers: await token('submit'),
    payload: { title: 'Why we print <2>', url: 'https://www.example.org/why?a=1&b=2' },
  })
  const after = await call({ url })
  t.not(after.headers.etag, before.headers.etag)
  t.match(readFeed(after.body), {
    id: readFeed(before.body).id,
    title: 'Comments on Why we print <2>',
    alternate: 'https://www.example.org/why?a=1&b=2',
    entries: [
      { title: 'Ada on Why we print <2>', alternate: `https://www.example.org/why?a=1&b=2#comment-${id}` },
    ],
  })
})

t.test('of an id that was moved is the feed of the article that answers for it', async (t) => {
  const { call, publish, token } = await startApp(t, { publicUrl: 'https://comments.example.org' })
  await publish('old')
  await call({
    method: 'POST',
    url: '/v1/moderation/articles/old/move',
    headers: await token('moderate'),
    payload: { to: 'why-we-print' },
  })
  const [moved, own] = [await call({ url: '/v1/articles/old/comments.atom' }), await call({ url })]
  t.equal(moved.body, own.body)
  t.match(readFeed(moved.body), { self: `https://comments.example.org${url}`, entries: { length: 1 } })
})

t.test('is in the language that its URL names, and no browser’s', async (t) => {
  const { call, publish } = await startApp(t, { defaultLanguage: 'fr' })
  await publish('why-we-print')
  const inFrench = await call({ url, headers: { 'accept-language': 'en' } })
  t.match(readFeed(inFrench.body), {
    language: 'fr',
    title: 'Commentaires sur «\u00a0why-we-print\u00a0»',
    entries: [{ title: 'Ada sur «\u00a0why-we-print\u00a0»' }],
  })
  t.equal(inFrench.headers.vary, undefined)
  for (const lang of languages) {
    const feed = readFeed((await call({ url: `${url}?lang=${lang}` })).body)
    t.equal(feed.language, lang)
    t.match(feed.entries[0]?.title, /Ada.*why-we-print/)
  }
  equalProblem(t, await call({ url: `${url}?lang=tlh` }), 400, 'invalid-request', [
    `query /lang: must be one of ${languages.join(', ')}`,
  ])
})

t.test('has the fifty entries that the list in order of approval ends with', async (t) => {
  const app = await startApp(t)
  await publishAtOnce(app, 52, () => 'why-we-print')
  const { comments } = (
    await app.call({ url: '/v1/articles/why-we-print/comments?order=last-published&limit=50' })
  ).json<{ comments: { id: string }[] }>()
  const { entries } = readFeed((await app.call({ url })).body)
  t.equal(entries.length, 50)
  t.same(
    entries.map(({ id }) => id),
    comments.map(({ id }) => `urn:uuid:${id}`),
  )
})

t.test('gives every text as it was sent, but for what no XML document can hold', async (t) => {
  const { call, publish, token } = await startApp(t)
  const texts = [
    '<script>alert(1)</script> ]]> &amp; &#0; "\'',
    ' line\r\nline\rline\n\tline ',
    '\u202eturned\u202c \u2066isolated \u{1f1eb}\u{1f1f7}',
    '<!-- --> <![CDATA[ ]]> <?xml?>',
    'שלום عالم',
  ]
  for (const body of texts) await publish('why-we-print', { body })
  const { entries } = readFeed((await call({ url })).body)
  t.same(
    entries.map(({ content }) => content),
    texts.toReversed(),
  )
  const name = 'Ada\ufffe \uffff\u{1fffe}'
  await publish('odd', { author: { name, email: 'ada@example.org' }, body: name })
  await call({
    method: 'PUT',
    url: '/v1/moderation/articles/odd',
    headers: await token('submit'),
    payload: { title: 'A \uffff title' },
  })
  const shown = 'Ada\ufffd \ufffd\u{1fffe}'
  t.match(readFeed((await call({ url: '/v1/articles/odd/comments.atom' })).body), {
    title: 'Comments on A \ufffd title',
    entries: [{ title: `${shown} on A \ufffd title`, author: shown, content: shown }],
  })
})

t.test('a name turns nothing of the title beside it', async (t) => {
  const { call, publish } = await startApp(t)
  await publish('why-we-print', { author: { name: '\u202egnihton\u2069 ', email: 'a@example.org' } })
  await publish('why-we-print', { author: { name: 'עדה', email: 'a@example.org' } })
  const { entries } = readFeed((await call({ url })).body)
  t.same(
    entries.map(({ author, title }) => [author, title]),
    [
      ['עדה', '\u2068עדה\u2069 on \u2068why-we-print\u2069'],
      ['\u202egnihton\u2069 ', 'gnihton  on why-we-print'],
    ],
  )
})

t.test('links only to what is a URL, in its characters', async (t) => {
  const { call, publish } = await startApp(t, { articleUrl: 'https://example.org/{articleId}' })
  const linkOf = async (articleId: string) => {
    await publish(articleId)
    const response = await call({ url: `/v1/articles/${encodeURIComponent(articleId)}/comments.atom` })
    return readFeed(response.body).alternate
  }
  t.equal(
    await linkOf('https://example.org/été "x" <y>|z'),
    'https://example.org/%C3%A9t%C3%A9%20%22x%22%20%3Cy%3E%7Cz',
  )
  t.equal(await linkOf('https://'), null)
  t.equal(await linkOf('a b/ü'), 'https://example.org/a%20b/%C3%BC')
})

everyStatusWasSeen(t, 'readArticleFeed')
