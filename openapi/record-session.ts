import type { InjectOptions } from 'fastify'
import { buildApp } from '../src/app.ts'
import { readConfig } from '../src/config.ts'
import type { Route } from '../src/http/route.ts'
import { createToken } from '../src/operations/tokens/create-token.ts'
import { openStore } from '../src/store/open-store.ts'

/** What one call was asked and answered. */
export type Exchange = {
  parameters?: Record<string, unknown>
  body?: unknown
  status: number
  headers: Record<string, string>
  answer?: unknown
}

/** By operation: the exchanges of the session, each under 200 and its like, or under the code of its problem. */
export type Session = Record<string, Record<string, Exchange>>

type Ask = {
  path?: Record<string, string>
  query?: Record<string, string | number | string[]>
  headers?: Record<string, string>
  bearer?: string
  body?: unknown
}

/**
 * A comment's life at the real service, and a reply's, with every call of the document and the problems that a caller can
 * cause. What differs from run to run is the same in the record: times and ids are given, secrets are replaced.
 */
export async function recordSession(routes: readonly RouteName[]): Promise<Session> {
  const config = readConfig({
    ARTICLE_URL: 'https://www.example.org/{articleId}',
    PUBLIC_URL: 'https://comments.example.org',
    LOG_LEVEL: 'silent',
    MAX_EVENT_LOOP_DELAY_MS: '0',
    FAILED_SIGN_INS_PER_MINUTE: '0',
  })
  if (!config.ok) throw new Error(config.faults.join('\n'))
  let nowMs = Date.parse('2026-05-04T09:30:00.000Z')
  let made = 0
  const deps = {
    clock: () => nowMs,
    newId: () => `019df250-3a40-7000-8000-${(made++).toString(16).padStart(12, '0')}`,
    store: await openStore({ dialect: 'sqlite', file: ':memory:' }),
  }
  const app = await buildApp({ config: config.config, ...deps })
  const secrets: [string, string][] = []
  const makeToken = async (name: string, scope: 'moderate' | 'submit' | 'admin') => {
    const result = await createToken(deps, { name, scopes: [scope], expiresAtMs: null })
    if (result.kind !== 'created') throw new Error(result.kind)
    return result.secret
  }
  const session: Session = {}

  async function ask(operationId: string, asked: Ask = {}): Promise<Record<string, string>> {
    nowMs += 60_000
    const route = routes.find((one) => one.operationId === operationId)
    if (route === undefined) throw new Error(`There is no ${operationId}`)
    const { path = {}, query = {}, headers = {}, bearer, body } = asked
    const isForm = route.formLimitBytes !== undefined && typeof body === 'object'
    const filled = route.path.replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(path[name] ?? ''))
    const pairs = Object.entries(query).flatMap(([name, value]) =>
      [value].flat().map((one) => `${name}=${encodeURIComponent(one)}`),
    )
    const response = await app.inject({
      method: route.method,
      url: pairs.length === 0 ? filled : `${filled}?${pairs.join('&')}`,
      headers: {
        ...headers,
        ...(isForm && { 'content-type': 'application/x-www-form-urlencoded' }),
        ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      },
      ...(body !== undefined && {
        payload: isForm ? `${new URLSearchParams(body as Record<string, string>)}` : body,
      }),
    } as InjectOptions)
    const isJson = /json/.test(String(response.headers['content-type']))
    const answer = isJson ? response.json() : response.body
    const key = answer?.type?.replace(/^urn:imprimatur:problem:/, '') ?? String(response.statusCode)
    const own = session[operationId] ?? {}
    session[operationId] = own
    const isUntold = untold.has(operationId) && response.statusCode < 300
    // The first of its kind is the one that is shown.
    own[key] ??= {
      ...(response.statusCode < 300 && {
        parameters: { ...path, ...query, ...headers },
        ...(typeof body === 'object' && { body }),
      }),
      status: response.statusCode,
      headers: Object.fromEntries(
        (isUntold ? counted : told).flatMap((name) => {
          const value = response.headers[name]
          return value === undefined ? [] : [[name, String(value)]]
        }),
      ),
      // The document would hold itself, and the measures are never the same.
      ...(!isUntold && { answer }),
    }
    return answer
  }

  try {
    const [marie, site, prometheus] = [
      await makeToken('marie', 'moderate'),
      await makeToken('site', 'submit'),
      await makeToken('prometheus', 'admin'),
    ]
    const tokens = { moderate: marie, submit: site, admin: prometheus }
    await play(ask, tokens, (receipt) =>
      secrets.push([
        receipt,
        `imr_${'yP0yWnVPO4mV4b3vJ3sB4YwTqkq4mBqk1vFjvC2S1eM'.slice(secrets.length)}${'A'.repeat(secrets.length)}`,
      ]),
    )
    await refuse(ask, tokens, routes)
  } finally {
    await app.close()
  }
  return settled(session, secrets)
}

