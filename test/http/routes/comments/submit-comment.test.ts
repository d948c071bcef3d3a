import t from 'tap'
import { languages } from '../../../../src/domain/language.ts'
import { hashSecret } from '../../../../src/operations/secrets.ts'
import {
  expiredToken,
  revokedToken,
  startApp,
  submission,
  type TestApp,
  wrongToken,
} from '../../../support/app.ts'
import {
  answersLikeEveryRoute,
  equalProblem,
  everyStatusWasSeen,
  isLimited,
  readsOnlyJson,
  turnsAwayWhenOverloaded,
} from '../../../support/routes.ts'
import { emptyStore } from '../../../support/store.ts'

const url = '/v1/articles/a/comments'

const plan = {
  request: async () => ({ method: 'POST', url, payload: submission }) as const,
  success: 202,
  faultIn: 'submit',
} as const

answersLikeEveryRoute(t, plan)
turnsAwayWhenOverloaded(t, plan)
isLimited(t, plan, 'submissions', { submissionsPerMinute: 1 })
isLimited(t, plan, 'submissions-total', { submissionsPerMinuteTotal: 1 })
readsOnlyJson(t, plan)

t.test('takes a comment into the queue and acknowledges it', async (t) => {
  const nowMs = Date.parse('2026-05-04T09:30:00.000Z')
  const { call, store } = await startApp(t, { clock: () => nowMs })
  const response = await call({ method: 'POST', url: '/v1/articles/why%2Fwe/comments', payload: submission })
  t.equal(response.statusCode, 202)
  const { id, receipt, ...rest } = response.json()
  t.same(rest, {
    status: 'pending',
    message: 'Thank you for your comment. It will appear once a moderator has approved it.',
  })
  t.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  t.match(receipt, /^imr_[\w-]{43}$/)
  t.equal(response.headers.location, `/v1/comments/${id}`)
  t.equal(response.headers['content-language'], 'en')
  t.equal(response.headers['cache-control'], 'no-store')
  t.notOk('idempotency-replayed' in response.headers)

  t.same(await store.findComment(id), {
    id,
    articleId: 'why/we',
    parentId: null,
    status: 'pending',
    version: 1,
    author: submission.author,
    body: submission.body,
    submittedAtMs: nowMs,
    publishedAtMs: null,
    decidedAtMs: null,
    receiptHash: hashSecret(receipt),
  })
  const own = await call({
    url: response.headers.location ?? '',
    headers: { authorization: `Bearer ${receipt}` },
  })
  t.match(own.json(), { id, status: 'pending' })
})

t.test('acknowledges in the language that the reader likes best', async (t) => {
  const { call } = await startApp(t)
  const inFrench = await startApp(t, { defaultLanguage: 'fr' })
  const messages: Record<string, string> = {
    en: 'Thank you for your comment. It will appear once a moderator has approved it.',
    fr: 'Merci pour votre commentaire. Il sera visible prochainement sous réserve de validation.',
    de: 'Vielen Dank für Ihren Kommentar. Er erscheint, sobald die Moderation ihn freigegeben hat.',
    es: 'Gracias por su comentario. Se publicará en cuanto lo apruebe el equipo de moderación.',
    it: 'Grazie per il suo commento. Sarà pubblicato non appena approvato dalla moderazione.',
    pt: 'Agradecemos o seu comentário. Será publicado assim que a moderação o aprovar.',
    nl: 'Dank u voor uw reactie. Uw reactie verschijnt na goedkeuring door een moderator.',
    ar: 'شكرًا على تعليقكم. سيُنشر بعد موافقة المشرفين عليه.',
  }
  t.same(Object.keys(messages), languages)
  const wishes: [acceptLanguage: string | undefined, defaultEnglish: string, defaultFrench: string][] = [
    [undefined, 'en', 'fr'],
    ['fr', 'fr', 'fr'],
    ['en', 'en', 'en'],
    ['FR-ca', 'fr', 'fr'],
    ['en-GB,fr;q=0.9', 'en', 'en'],
    ['ja, fr;q=0.5, en;q=0.4', 'fr', 'fr'],
    ['en;q=0.2, fr;q=0.8', 'fr', 'fr'],
    ['*', 'en', 'fr'],
    ['ja, *;q=0.1', 'en', 'fr'],
    ['fr;q=0, *', 'en', 'en'],
    ['ja', 'en', 'fr'],
    ['de-AT', 'de', 'de'],
    ['es-419', 'es', 'es'],
    ['it', 'it', 'it'],
    ['pt-BR', 'pt', 'pt'],
    ['nl-BE,nl;q=0.9', 'nl', 'nl'],
    ['ar-EG', 'ar', 'ar'],
    ['frq', 'en', 'fr'],
    ['', 'en', 'fr'],
    ['?!, ;;q=x', 'en', 'fr'],
  ]
  for (const [wish, defaultEnglish, defaultFrench] of wishes) {
    const headers = wish === undefined ? {} : { 'accept-language': wish }
    for (const [service, language] of [
      [call, defaultEnglish],
      [inFrench.call, defaultFrench],
    ] as const) {
      const response = await service({ method: 'POST', url, payload: submission, headers })
      t.equal(response.headers['content-language'], language, `Accept-Language: ${wish}`)
      t.equal(response.json().message, messages[language])
    }
  }
})

