import type { IncomingMessage } from 'node:http'
import { inject } from 'light-my-request'
import t, { type Test } from 'tap'
import { routes } from '../../../src/http/routes/index.ts'
import { docsPaths } from '../../../src/http/routes/machine/docs.ts'
import { startApp, submission, type TestApp } from '../../support/app.ts'

/* What it measures it measures in a process for itself. */

t.setTimeout(600_000)

const longBytes = 60_000

/**
 * What a long header may cost more than as long a one that nobody reads, or than a short one of its own beside such a one, whichever
 * costs more: any unusual `Accept`, however short, takes an answer out of memory.
 */
const allowedMs = 2

/**
 * A path is decoded by the router, each character of it: there it is the router's own time, 4 to 13 ms where lines are counted, by the
 * machine. What grows faster than the path takes hundreds.
 */
const allowedForPathsMs = 25

/** What a probe with the unread header takes on a machine with nothing else to do; on another all takes as much longer. */
const quietMs = 0.5

/** Who is over it once may have met a collector of garbage, or a machine that is busy for a second; who is for some seconds, is. */
const attempts = 240

/** Of the shapes each header of each route gets one in so many, the next route the next ones; all of them with `WHOLE=1`. */
const shapesInTurn = process.env['WHOLE'] === '1' ? 1 : 5

const shapes: Record<string, string> = {
  'one word': 'a',
  'ranges of media': '/,',
  'ranges with parameters': '*/*;q=0.1;a="b",',
  languages: 'fr,',
  commas: ',',
  semicolons: ';=',
  quotes: '"',
  'quoted pairs': ';a="\\"',
  tags: '"1",',
  'weak tags': 'W/"a" ,',
  spaces: ' ',
  'addresses of proxies': '127.0.0.1,',
  'forwarded elements': 'for=127.0.0.1,',
  pairs: 'a=b;',
  'ranges of bytes': '0-0,',
}

const beginnings: Record<string, string> = {
  authorization: 'Bearer ',
  range: 'bytes=',
  'content-type': 'application/json;',
  'cache-control': 'no-cache',
}

t.test('no header costs much more than one that nobody reads, whatever is in it', async (t) => {
  const { app, targets } = await everyRoute(t)
  const seen = new Set<string>()
  const tooMuch: string[] = []
  for (const [turn, target] of targets.entries()) {
    const names = (await headersRead(app, target)).difference(lengths)
    for (const name of names) seen.add(name)
    for (const [index, [shape, part]] of Object.entries(shapes).entries()) {
      if ((index + turn) % shapesInTurn !== 0) continue
      const long = part.repeat(Math.ceil(longBytes / part.length)).slice(0, longBytes)
      for (const name of names) {
        const value = `${beginnings[name] ?? ''}${long}`
        const unread = headed(target, 'x-unread', long)
        const short = headed(unread, name, `${beginnings[name] ?? ''}${part}`)
        const moreMs = await costBeyond(app, [unread, short], headed(target, name, value), allowedMs)
        if (moreMs > allowedMs)
          tooMuch.push(`${target.method} ${target.url}: ${name} of ${shape}: ${moreMs.toFixed(1)} ms`)
      }
    }
  }
  t.same(tooMuch, [])
  for (const name of ['accept', 'accept-language', 'if-none-match', 'forwarded', 'x-forwarded-for', 'host'])
    t.ok(seen.has(name), `${name} is read somewhere`)
})

t.test('no path and no parameter costs much more than a header that nobody reads', async (t) => {
  const { app, targets } = await everyRoute(t)
  const [any] = targets
  if (any === undefined) throw new Error('there are no routes')
  const urls = (long: string) => [
    `/${long}`,
    `/docs/${long}`,
    `/v1/articles/${long}`,
    `/v1/articles/${long}/comments`,
    `/v1/articles/a/comments?${long}`,
    `/v1/articles/a/comments?order=${long}`,
    `/v1/counts?articleId=${long}`,
    `/livez?${long}`,
    `/nothing?${long}`,
    `/nothing#${long}`,
    `/docs?${long}`,
  ]
  const tooMuch: string[] = []
  for (const part of [
    'a',
    '/',
    '%61',
    '%C3%A9',
    '%',
    '%2F',
    '%zz',
    'a/',
    'a=1&',
    '&',
    '=',
    ';',
    '?',
    '#',
    '+',
    '..',
    '../',
  ]) {
    const long = part.repeat(Math.ceil(longBytes / part.length)).slice(0, longBytes)
    for (const url of urls(long)) {
      for (const method of ['GET', 'OPTIONS', 'DELETE'] as const) {
        const unread = headed(any, 'x-unread', long)
        const moreMs = await costBeyond(app, [unread], { ...any, method, url }, allowedForPathsMs)
        if (moreMs > allowedForPathsMs) tooMuch.push(`${method} ${url.slice(0, 40)}: ${moreMs.toFixed(1)} ms`)
      }
    }
  }
  t.same(tooMuch, [])
})

