import type { InjectOptions } from 'fastify'
import type { Test } from 'tap'
import type { TokenScope } from '../../../src/domain/tokens/token.ts'
import type { Store } from '../../../src/store/store.ts'
import { startApp, type TestApp, type TestAppOptions } from '../app/app.ts'
import { expiredToken, revokedToken, wrongToken } from '../app/tokens.ts'
import { until } from '../until.ts'
import { beforeTheStore } from './before-the-store.ts'
import { equalProblem } from './problem.ts'

export type RoutePlan = {
  /** A request that this service answers with `success`; it may prepare the service for it. */
  request: (app: TestApp) => Promise<PlannedRequest>
  success: number
  /** The store's method whose fault makes it a 500; `null` where the route asks no store. */
  faultIn: keyof Store | null
  /** Other than JSON. */
  mediaType?: 'text/html'
  /** It passes over the query parameters that it does not know, as a page does that people share the address of. */
  passesOver?: boolean
  /** Of the service that is asked twice for the same. */
  options?: TestAppOptions
}

export type PlannedRequest = InjectOptions & { url: string; headers?: Record<string, string> }

/** What every route answers, whoever may call it: 400, 406, 500. */
export function answersLikeEveryRoute(
  t: Test,
  { request, success, faultIn, mediaType: answered, passesOver = false }: RoutePlan,
): void {
  if (passesOver)
    beforeTheStore(t, 'passes over query parameters that it does not know', async (t) => {
      const app = await startApp(t)
      const valid = await request(app)
      const mark = valid.url.includes('?') ? '&' : '?'
      for (const more of ['fbclid=x', 'utm_source=a&__proto__=1&constructor=1&~/=1']) {
        const response = await app.call({ ...valid, url: `${valid.url}${mark}${more}` })
        t.equal(response.statusCode, success, more)
      }
      equalProblem(t, await app.call({ ...valid, url: `${valid.url}${mark}%ff=1` }), 400, 'invalid-request', [
        'query : must be percent-encoded UTF-8',
      ])
    })
  else
    beforeTheStore(
      t,
      'refuses query parameters that it does not know, by name and all at once',
      async (t) => {
        const app = await startApp(t)
        const valid = await request(app)
        const mark = valid.url.includes('?') ? '&' : '?'
        equalProblem(
          t,
          await app.call({ ...valid, url: `${valid.url}${mark}page=2&__proto__=1&constructor=1&~/=1` }),
          400,
          'invalid-request',
          [
            'query /page: is not known here',
            'query /__proto__: is not known here',
            'query /constructor: is not known here',
            'query /~0~1: is not known here',
          ],
        )
        equalProblem(
          t,
          await app.call({ ...valid, url: `${valid.url}${mark}%ff=1` }),
          400,
          'invalid-request',
          ['query : must be percent-encoded UTF-8'],
        )
        equalProblem(
          t,
          await app.call({ ...valid, url: `${valid.url}${mark}page=1&page=2` }),
          400,
          'invalid-request',
          ['query /page: must be given once', 'query /page: is not known here'],
        )
      },
    )

  beforeTheStore(
    t,
    'answers 406 where Accept leaves out all that it has, and takes parameters and ranges',
    async (t) => {
      const app = await startApp(t)
      const valid = await request(app)
      const accepting = (accept: string) => app.call({ ...valid, headers: { ...valid.headers, accept } })
      const other = answered === 'text/html' ? 'application/json' : 'text/html'
      equalProblem(t, await accepting(other), 406, 'not-acceptable')
      equalProblem(t, await accepting('*/*;q=0'), 406, 'not-acceptable')
      const { statusCode, headers } = await accepting(`${other}, */*;q=0.1`)
      t.equal(statusCode, success)
      const mediaType = String(headers['content-type'])
      t.equal((await accepting(mediaType)).statusCode, success, mediaType)
      t.equal((await accepting(mediaType.replace(/;.*$/, ''))).statusCode, success)
      t.equal((await accepting(mediaType.replace(/\/.*$/, '/*'))).statusCode, success)
    },
  )

  if (faultIn === null) return
  beforeTheStore(t, 'answers a fault with 500, telling its id and nothing else', async (t) => {
    const app = await startApp(t)
    const valid = await request(app)
    const fault = new Error('disk I/O error in /var/lib')
    Object.assign(app.store, { [faultIn]: async () => Promise.reject(fault) })
    const response = await app.call(valid)
    equalProblem(t, response, 500, 'internal-error')
    t.notMatch(response.body, /disk|var/)
    const line = app.log.map((text) => JSON.parse(text)).find(({ err }) => err !== undefined)
    t.match(line, { level: 50, err: { message: fault.message } })
    t.equal(response.json().instance, `urn:uuid:${line.requestId}`)
  })
}