t.test('keeps text as it was sent', async (t) => {
  const { call, store } = await startApp(t)
  const texts = [
    '  leading and trailing  ',
    '<script>alert(1)</script> & &amp; "quoted" \'too\'',
    'é = e\u0301, ﷽, 👩🏽‍🚒, \u202eright to left\u202c, \ufeff',
    'null',
    "Robert'); DROP TABLE comments;--",
    '{{7*7}} %s %d #{x}',
  ]
  for (const text of texts) {
    const response = await call({
      method: 'POST',
      url,
      payload: { author: { name: text, email: 'ada@example.org' }, body: text },
    })
    t.equal(response.statusCode, 202)
    t.match(await store.findComment(response.json().id), { author: { name: text }, body: text })
  }
})

t.test('a comment keeps its lines, and refuses what a terminal would obey', async (t) => {
  const { call, store } = await startApp(t)
  const send = (body: string) => call({ method: 'POST', url, payload: { ...submission, body } })
  const body = 'two\nlines\r\nand\ttabs\n\n\u2028separators\u2029'
  t.match(await store.findComment((await send(body)).json().id), { body })
  for (const text of ['\u001b[31mred', 'a\u0007', 'a\u000bb', 'a\u0085b', 'a\u007f'])
    equalProblem(t, await send(text), 400, 'invalid-request', [
      'body /body: must not contain control characters other than line breaks and tabs',
    ])
})

t.test('a name is one line', async (t) => {
  const { call } = await startApp(t)
  for (const name of [
    'Ada\nModerator',
    'Ada\r',
    'A\tda',
    'Ada\u0000'.replace('\u0000', '\u0001'),
    'A\u0085da',
    'A\u2028da',
    'A\u2029da',
  ])
    equalProblem(
      t,
      await call({ method: 'POST', url, payload: { ...submission, author: { ...submission.author, name } } }),
      400,
      'invalid-request',
      ['body /author/name: must be one line, without control characters'],
    )
})

t.test('what shows as nothing is blank', async (t) => {
  const { call } = await startApp(t)
  const unseen = [
    '\u200b',
    '\u00ad',
    '\u3164',
    '\u2800',
    '\u2060\ufeff',
    '\u115f \u3000',
    '\ufe0f',
    '\u{e0041}',
    '\u202e',
  ]
  for (const text of unseen)
    equalProblem(
      t,
      await call({
        method: 'POST',
        url,
        payload: { author: { ...submission.author, name: text }, body: text },
      }),
      400,
      'invalid-request',
      ['body /author/name: must not be blank', 'body /body: must not be blank'],
    )
  for (const text of ['\u{1f469}\u{1f3fd}\u200d\u{1f692}', 'می\u200cخواهم', '\u200bx', '\u2764\ufe0f'])
    t.equal(
      (
        await call({
          method: 'POST',
          url,
          payload: { author: { ...submission.author, name: text }, body: text },
        })
      ).statusCode,
      202,
      text,
    )
})

t.test('white space around an address is taken off; digits alone are no top-level domain', async (t) => {
  const { call, store } = await startApp(t)
  const send = (email: string) =>
    call({ method: 'POST', url, payload: { ...submission, author: { name: 'Ada', email } } })
  const taken = await send(' \tada@example.org ')
  t.match(await store.findComment(taken.json().id), { author: { email: 'ada@example.org' } })
  for (const email of ['ada@127.0.0.1', 'ada@example.42', 'ada @example.org', 'ada@example.org x'])
    equalProblem(t, await send(email), 400, 'invalid-request', [
      'body /author/email: must be an e-mail address, such as ada@example.org',
    ])
  t.equal((await send('ada@example.4you')).statusCode, 202)
})

