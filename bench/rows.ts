import { openStore } from '../src/store/open-store.ts'
import type { Databases, Seeded } from './databases.ts'
import type { LoadResult } from './load.ts'
import { rendering } from './page.ts'
import { load, moderatorToken, type Server, startControl, startService } from './processes.ts'
import {
  at,
  bulkRequests,
  claim,
  coldRequests,
  decisionRequests,
  get,
  list,
  someComment,
  submission,
} from './requests.ts'
import {
  atLeast,
  atMost,
  busy,
  expectOnly,
  median,
  medianOf,
  ms,
  plain,
  type Result,
  times,
} from './results.ts'
import { search } from './search.ts'
import { articleName } from './seed.ts'

export type Bench = { databases: Databases; comments: number; runs: number; seconds: number }

export type Row = { name: string; measure: (bench: Bench) => Promise<Result[]> }

const connections = 32
export const smallTable = 10_000

export const rows: readonly Row[] = [
  { name: 'cached read', measure: cachedRead },
  { name: 'thread', measure: cachedThread },
  { name: '304', measure: notModified },
  { name: 'cold read', measure: coldRead },
  { name: 'deep page', measure: deepPage },
  { name: 'counts', measure: counts },
  { name: 'feeds', measure: feeds },
  { name: 'hot article', measure: hotArticle },
  { name: 'durable', measure: durableSubmissions },
  { name: 'submissions', measure: submissions },
  { name: 'decisions', measure: decisions },
  { name: 'log', measure: followedLog },
  { name: 'claims', measure: claims },
  { name: 'bulk decisions', measure: bulkDecisions },
  { name: 'start', measure: start },
  { name: 'growth', measure: growth },
  { name: 'rendering', measure: rendering },
  { name: 'search', measure: search },
]

async function cachedRead(bench: Bench): Promise<Result[]> {
  return withSeeded(bench, smallTable, {}, async (service) => {
    const control = await controlOf(service, list('article-1'))
    const { ratio, detail } = await alternate(
      bench,
      [service, [get(list('article-1'))]],
      [control, [get('/')]],
    )
    await control.stop()
    const resident = service.residentMib()
    return [
      atLeast('cached read, share of the control', ratio, 0.9, detail),
      atMost('resident memory after, MiB', resident, 120, '', (value) => value.toFixed(0)),
    ]
  })
}

/** The same comments as HTML, for a page's own server and for who has no script. */
async function cachedThread(bench: Bench): Promise<Result[]> {
  return withSeeded(bench, smallTable, {}, async (service) => {
    const results: Result[] = []
    for (const [name, path] of [
      ['thread as a fragment', '/v1/articles/article-1/thread.html'],
      ['thread as a page', '/thread/article-1'],
    ] as const) {
      const control = await controlOf(service, path)
      const { ratio, detail } = await alternate(bench, [service, [get(path)]], [control, [get('/')]])
      await control.stop()
      results.push(atLeast(`${name}, share of the control`, ratio, 0.85, detail))
    }
    return results
  })
}

/** Of a PostgreSQL bench: both services in one run, since what is in memory needs no database. */
export async function cachedReadBeside(bench: Bench, others: Databases): Promise<Result[]> {
  const [one, other] = [await bench.databases.seed(smallTable), await others.seed(smallTable)]
  const [own, beside] = [await startService(one.url), await startService(other.url)]
  const requests = [get(list('article-1'))]
  const { ratio, detail } = await alternate(bench, [own, requests], [beside, requests])
  await Promise.all([own.stop(), beside.stop()])
  await Promise.all([one.discard(), other.discard()])
  return [atLeast("cached read, share of SQLite's", ratio, 0.95, detail)]
}

async function notModified(bench: Bench): Promise<Result[]> {
  return withSeeded(bench, smallTable, {}, async (service) => {
    const control = await controlOf(service, list('article-1'))
    const etag = (await fetch(at(service, list('article-1')))).headers.get('etag') ?? ''
    const request = (path: string) => get(path, `If-None-Match: ${etag}\r\n`)
    const { ratio, detail } = await alternate(
      bench,
      [service, [request(list('article-1'))]],
      [control, [request('/')]],
    )
    await control.stop()
    return [atLeast("304, share of the control's 304", ratio, 0.95, detail)]
  })
}

