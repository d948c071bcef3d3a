import t from 'tap'
import { languages } from '../../../../src/domain/language.ts'
import { wordsIn } from '../../../../src/words/words.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { allOf, dangersIn, formValues, fragmentOf, oneOf, textOf } from '../../../support/html.ts'
import { answersLikePublicRead, equalProblem, everyStatusWasSeen } from '../../../support/routes.ts'

const nowMs = Date.parse('2026-05-04T09:30:00.000Z')
const url = '/v1/articles/a/thread.html'

const plan = {
  request: async ({ publish }: TestApp) => {
    await publish('a')
    return { url }
  },
  success: 200,
  faultIn: 'listApproved',
  mediaType: 'text/html',
  options: { clock: () => nowMs },
} as const

answersLikePublicRead(t, plan)

/** The fragment at a URL, as a browser would have it. */
async function threadAt({ call }: Pick<TestApp, 'call'>, at = url) {
  const response = await call({ url: at })
  if (response.statusCode !== 200) throw new Error(response.body)
  return { response, thread: fragmentOf(response.body.trimEnd()) }
}

t.test('shows what was approved as threads, with its count and a form', async (t) => {
  const app = await startApp(t, { clock: () => nowMs, publicUrl: 'https://c.example.org/x' })
  const first = await app.publish('a', { body: 'One.\nTwo.' })
  await app.publish('a', { body: 'Another.' })
  const reply = await app.publish('a', { body: 'A reply.', parentId: first.id })
  await app.submit('a', { body: 'still pending' })
  const { response, thread } = await threadAt(app)
  t.match(response.headers, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'public, max-age=0, s-maxage=5, stale-while-revalidate=30',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  })
  t.match(response.headers['content-security-policy'], /^default-src 'none'/)
  t.notOk('set-cookie' in response.headers)
  t.match(thread.attributes, { lang: 'en', dir: 'ltr', 'data-article': 'a', 'data-total': '3' })
  t.equal(textOf(oneOf(thread, '.imprimatur-count')), '3 comments')
  t.same(allOf(thread, '.imprimatur-body').map(textOf), ['One.\nTwo.', 'A reply.', 'Another.'])
  const [root = thread] = allOf(thread, 'li')
  t.equal(allOf(root, `article`).length, 2, 'the reply stands below what it answers')
  t.equal(textOf(oneOf(root, '.imprimatur-to')), 'in reply to Ada')
  t.equal(allOf(thread, 'article')[1]?.attributes['id'], `comment-${reply.id}`)
  t.equal(allOf(thread, 'time')[0]?.attributes['datetime'], '2026-05-04T09:30:00.000Z')
  t.match(allOf(thread, 'time')[0]?.attributes['title'], /9:30.*UTC/)
  const form = oneOf(thread, 'form')
  t.same(form.attributes['action'], 'https://c.example.org/x/thread/a?lang=en')
  t.same(formValues(form), {
    name: '',
    email: '',
    body: '',
    website: '',
    key: /^W\/"(\d+)-/.exec(String(response.headers.etag))?.[1],
    shown: String(nowMs),
  })
  const [answer] = allOf(thread, '.imprimatur-reply')
  t.match(
    answer?.attributes['href'],
    new RegExp(`^https://c\\.example\\.org/x/thread/a\\?lang=en&reply=${first.id}#imprimatur-`),
  )
  t.same(dangersIn(thread), [])
})

t.test('an article never heard of has none, and a form', async (t) => {
  const app = await startApp(t)
  const { response, thread } = await threadAt(app, '/v1/articles/never%2F%22%3E/thread.html')
  t.match(response.headers.etag, /^W\/"0-[0-9a-f]{8}"$/)
  t.equal(textOf(oneOf(thread, '.imprimatur-count')), '0 comments')
  t.match(textOf(oneOf(thread, '.imprimatur-empty')), /^There are no comments/)
  t.equal(thread.attributes['data-article'], 'never/">')
  // Without PUBLIC_URL, for a site that has the service below its own address.
  t.equal(oneOf(thread, 'form').attributes['action'], '/thread/never%2F%22%3E?lang=en')
})