t.test('an article has one id, however it is typed', async (t) => {
  const { call, publish } = await startApp(t)
  const [composed, decomposed] = ['caf\u00e9', 'cafe\u0301'] as const
  await publish(decomposed)
  await publish(composed)
  for (const id of [composed, decomposed]) {
    const list = await call({ url: `/v1/articles/${encodeURIComponent(id)}/comments` })
    t.match(list.json(), { articleId: composed, total: 2 })
  }
  const both = `articleId=${encodeURIComponent(composed)}&articleId=${encodeURIComponent(decomposed)}`
  t.same((await call({ url: `/v1/counts?${both}` })).json().counts, [{ articleId: composed, total: 2 }])
  // As a Mac's file system has it: three times as long until it is composed.
  const hangul = '\ud55c'.repeat(682)
  t.match(
    (await call({ url: `/v1/articles/${encodeURIComponent(hangul.normalize('NFD'))}/comments` })).json(),
    {
      articleId: hangul,
    },
  )
  const refused: [string, string][] = [
    [' a', 'must not begin or end with white space'],
    ['a\u3000', 'must not begin or end with white space'],
    ['a\nb', 'must be one line, without control characters'],
    ['\u200b', 'must not be blank'],
    ['a'.repeat(2_049), 'must be at most 2048 bytes long in UTF-8'],
  ]
  for (const [id, detail] of refused) {
    const path = `/v1/articles/${encodeURIComponent(id)}/comments`
    for (const request of [{ url: path }, { method: 'POST', url: path, payload: submission } as const])
      equalProblem(t, await call(request), 400, 'invalid-request', [`path /articleId: ${detail}`])
    equalProblem(
      t,
      await call({ url: `/v1/counts?articleId=${encodeURIComponent(id)}` }),
      400,
      'invalid-request',
      [`query /articleId/0: ${detail}`],
    )
  }
})

t.test('counts lengths in code points', async (t) => {
  const { call, store } = await startApp(t)
  const longest = {
    author: {
      name: '🖋'.repeat(100),
      email: `${'é'.repeat(64)}@${'a'.repeat(61)}.${'b'.repeat(63)}.${'c'.repeat(60)}.fr`,
    },
    body: '🖋'.repeat(10_000),
  }
  t.equal([...longest.author.email].length, 254)
  const response = await call({ method: 'POST', url, payload: longest })
  t.equal(response.statusCode, 202)
  t.match(await store.findComment(response.json().id), longest)
  const tooLong = {
    author: { name: `${longest.author.name}!`, email: `${longest.author.email}x` },
    body: `${longest.body}!`,
  }
  equalProblem(t, await call({ method: 'POST', url, payload: tooLong }), 400, 'invalid-request', [
    'body /author/name: must be at most 100 characters long',
    'body /author/email: must be at most 254 characters long',
    'body /body: must be at most 10000 characters long',
  ])
})

t.test('takes the addresses that people have', async (t) => {
  const { call, store } = await startApp(t)
  const addresses = [
    'ada@example.org',
    'jean-françois.d_upont+blog@orange.fr',
    'o’neil@example.ie',
    "o'neil@example.ie",
    'm@x.fr',
    'marie@société.example',
    'marie@xn--socit-esab.example',
    '用户@例子.广告',
    'A.B@EXAMPLE.ORG',
    'a@sub.sub.example.museum',
    '!#$%&*+/=?^_`{|}~-@example.org',
  ]
  for (const email of addresses) {
    const response = await call({
      method: 'POST',
      url,
      payload: { ...submission, author: { name: 'A', email } },
    })
    t.equal(response.statusCode, 202, email)
    t.match(await store.findComment(response.json().id), { author: { email } })
  }
})

t.test('refuses what is no address', async (t) => {
  const { call } = await startApp(t)
  const wrong = [
    'ada',
    'ada@',
    '@example.org',
    'ada@example',
    'ada@@example.org',
    'ada@ex ample.org',
    'ada@example.org\r\nBcc: all@example.org',
    'ada@example..org',
    '.ada@example.org',
    'ada.@example.org',
    'a..da@example.org',
    'ada@-example.org',
    'ada@example-.org',
    'ada@[127.0.0.1]',
    '"ada"@example.org',
    'Ada <ada@example.org>',
    'ada@example.org,grace@example.org',
    `${'a'.repeat(65)}@example.org`,
    `ada@${'a'.repeat(64)}.org`,
    'mailto:ada@example.org',
    '',
  ]
  for (const email of wrong) {
    const response = await call({
      method: 'POST',
      url,
      payload: { ...submission, author: { name: 'A', email } },
    })
    equalProblem(t, response, 400, 'invalid-request', [
      'body /author/email: must be an e-mail address, such as ada@example.org',
    ])
  }
})

