import t from 'tap'
import { startApp, type TestApp } from '../../../support/app.ts'
import { allOf, dangersIn, documentOf, formValues, oneOf, textOf } from '../../../support/html.ts'
import { answersLikePublicRead, everyStatusWasSeen } from '../../../support/routes.ts'

const nowMs = Date.parse('2026-05-04T09:30:00.000Z')
const url = '/thread/a'
/** As Chromium and Firefox ask for a page. */
const browser = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8' }

const plan = {
  request: async ({ publish }: TestApp) => {
    await publish('a')
    return { url }
  },
  success: 200,
  faultIn: 'listApproved',
  mediaType: 'text/html',
  passesOver: true,
  options: { clock: () => nowMs },
} as const

answersLikePublicRead(t, plan)

async function pageAt({ call }: Pick<TestApp, 'call'>, at = url) {
  const response = await call({ url: at, headers: browser })
  if (response.statusCode !== 200) throw new Error(response.body)
  return { response, page: documentOf(response.body.trimEnd()) }
}

/** Where a link of the page at this address leads to. */
const from = (at: string, href: string | undefined) => {
  const { pathname, search, hash } = new URL(href ?? '', `http://localhost${at}`)
  return pathname + search + hash
}

t.test('is a whole page, in which nothing runs that is not the service’s own', async (t) => {
  const app = await startApp(t, { clock: () => nowMs })
  await app.publish('a')
  const { response, page } = await pageAt(app)
  t.match(response.headers, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'public, max-age=0, s-maxage=5, stale-while-revalidate=30',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  })
  t.same(String(response.headers['content-security-policy']).split('; ').sort(), [
    "base-uri 'none'",
    "connect-src 'self'",
    "default-src 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "script-src 'self'",
    "style-src 'self'",
  ])
  t.notOk('set-cookie' in response.headers)
  t.notOk('access-control-allow-origin' in response.headers)
  t.ok(response.body.startsWith('<!doctype html>\n'))
  t.match(page.attributes, { lang: 'en', dir: 'ltr' })
  t.equal(textOf(oneOf(page, 'title')), 'Comments')
  t.same(dangersIn(page), [])
  const loaded = [...allOf(page, 'link'), ...allOf(page, 'script')].flatMap(({ attributes }) =>
    attributes['rel'] === 'alternate' ? [] : [from(url, attributes['href'] ?? attributes['src'])],
  )
  t.equal(loaded.length, 3)
  for (const path of loaded) {
    const file = await app.app.inject(path)
    t.equal(file.statusCode, 200, path)
    t.match(file.headers['cache-control'], /immutable/)
  }
  t.same(allOf(page, 'imprimatur-comments')[0]?.attributes, { article: 'a', lang: 'en' })
  t.equal(allOf(page, 'article').length, 1)
})