t.test('a closed article lists, says so, and takes nothing', async (t) => {
  let clockMs = nowMs
  const app = await startApp(t, { clock: () => clockMs, closeAfterDays: 1 })
  await app.publish('a')
  const { response: open } = await threadAt(app)
  clockMs += 86_400_000
  const { response, thread } = await threadAt(app)
  t.not(response.headers.etag, open.headers.etag)
  t.equal(allOf(thread, 'article').length, 1)
  t.equal(textOf(oneOf(thread, '.imprimatur-closed')), 'This article takes no more comments.')
  t.same([allOf(thread, 'form'), allOf(thread, '.imprimatur-reply')], [[], []])
})

t.test('an article that was moved shows the one that answers for it', async (t) => {
  const app = await startApp(t)
  await app.publish('a')
  const headers = await app.token('moderate')
  await app.call({ method: 'POST', url: '/v1/moderation/articles/a/move', headers, payload: { to: 'b' } })
  const { thread } = await threadAt(app)
  t.equal(thread.attributes['data-article'], 'b')
  t.equal(oneOf(thread, 'form').attributes['action'], '/thread/b?lang=en')
})

for (const language of languages)
  t.test(`speaks ${language}`, async (t) => {
    const app = await startApp(t, { clock: () => nowMs })
    await app.publish('a')
    const { thread } = await threadAt(app, `${url}?lang=${language}`)
    t.match(thread.attributes, { lang: language, dir: language === 'ar' ? 'rtl' : 'ltr' })
    t.equal(textOf(oneOf(thread, '.imprimatur-send')), wordsIn(language).send)
    t.equal(oneOf(thread, 'form').attributes['action'], `/thread/a?lang=${language}`)
  })

t.test('of a language that it has not it takes the deployment’s, and of a region the language', async (t) => {
  const app = await startApp(t, { defaultLanguage: 'fr' })
  const langOf = async (lang: string) =>
    (await threadAt(app, `${url}?lang=${lang}`)).thread.attributes['lang']
  t.same(await Promise.all(['ja', 'pt-BR', 'PT-br', 'de-Latn-AT', 'zh-Hant', 'x-klingon'].map(langOf)), [
    'fr',
    'pt-BR',
    'PT-br',
    'de',
    'fr',
    'fr',
  ])
  t.equal((await threadAt(app)).thread.attributes['lang'], 'fr')
  for (const lang of ['', 'e n', 'en%22%3E', 'en_US', '*', 'a'.repeat(9)])
    equalProblem(t, await app.call({ url: `${url}?lang=${lang}` }), 400, 'invalid-request', [
      'query /lang: must be a language tag, such as fr',
    ])
  const accepted = await app.call({ url, headers: { 'accept-language': 'de' } })
  t.equal(
    fragmentOf(accepted.body.trimEnd()).attributes['lang'],
    'fr',
    'nothing but the address tells the language',
  )
})

t.test('a site’s own words stand in it, for whoever takes it over as well', async (t) => {
  const own = { send: '"><script>alert(1)</script>', comments: { other: "{n} letters, <b>'" } }
  const app = await startApp(t, { words: { en: own } })
  const { response, thread } = await threadAt(app)
  t.equal(textOf(oneOf(thread, '.imprimatur-send')), own.send)
  t.same(JSON.parse(thread.attributes['data-words'] ?? ''), own)
  t.same(dangersIn(thread), [])
  const { response: plain, thread: bare } = await threadAt(await startApp(t))
  t.notOk('data-words' in bare.attributes)
  t.not(plain.headers.etag, response.headers.etag, 'who has the other one does not keep it')
})

t.test('its tag moves with the settings that it depends on', async (t) => {
  const tags = new Set<unknown>()
  for (const options of [
    {},
    { defaultLanguage: 'fr' },
    { publicUrl: 'https://c.example.org' },
    { articleUrl: 'https://www.example.org/{articleId}' },
  ] as const)
    tags.add((await threadAt(await startApp(t, options))).response.headers.etag)
  t.equal(tags.size, 4)
})