t.test(
  'names everything that is wrong at once, in the path, the query, the headers and the body',
  async (t) => {
    const { call, submit } = await startApp(t)
    const { id } = await submit('a')
    const response = await call({
      method: 'POST',
      url: '/v1/articles/%20/comments?notify=1',
      headers: { 'idempotency-key': 'clé', 'content-type': 'application/json' },
      payload: `{
      "author": { "name": " \\n", "email": "ada", "role": "admin", "__proto__": { "admin": true } },
      "parentId": "${id}x", "status": "approved", "~/": 1, "__proto__": {}, "constructor": {}
    }`,
    })
    equalProblem(t, response, 400, 'invalid-request', [
      'path /articleId: must not be blank',
      'query /notify: is not known here',
      'header /idempotency-key: must be 1 to 255 printable ASCII characters',
      'body /author/name: must not be blank',
      'body /author/email: must be an e-mail address, such as ada@example.org',
      'body /author/role: is not known here',
      'body /author/__proto__: is not known here',
      'body /body: is required',
      'body /parentId: must be a UUID',
      'body /status: is not known here',
      'body /~0~1: is not known here',
      'body /__proto__: is not known here',
      'body /constructor: is not known here',
    ])
  },
)

t.test('says of each field what it must be', async (t) => {
  const { call } = await startApp(t)
  const headers = { 'content-type': 'application/json' }
  const refused: [payload: string | undefined, errors: string[]][] = [
    [undefined, ['body : is required']],
    ['', ['body : is required']],
    ['null', ['body : must be an object']],
    ['[]', ['body : must be an object']],
    ['"text"', ['body : must be an object']],
    ['{}', ['body /author: is required', 'body /body: is required']],
    ['{"author":null,"body":7}', ['body /author: must be an object', 'body /body: must be a string']],
    [
      '{"author":{},"body":["x"]}',
      ['body /author/name: is required', 'body /author/email: is required', 'body /body: must be a string'],
    ],
    // What is brought along from elsewhere may have none; what is submitted has one.
    ['{"author":{"name":"Ada","email":null},"body":"x"}', ['body /author/email: must be a string']],
    ['{"author":{"name":"Ada"},"body":"x"}', ['body /author/email: is required']],
    ...['', ' '].map((email): [string, string[]] => [
      JSON.stringify({ author: { name: 'Ada', email }, body: 'x' }),
      ['body /author/email: must be an e-mail address, such as ada@example.org'],
    ]),
    [
      '{"author":{"name":"a\\u0000b","email":"a\\u0000@b.fr"},"body":"\\ud800"}',
      [
        'body /author/name: must not contain NUL characters or ill-formed Unicode',
        'body /author/email: must not contain NUL characters or ill-formed Unicode',
        'body /body: must not contain NUL characters or ill-formed Unicode',
      ],
    ],
    [
      '{"author":{"name":"\\udc00\\ud800","email":"ada@example.org"},"body":"\\u2003\\u00a0\\t\\r\\n"}',
      [
        'body /author/name: must not contain NUL characters or ill-formed Unicode',
        'body /body: must not be blank',
      ],
    ],
  ]
  for (const [payload, errors] of refused) {
    const response = await call({ method: 'POST', url, headers, ...(payload !== undefined && { payload }) })
    equalProblem(t, response, 400, 'invalid-request', errors)
  }
  for (const payload of ['{', '{"author":}', "{'a':1}", '{} {}', 'undefined', '\ufeff{}', '{"a":1,}']) {
    equalProblem(t, await call({ method: 'POST', url, headers, payload }), 400, 'invalid-request', [
      'body : must be valid JSON in UTF-8',
    ])
  }
  const illFormed = Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])
  equalProblem(t, await call({ method: 'POST', url, headers, payload: illFormed }), 400, 'invalid-request', [
    'body : must be valid JSON in UTF-8',
  ])
})

t.test('names a thousand errors at the most, and long keys in short', async (t) => {
  const { call } = await startApp(t)
  const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`k${index}`, 1]))
  const response = await call({ method: 'POST', url, payload: { ...submission, ...many } })
  t.equal(response.statusCode, 400)
  t.equal(response.json().errors.length, 1_000)
  const long = await call({
    method: 'POST',
    url,
    payload: { ...submission, ['🖋'.repeat(5_000)]: 1, 'nul\u0000': 1, '\ud800': 1 },
  })
  const pointers = long.json().errors.map(({ pointer }: { pointer: string }) => pointer)
  t.equal(pointers[0].length, 500)
  t.same(pointers.slice(1), ['/nul\ufffd', '/\ufffd'])
})