async function coldRead(bench: Bench): Promise<Result[]> {
  return withSeeded(bench, smallTable, uncached, async (service, { articles }) => {
    const control = await controlOf(service, list('article-1'))
    const { ratio, detail } = await alternate(bench, [service, coldRequests(articles)], [control, [get('/')]])
    await control.stop()
    return [atLeast('cold read, share of the control', ratio, 0.4, detail)]
  })
}

async function deepPage(bench: Bench): Promise<Result[]> {
  return withSeeded(
    bench,
    Math.min(bench.comments, 1_000_000),
    uncached,
    async (service, { bigArticle, bigArticleId }) => {
      const first = `${list(bigArticleId)}?limit=20`
      const deep = Math.floor((bigArticle * 0.9) / 100)
      const deepIn = async (order: string): Promise<string> => {
        let cursor = ''
        for (let page = 0; page < deep; page++) {
          const answer = await fetch(at(service, `${list(bigArticleId)}?limit=100${order}${cursor}`))
          cursor = `&cursor=${((await answer.json()) as { nextCursor: string }).nextCursor}`
        }
        return `${first}${order}${cursor}`
      }
      const [bySubmission, byApproval] = [await deepIn(''), await deepIn('&order=published')]
      const compared = async (path: string, control: string) =>
        alternate(bench, [service, [get(path)]], [service, [get(control)]])
      const deepPage = await compared(bySubmission, first)
      const firstApproved = await compared(`${first}&order=published`, first)
      const deepApproved = await compared(byApproval, bySubmission)
      return [
        atLeast(
          `deep page (${deep * 100} in), share of the first page`,
          deepPage.ratio,
          0.9,
          deepPage.detail,
        ),
        atLeast(
          'in order of approval, share of that of submission',
          firstApproved.ratio,
          0.9,
          firstApproved.detail,
        ),
        atLeast('… deep in it', deepApproved.ratio, 0.9, deepApproved.detail),
      ]
    },
  )
}

async function counts(bench: Bench): Promise<Result[]> {
  const comments = Math.max(20_000, bench.comments)
  const cached = await withSeeded(bench, comments, {}, async (service) => {
    // Decisions are about the first 64 articles: about none of these, or about most of those.
    const path = countsOf(64)
    const control = await controlOf(service, path)
    const { ratio, detail } = await alternate(bench, [service, [get(path)]], [control, [get('/')]])
    await control.stop()
    const decisions = await decisionRequests(service)
    const beside = 'counts beside decisions about'
    return [
      atLeast('counts of 100 articles, share of the control', ratio, 0.85, detail),
      await countsBeside(bench, service, { name: `${beside} others, alone = 1`, path, decisions }),
      await countsBeside(bench, service, {
        name: `${beside} these, alone = 1`,
        path: countsOf(0),
        decisions,
      }),
    ]
  })
  const uncachedCounts = await withSeeded(bench, comments, uncached, async (service, { articles }) => {
    const path = countsOf(0, (index) => (index * 7_919) % articles)
    const control = await controlOf(service, path)
    const { ratio, detail } = await alternate(bench, [service, [get(path)]], [control, [get('/')]])
    await control.stop()
    return [plain('counts not in memory, share of the control', ratio, detail)]
  })
  return [...cached, ...uncachedCounts]
}

function countsOf(from: number, articleAt = (index: number) => from + index): string {
  const ids = Array.from({ length: 100 }, (_, index) => `articleId=${articleName(articleAt(index))}`)
  return `/v1/counts?${ids.join('&')}`
}