export type RouteName = Pick<
  Route,
  'operationId' | 'method' | 'path' | 'access' | 'mediaType' | 'formLimitBytes'
>

/** The headers that the document tells of. */
const told = [
  'etag',
  'link',
  'location',
  'cache-control',
  'content-language',
  'retry-after',
  'www-authenticate',
  'ratelimit',
  'ratelimit-policy',
]

/** What an answer tells of the limits that have counted it. */
const counted = told.filter((name) => name.startsWith('ratelimit'))

const untold = new Set(['readOpenapi', 'readMetrics', 'readThread', 'readThreadPage', 'submitThreadForm'])

/** What any call of its kind is refused for before it is looked at. */
async function refuse(
  ask: (operationId: string, asked?: Ask) => Promise<unknown>,
  tokens: Tokens,
  routes: readonly RouteName[],
): Promise<void> {
  const path = { articleId: 'why-we-print', commentId: '019df250-3a40-7000-8000-ffffffffffff' }
  for (const { operationId, method, access, mediaType = '', formLimitBytes = 0 } of routes) {
    const bearer = access === 'admin' ? tokens.admin : access === 'submit' ? tokens.submit : tokens.moderate
    const allowed = access === 'public' || access === 'read' ? {} : { bearer }
    const Accept = mediaType.startsWith('text/html') ? 'image/png' : 'text/html'
    await ask(operationId, { path, headers: { Accept } })
    if (access !== 'public' && access !== 'read') {
      if (access !== 'submit') await ask(operationId, { path })
      await ask(operationId, { path, bearer: `imt_${'A'.repeat(43)}` })
      if (access !== 'receipt' && access !== 'submit')
        await ask(operationId, { path, bearer: access === 'admin' ? tokens.moderate : tokens.admin })
    }
    if (method === 'GET') continue
    await ask(operationId, { path, ...allowed, headers: { 'Content-Type': 'text/plain' }, body: 'Hello.' })
    const headers = { 'Content-Type': 'application/json' }
    await ask(operationId, { path, ...allowed, headers, body: 'x'.repeat(70_000 + formLimitBytes) })
  }
}

type Tokens = Record<'moderate' | 'submit' | 'admin', string>

