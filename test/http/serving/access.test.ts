import fastify, { type InjectOptions } from 'fastify'
import t from 'tap'
import type { TokenScope } from '../../../src/domain/tokens/token.ts'
import type { Access, Route } from '../../../src/http/route.ts'
import { routes } from '../../../src/http/routes/index.ts'
import { requireAccess } from '../../../src/http/serving/require-access.ts'
import {
  type Authorization,
  expiredToken,
  revokedToken,
  startApp,
  submission,
  type TestApp,
  wrongToken,
} from '../../support/app.ts'
import { equalProblem } from '../../support/routes.ts'
import { logOf } from '../../support/store.ts'

t.test('a route that declares no access stops the start, by name', async (t) => {
  const app = fastify()
  requireAccess(app)
  app.get('/open', { config: { access: 'public' } }, async () => 'fine')
  app.get('/forgotten', async () => 'not fine')
  app.register(async (inner) => {
    inner.route({ method: ['PUT', 'POST'], url: '/nested', handler: async () => 'not fine' })
  })
  await t.rejects(async () => app.ready(), {
    message: 'These routes declare no access level: GET /forgotten, HEAD /forgotten, PUT,POST /nested',
  })
})

t.test('a route added to the service without access stops its start as well', async (t) => {
  const { app } = await startApp(t)
  app.get('/forgotten', async () => 'not fine')
  await t.rejects(async () => app.ready(), { message: /GET \/forgotten/ })
})

/** Written out here once more: to open a route takes a change in two places. */
const accessOf: Record<string, Access> = {
  listComments: 'read',
  submitComment: 'submit',
  countComments: 'read',
  readArticleFeed: 'read',
  readSiteFeed: 'read',
  viewOwnComment: 'receipt',
  withdrawComment: 'receipt',
  listQueue: 'moderate',
  viewComment: 'moderate',
  viewContext: 'moderate',
  approveComment: 'moderate',
  rejectComment: 'moderate',
  reopenComment: 'moderate',
  eraseComment: 'moderate',
  noteComment: 'moderate',
  searchComments: 'moderate',
  decideComments: 'moderate',
  decideMatching: 'moderate',
  listDecisions: 'moderate',
  claimComments: 'moderate',
  listClaims: 'moderate',
  renewClaims: 'moderate',
  releaseClaims: 'moderate',
  listReasons: 'moderate',
  viewSummary: 'moderate',
  listArticles: 'moderate',
  viewArticle: 'moderate',
  putArticle: 'site',
  moveArticle: 'moderate',
  readMetrics: 'admin',
  readThread: 'read',
  readThreadPage: 'public',
  submitThreadForm: 'submit',
  readOpenapi: 'public',
  livez: 'public',
  readyz: 'public',
}

t.test('every route declares the access that it is known to need', async (t) => {
  t.same(Object.fromEntries(routes.map(({ operationId, access }) => [operationId, access])), accessOf)
})

for (const route of routes) {
  const { operationId } = route
  const access = accessOf[operationId]
  t.test(`${operationId} is for ${access}`, async (t) => {
    const app = await startApp(t)
    const own = await app.submit('a')
    const before = await stateOf(app, own.id)
    const valid = requestOf(route, own.id)
    const as = (headers: Partial<Authorization>) =>
      app.call({ ...valid, headers: { ...valid.headers, ...headers } })
    const scope: TokenScope = access === 'moderate' || access === 'admin' ? access : 'submit'
    const fittingScopes: readonly TokenScope[] = access === 'site' ? ['submit', 'moderate'] : [scope]
    const others = (['submit', 'moderate', 'admin'] as const).filter(
      (other) => !fittingScopes.includes(other),
    )

    const none = await as({})
    const wrong = await Promise.all([
      as(wrongToken),
      expiredToken(app.store, scope).then(as),
      revokedToken(app.store, scope).then(as),
    ])
    const tooSmall = await as(await app.token(...others))
    if (access !== 'public' && access !== 'read' && access !== 'submit')
      t.same(await stateOf(app, own.id), before, 'nothing has happened')
    const fitting = await as(await app.token(scope))
    const withReceipt = await as({ authorization: `Bearer ${own.receipt}` })

    // A form leads on to the acknowledgement.
    const taken = operationId === 'submitThreadForm' ? 303 : 202
    switch (access) {
      case 'public':
      case 'read':
        for (const response of [none, ...wrong, tooSmall, fitting, withReceipt])
          t.equal(response.statusCode, 200)
        break
      case 'submit':
        t.equal(none.statusCode, taken)
        for (const response of [...wrong, withReceipt]) equalProblem(t, response, 401, 'token-invalid')
        t.equal(tooSmall.statusCode, taken, 'as a reader does')
        t.equal(fitting.statusCode, taken)
        break
      case 'receipt':
        equalProblem(t, none, 401, 'token-missing')
        for (const response of [...wrong, tooSmall, fitting]) equalProblem(t, response, 401, 'token-invalid')
        t.equal(withReceipt.statusCode, 200)
        break
      case 'site':
      case 'moderate':
      case 'admin':
        equalProblem(t, none, 401, 'token-missing')
        for (const response of [...wrong, withReceipt]) equalProblem(t, response, 401, 'token-invalid')
        equalProblem(t, tooSmall, 403, 'token-scope-too-small')
        t.equal(fitting.statusCode, operationId === 'noteComment' ? 201 : 200)
        for (const one of fittingScopes)
          t.equal((await as(await app.token(one))).statusCode, fitting.statusCode, one)
        break
      default:
        t.fail(`${operationId} is missing from the table`)
    }
    for (const response of [none, ...wrong, tooSmall].filter(({ statusCode }) => statusCode >= 400))
      t.match(response.headers['www-authenticate'], /^Bearer realm="imprimatur"/)
  })
}