/** Four moderators without a pause beside the readers, on the same core: what decisions cost there is in it. */
async function countsBeside(
  bench: Bench,
  service: Server,
  { name, path, decisions }: { name: string; path: string; decisions: string[] },
): Promise<Result> {
  const alone: LoadResult[] = []
  const beside: LoadResult[] = []
  const decided: LoadResult[] = []
  const read = { ports: [service.port], connections, seconds: bench.seconds, requests: [get(path)] }
  for (let run = 0; run < bench.runs; run++) {
    alone.push(await load(read))
    const [reads, storm] = await Promise.all([
      load(read),
      load({ ...read, connections: 4, requests: decisions, apart: true }),
    ])
    expectOnly(reads, '200')
    expectOnly(storm, '200')
    beside.push(reads)
    decided.push(storm)
  }
  const ratio = median(beside.map(({ perSecond }, run) => perSecond / (alone[run]?.perSecond ?? Number.NaN)))
  const detail = `${medianOf(beside, 'perSecond').toFixed(0)}/s to ${medianOf(alone, 'perSecond').toFixed(0)}/s, p99 ${ms(medianOf(beside, 'p99Ms'))} to ${ms(medianOf(alone, 'p99Ms'))}, beside ${medianOf(decided, 'perSecond').toFixed(0)} decisions/s`
  return plain(name, ratio, detail)
}

async function feeds(bench: Bench): Promise<Result[]> {
  return withSeeded(bench, smallTable, {}, async (service) => {
    const results: Result[] = []
    for (const [name, path] of [
      ["an article's feed", `${list('article-1')}.atom`],
      ["the site's feed", '/v1/comments.atom'],
    ] as const) {
      const control = await controlOf(service, path)
      const { ratio, detail } = await alternate(bench, [service, [get(path)]], [control, [get('/')]])
      await control.stop()
      results.push(atLeast(`${name}, share of the control`, ratio, 0.85, detail))
    }
    return results
  })
}

async function hotArticle(bench: Bench): Promise<Result[]> {
  return withSeeded(bench, smallTable, {}, async (service) => {
    const calm: number[] = []
    const stormy: number[] = []
    const acknowledged: number[] = []
    const writes: number[] = []
    for (let run = 0; run < bench.runs; run++) {
      const read = {
        ports: [service.port],
        connections,
        seconds: bench.seconds,
        requests: [get(list('article-1'))],
      }
      calm.push((await load(read)).p99Ms)
      const [reads, storm] = await Promise.all([
        load(read),
        load({ ...read, connections: 8, requests: [submission('article-1')] }),
      ])
      expectOnly(storm, '202')
      stormy.push(reads.p99Ms)
      acknowledged.push(storm.p99Ms)
      writes.push(storm.perSecond)
    }
    const ratio = median(stormy) / median(calm)
    const detail = `reads' p99 ${ms(median(calm))} without, ${ms(median(stormy))} beside ${median(writes).toFixed(0)} submissions/s, whose p99 is ${ms(median(acknowledged))}`
    return [atMost('hot article: p99 of reads beside a write storm', ratio, 2, detail, times)]
  })
}

/** At the Store: what group commit gives, without the cost of HTTP. */
async function durableSubmissions(bench: Bench): Promise<Result[]> {
  const ratios: number[] = []
  const rates: number[] = []
  const store = await openStore(await bench.databases.empty())
  await store.checkReady()
  for (let run = 0; run < bench.runs; run++) {
    const alone = await bench.databases.oneByOne(bench.seconds)
    let committed = 0
    const startMs = performance.now()
    const until = startMs + bench.seconds * 1_000
    await Promise.all(
      Array.from({ length: 512 }, async () => {
        while (performance.now() < until) {
          await store.submit({ comment: someComment(), idempotency: null, maxPending: 0 })
          committed += 1
        }
      }),
    )
    const rate = committed / ((performance.now() - startMs) / 1_000)
    rates.push(rate)
    ratios.push(rate / alone)
  }
  await store.close()
  const detail = `${median(rates).toFixed(0)}/s at the Store, 512 at once`
  return [
    {
      ...atLeast('durable submissions, one by one = 1', median(ratios), 5, detail),
      shown: times(median(ratios)),
    },
  ]
}