/** What every read that anyone may make answers: what every route does, HEAD, 304, and 429 and 503 where it is too much. */
export function answersLikePublicRead(t: Test, plan: RoutePlan): void {
  answersLikeEveryRoute(t, plan)
  turnsAwayWhenOverloaded(t, plan)
  isLimited(t, plan, 'reads', { readsPerMinute: 1 })
  answersHead(t, plan)
  isConditional(t, plan)
}

/** What every route but the probes answers when there is more to do than it can: 503. */
export function turnsAwayWhenOverloaded(t: Test, { request }: Pick<RoutePlan, 'request'>): void {
  beforeTheStore(t, 'answers 503 with Retry-After while the service is overloaded', async (t) => {
    const calm = await startApp(t)
    const valid = await request(calm)
    // No event loop is that fast: from its first sample on the service takes itself for overloaded.
    const overloaded = await startApp(t, { store: sharedStore(calm), maxEventLoopDelayMs: 1e-9 })
    const response = await until(async () => {
      const response = await overloaded.call(valid)
      return response.statusCode === 503 ? response : undefined
    })
    equalProblem(t, response, 503, 'overloaded')
    t.equal(response.headers['retry-after'], '10')
  })
}

/** 429 once the limit of this name is used up, with the headers that tell when to come back. */
export function isLimited(
  t: Test,
  { request, success }: Pick<RoutePlan, 'request' | 'success'>,
  name: string,
  limit: TestAppOptions,
): void {
  beforeTheStore(t, `answers 429 past the limit on ${name}`, async (t) => {
    const unlimited = await startApp(t)
    const valid = await request(unlimited)
    const { call } = await startApp(t, { store: sharedStore(unlimited), ...limit })
    const first = await call(valid)
    t.equal(first.statusCode, success)
    t.equal(first.headers['ratelimit-policy'], `"${name}";q=1;w=60`)
    t.equal(first.headers.ratelimit, `"${name}";r=0;t=60`)
    const second = await call(valid)
    equalProblem(t, second, 429, 'too-many-requests')
    const wait = Number(second.headers['retry-after'])
    t.ok(wait > 0 && wait <= 60, `${wait} seconds`)
    t.equal(second.headers['ratelimit-policy'], `"${name}";q=1;w=60`)
    t.equal(second.headers.ratelimit, `"${name}";r=0;t=${wait}`)
  })
}

/** 401 without a token, with a wrong, an expired and a revoked one, 403 with one of another scope, 429 in the end. */
export function needsToken(t: Test, { request, success }: RoutePlan, scope: TokenScope | 'site'): void {
  const own: readonly TokenScope[] = scope === 'site' ? ['submit', 'moderate'] : [scope]
  const [first = 'moderate'] = own
  const others = (['moderate', 'admin', 'submit'] as const).filter((other) => !own.includes(other))

  beforeTheStore(t, `needs a token of scope ${own.join(' or ')}`, async (t) => {
    const app = await startApp(t)
    const valid = await request(app)
    const as = (headers: Record<string, string>) =>
      app.call({ ...valid, headers: { ...without(valid.headers, 'authorization'), ...headers } })
    t.equal((await as(await app.token('submit', 'moderate', 'admin'))).statusCode, success)
    for (const one of own) t.equal((await as(await app.token(one))).statusCode, success, one)

    const missing = await as({})
    equalProblem(t, missing, 401, 'token-missing')
    t.equal(missing.headers['www-authenticate'], 'Bearer realm="imprimatur"')
    const invalid = [
      wrongToken,
      await expiredToken(app.store, first),
      await revokedToken(app.store, first),
      { authorization: 'Basic bWFyaWU6c2VjcmV0' },
      { authorization: 'Bearer' },
      { authorization: 'Bearer one two' },
    ]
    for (const header of invalid) {
      const response = await as(header)
      equalProblem(t, response, 401, 'token-invalid')
      t.equal(response.headers['www-authenticate'], 'Bearer realm="imprimatur", error="invalid_token"')
    }
    const tooSmall = await as(await app.token(...others))
    equalProblem(t, tooSmall, 403, 'token-scope-too-small')
    t.equal(
      tooSmall.headers['www-authenticate'],
      `Bearer realm="imprimatur", error="insufficient_scope", scope="${first}"`,
    )
  })

  limitsFailedSignIns(t, { request, success })
}

