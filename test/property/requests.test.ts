import fc from 'fast-check'
import t, { type Test } from 'tap'
import { checkAnswer } from '../../src/contract/document-check.ts'
import { wholeNumber } from '../support/amount.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { readFeed } from '../support/feeds.ts'
import { listen } from '../support/process.ts'
import { type Breakage, breakages, bytesOf } from './breakage.ts'
import { callsOf, type Draft, type Operation, operations, urlOf } from './calls.ts'
import { byInject, fitsOnSocket, socketClient, type WireAnswer, type WireRequest } from './wire.ts'
import { learnFrom, populate } from './world.ts'

/*
 * Requests made of openapi/openapi.json, half of them valid, half broken in one to three ways; a tenth of them over
 * a socket. Any number of them, the same ones again: REQUESTS=100000 SEED=42 node test/property/requests.test.ts
 */
const requests = wholeNumber('REQUESTS') ?? 1_500
const seed = wholeNumber('SEED') ?? Date.now() % 2 ** 31

const enough = 5_000

t.setTimeout(600_000 + requests * 20)

t.test(`${requests} requests made of the document get documented answers (SEED=${seed})`, async (t) => {
  t.comment(`REQUESTS=${requests} SEED=${seed}`)
  const testApp = await startApp(t, { maxPending: 0 })
  const world = await populate(testApp)
  const overSocket = await socketService(t, testApp)
  const tally = newTally()
  const kinds = fc.oneof(
    fc.constant<Breakage[]>([]),
    fc.array(breakages(world.credentials), { minLength: 1, maxLength: 3 }),
  )
  const made = fc.oneof(
    ...operations.map((operation) => fc.tuple(fc.constant(operation), callsOf(operation), kinds, fc.nat(9))),
  )

  await fc.assert(
    fc.asyncProperty(made, async ([operation, call, broken, way]) => {
      await world.keepUp()
      const draft = broken.reduce((whole, { apply }) => apply(whole), call(world))
      const response = await send(
        way === 0 ? overSocket.send : (request) => byInject(testApp.app, request),
        draft,
        broken,
      )
      tally.count(operation, broken, response.statusCode)
      learnFrom(response, draft, operation, world)
    }),
    {
      seed,
      numRuns: requests,
      reporter(run) {
        if (!run.failed) return
        const { errorInstance, numRuns, counterexamplePath } = run
        throw new Error(
          `SEED=${seed}, request ${numRuns}, path ${counterexamplePath}: ${(errorInstance as Error).message}`,
        )
      },
    },
  )

  for (const line of tally.lines()) t.comment(line)
  // A few requests, run again to look at one, say nothing about shares.
  if (requests < enough) return
  for (const { operationId } of operations) {
    const share = tally.successShare(operationId)
    t.ok(share >= 0.3, `${operationId}: ${percent(share)} of the valid calls succeed`)
  }
  t.ok(tally.refusedShare() >= 0.5, `${percent(tally.refusedShare())} of the broken calls are refused`)
  const refusals = [400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422]
  t.same(
    refusals.filter((status) => !tally.statuses().has(status)),
    [],
    'every refusal but those of the limits has been met',
  )
  const { statuses, fromMemory } = overSocket.seen
  t.comment(`over a socket: ${[...statuses].sort().join(' ')}, ${fromMemory} from memory`)
  t.same(
    [200, 202, 304, 400, 401, 404, 429].filter((status) => !statuses.has(status)),
    [],
    'over a socket, limits and all',
  )
  t.ok(fromMemory > 0, `${fromMemory} lists came from memory`)
})

type Send = (request: WireRequest) => Promise<WireAnswer>

/** The same comments behind a service that listens, with its limits on. What is read there is read again, with its ETag too. */
async function socketService(t: Test, { store }: TestApp) {
  const { app } = await startApp(t, {
    store: { ...store, close: async () => {} },
    maxPending: 0,
    readsPerMinute: 50,
    submissionsPerMinute: 50,
    failedSignInsPerMinute: 20,
    unknownPathsPerMinute: 20,
  })
  const sendOnce = socketClient(t, await listen(app))
  const seen = { statuses: new Set<number>(), fromMemory: 0 }
  const send: Send = async (request) => {
    if (!fitsOnSocket(request)) return byInject(app, request)
    const answer = await sendOnce(request)
    seen.statuses.add(answer.statusCode)
    if (request.method !== 'GET') return answer
    const { etag } = answer.headers
    const conditional = { ...request.headers, ...(etag !== undefined && { 'if-none-match': String(etag) }) }
    for (const headers of [request.headers, conditional]) {
      const again = await sendOnce({ ...request, headers })
      check(request, again)
      seen.statuses.add(again.statusCode)
      // Only a list says how long a CDN may hold it, and only one from memory says nothing of a quota.
      const { ratelimit, 'cache-control': cacheControl = '' } = again.headers
      if (ratelimit === undefined && cacheControl.includes('s-maxage')) seen.fromMemory += 1
    }
    return answer
  }
  return { send, seen }
}

/** Sends it and holds the answer against the document; what fails is told together with the whole request. */
async function send(way: Send, draft: Draft, broken: readonly Breakage[]) {
  const request = { method: draft.method, url: urlOf(draft), headers: draft.headers, payload: bytesOf(draft) }
  try {
    const response = await way(request)
    check(request, response)
    return response
  } catch (error) {
    const { payload, ...head } = request
    const sent = JSON.stringify({ ...head, body: payload?.toString('latin1') ?? null })
    const ways = broken.map(({ name }) => name).join(', ') || 'a valid request'
    throw new Error(`${(error as Error).message}\n${ways}: ${sent.slice(0, 4_000)}`, { cause: error })
  }
}

function check({ method, url }: WireRequest, { statusCode: status, headers, body }: WireAnswer): void {
  if (status >= 500) throw new Error(`answered ${status}: ${body}`)
  if (/"code": "invalid"/.test(body)) throw new Error(`a rule has no code of its own: ${body}`)
  checkAnswer({ method: method.toUpperCase(), url, status, headers, body })
  if (headers['content-type'] === 'application/atom+xml' && body !== '') readFeed(body)
}

/** How often each operation gave each status, to valid calls and to broken ones. */
function newTally() {
  const counts = new Map<string, Map<number, number>>()
  const of = (operationId: string, kind: 'valid' | 'broken') =>
    counts.get(`${operationId} ${kind}`) ?? new Map()
  return {
    count({ operationId }: Operation, broken: readonly Breakage[], status: number) {
      const key = `${operationId} ${broken.length === 0 ? 'valid' : 'broken'}`
      const own = counts.get(key) ?? new Map<number, number>()
      counts.set(key, own.set(status, (own.get(status) ?? 0) + 1))
    },
    successShare: (operationId: string) => shareOf(of(operationId, 'valid'), (status) => status < 400),
    refusedShare: () =>
      shareOf(
        operations.flatMap(({ operationId }) => [...of(operationId, 'broken')]),
        (status) => status >= 400,
      ),
    statuses: () => new Set([...counts.values()].flatMap((own) => [...own.keys()])),
    lines: () =>
      [...counts].sort().map(
        ([key, own]) =>
          `${key}: ${[...own]
            .sort()
            .map(([status, count]) => `${count}x${status}`)
            .join(' ')}`,
      ),
  }
}

function shareOf(counts: Iterable<[number, number]>, isMeant: (status: number) => boolean): number {
  let [meant, all] = [0, 0]
  for (const [status, count] of counts) {
    all += count
    if (isMeant(status)) meant += count
  }
  return all === 0 ? 0 : meant / all
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