/** The session itself, in the order in which it happens. */
async function play(
  ask: (operationId: string, asked?: Ask) => Promise<Record<string, string>>,
  { moderate, submit, admin }: Tokens,
  secret: (receipt: string) => void,
): Promise<void> {
  const articleId = 'why-we-print'
  const article = { articleId }
  const bearer = moderate
  const ada = { author: { name: 'Ada', email: 'ada@example.org' }, body: 'A fine article.' }
  const grace = { author: { name: 'Grace', email: 'grace@example.org' }, body: 'I think so too.' }
  const unknown = { commentId: '019df250-3a40-7000-8000-ffffffffffff' }
  const wrong = `imt_${'A'.repeat(43)}`

  await ask('livez')
  await ask('readyz')
  await ask('putArticle', {
    path: article,
    bearer: submit,
    body: {
      title: 'Why we print',
      url: 'https://www.example.org/why-we-print',
      publishedAt: '2026-05-04T09:00:00Z',
    },
  })
  await ask('putArticle', { path: article, bearer, body: { url: 'why-we-print' } })

  const key = { 'Idempotency-Key': '8e03978e-40d5-43e8-bc93-6894a57f9324' }
  const first = await ask('submitComment', {
    path: article,
    headers: { ...key, 'Accept-Language': 'en', Forwarded: 'for=192.0.2.60' },
    bearer: submit,
    body: ada,
  })
  secret(first['receipt'] ?? '')
  const one = { commentId: first['id'] ?? '' }
  await ask('submitComment', { path: article, headers: key, body: { ...ada, body: 'Another.' } })
  await ask('submitComment', { path: article, body: { author: { name: ' ', email: 'ada' }, text: 'Hello' } })
  await ask('submitComment', { path: article, body: { ...ada, parentId: one.commentId } })
  await ask('submitComment', {
    path: article,
    body: { ...ada, form: { trap: 'https://example.org/', shownForMs: 40 } },
  })
  await ask('viewOwnComment', { path: one, bearer: first['receipt'] ?? '' })
  const queue = { status: 'pending', articleId, limit: 20, order: 'oldest' }
  await ask('listQueue', { query: queue, bearer })
  await ask('decideComments', {
    bearer,
    body: {
      decisions: [
        { commentId: one.commentId, verdict: 'approve' },
        { commentId: unknown.commentId, verdict: 'reject', reason: 'Please stay on the subject.' },
      ],
    },
  })
  const second = await ask('submitComment', { path: article, body: { ...grace, parentId: one.commentId } })
  secret(second['receipt'] ?? '')
  const two = { commentId: second['id'] ?? '' }
  // Approved, rejected and given back are one comment, so that a collection made of the document names its versions from top to bottom.
  await ask('approveComment', {
    path: two,
    headers: { 'If-Match': '"1"' },
    bearer,
    body: { note: 'Checked the quotation.' },
  })
  await ask('approveComment', { path: two, headers: { 'If-Match': '"1"' }, bearer })
  await ask('approveComment', { path: unknown, bearer })
  await ask('approveComment', { path: two, headers: { 'If-Match': '1' }, bearer })
  await ask('decideComments', { bearer, body: { decisions: [] } })
  await ask('listComments', { path: article, query: { limit: 20, order: 'oldest' } })
  await ask('listComments', { path: article, query: { limit: 1000 } })
  await ask('countComments', { query: { articleId: [articleId, 'the-second-article'] } })
  await ask('countComments')
  const pages = { path: article, query: { lang: 'en' } }
  await ask('readThread', pages)
  await ask('readThread', { path: article, query: { heading: 1 } })
  await ask('readThreadPage', pages)
  await ask('readThreadPage', { path: article, query: { limit: 1000 } })
  await ask('submitThreadForm', {
    ...pages,
    body: {
      name: 'Ada',
      email: 'ada@example.org',
      body: 'One more thing.',
      key: '3',
      shown: '1777885800000',
    },
  })
  await ask('submitThreadForm', { path: article, query: { lang: '?' }, body: {} })
  await ask('readArticleFeed', { path: article, query: { lang: 'en' } })
  await ask('readArticleFeed', { path: article, query: { lang: 'xx' } })
  await ask('readSiteFeed', { query: { lang: 'en' } })
  await ask('readSiteFeed', { query: { lang: 'xx' } })
  await ask('viewArticle', { path: article, bearer })
  await ask('viewArticle', { path: { articleId: 'never-heard-of' }, bearer })
  await ask('listArticles', { query: { limit: 20 }, bearer })
  await ask('rejectComment', {
    path: two,
    headers: { 'If-Match': '"2"' },
    bearer,
    body: { reason: 'Please stay on the subject.', note: 'Third time this week.' },
  })
  await ask('rejectComment', { path: two, bearer, body: { reason: '' } })
  await ask('rejectComment', { path: two, headers: { 'If-Match': '"1"' }, bearer })
  await ask('rejectComment', { path: two, bearer, body: { reasonCode: 'no-such-reason' } })
  await ask('approveComment', { path: two, bearer, body: { reasonCode: 'no-such-reason' } })
  await ask('rejectComment', { path: unknown, bearer })
  await ask('reopenComment', {
    path: two,
    headers: { 'If-Match': '"3"' },
    bearer,
    body: { note: 'Not mine to decide: somebody from the desk, please.' },
  })
  await ask('reopenComment', { path: two, headers: { 'If-Match': '"1"' }, bearer })
  await ask('reopenComment', { path: unknown, bearer })
  await ask('reopenComment', { path: two, headers: { 'If-Match': '1' }, bearer })
  await ask('noteComment', { path: two, bearer, body: { text: 'I have written to the author.' } })
  await ask('noteComment', { path: two, bearer, body: { text: '' } })
  await ask('noteComment', { path: unknown, bearer, body: { text: 'I have written to the author.' } })
  await ask('listReasons', { bearer })
  await ask('viewSummary', { bearer })
  const matching = { where: { q: 'grace', status: ['pending'] }, until: two.commentId, verdict: 'reject' }
  await ask('searchComments', { bearer, body: { q: 'ada', status: ['pending'], limit: 1 } })
  await ask('searchComments', { bearer, body: { order: 'rank' } })
  await ask('decideMatching', { bearer, body: { ...matching, dryRun: true } })
  await ask('decideMatching', { bearer, body: { ...matching, until: 'now' } })
  await ask('decideMatching', { bearer, body: { ...matching, reasonCode: 'no-such-reason' } })
  await ask('listDecisions', { query: { after: 0, limit: 20 }, bearer })
  await ask('listDecisions', { query: { after: -1 }, bearer })
  await ask('viewComment', { path: two, bearer })
  await ask('viewComment', { path: unknown, bearer })
  await ask('viewContext', { path: two, bearer })
  await ask('viewContext', { path: unknown, bearer })
  await ask('withdrawComment', { path: two, bearer: second['receipt'] ?? '' })
  for (const operationId of ['viewOwnComment', 'withdrawComment']) {
    await ask(operationId, { path: unknown, bearer: first['receipt'] ?? '' })
    await ask(operationId, { path: one })
    await ask(operationId, { path: one, bearer: wrong })
    await ask(operationId, { path: { commentId: '7' }, bearer: wrong })
  }
  await ask('approveComment', { path: two, bearer })
  await ask('rejectComment', { path: two, bearer })
  await ask('reopenComment', { path: two, bearer })
  const third = await ask('submitComment', {
    path: article,
    body: { ...ada, body: 'Ring me at 0171 5550100.' },
  })
  secret(third['receipt'] ?? '')
  const three = { commentId: third['id'] ?? '' }
  await ask('claimComments', { bearer, body: { limit: 20, seconds: 300 } })
  await ask('claimComments', { bearer, body: { limit: 51 } })
  await ask('listClaims', { bearer })
  await ask('renewClaims', { bearer, body: { seconds: 300 } })
  await ask('renewClaims', { bearer, body: { seconds: 5 } })
  await ask('releaseClaims', { query: { commentId: [three.commentId] }, bearer })
  const erasure = { reason: 'It named a private address.' }
  await ask('eraseComment', { path: three, headers: { 'If-Match': '"2"' }, bearer, body: erasure })
  await ask('eraseComment', { path: three, headers: { 'If-Match': '"1"' }, bearer, body: erasure })
  await ask('eraseComment', { path: unknown, bearer, body: erasure })
  await ask('eraseComment', { path: three, bearer, body: {} })
  await ask('putArticle', { path: article, bearer, body: { closedAt: '2026-05-04T09:00:00Z' } })
  await ask('submitComment', { path: article, body: ada })
  await ask('moveArticle', { path: article, bearer, body: { to: 'archive/why-we-print' } })
  await ask('moveArticle', { path: article, bearer, body: {} })
  await ask('readMetrics', { bearer: admin })
  await ask('readOpenapi')
  for (const operationId of [
    'listQueue',
    'listClaims',
    'releaseClaims',
    'listReasons',
    'viewSummary',
    'viewContext',
    'viewComment',
    'listArticles',
    'viewArticle',
    'readMetrics',
    'readOpenapi',
  ])
    await ask(operationId, {
      path: { ...one, ...article },
      query: { page: 2 },
      bearer: operationId === 'readMetrics' ? admin : bearer,
    })
  for (const operationId of ['livez', 'readyz']) await ask(operationId, { query: { page: 2 } })
}

/** What no clock and no generator of ids was asked for: secrets, the ids of requests, what time is left of a quota, and when a claim ends. */
function settled(session: Session, secrets: readonly [string, string][]): Session {
  let text = JSON.stringify(session)
  for (const [secret, shown] of secrets) text = text.replaceAll(secret, shown)
  text = text
    .replaceAll(
      /urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[0-9a-f-]{17}/g,
      'urn:uuid:5b1c1f0a-9d1e-8a52-8c3e-000000000001',
    )
    .replaceAll(/;t=\d+/g, ';t=60')
    .replaceAll(/;r=\d+/g, ';r=4')
    .replaceAll(/"until":"\d{4}-\d\d-[^"]+"/g, '"until":"2026-05-04T09:35:00.000Z"')
    .replaceAll(endingTags(session), 'k6SrBdEPRcJyCLKJhUEuCA')
  return JSON.parse(text) as Session
}

/** The digests of answers that say when a claim ends. */
function endingTags(session: Session): RegExp {
  const tags = Object.values(session['listClaims'] ?? {}).flatMap(({ headers }) => headers['etag'] ?? [])
  return new RegExp(tags.map((tag) => tag.slice(1, -1)).join('|'), 'g')
}