/** 429 where one client has shown too many wrong secrets; who shows a right one passes all the while. */
export function limitsFailedSignIns(
  t: Test,
  { request, success }: Pick<RoutePlan, 'request' | 'success'>,
): void {
  beforeTheStore(t, 'answers 429 past the limit on failed sign-ins, to wrong secrets only', async (t) => {
    const unlimited = await startApp(t)
    const valid = await request(unlimited)
    const { call } = await startApp(t, { store: sharedStore(unlimited), failedSignInsPerMinute: 1 })
    const wrong = { ...valid, headers: { ...valid.headers, ...wrongToken } }
    equalProblem(t, await call(wrong), 401, 'token-invalid')
    const response = await call(wrong)
    equalProblem(t, response, 429, 'too-many-requests')
    t.match(response.headers, { 'ratelimit-policy': '"failed-sign-ins";q=1;w=60', 'retry-after': /^\d+$/ })
    t.equal((await call(valid)).statusCode, success)
  })
}

/** 413 and 415: bodies that are too large or no JSON. */
export function readsOnlyJson(t: Test, { request }: Pick<RoutePlan, 'request'>): void {
  beforeTheStore(t, 'refuses a body beyond 64 KiB with 413', async (t) => {
    const app = await startApp(t)
    const valid = await request(app)
    const headers = { ...valid.headers, 'content-type': 'application/json' }
    equalProblem(t, await app.call({ ...valid, headers, payload: ' '.repeat(65_537) }), 413, 'body-too-large')
    equalProblem(
      t,
      await app.call({ ...valid, headers, payload: ' '.repeat(65_536) }),
      400,
      'invalid-request',
      ['body : must be valid JSON in UTF-8'],
    )
  })

  beforeTheStore(t, 'refuses what is not JSON in UTF-8 with 415', async (t) => {
    const app = await startApp(t)
    const valid = await request(app)
    const sent = (headers: Record<string, string>) =>
      app.call({ ...valid, headers: { ...valid.headers, ...headers }, payload: Buffer.from('{}') })
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/json; charset=latin1',
      'application/json; profile="x"; charset="iso-8859-1"',
      'application/json; charset=utf-8; charset=utf-16',
      'application/json; charset',
      'application/json, text/plain',
      'application/jsonp',
      'json',
      '',
    ]) {
      const response = await sent({ 'content-type': type })
      equalProblem(t, response, 415, 'unsupported-media-type')
      t.equal(response.headers.accept, 'application/json', `Content-Type: ${type}`)
    }
    const compressed = await sent({ 'content-type': 'application/json', 'content-encoding': 'gzip' })
    equalProblem(t, compressed, 415, 'unsupported-media-type')
    t.equal(compressed.headers['accept-encoding'], 'identity')
  })
}

/** HEAD is GET without the body. */
export function answersHead(t: Test, { request }: Pick<RoutePlan, 'request'>): void {
  beforeTheStore(t, 'answers HEAD with the headers of GET and no body', async (t) => {
    const app = await startApp(t)
    const valid = await request(app)
    const get = await app.call(valid)
    const head = await app.call({ ...valid, method: 'HEAD' })
    t.equal(head.statusCode, get.statusCode)
    t.equal(head.body, '')
    t.same(without(head.headers, 'date', 'content-length'), without(get.headers, 'date', 'content-length'))
    t.match(head.headers['content-length'], /^\d+$/)
  })
}

/** 304 where If-None-Match names the ETag. */
export function isConditional(t: Test, { request, options }: Pick<RoutePlan, 'request' | 'options'>): void {
  beforeTheStore(t, 'answers 304 without a body where If-None-Match names its ETag', async (t) => {
    const app = await startApp(t, options)
    const valid = await request(app)
    const first = await app.call(valid)
    const etag = String(first.headers.etag)
    t.match(etag, /^(?:W\/)?"[!#-~]+"$/)
    // The comparison is weak.
    const strong = etag.replace('W/', '')
    for (const tags of [etag, strong, `W/${strong}`, `"other", W/${strong}`, `"other",${strong}`, '*']) {
      for (const method of ['GET', 'HEAD'] as const) {
        const response = await app.call({
          ...valid,
          method,
          headers: { ...valid.headers, 'if-none-match': tags },
        })
        t.strictSame(
          {
            status: response.statusCode,
            etag: response.headers.etag,
            cached: response.headers['cache-control'],
            type: response.headers['content-type'],
            body: response.body,
          },
          { status: 304, etag, cached: first.headers['cache-control'], type: undefined, body: '' },
          `${method} ${tags}`,
        )
      }
    }
    for (const tags of ['"other"', 'other', strong.slice(1, -1), '']) {
      const response = await app.call({ ...valid, headers: { ...valid.headers, 'if-none-match': tags } })
      t.equal(response.statusCode, 200, tags)
      t.equal(response.body, first.body)
    }
  })
}

/** The same comments behind another service; the first closes the store. */
function sharedStore({ store }: TestApp): Store {
  return { ...store, close: async () => {} }
}

function without<T extends Record<string, unknown>>(headers: T | undefined, ...names: string[]) {
  return Object.fromEntries(
    Object.entries(headers ?? {}).filter(([name]) => !names.includes(name)),
  ) as Partial<T>
}