t.test('pages and orders; whoever was led to a later page finds the first', async (t) => {
  const app = await startApp(t, { publicUrl: 'https://c.example.org' })
  for (const body of ['1', '2', '3']) await app.publish('a', { body })
  const bodies = (thread: ReturnType<typeof fragmentOf>) => allOf(thread, '.imprimatur-body').map(textOf)
  const { thread: newest } = await threadAt(app, `${url}?limit=2&order=newest&depth=0&heading=4&form=above`)
  t.same(bodies(newest), ['3', '2'])
  t.same([allOf(newest, 'h4').length, allOf(newest, 'h5').length], [1, 1])
  t.same(allOf(newest, '.imprimatur-first'), [])
  const next = oneOf(newest, '.imprimatur-more').attributes
  t.match(next, { rel: 'next', href: /^https:\/\/c\.example\.org\/thread\/a\?lang=en&order=newest&cursor=/ })
  t.equal(oneOf(newest, 'form').attributes['action'], 'https://c.example.org/thread/a?lang=en')
  const cursor = new URL(next['href'] ?? '').searchParams.get('cursor')
  const { thread: last } = await threadAt(app, `${url}?limit=2&order=newest&form=none&cursor=${cursor}`)
  t.same(bodies(last), ['1'])
  t.equal(
    oneOf(last, '.imprimatur-first').attributes['href'],
    'https://c.example.org/thread/a?lang=en&order=newest',
  )
  t.same([allOf(last, '.imprimatur-more'), allOf(last, 'form')], [[], []])
  for (const query of [
    'heading=1',
    'heading=7',
    'depth=10',
    'depth=-1',
    'form=left',
    'limit=101',
    'order=best',
    'cursor=1',
  ])
    t.equal((await app.call({ url: `${url}?${query}` })).statusCode, 400, query)
})

t.test('what a browser could take for markup is text, wherever it stands', async (t) => {
  const app = await startApp(t)
  const evil = `"'><script>alert(1)</script><img src=x onerror=alert(1)>&lt;\u202e`
  const { id } = await app.publish(evil, {
    author: { name: evil, email: 'ada@example.org' },
    body: `${evil}\njavascript:alert(1)`,
  })
  await app.publish(evil, { body: 'x', parentId: id })
  for (const language of ['en', 'ar']) {
    const { thread } = await threadAt(
      app,
      `/v1/articles/${encodeURIComponent(evil)}/thread.html?lang=${language}`,
    )
    t.same(dangersIn(thread), [])
    t.equal(
      textOf(oneOf(allOf(thread, 'article')[0] ?? thread, '.imprimatur-body')),
      `${evil}\njavascript:alert(1)`,
    )
    t.ok(allOf(thread, 'bdi').every((name) => textOf(name) === evil || textOf(name) === 'Ada'))
  }
})

t.test('is for the pages that the list is for', async (t) => {
  const { call } = await startApp(t, { corsOrigins: ['https://news.example'] })
  const { headers } = await call({ url, headers: { origin: 'https://news.example' } })
  t.match(headers, { 'access-control-allow-origin': 'https://news.example', vary: 'Origin' })
  t.notOk(
    'access-control-allow-origin' in
      (await call({ url, headers: { origin: 'https://evil.example' } })).headers,
  )
})

t.test('nothing but its address goes into it', async (t) => {
  const { call, publish } = await startApp(t, { clock: () => nowMs })
  await publish('a')
  const { body } = await call({ url })
  for (const headers of [
    { host: 'evil.example' },
    { 'x-forwarded-host': 'evil.example' },
    { forwarded: 'host=evil.example;proto=http' },
    { 'accept-language': 'fr' },
    { 'x-forwarded-prefix': '/evil' },
    { 'x-original-url': '/evil' },
    { cookie: 'lang=fr' },
    { referer: 'https://evil.example/' },
  ] as Record<string, string>[])
    t.equal((await call({ url, headers })).body, body, JSON.stringify(headers))
})

t.test('tells the log once that nobody knows where its links lead', async (t) => {
  const unknown = await startApp(t, { logLevel: 'warn' })
  for (let time = 0; time < 2; time++) await unknown.call({ url })
  t.equal(unknown.log.length, 1)
  t.match(JSON.parse(unknown.log[0] ?? ''), { event: 'no-public-url' })
  const known = await startApp(t, { logLevel: 'warn', publicUrl: 'https://comments.example.org' })
  await known.call({ url })
  t.same(known.log, [])
})

everyStatusWasSeen(t, 'readThread')
