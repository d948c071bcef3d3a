import type { LightMyRequestResponse } from 'fastify'
import t from 'tap'
import { fieldFault } from '../../../../src/page/form-faults.ts'
import { wordsIn } from '../../../../src/words/words.ts'
import { startApp, submission, type TestApp, type TestAppOptions, wrongToken } from '../../../support/app.ts'
import { allOf, dangersIn, documentOf, formValues, oneOf, textOf } from '../../../support/html.ts'
import {
  answersLikeEveryRoute,
  equalProblem,
  everyStatusWasSeen,
  turnsAwayWhenOverloaded,
} from '../../../support/routes.ts'

const nowMs = Date.parse('2026-05-04T09:30:00.000Z')
const url = '/thread/a'
const formType = { 'content-type': 'application/x-www-form-urlencoded' }
const browser = { ...formType, accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }
const typed = { name: 'Ada', email: 'ada@example.org', body: 'A fine article.' }

const encoded = (fields: Record<string, string>) => new URLSearchParams(fields).toString()

const plan = {
  request: async () => ({ method: 'POST', url, headers: formType, payload: encoded(typed) }) as const,
  success: 303,
  faultIn: 'submit',
  mediaType: 'text/html',
  passesOver: true,
} as const

answersLikeEveryRoute(t, plan)
turnsAwayWhenOverloaded(t, plan)

type Fields = Record<string, string>

/** A service, and a reader's browser before a page of it. */
async function startForm(t: Parameters<typeof startApp>[0], options: TestAppOptions = {}) {
  const app = await startApp(t, { clock: () => nowMs, ...options })
  const send = (fields: Fields, at = url, headers: Fields = {}) =>
    app.call({ method: 'POST', url: at, headers: { ...browser, ...headers }, payload: encoded(fields) })
  /** The form as the page has it. */
  const shown = async (at = url) => {
    const page = documentOf((await app.call({ url: at })).body.trimEnd())
    const form = oneOf(page, 'form')
    return { fields: formValues(form), action: form.attributes['action'] ?? '' }
  }
  return { ...app, send, shown, pending: () => pendingOf(app) }
}

async function pendingOf({ store }: TestApp) {
  const { comments } = await store.listByStatus({
    status: 'pending',
    articleId: null,
    order: 'oldest',
    limit: 50,
    after: null,
  })
  return comments
}