t.test('its links and its form lead on without a script, whatever the article’s id', async (t) => {
  const app = await startApp(t)
  const articleId = 'https://example.org/a b?c=d&e=%2F#é"<'
  for (let count = 0; count < 3; count++) await app.publish(articleId, { body: `${count}` })
  const at = `/thread/${encodeURIComponent(articleId)}?limit=2&order=newest`
  const { page } = await pageAt(app, at)
  const next = from(at, oneOf(page, '.imprimatur-more').attributes['href'])
  const { page: last } = await pageAt(app, next)
  t.same(allOf(last, '.imprimatur-body').map(textOf), ['0'])
  const { page: first } = await pageAt(app, from(next, oneOf(last, '.imprimatur-first').attributes['href']))
  t.same(allOf(first, '.imprimatur-body').map(textOf), ['2', '1', '0'])

  const reply = from(at, allOf(page, '.imprimatur-reply')[0]?.attributes['href'])
  const { page: replying } = await pageAt(app, reply.replace(/#.*/, ''))
  const form = oneOf(replying, 'form')
  const title = allOf(form, 'h3')[0]
  t.equal(title?.attributes['id'], reply.replace(/^.*#/, ''), 'and there is the form')
  t.equal(textOf(title ?? form), 'Reply to Ada')
  t.match(formValues(form)['parentId'], /^[0-9a-f-]{36}$/)
  const sent = await app.call({
    method: 'POST',
    url: from(reply, form.attributes['action']),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({
      ...formValues(form),
      name: 'Bo',
      email: 'bo@example.org',
      body: 'So?',
      shown: '',
    }).toString(),
  })
  t.equal(sent.statusCode, 303, sent.body)
  const { page: thanked } = await pageAt(app, from(form.attributes['action'] ?? '', sent.headers.location))
  t.match(textOf(oneOf(thanked, '.imprimatur-status')), /^Thank you/)
  const { page: cancelled } = await pageAt(
    app,
    from(reply, oneOf(replying, '.imprimatur-cancel').attributes['href']),
  )
  t.notOk('parentId' in formValues(oneOf(cancelled, 'form')))
})

t.test('a reply to what is not there, or elsewhere, is none', async (t) => {
  const app = await startApp(t)
  const [pending, elsewhere] = [await app.submit('a'), await app.publish('b')]
  for (const id of [pending.id, elsewhere.id, '019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11']) {
    const { response, page } = await pageAt(app, `${url}?reply=${id}`)
    t.notOk('parentId' in formValues(oneOf(page, 'form')))
    t.notMatch(response.body, id)
  }
  for (const query of ['reply=1', 'reply=', 'sent=no'])
    t.equal((await app.call({ url: `${url}?${query}` })).statusCode, 400, query)
})

t.test('a reply finds its parent while the article is being moved', async (t) => {
  const app = await startApp(t)
  const { id } = await app.publish('a')
  const left = await app.store.findComment(id)
  t.equal(await app.store.beginMove('a', 'b', nowMs), 'committed')
  // Beyond some hundreds, comments lie under the id that they were written under until a later step.
  Object.assign(app.store, { findComment: async () => left })
  const { page } = await pageAt(app, `/thread/b?reply=${id}`)
  t.equal(formValues(oneOf(page, 'form'))['parentId'], id)
})

t.test('thanks whoever has sent a comment, in the page’s language', async (t) => {
  const app = await startApp(t)
  const { page } = await pageAt(app, `${url}?lang=fr&sent=yes`)
  t.match(textOf(oneOf(page, '.imprimatur-status')), /^Merci pour votre commentaire/)
  t.equal(textOf(oneOf((await pageAt(app)).page, '.imprimatur-status')), '')
})

t.test('names the article, and leads to it', async (t) => {
  const app = await startApp(t, { articleUrl: 'https://www.example.org/{articleId}#x' })
  const title = '</title><script>alert(1)</script>"\u202e'
  const put = (details: object) =>
    app
      .token('moderate')
      .then((headers) =>
        app.call({ method: 'PUT', url: '/v1/moderation/articles/a', headers, payload: details }),
      )
  const links = (page: ReturnType<typeof documentOf>) => [
    allOf(page, 'link').find(({ attributes }) => attributes['rel'] === 'canonical')?.attributes['href'],
    allOf(page, '.back').flatMap((back) => allOf(back, 'a'))[0]?.attributes['href'],
  ]
  t.same(links((await pageAt(app)).page), Array(2).fill('https://www.example.org/a#x'))
  t.equal((await put({ title, url: "https://www.example.org/why?a=1&b='x'" })).statusCode, 200)
  const { page } = await pageAt(app)
  t.same(dangersIn(page), [])
  t.equal(textOf(oneOf(page, 'title')), `Comments on \u2068${title}\u2069`)
  t.same(links(page)[0], links(page)[1])
  t.match(links(page)[0], /^https:\/\/www\.example\.org\/why\?a=/)
  for (const evil of ['javascript:alert(1)', 'data:text/html,x', '//evil.example/', ' javascript:alert(1)'])
    t.equal((await put({ url: evil })).statusCode, 400, evil)
})

t.test('leads to no address that just anybody made up', async (t) => {
  const app = await startApp(t, { articleUrl: 'https://www.example.org/{articleId}' })
  const articleId = 'https://evil.example/login'
  const at = `/thread/${encodeURIComponent(articleId)}`
  const leads = async () =>
    [...allOf((await pageAt(app, at)).page, 'a'), ...allOf((await pageAt(app, at)).page, 'link')].some(
      ({ attributes }) => attributes['href']?.startsWith('https://evil'),
    )
  t.equal(await leads(), false)
  const { id } = await app.submit(articleId)
  t.equal(await leads(), false, 'a comment that waits is anybody’s too')
  const headers = await app.token('moderate')
  await app.call({ method: 'POST', url: `/v1/moderation/comments/${id}/approve`, headers })
  t.equal(await leads(), true, 'somebody of the site has looked')
})

t.test('from right to left, the whole page', async (t) => {
  const { page } = await pageAt(await startApp(t), `${url}?lang=ar`)
  t.match(page.attributes, { lang: 'ar', dir: 'rtl' })
  t.match(oneOf(page, 'section').attributes, { lang: 'ar', dir: 'rtl' })
})

t.test('a closed article has no form, also where a reply was asked for', async (t) => {
  const app = await startApp(t, { closeAfterDays: 1, clock: () => nowMs })
  const { id } = await app.publish('a')
  const headers = await app.token('moderate')
  await app.call({
    method: 'PUT',
    url: '/v1/moderation/articles/a',
    headers,
    payload: { closedAt: '2026-05-04T09:30:00Z' },
  })
  const { page } = await pageAt(app, `${url}?reply=${id}`)
  t.same([allOf(page, 'form'), allOf(page, '.imprimatur-closed').length], [[], 1])
})

t.test(
  'what cannot be shown is said on a page to a browser, in the language that it asked for',
  async (t) => {
    const app = await startApp(t, { readsPerMinute: 2 })
    const refused = async (at: string) => {
      const response = await app.call({ url: at, headers: browser })
      t.match(response.headers, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
      t.match(response.headers['content-security-policy'], /script-src 'self'/)
      const page = documentOf(response.body.trimEnd())
      t.same(dangersIn(page), [])
      return [response.statusCode, page.attributes['lang'], textOf(oneOf(page, '.imprimatur-error'))]
    }
    const said = 'Les commentaires ne peuvent pas être affichés pour le moment.'
    t.same(await refused(`${url}?limit=0&lang=fr`), [400, 'fr', said])
    t.same(await refused(`${url}?lang=%22%3E%3Cscript%3E`), [
      400,
      'en',
      'The comments cannot be shown at the moment.',
    ])
    t.same(await refused(`${url}?lang=fr`), [429, 'fr', said])
  },
)

t.test('other methods are refused by name', async (t) => {
  const { call } = await startApp(t)
  for (const method of ['PUT', 'DELETE', 'PATCH'] as const)
    t.match(await call({ method, url }), { statusCode: 405, headers: { allow: 'GET, POST, HEAD, OPTIONS' } })
})

t.test('nothing but its address goes into it', async (t) => {
  const { call, publish } = await startApp(t, { clock: () => nowMs })
  await publish('a')
  const { body } = await call({ url })
  for (const headers of [
    { host: 'evil.example' },
    { 'x-forwarded-host': 'evil.example' },
    { forwarded: 'host=evil.example' },
    { 'accept-language': 'fr' },
    { origin: 'https://evil.example' },
    browser,
  ] as Record<string, string>[])
    t.equal((await call({ url, headers })).body, body, JSON.stringify(headers))
})

everyStatusWasSeen(t, 'readThreadPage')