async function submissions(bench: Bench): Promise<Result[]> {
  return withSeeded(bench, smallTable, {}, async (service) => {
    const ratios: number[] = []
    const results: LoadResult[] = []
    for (let run = 0; run < bench.runs; run++) {
      const alone = await bench.databases.oneByOne(bench.seconds)
      const result = await load({
        ports: [service.port],
        connections: 128,
        seconds: bench.seconds,
        requests: [submission('article-1')],
      })
      expectOnly(result, '202')
      results.push(result)
      ratios.push(result.perSecond / alone)
    }
    const detail = `${medianOf(results, 'perSecond').toFixed(0)}/s over HTTP, p99 ${ms(medianOf(results, 'p99Ms'))}, 128 connections; ${busy(results)}`
    return [
      {
        ...plain('submissions, one by one without HTTP = 1', median(ratios), detail),
        shown: times(median(ratios)),
      },
    ]
  })
}

async function decisions(bench: Bench): Promise<Result[]> {
  return withSeeded(bench, smallTable, {}, async (service) => {
    const ratios: number[] = []
    const results: LoadResult[] = []
    const requests = await decisionRequests(service)
    for (let run = 0; run < bench.runs; run++) {
      const alone = await bench.databases.oneByOne(bench.seconds)
      const result = await load({
        ports: [service.port],
        connections: 64,
        seconds: bench.seconds,
        requests,
      })
      results.push(result)
      ratios.push(result.perSecond / alone)
    }
    const detail = `${medianOf(results, 'perSecond').toFixed(0)}/s over HTTP, p99 ${ms(medianOf(results, 'p99Ms'))}, 64 connections; ${busy(results)}`
    return [
      {
        ...plain('decisions, one-by-one inserts without HTTP = 1', median(ratios), detail),
        shown: times(median(ratios)),
      },
    ]
  })
}

/** A hundred lines of the log, as who follows it asks for them, from its beginning and from behind ten thousand. */
async function followedLog(bench: Bench): Promise<Result[]> {
  return withSeeded(bench, smallTable, {}, async (service) => {
    const requests = await decisionRequests(service)
    const made = await load({ ports: [service.port], connections: 32, seconds: 5, requests })
    const results: Result[] = []
    for (const after of [0, Math.floor(made.perSecond * 4)]) {
      const path = `/v1/moderation/decisions?limit=100&after=${after}`
      const authorization = `Bearer ${moderatorToken}`
      const body = await (await fetch(at(service, path), { headers: { authorization } })).text()
      const control = await startControl({ headers: { 'content-type': 'application/json' }, body })
      const request = get(path, `Authorization: ${authorization}\r\n`)
      const { ratio, detail } = await alternate(bench, [service, [request]], [control, [get('/')]])
      await control.stop()
      results.push({
        ...plain(`log: 100 lines behind ${after}, share of the control`, ratio, detail),
        shown: ratio.toFixed(2),
      })
    }
    return results
  })
}

/** Twenty comments each time out of some thousands, given up by the next call. */
async function claims(bench: Bench): Promise<Result[]> {
  return withSeeded(bench, smallTable, {}, async (service) => {
    const queued = { ports: [service.port], connections: 32, seconds: 1, requests: [submission('article-1')] }
    expectOnly(await load(queued), '202')
    const requests = [claim('POST', { limit: 20 }), claim('DELETE', null)]
    const ratios: number[] = []
    const results: LoadResult[] = []
    for (let run = 0; run < bench.runs; run++) {
      const alone = await bench.databases.oneByOne(bench.seconds)
      const result = await load({ ports: [service.port], connections: 8, seconds: bench.seconds, requests })
      expectOnly(result, '200')
      results.push(result)
      ratios.push(result.perSecond / alone)
    }
    const detail = `${medianOf(results, 'perSecond').toFixed(0)}/s over HTTP, p99 ${ms(medianOf(results, 'p99Ms'))}, 8 connections, every other gives up what one took; ${busy(results)}`
    return [
      {
        ...plain('claims of 20, one-by-one inserts without HTTP = 1', median(ratios), detail),
        shown: times(median(ratios)),
      },
    ]
  })
}