t.test('names a key full of addresses in short, and without one of them', async (t) => {
  const { call } = await startApp(t)
  const keys = ['a@b '.repeat(5_000), `${'x'.repeat(494)} ada@example.org`]
  for (const key of keys) {
    const response = await call({ method: 'POST', url, payload: { ...submission, [key]: 1 } })
    const [{ pointer }] = response.json().errors
    t.ok(pointer.length <= 500, `${pointer.length} characters`)
    t.notMatch(pointer, /@/)
  }
})

t.test('takes JSON by whatever name its media type goes', async (t) => {
  const { call } = await startApp(t)
  for (const type of [
    'application/json',
    'Application/JSON',
    'application/json;charset=utf-8',
    'application/json; charset="UTF-8"',
    'application/json ; charset=utf8',
    'application/json;',
    'application/json; charset=utf-8;',
    'application/json; profile="x"',
    'application/json; profile="charset=latin1;\\";charset=x"; charset=UTF-8',
    'application/json; q=0.9; v=1;;charset=utf-8',
  ]) {
    const headers = { 'content-type': type, 'content-encoding': 'identity' }
    const response = await call({ method: 'POST', url, headers, payload: JSON.stringify(submission) })
    t.equal(response.statusCode, 202, type)
  }
})

t.test('takes the longest comment however its characters are written, escaped pairs aside', async (t) => {
  const { call } = await startApp(t)
  const escaped = (unit: string) =>
    call({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json' },
      payload: JSON.stringify({
        author: {
          name: 'N',
          email: `${'e'.repeat(64)}@${'d'.repeat(63)}.${'d'.repeat(63)}.${'d'.repeat(61)}`,
        },
        body: 'B',
      })
        .replace('"N"', `"${unit.repeat(100)}"`)
        .replace('"B"', `"${unit.repeat(10_000)}"`),
    })
  t.equal((await escaped('\\u00e9')).statusCode, 202)
  t.equal((await escaped('🖋')).statusCode, 202)
  equalProblem(t, await escaped('\\ud83d\\udd8b'), 413, 'body-too-large')
})

t.test('a reply goes below an approved comment of the same article', async (t) => {
  const { call, store, token, submit, publish } = await startApp(t)
  const moderator = await token('moderate')
  const parent = await publish('a')
  const { id } = await submit('a', { parentId: parent.id.toUpperCase() })
  t.match(await store.findComment(id), { parentId: parent.id })
  const root = await call({ method: 'POST', url, payload: { ...submission, parentId: null } })
  t.match(await store.findComment(root.json().id), { parentId: null })

  const elsewhere = await publish('b')
  const pending = await submit('a')
  const rejected = await publish('a')
  await call({ method: 'POST', url: `/v1/moderation/comments/${rejected.id}/reject`, headers: moderator })
  const withdrawn = await publish('a')
  await call({
    method: 'DELETE',
    url: `/v1/comments/${withdrawn.id}`,
    headers: { authorization: `Bearer ${withdrawn.receipt}` },
  })
  const unknown = '019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11'
  const before = (await store.queue()).pending
  for (const parentId of [elsewhere.id, pending.id, rejected.id, withdrawn.id, unknown]) {
    const response = await call({ method: 'POST', url, payload: { ...submission, parentId } })
    equalProblem(t, response, 422, 'parent-not-available', [
      'body /parentId: parentId must be an approved comment of the same article.',
    ])
  }
  t.equal((await store.queue()).pending, before)
})

t.test('a first answer in a language that is no longer there is given again in English', async (t) => {
  const store = await emptyStore(t)
  const { call } = await startApp(t, {
    store: {
      ...store,
      findIdempotencyRecord: async (...asked) => {
        const record = await store.findIdempotencyRecord(...asked)
        return record && { ...record, language: 'ja' }
      },
    },
  })
  const headers = { 'idempotency-key': 'key', 'accept-language': 'fr' }
  await call({ method: 'POST', url, headers, payload: submission })
  const again = await call({ method: 'POST', url, headers, payload: submission })
  t.match(again.headers, { 'idempotency-replayed': 'true', 'content-language': 'en' })
  t.match(again.json().message, /^Thank you/)
})

t.test('with an Idempotency-Key, the same request again gets the first answer again', async (t) => {
  const { call, store, token } = await startApp(t)
  const key = '8e03978e-40d5-43e8-bc93-6894a57f9324'
  const send = (headers: Record<string, string>) =>
    call({ method: 'POST', url, headers: { 'idempotency-key': key, ...headers }, payload: submission })
  const first = await send({ 'accept-language': 'fr' })
  t.equal(first.statusCode, 202)
  t.notOk('idempotency-replayed' in first.headers)
  // A decision in between, or another language, makes it no other request.
  await call({
    method: 'POST',
    url: `/v1/moderation/comments/${first.json().id}/approve`,
    headers: await token('moderate'),
  })
  const again = await send({ 'accept-language': 'en' })
  t.equal(again.statusCode, 202)
  t.equal(again.body, first.body)
  t.match(again.headers, {
    'idempotency-replayed': 'true',
    location: first.headers.location,
    'content-language': 'fr',
  })
  t.match(
    (
      await call({
        url: again.headers.location ?? '',
        headers: { authorization: `Bearer ${again.json().receipt}` },
      })
    ).json(),
    { status: 'approved' },
  )
  t.equal((await store.queue()).pending, 0)
})