/** Node itself reads these, and takes nothing but numbers. */
const lengths = new Set(['content-length', 'transfer-encoding'])

type Target = {
  method: 'GET' | 'OPTIONS' | 'DELETE'
  url: string
  headers: Record<string, string>
  payload?: string
}

/** A request that each route takes, the list also from memory, and what is no route's; with a token, so that all is read. */
async function everyRoute(t: Test): Promise<{ app: TestApp['app']; targets: Target[] }> {
  const testApp = await startApp(t, {
    corsOrigins: ['https://news.example', 'https://blog.example'],
    trustProxy: ['10.0.0.0/8', '127.0.0.1', '::1'],
  })
  const { authorization } = await testApp.token('submit', 'moderate', 'admin')
  const own = await testApp.publish('a')
  const headers = { authorization, host: 'x', origin: 'https://news.example' }
  const known = [...routes, ...docsPaths].map(({ method, path }) => ({
    method,
    url: path.replace('{articleId}', 'a').replace('{commentId}', own.id).replace('*', 'static/index.html'),
  }))
  const others = [
    { method: 'GET', url: '/nothing' },
    { method: 'DELETE', url: '/v1/counts' },
    { method: 'OPTIONS', url: '/v1/articles/a/comments' },
    { method: 'GET', url: '/v1/articles/a/comments?order=newest' },
  ]
  const targets = [...known, ...others].map(({ method, url }) => ({
    // Its 280 kB would be most of what is measured.
    method: (url === '/openapi.json' ? 'HEAD' : method) as 'GET',
    url,
    headers,
    ...(method === 'POST' && {
      headers: { ...headers, 'content-type': 'application/json' },
      payload: JSON.stringify(submission),
    }),
  }))
  await testApp.app.ready()
  return { app: testApp.app, targets }
}

/** Every header that any code asks for by its name on the way to the answer. */
async function headersRead(app: TestApp['app'], target: Target): Promise<Set<string>> {
  const names = new Set<string>()
  await send(app, target, (request) => {
    Object.defineProperty(request, 'headers', {
      value: new Proxy(request.headers, {
        get(headers, name, receiver) {
          if (typeof name === 'string') names.add(name)
          return Reflect.get(headers, name, receiver)
        },
      }),
    })
  })
  return names
}

/**
 * How much more time the other request takes than the dearest of these, as on a quiet machine, by the least of several of each: what
 * else the machine does makes some of them slower, and none faster. (The system counts a thread's own time in steps that are
 * longer than a request.) It is looked no further once it is within what is allowed.
 */
async function costBeyond(
  app: TestApp['app'],
  ones: readonly Target[],
  other: Target,
  allowedMs: number,
): Promise<number> {
  const probe: Target = { method: 'GET', url: '/livez', headers: { 'x-unread': 'a'.repeat(longBytes) } }
  const targets = [probe, ...ones, other]
  const leastMs = targets.map(() => Number.POSITIVE_INFINITY)
  const beyond = () => {
    const [ofProbe = 0, ...all] = leastMs
    const dearest = Math.max(...all.slice(0, -1))
    return ((all.at(-1) ?? 0) - dearest) / Math.max(1, ofProbe / quietMs)
  }
  for (let count = 0; count < attempts; count++) {
    // The other way round each time: what one leaves to be collected may come due with the next.
    const order = [...targets.keys()]
    for (const index of count % 2 === 0 ? order : order.toReversed())
      leastMs[index] = Math.min(leastMs[index] ?? 0, await costOf(app, targets[index] ?? probe))
    if (beyond() <= allowedMs) break
  }
  return beyond()
}

async function costOf(app: TestApp['app'], target: Target): Promise<number> {
  const startedAtMs = performance.now()
  await send(app, target)
  return performance.now() - startedAtMs
}

function headed(target: Target, name: string, value: string): Target {
  return { ...target, headers: { ...target.headers, [name]: value } }
}

/** Past the socket, but through all that the server's own listener does: the memory of lists comes before Fastify. */
async function send(app: TestApp['app'], target: Target, prepare = (_request: IncomingMessage) => {}) {
  await inject((request, response) => {
    prepare(request as unknown as IncomingMessage)
    app.server.emit('request', request, response)
  }, target)
}