/** A hundred decisions in one call, each of which changes its comment. */
async function bulkDecisions(bench: Bench): Promise<Result[]> {
  return withSeeded(bench, smallTable, {}, async (service) => {
    const requests = await bulkRequests(service)
    const results: LoadResult[] = []
    for (let run = 0; run < bench.runs; run++) {
      const result = await load({ ports: [service.port], connections: 1, seconds: bench.seconds, requests })
      expectOnly(result, '200')
      results.push(result)
    }
    const detail = `p50 ${ms(medianOf(results, 'p50Ms'))}, p99 ${ms(medianOf(results, 'p99Ms'))} a call, one connection; ${busy(results)}`
    return [plain('bulk decision of a hundred, decisions/s', 100 * medianOf(results, 'perSecond'), detail)]
  })
}

async function start(bench: Bench): Promise<Result[]> {
  const { url, discard } = await bench.databases.seed(smallTable)
  const own: number[] = []
  const control: number[] = []
  for (let run = 0; run < bench.runs; run++) {
    const service = await startService(url)
    own.push(service.startMs)
    await service.stop()
    const bare = await startControl({ headers: {}, body: 'ok' })
    control.push(bare.startMs)
    await bare.stop()
  }
  await discard()
  const detail = `${(median(own) / median(control)).toFixed(1)} × the control's ${median(control).toFixed(0)} ms`
  return [atMost('start to first answer, ms', median(own), 400, detail, (value) => value.toFixed(0))]
}

async function growth(bench: Bench): Promise<Result[]> {
  const few = await bench.databases.seed(smallTable)
  const many = await bench.databases.seed(bench.comments)
  const [one, other] = [await startService(few.url, uncached), await startService(many.url, uncached)]
  const { ratio, detail } = await alternate(
    bench,
    [one, coldRequests(few.articles)],
    [other, coldRequests(many.articles)],
  )
  await Promise.all([one.stop(), other.stop()])
  await Promise.all([few.discard(), many.discard()])
  return [atMost(`growth: a cold read at ${bench.comments}, at ${smallTable} = 1`, ratio, 1.2, detail, times)]
}

export const uncached = { READ_CACHE_MEGABYTES: '0' }

async function withSeeded(
  bench: Bench,
  comments: number,
  env: Record<string, string>,
  measure: (service: Server, seeded: Seeded) => Promise<Result[]>,
): Promise<Result[]> {
  const seeded = await bench.databases.seed(comments)
  const service = await startService(seeded.url, env)
  try {
    return await measure(service, seeded)
  } finally {
    await service.stop()
    await seeded.discard()
  }
}

/** Throughput of the first over that of the second, run by run; the median. */
async function alternate(bench: Bench, one: [Server, string[]], other: [Server, string[]]) {
  const results: [LoadResult[], LoadResult[]] = [[], []]
  const cpuMicroseconds: [number[], number[]] = [[], []]
  for (let run = 0; run <= bench.runs; run++) {
    for (const [index, [{ port, cpuMs }, requests]] of [one, other].entries()) {
      const before = cpuMs()
      const result = await load({ ports: [port], connections, seconds: bench.seconds, requests })
      expectOnly(result, requests[0]?.includes('If-None-Match') ? '304' : '200')
      // The first of each is for the compilers.
      if (run === 0) continue
      results[index === 0 ? 0 : 1].push(result)
      cpuMicroseconds[index === 0 ? 0 : 1].push((1_000 * (cpuMs() - before)) / result.requests)
    }
  }
  const [own, control] = results
  const ratio = median(
    own.map((result, index) => result.perSecond / (control[index]?.perSecond ?? Number.NaN)),
  )
  const detail = `${medianOf(own, 'perSecond').toFixed(0)}/s to ${medianOf(control, 'perSecond').toFixed(0)}/s; CPU of a request ${cpuMicroseconds.map((values) => `${median(values).toFixed(0)} µs`).join(' to ')}; ${busy([...own, ...control])}`
  return { ratio, detail }
}

function controlOf(service: Server, path: string): Promise<Server> {
  return fetch(at(service, path)).then(async (answer) => {
    const perConnection = new Set([
      'connection',
      'keep-alive',
      'date',
      'content-length',
      'ratelimit',
      'ratelimit-policy',
    ])
    const headers = Object.fromEntries([...answer.headers].filter(([name]) => !perConnection.has(name)))
    return startControl({ headers, body: await answer.text() })
  })
}