/** The page that came back, which has all that was typed, keeps nothing and lets nothing run. */
function comeBack(response: LightMyRequestResponse, status: number) {
  if (response.statusCode !== status) throw new Error(`${response.statusCode}: ${response.body}`)
  t.match(response.headers, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
  t.match(response.headers['content-security-policy'], /^default-src 'none'; script-src 'self'/)
  t.match(response.headers, { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' })
  t.notOk('etag' in response.headers)
  t.notOk('set-cookie' in response.headers)
  t.notMatch(response.body, /imr_/)
  const page = documentOf(response.body.trimEnd())
  t.same(dangersIn(page), [])
  const errors = Object.fromEntries(
    allOf(page, 'input')
      .concat(allOf(page, 'textarea'))
      .filter(({ attributes }) => attributes['aria-invalid'] === 'true')
      .map(({ attributes }) => {
        const said = allOf(page, 'span').find(
          ({ attributes: { id } }) =>
            attributes['aria-describedby']?.split(' ').includes(id ?? '-') && id?.endsWith('-error'),
        )
        return [attributes['name'], textOf(said ?? page)]
      }),
  )
  const form = allOf(page, 'form')[0]
  const faults = allOf(page, '.imprimatur-error')
    .filter(({ tag }) => tag === 'p')
    .map(textOf)
  return {
    page,
    errors,
    fields: form === undefined ? null : formValues(form),
    fault: faults[0] ?? null,
    action: form?.attributes['action'],
  }
}

t.test('takes a comment, and leads on to the acknowledgement', async (t) => {
  const { call, send, shown, pending } = await startForm(t, { formLeastSeconds: 0 })
  const { fields, action } = await shown()
  t.equal(action, '../thread/a?lang=en')
  const response = await send({ ...fields, ...typed, body: 'One.\r\nTwo.' }, `${url}?lang=en`)
  t.equal(response.statusCode, 303)
  t.equal(response.body, '')
  t.match(response.headers, { 'cache-control': 'no-store', location: '../thread/a?lang=en&sent=yes' })
  t.notOk('set-cookie' in response.headers)
  t.match(await pending(), [
    { articleId: 'a', parentId: null, author: { name: 'Ada', email: 'ada@example.org' }, body: 'One.\nTwo.' },
  ])
  const { pathname, search } = new URL(String(response.headers.location), `http://x${url}`)
  const page = documentOf((await call({ url: pathname + search })).body.trimEnd())
  t.match(textOf(oneOf(page, '.imprimatur-status')), /^Thank you for your comment/)
})

t.test('whatever the article’s id, Location leads back to it and is one header', async (t) => {
  const { app, send } = await startForm(t)
  for (const articleId of [
    'a\u00a0b',
    'https://example.org/é?a=b&c=d#e',
    '%0d%0aSet-Cookie: a=b',
    '//evil.example',
    '漢字🖋',
    '"><b>',
  ]) {
    const at = `/thread/${encodeURIComponent(articleId)}`
    const { statusCode, headers } = await send(typed, at)
    t.equal(statusCode, 303)
    const location = String(headers.location)
    t.match(location, /^\.\.\/thread\/[\x21-\x7e]+\?lang=en&sent=yes$/)
    t.notOk('set-cookie' in headers)
    const target = new URL(location, `http://x${at}`)
    t.equal(target.host, 'x')
    t.equal((await app.inject(target.pathname + target.search)).statusCode, 200)
  }
})

t.test('says of each field what is wrong beside it, in the page’s language', async (t) => {
  const { send } = await startForm(t)
  const cases: [Fields, Record<string, string>][] = [
    [
      { name: '', email: '', body: '' },
      { name: 'required', email: 'not-an-email', body: 'required' },
    ],
    [{ ...typed, name: ' \u200b' }, { name: 'required' }],
    [{ ...typed, email: 'ada' }, { email: 'not-an-email' }],
    [{ ...typed, email: '' }, { email: 'not-an-email' }],
    [{ name: typed.name, body: typed.body }, { email: 'not-an-email' }],
    [{ ...typed, name: 'x'.repeat(101) }, { name: 'too-long' }],
    [{ ...typed, body: 'x'.repeat(10_001) }, { body: 'too-long' }],
    [{ ...typed, email: `${'x'.repeat(300)}@example.org` }, { email: 'too-long' }],
    [{ ...typed, name: 'ada@example.org' }, { name: 'holds-the-address' }],
    [{ ...typed, name: 'A\nda' }, { name: 'controls' }],
    [{ ...typed, body: 'a\u0007' }, { body: 'controls' }],
  ]
  for (const [fields, codes] of cases) {
    for (const language of ['en', 'fr']) {
      const {
        errors,
        fields: kept,
        fault,
        page,
      } = comeBack(await send(fields, `${url}?lang=${language}`), 422)
      const words = wordsIn(language)
      t.same(
        errors,
        Object.fromEntries(
          Object.entries(codes).map(([name, code]) => [
            name,
            fieldFault(name as 'body', code, words, language),
          ]),
        ),
        JSON.stringify(codes),
      )
      t.equal(fault, words.correct)
      t.match(
        kept,
        Object.fromEntries(
          Object.entries(fields).map(([name, value]) => [
            name,
            name === 'name' ? value.replaceAll('\n', '') && /.*/s : value,
          ]),
        ),
      )
      t.equal(page.attributes['lang'], language)
    }
  }
})

t.test('nothing that was typed is lost', async (t) => {
  const { send } = await startForm(t)
  for (const body of [
    '\n\nTwo lines before.\n',
    '\r\nOne.\r\n\r\nTwo.',
    '</textarea><script>alert(1)</script>&lt;&amp;&#13;',
    `"'\`=<>`,
    '\u202eright to left\u2066',
    'مرحبا',
    '🖋'.repeat(10_000),
    ' \t spaces \t ',
    'a\u0000b',
  ]) {
    const { fields } = comeBack(
      await send({ ...typed, email: '"><b>', name: `${body.slice(0, 50)}`, body, key: 'k"', shown: '7' }),
      422,
    )
    t.equal(fields?.['body'], body.replaceAll('\r\n', '\n').replaceAll('\0', '\ufffd'))
    t.equal(fields?.['email'], '"><b>')
    t.match(fields, { key: 'k"', shown: '7', website: '' })
  }
})

t.test('takes the longest comment there is, of the longest characters', async (t) => {
  const { send, pending } = await startForm(t)
  t.equal((await send({ ...typed, name: '🖋'.repeat(100), body: '🖋'.repeat(10_000) })).statusCode, 303)
  t.equal([...((await pending())[0]?.body ?? '')].length, 10_000)
})

t.test('takes UTF-8 that nobody has encoded, as a command line sends it', async (t) => {
  const { call, pending } = await startForm(t)
  const send = (payload: Buffer) => call({ method: 'POST', url, headers: formType, payload })
  t.equal((await send(Buffer.from('name=Zoé&email=zoe@example.org&body=漢字+und 🖋'))).statusCode, 303)
  t.match(await pending(), [{ author: { name: 'Zoé' }, body: '漢字 und 🖋' }])
  t.equal((await send(Buffer.from('name=100 %&email=zoe@example.org&body=50 %2'))).statusCode, 303)
  t.match((await pending())[1], { author: { name: '100 %' }, body: '50 %2' })
})

t.test('what is no UTF-8 is refused, as everywhere, and not kept as something else', async (t) => {
  const { call, pending } = await startForm(t)
  for (const body of ['x\xff', '%ff', '%ED%A0%80', '%C3', 'a&%E9=1']) {
    const payload = Buffer.from(`name=Zo&email=zoe@example.org&body=${body}`, 'latin1')
    equalProblem(t, await call({ method: 'POST', url, headers: formType, payload }), 400, 'invalid-request', [
      'body : must be percent-encoded UTF-8',
    ])
  }
  const latin = { 'content-type': 'application/x-www-form-urlencoded; charset=iso-8859-1' }
  const payload = Buffer.from('name=Zo%E9&email=zoe@example.org&body=b')
  const refused = await call({ method: 'POST', url, headers: latin, payload })
  equalProblem(t, refused, 415, 'unsupported-media-type')
  t.same(await pending(), [])
})

t.test(
  'the same form twice is one comment; another content, another reader or another form is another',
  async (t) => {
    const { send, shown, pending, publish } = await startForm(t, { formLeastSeconds: 0 })
    const { fields } = await shown()
    const counts: number[] = []
    const count = async (more: Fields, at = url) => {
      t.equal((await send({ ...fields, ...typed, ...more }, at)).statusCode, 303)
      counts.push((await pending()).length)
    }
    await count({})
    await count({})
    await count({}, `${url}?lang=fr`)
    await count({ body: 'A finer article.' })
    await count({ name: 'Bo', email: 'bo@example.org' })
    await count({ name: 'Bo', email: 'bo@example.org' })
    await publish('a', { body: 'in between' })
    await count((await shown()).fields.key === undefined ? {} : { key: (await shown()).fields['key'] ?? '' })
    t.same(counts, [1, 1, 1, 2, 3, 3, 4])
  },
)

t.test(
  'both of two clicks at once lead on, or say that the other is on its way; one comment is there',
  async (t) => {
    const { send, shown, pending } = await startForm(t, { formLeastSeconds: 0 })
    const { fields } = await shown()
    const answers = await Promise.all([send({ ...fields, ...typed }), send({ ...fields, ...typed })])
    t.same(
      answers.map(({ statusCode }) => statusCode).filter((status) => status !== 303 && status !== 409),
      [],
    )
    for (const answer of answers.filter(({ statusCode }) => statusCode === 409)) {
      const { fields: kept, fault } = comeBack(answer, 409)
      t.match(kept, typed)
      t.equal(fault, wordsIn('en').notSent)
    }
    t.equal((await pending()).length, 1)
  },
)

t.test('no client of the API gets to the receipt of a form’s comment', async (t) => {
  const { app, send, shown } = await startForm(t, { formLeastSeconds: 0 })
  const { fields } = await shown()
  await send({ ...fields, ...typed })
  const key = `form\n${JSON.stringify([fields['key'], 'a', { author: submission.author, body: typed.body, parentId: null }])}`
  for (const sent of [key, key.replace('\n', ' '), key.replace('\n', '\\n'), fields['key'] ?? '']) {
    const response = await app.inject({
      method: 'POST',
      url: '/v1/articles/a/comments',
      headers: { 'idempotency-key': sent },
      payload: submission,
    })
    t.notOk('idempotency-replayed' in response.headers, sent)
  }
})

t.test('a reply goes below its parent, and stays a comment where that is gone', async (t) => {
  const { call, publish, send, shown, pending, token } = await startForm(t, { formLeastSeconds: 0 })
  const { id } = await publish('a')
  const { fields } = await shown(`${url}?reply=${id}`)
  t.equal(fields['parentId'], id)
  t.match(comeBack(await send({ ...fields, ...typed, email: '' }), 422).fields, {
    parentId: id,
    body: typed.body,
  })
  t.equal((await send({ ...fields, ...typed })).statusCode, 303)
  t.match(await pending(), [{ parentId: id }])
  await call({
    method: 'POST',
    url: `/v1/moderation/comments/${id}/reject`,
    headers: await token('moderate'),
  })
  for (const parentId of [id, 'no-uuid', '019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11']) {
    const { fields: kept, fault } = comeBack(
      await send({ ...fields, ...typed, parentId, body: 'Still.' }),
      422,
    )
    t.equal(fault, wordsIn('en').parentGone)
    t.match(kept, { ...typed, body: 'Still.' })
    t.notOk('parentId' in (kept ?? {}))
    t.equal((await send({ ...kept, name: 'Ada' })).statusCode, 303)
  }
})

t.test(
  'what looks like a robot’s comes back with all that was typed, and passes a moment later',
  async (t) => {
    let clockMs = nowMs
    const { send, shown, pending } = await startForm(t, { clock: () => clockMs })
    const { fields } = await shown()
    clockMs += 2_999
    const early = comeBack(await send({ ...fields, ...typed }), 422)
    t.equal(early.fault, wordsIn('en').looksAutomated)
    t.match(early.fields, { ...typed, shown: fields['shown'] })
    const trapped = comeBack(
      await send({ ...fields, ...typed, website: 'https://spam.example', shown: '0' }),
      422,
    )
    t.match(trapped.fields, { ...typed, website: '' })
    t.notMatch(JSON.stringify(trapped.page), 'spam.example')
    t.equal((await pending()).length, 0)
    clockMs += 1
    t.equal((await send({ ...early.fields, ...typed })).statusCode, 303)
    // A clock that was set back an hour, as with the last: whoever has waited with the form is no robot for that hour.
    for (const shown of ['', 'x', '-1', '1e3', '9'.repeat(16), String(clockMs + 3_600_000)])
      t.equal(
        (await send({ ...fields, ...typed, body: `shown ${shown}`, shown })).statusCode,
        303,
        'what tells no time is asked none',
      )
  },
)

t.test('a closed article takes none, and says so', async (t) => {
  let clockMs = nowMs
  const { send, publish, pending } = await startForm(t, { clock: () => clockMs, closeAfterDays: 1 })
  await publish('a')
  clockMs += 86_400_000
  const { page, fields } = comeBack(await send(typed), 409)
  t.equal(textOf(oneOf(page, '.imprimatur-closed')), wordsIn('en').closed)
  t.equal(fields, null)
  t.equal((await pending()).length, 0)
})

t.test(
  'past the limit, and with a full queue, the page comes back with what was typed and when to try',
  async (t) => {
    const limited = await startForm(t, { submissionsPerMinute: 1 })
    t.equal((await limited.send(typed)).statusCode, 303)
    const tooMany = await limited.send({ ...typed, body: 'Another.' })
    t.match(comeBack(tooMany, 429), { fault: wordsIn('en').tooMany, fields: { ...typed, body: 'Another.' } })
    t.match(tooMany.headers, { 'retry-after': /^\d+$/, 'ratelimit-policy': '"submissions";q=1;w=60' })
    t.equal((await limited.send(typed)).statusCode, 303, 'the first answer again counts against nothing')

    const full = await startForm(t, { maxPending: 1 })
    await full.send(typed)
    const answer = await full.send({ ...typed, body: 'Another.' })
    t.match(comeBack(answer, 503), { fault: wordsIn('en').full, fields: { ...typed, body: 'Another.' } })
    t.equal(answer.headers['retry-after'], '600')
  },
)

t.test('what is refused again and again is turned away unread, on a page', async (t) => {
  const { send } = await startForm(t, { refusedSubmissionsPerMinute: 1 })
  comeBack(await send({ ...typed, body: '' }), 422)
  const { fault, page, fields } = comeBack(await send(typed, `${url}?lang=de`), 429)
  t.same([fault, fields, page.attributes['lang']], [wordsIn('de').tooMany, null, 'de'])
})

t.test('counts by reader where a site vouches for its address', async (t) => {
  const { call, token } = await startForm(t, { submissionsPerMinute: 1 })
  const site = await token('submit')
  let count = 0
  const from = async (address: string, headers: Fields = site) => {
    count += 1
    const payload = encoded({ ...typed, body: `${count}` })
    return (
      await call({
        method: 'POST',
        url,
        headers: { ...formType, ...headers, forwarded: `for=${address}` },
        payload,
      })
    ).statusCode
  }
  t.same(
    [
      await from('192.0.2.1'),
      await from('192.0.2.1'),
      await from('192.0.2.2'),
      await from('192.0.2.3', {}),
      await from('192.0.2.4', {}),
    ],
    [303, 429, 303, 303, 429],
  )
  t.equal(await from('nobody'), 400)
  t.equal(await from('192.0.2.5', wrongToken), 401)
})

t.test('a body that is no form’s, or too large, is refused; a browser gets a page', async (t) => {
  const { call } = await startForm(t)
  const sent = (payload: string, headers: Fields) =>
    call({ method: 'POST', url: `${url}?lang=nl`, payload, headers })
  for (const type of [
    'application/json',
    'multipart/form-data; boundary=x',
    'text/plain',
    'application/x-www-form-urlencodedx',
  ]) {
    const response = await sent('name=Ada', { 'content-type': type })
    equalProblem(t, response, 415, 'unsupported-media-type')
    t.equal(response.headers.accept, 'application/x-www-form-urlencoded', type)
  }
  equalProblem(
    t,
    await sent('a=b', { ...formType, 'content-encoding': 'gzip' }),
    415,
    'unsupported-media-type',
  )
  const large = `body=${'x'.repeat(192 * 1024)}`
  const refused = await sent(large, formType)
  equalProblem(t, refused, 413, 'body-too-large')
  t.match(refused.json().detail, /at most 196608 bytes/)
  const { fault, page } = comeBack(await sent(large, browser), 413)
  t.same([fault, page.attributes['lang']], [fieldFault('body', 'too-long', wordsIn('nl'), 'nl'), 'nl'])
  t.equal(
    comeBack(await sent('a=b', { ...browser, 'content-type': 'text/plain' }), 415).fault,
    wordsIn('nl').notTaken,
  )
  t.equal(
    (await sent(encoded(typed), { 'content-type': 'Application/X-WWW-Form-URLencoded; charset=UTF-8' }))
      .statusCode,
    303,
  )
})

t.test('a field that somebody else has put into the form is passed over', async (t) => {
  const { call } = await startForm(t)
  const payload = `${encoded(typed)}&_charset_=UTF-8&__proto__=2`
  t.equal((await call({ method: 'POST', url, payload, headers: browser })).statusCode, 303)
  equalProblem(t, await call({ method: 'POST', url, headers: formType }), 400, 'invalid-request', [
    'body : is required',
  ])
})

t.test('tells the log that it happened, and nothing of the comment', async (t) => {
  const { log, send } = await startForm(t)
  await send(typed)
  await send({ ...typed, email: 'wrong@' })
  t.equal(log.length, 1)
  t.match(JSON.parse(log[0] ?? ''), { event: 'submission', articleId: 'a', replayed: false })
  t.notMatch(log.join(''), /Ada|fine|example|wrong/)
})

everyStatusWasSeen(t, 'submitThreadForm')