t.test('with an Idempotency-Key, any other request is refused', async (t) => {
  const { call, store, publish } = await startApp(t)
  const parent = await publish('a')
  const send = (to: string, payload: object) =>
    call({ method: 'POST', url: to, headers: { 'idempotency-key': 'key' }, payload })
  await send(url, submission)
  const others: [string, object][] = [
    ['/v1/articles/b/comments', submission],
    [url, { ...submission, body: `${submission.body} ` }],
    [url, { ...submission, author: { ...submission.author, name: 'Grace' } }],
    [url, { ...submission, author: { ...submission.author, email: 'grace@example.org' } }],
    [url, { ...submission, parentId: parent.id }],
  ]
  for (const [to, payload] of others) {
    equalProblem(t, await send(to, payload), 422, 'idempotency-key-reused')
  }
  t.equal((await store.queue()).pending, 1)
  t.equal((await send(url, { parentId: null, ...submission })).statusCode, 202, 'null is as good as nothing')
})

t.test('an Idempotency-Key is 1 to 255 printable ASCII characters, quoted or not', async (t) => {
  const { call } = await startApp(t)
  const send = (key: string) =>
    call({ method: 'POST', url, headers: { 'idempotency-key': key }, payload: submission })
  for (const key of ['k', '"k"', 'k'.repeat(255), 'with space', '~!@#$%^&*()', '__proto__']) {
    t.equal((await send(key)).statusCode, 202, key)
  }
  for (const key of ['k'.repeat(256), 'clé', '']) {
    equalProblem(t, await send(key), 400, 'invalid-request', [
      'header /idempotency-key: must be 1 to 255 printable ASCII characters',
    ])
  }
})

t.test('an Idempotency-Key is forgotten after 24 hours', async (t) => {
  const dayMs = 24 * 60 * 60 * 1_000
  let nowMs = Date.parse('2026-05-04T09:30:00.000Z')
  const { call, store } = await startApp(t, { clock: () => nowMs })
  const send = async (key = 'key') =>
    call({ method: 'POST', url, headers: { 'idempotency-key': key }, payload: submission })
  const first = await send()
  nowMs += dayMs - 1
  t.equal((await send()).body, first.body)
  t.not(await store.findIdempotencyRecord(hashSecret('key'), nowMs), null)
  nowMs += 1
  const later = await send()
  t.equal(later.statusCode, 202)
  t.not(later.json().id, first.json().id)
  t.not(later.json().receipt, first.json().receipt)
  t.notOk('idempotency-replayed' in later.headers)
  t.equal((await store.queue()).pending, 2)
  t.equal((await send()).body, later.body)

  const expiredMs = nowMs
  nowMs += dayMs
  t.equal(await store.removeExpiredRecords(nowMs, 10), false)
  t.equal(await store.findIdempotencyRecord(hashSecret('key'), expiredMs), null, 'it is gone from the store')
})

t.test('while the first request is in flight, the same key is refused with 409', async (t) => {
  const app = await startApp(t)
  const arrived = Promise.withResolvers<void>()
  const held = Promise.withResolvers<void>()
  const { submit } = app.store
  Object.assign(app.store, {
    submit: async (one: Parameters<typeof submit>[0]) => {
      arrived.resolve()
      await held.promise
      return submit(one)
    },
  })
  const send = (key: string) =>
    app.call({ method: 'POST', url, headers: { 'idempotency-key': key }, payload: submission })
  const first = send('key')
  await arrived.promise
  const second = await send('key')
  equalProblem(t, second, 409, 'idempotency-key-in-flight')
  t.equal(second.headers['retry-after'], '1')
  const other = send('other')
  held.resolve()
  t.equal((await first).statusCode, 202)
  t.equal((await other).statusCode, 202, 'another key need not wait')
  const third = await send('key')
  t.equal(third.body, (await first).body)
  t.equal(third.headers['idempotency-replayed'], 'true')
})