t.test('what is refused is refused before its body is looked at', async (t) => {
  const { call } = await startApp(t)
  for (const route of routes.filter(({ method, access }) => method === 'POST' && access === 'moderate')) {
    const response = await call({
      method: 'POST',
      url: requestOf(route, 'no-uuid').url,
      headers: { ...wrongToken, 'content-type': 'text/plain' },
      payload: 'x'.repeat(100_000),
    })
    equalProblem(t, response, 401, 'token-invalid')
  }
})

t.test('a token works until the moment that it expires, and from then on no more', async (t) => {
  let nowMs = Date.parse('2026-05-04T09:30:00.000Z')
  const app = await startApp(t, { clock: () => nowMs })
  const headers = await expiredToken(app.store, 'moderate')
  const [token] = await app.store.listTokens()
  const expiresAtMs = token?.expiresAtMs ?? 0
  nowMs = expiresAtMs - 1
  t.equal((await app.call({ url: '/v1/moderation/comments', headers })).statusCode, 200)
  nowMs = expiresAtMs
  const response = await app.call({ url: '/v1/moderation/comments', headers })
  equalProblem(t, response, 401, 'token-invalid')
  t.equal(response.json().detail, 'The bearer token has expired.')
})

t.test('a revoked token is told no more than a wrong one', async (t) => {
  const { call, store } = await startApp(t)
  const detail = async (headers: Authorization) =>
    (await call({ url: '/v1/moderation/comments', headers })).json().detail
  t.equal(await detail(await revokedToken(store, 'moderate')), await detail(wrongToken))
})

t.test('the last use of a token is noted, once a minute at the most', async (t) => {
  let nowMs = Date.parse('2026-05-04T09:30:00.000Z')
  const { call, store, token } = await startApp(t, { clock: () => nowMs })
  const headers = await token('moderate')
  const { touchToken } = store
  // No answer waits for it.
  let noted: Promise<void> = Promise.resolve()
  Object.assign(store, {
    touchToken(id: string, lastUsedAtMs: number) {
      noted = touchToken(id, lastUsedAtMs)
      return noted
    },
  })
  const lastUse = async () => {
    await noted
    return (await store.listTokens())[0]?.lastUsedAtMs
  }
  t.equal(await lastUse(), null)
  const firstMs = nowMs
  await call({ url: '/v1/moderation/comments', headers })
  t.equal(await lastUse(), firstMs)
  nowMs += 59_999
  await call({ url: '/v1/moderation/comments', headers })
  t.equal(await lastUse(), firstMs)
  nowMs += 1
  await call({ url: '/v1/moderation/comments', headers })
  t.equal(await lastUse(), nowMs)
})

const formHeaders = { 'content-type': 'application/x-www-form-urlencoded' }

function requestOf(
  { method, path, operationId }: Route,
  commentId: string,
): InjectOptions & { url: string; headers?: Record<string, string> } {
  const url = path.replace('{commentId}', commentId).replace('{articleId}', 'a')
  switch (operationId) {
    case 'countComments':
      return { method, url: `${url}?articleId=a` }
    case 'submitComment':
      return { method, url, payload: submission }
    case 'submitThreadForm':
      return { method, url, payload: 'name=Ada&email=ada@example.org&body=Fine.', headers: formHeaders }
    case 'decideComments':
      return { method, url, payload: { decisions: [{ commentId, verdict: 'reject' }] } }
    case 'searchComments':
      return { method, url, payload: {} }
    case 'decideMatching':
      return { method, url, payload: { where: { status: ['pending'] }, until: commentId, verdict: 'reject' } }
    case 'putArticle':
      return { method, url, payload: { title: 'A title' } }
    case 'eraseComment':
      return { method, url, payload: { reason: 'Asked to.' } }
    case 'noteComment':
      return { method, url, payload: { text: 'A note.' } }
    case 'moveArticle':
      return { method, url, payload: { to: 'b' } }
    default:
      return { method, url }
  }
}

async function stateOf({ store }: TestApp, commentId: string) {
  return [await store.findComment(commentId), await store.queue(), await logOf(store, commentId, 10)]
}

t.test('a route with a JSON schema stops the start: nothing here would hold it to that', async (t) => {
  const { app } = await startApp(t)
  await t.rejects(
    async () => {
      app.get(
        '/schema',
        { config: { access: 'public' }, schema: { querystring: { type: 'object' } } },
        async () => 'fine',
      )
      await app.ready()
    },
    { message: /no compiler for JSON schemas|already/ },
  )
})