t.test('a submission that failed leaves its key free', async (t) => {
  const app = await startApp(t)
  const { submit } = app.store
  const send = () =>
    app.call({ method: 'POST', url, headers: { 'idempotency-key': 'key' }, payload: submission })
  Object.assign(app.store, { submit: async () => Promise.reject(new Error('disk full')) })
  equalProblem(t, await send(), 500, 'internal-error')
  Object.assign(app.store, { submit })
  const response = await send()
  t.equal(response.statusCode, 202)
  t.notOk('idempotency-replayed' in response.headers)
})

t.test('where another process wrote the same key first, its answer is given', async (t) => {
  const one = await startApp(t)
  const other = await startApp(t, {
    // As if it had looked before the first one wrote.
    store: { ...one.store, findIdempotencyRecord: async () => null, close: async () => {} },
  })
  const send = (app: TestApp, payload: object) =>
    app.call({ method: 'POST', url, headers: { 'idempotency-key': 'key' }, payload })
  const first = await send(one, submission)
  const second = await send(other, submission)
  t.equal(second.body, first.body)
  t.equal(second.headers['idempotency-replayed'], 'true')
  equalProblem(t, await send(other, { ...submission, body: 'else' }), 422, 'idempotency-key-reused')
})

t.test('turns submissions away while the queue is full, and says so in the log once', async (t) => {
  const { call, log, store, token } = await startApp(t, { maxPending: 2 })
  const send = (headers: Record<string, string> = {}) =>
    call({ method: 'POST', url, payload: submission, headers })
  const first = await send({ 'idempotency-key': 'key' })
  await send()
  for (let count = 0; count < 3; count++) {
    const response = await send()
    equalProblem(t, response, 503, 'queue-full')
    t.equal(response.headers['retry-after'], '600')
  }
  t.equal((await store.queue()).pending, 2)
  t.equal(warnings(log).length, 1)
  const again = await send({ 'idempotency-key': 'key' })
  t.equal(again.body, first.body, 'a retry of what was taken is answered all the same')

  await call({
    method: 'POST',
    url: `/v1/moderation/comments/${first.json().id}/reject`,
    headers: await token('moderate'),
  })
  t.equal((await send()).statusCode, 202, 'there is room again')
  equalProblem(t, await send(), 503, 'queue-full')
  t.equal(warnings(log).length, 2, 'full again is said again')
})

t.test('while the queue is full, nothing but a new comment ends the alarm in the log', async (t) => {
  const { call, log } = await startApp(t, { maxPending: 1 })
  const send = (key: string, payload: object = submission) =>
    call({ method: 'POST', url, payload, headers: { 'idempotency-key': key } })
  await send('taken')
  equalProblem(t, await send('another'), 503, 'queue-full')
  t.equal((await send('taken')).headers['idempotency-replayed'], 'true')
  equalProblem(t, await send('another'), 503, 'queue-full')
  equalProblem(t, await send('taken', { ...submission, body: 'Else.' }), 422, 'idempotency-key-reused')
  equalProblem(t, await send('another'), 503, 'queue-full')
  t.equal(warnings(log).length, 1)
})

function warnings(log: readonly string[]): unknown[] {
  return log.map((line) => JSON.parse(line)).filter(({ level }) => level >= 40)
}

t.test(
  'needs no token; one that is shown must be valid, and vouches for nobody without the scope submit',
  async (t) => {
    const { call, store, token } = await startApp(t)
    const as = (headers: Record<string, string>) =>
      call({ method: 'POST', url, headers, payload: submission })
    t.equal((await as({})).statusCode, 202)
    t.equal((await as(await token('submit'))).statusCode, 202)
    t.equal((await as(await token('moderate', 'submit'))).statusCode, 202)
    for (const headers of [
      wrongToken,
      await expiredToken(store, 'submit'),
      await revokedToken(store, 'submit'),
      { authorization: 'Basic c2l0ZTp4' },
    ]) {
      const response = await as(headers)
      equalProblem(t, response, 401, 'token-invalid')
      t.equal(response.headers['www-authenticate'], 'Bearer realm="imprimatur", error="invalid_token"')
    }
    const moderator = await token('moderate', 'admin')
    t.equal((await as(moderator)).statusCode, 202, 'who sends one token everywhere is a reader here')
    // Only of a site is the header read: what is no address in it would be refused.
    t.equal((await as({ ...moderator, forwarded: 'for=nonsense' })).statusCode, 202)
  },
)

t.test("a reader's address that is none is refused, by the header that has it", async (t) => {
  const { call, token } = await startApp(t)
  const site = await token('submit')
  const from = (headers: Record<string, string>) =>
    call({ method: 'POST', url, headers: { ...site, ...headers }, payload: submission })
  for (const forwarded of ['for=', 'for=nonsense', 'for="[::1"', 'for=1.2.3', '1.2.3.4', 'for=1.2.3.4;;']) {
    equalProblem(t, await from({ forwarded }), 400, 'invalid-request', [
      'header /forwarded: must name an IP address',
    ])
  }
  equalProblem(t, await from({ 'x-forwarded-for': 'nonsense' }), 400, 'invalid-request', [
    'header /x-forwarded-for: must name an IP address',
  ])
})

t.test('tells the log that it happened, and nothing of the comment', async (t) => {
  const { call, log } = await startApp(t)
  const send = () =>
    call({ method: 'POST', url, headers: { 'idempotency-key': 'my-key' }, payload: submission })
  const { id } = (await send()).json()
  await send()
  t.equal(log.length, 2)
  const about = { level: 30, event: 'submission', commentId: id, articleId: 'a' }
  t.match(JSON.parse(log[0] ?? ''), { ...about, replayed: false })
  t.match(JSON.parse(log[1] ?? ''), { ...about, replayed: true })
  t.notMatch(log.join(''), /Ada|fine article|example\.org|my-key|imr_/)
})

t.test('many at once are all kept, in an order of their own', async (t) => {
  const { call, store, token } = await startApp(t)
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      call({
        method: 'POST',
        url,
        headers: { 'idempotency-key': `key-${index % 25}` },
        payload: { ...submission, body: `Comment ${index % 25}` },
      }),
    ),
  )
  for (const { statusCode } of answers) t.ok([202, 409].includes(statusCode), String(statusCode))
  t.equal((await store.queue()).pending, 25)
  const { comments } = (
    await call({ url: '/v1/moderation/comments?limit=100', headers: await token('moderate') })
  ).json()
  const ids = comments.map(({ id }: { id: string }) => id)
  t.same(ids, ids.toSorted())
  t.equal(new Set(comments.map(({ body }: { body: string }) => body)).size, 25)
})

t.test(
  'a form tells how it was filled in, and is refused where that was a robot; without a form nothing is asked',
  async (t) => {
    const { call, store } = await startApp(t)
    const send = (form?: object) =>
      call({ method: 'POST', url, payload: { ...submission, ...(form !== undefined && { form }) } })
    for (const form of [undefined, { trap: '' }, { trap: '', shownForMs: 3_000 }])
      t.equal((await send(form)).statusCode, 202, JSON.stringify(form))
    const { pending } = await store.queue()
    for (const form of [{ trap: 'x' }, { trap: '', shownForMs: 2_999 }, { trap: 'x', shownForMs: 60_000 }])
      equalProblem(t, await send(form), 422, 'looks-automated')
    t.equal((await store.queue()).pending, pending)
    for (const [form, error] of [
      [{}, 'body /form/trap: is required'],
      [{ trap: '', shownForMs: -1 }, 'body /form/shownForMs: must not be less than 0'],
      [{ trap: '', shownForMs: 1.5 }, 'body /form/shownForMs: must be a whole number of milliseconds'],
      [{ trap: 'x'.repeat(2_001) }, 'body /form/trap: must be at most 2000 characters long'],
      [{ trap: '', more: 1 }, 'body /form/more: is not known here'],
    ] as const)
      equalProblem(t, await send(form), 400, 'invalid-request', [error])
    const patient = await startApp(t, { formLeastSeconds: 0 })
    const form = { trap: '', shownForMs: 0 }
    t.equal((await patient.call({ method: 'POST', url, payload: { ...submission, form } })).statusCode, 202)
  },
)

t.test('refuses a name that makes the address public', async (t) => {
  const { call, store } = await startApp(t)
  const send = (name: string, email = 'ada@example.org') =>
    call({ method: 'POST', url, payload: { ...submission, author: { name, email } } })
  const errors = ['body /author/name: must not hold the e-mail address, which is never shown: the name is']
  for (const name of [
    'ada@example.org',
    'ADA@Example.ORG',
    'Ada <ada@example.org>',
    '\uff41da\uff20example.org',
    'xada@example.orgx',
  ]) {
    equalProblem(t, await send(name), 400, 'invalid-request', errors)
  }
  equalProblem(t, await send('Ada@Example.Org', '  ada@example.org '), 400, 'invalid-request', errors)
  equalProblem(
    t,
    await send('b\u00fccher@example.org', 'BU\u0308CHER@example.org'),
    400,
    'invalid-request',
    errors,
  )
  t.equal((await store.queue()).pending, 0)
  for (const name of ['ada', 'ada@example', 'eve@example.org', 'Ada (example.org)'])
    t.equal((await send(name)).statusCode, 202, name)
})

everyStatusWasSeen(t, 'submitComment')
