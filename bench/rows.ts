import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { v7 as uuidv7 } from 'uuid'
import type { Comment } from '../src/domain/comment.ts'
import { openStore } from '../src/store/open-store.ts'
import type { LoadResult } from './load.ts'
import { load, moderatorToken, type Server, startControl, startService } from './processes.ts'
import { articleName, type Seeded, seed } from './seed.ts'

export type Bench = { folder: string; comments: number; runs: number; seconds: number }

export type Result = {
  name: string
  value: number
  shown: string
  detail: string
  bar?: { text: string; met: (value: number) => boolean }
}

type Row = { name: string; measure: (bench: Bench) => Promise<Result[]> }

const connections = 32
const smallTable = 10_000

export const rows: readonly Row[] = [
  { name: 'cached read', measure: cachedRead },
  { name: '304', measure: notModified },
  { name: 'cold read', measure: coldRead },
  { name: 'deep page', measure: deepPage },
  { name: 'counts', measure: counts },
  { name: 'hot article', measure: hotArticle },
  { name: 'durable', measure: durableSubmissions },
  { name: 'submissions', measure: submissions },
  { name: 'decisions', measure: decisions },
  { name: 'start', measure: start },
  { name: 'growth', measure: growth },
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
      let path = `${list(bigArticleId)}?limit=20`
      const deep = Math.floor((bigArticle * 0.9) / 100)
      let cursor = ''
      for (let page = 0; page < deep; page++) {
        const answer = await fetch(at(service, `${list(bigArticleId)}?limit=100${cursor}`))
        cursor = `&cursor=${((await answer.json()) as { nextCursor: string }).nextCursor}`
      }
      path += cursor
      const { ratio, detail } = await alternate(
        bench,
        [service, [get(path)]],
        [service, [get(`${list(bigArticleId)}?limit=20`)]],
      )
      return [atLeast(`deep page (${deep * 100} in), share of the first page`, ratio, 0.9, detail)]
    },
  )
}

async function counts(bench: Bench): Promise<Result[]> {
  return withSeeded(bench, bench.comments, {}, async (service, { articles }) => {
    const path = `/v1/counts?${Array.from({ length: 100 }, (_, index) => `articleId=${articleName((index * 7_919) % articles)}`).join('&')}`
    const control = await controlOf(service, path)
    const { ratio, detail } = await alternate(bench, [service, [get(path)]], [control, [get('/')]])
    await control.stop()
    return [plain('counts of 100 articles, share of the control', ratio, detail)]
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
        port: service.port,
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
  const store = await openStore({ dialect: 'sqlite', file: join(bench.folder, 'grouped.db') })
  await store.checkReady()
  for (let run = 0; run < bench.runs; run++) {
    const alone = oneByOne(join(bench.folder, `alone-${run}.db`), bench.seconds)
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
      const alone = oneByOne(join(bench.folder, `http-alone-${run}.db`), bench.seconds)
      const result = await load({
        port: service.port,
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
    const headers = `Authorization: Bearer ${moderatorToken}\r\n`
    const page = await fetch(at(service, '/v1/moderation/comments?status=approved&limit=100'), {
      headers: { authorization: `Bearer ${moderatorToken}` },
    })
    const { comments } = (await page.json()) as { comments: { id: string }[] }
    // Each is rejected and approved in turn, by the one connection that has it.
    const requests = comments
      .slice(0, 64)
      .flatMap(({ id }) =>
        ['reject', 'approve'].map(
          (verdict) =>
            `POST /v1/moderation/comments/${id}/${verdict} HTTP/1.1\r\nHost: bench\r\n${headers}\r\n`,
        ),
      )
    for (let run = 0; run < bench.runs; run++) {
      const alone = oneByOne(join(bench.folder, `decision-alone-${run}.db`), bench.seconds)
      const result = await load({ port: service.port, connections: 64, seconds: bench.seconds, requests })
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

async function start(bench: Bench): Promise<Result[]> {
  const file = join(bench.folder, 'start.db')
  seed(file, smallTable)
  const own: number[] = []
  const control: number[] = []
  for (let run = 0; run < bench.runs; run++) {
    const service = await startService(file)
    own.push(service.startMs)
    await service.stop()
    const bare = await startControl({ headers: {}, body: 'ok' })
    control.push(bare.startMs)
    await bare.stop()
  }
  const detail = `${(median(own) / median(control)).toFixed(1)} × the control's ${median(control).toFixed(0)} ms`
  return [atMost('start to first answer, ms', median(own), 400, detail, (value) => value.toFixed(0))]
}

async function growth(bench: Bench): Promise<Result[]> {
  const small = join(bench.folder, 'small.db')
  const large = join(bench.folder, 'large.db')
  const { articles: fewArticles } = seed(small, smallTable)
  const { articles: manyArticles } = seed(large, bench.comments)
  const [one, other] = [await startService(small, uncached), await startService(large, uncached)]
  const { ratio, detail } = await alternate(
    bench,
    [one, coldRequests(fewArticles)],
    [other, coldRequests(manyArticles)],
  )
  await Promise.all([one.stop(), other.stop()])
  return [atMost(`growth: a cold read at ${bench.comments}, at ${smallTable} = 1`, ratio, 1.2, detail, times)]
}

const uncached = { READ_CACHE_MEGABYTES: '0' }

async function withSeeded(
  bench: Bench,
  comments: number,
  env: Record<string, string>,
  measure: (service: Server, seeded: Seeded) => Promise<Result[]>,
): Promise<Result[]> {
  const file = join(bench.folder, `${uuidv7()}.db`)
  const seeded = seed(file, comments)
  const service = await startService(file, env)
  try {
    return await measure(service, seeded)
  } finally {
    await service.stop()
  }
}

/** Throughput of the first over that of the second, run by run; the median. */
async function alternate(bench: Bench, one: [Server, string[]], other: [Server, string[]]) {
  const results: [LoadResult[], LoadResult[]] = [[], []]
  for (let run = 0; run <= bench.runs; run++) {
    for (const [index, [{ port }, requests]] of [one, other].entries()) {
      const result = await load({ port, connections, seconds: bench.seconds, requests })
      expectOnly(result, requests[0]?.includes('If-None-Match') ? '304' : '200')
      // The first of each is for the compilers.
      if (run > 0) results[index === 0 ? 0 : 1].push(result)
    }
  }
  const [own, control] = results
  const ratio = median(
    own.map((result, index) => result.perSecond / (control[index]?.perSecond ?? Number.NaN)),
  )
  const detail = `${medianOf(own, 'perSecond').toFixed(0)}/s to ${medianOf(control, 'perSecond').toFixed(0)}/s; ${busy([...own, ...control])}`
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

/** The same inserts, each in a transaction of its own, without service, thread or HTTP: how many a second. */
function oneByOne(file: string, seconds: number): number {
  const database = new SqliteDatabase(file)
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.exec('CREATE TABLE articles (article_id TEXT PRIMARY KEY) STRICT')
  database.exec(
    'CREATE TABLE comments (id TEXT PRIMARY KEY, article_id TEXT, status TEXT, name TEXT, email TEXT, body TEXT, at INTEGER, receipt TEXT) STRICT',
  )
  database.exec('CREATE INDEX by_article ON comments (article_id, status, id)')
  database.exec('CREATE INDEX by_status ON comments (status, id)')
  const addArticle = database.prepare('INSERT INTO articles VALUES (?) ON CONFLICT DO NOTHING')
  const addComment = database.prepare('INSERT INTO comments VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  const insert = database.transaction(
    ({ id, articleId, author, body, submittedAtMs, receiptHash }: Comment) => {
      addArticle.run(articleId)
      addComment.run(id, articleId, 'pending', author?.name, author?.email, body, submittedAtMs, receiptHash)
    },
  )
  const startMs = performance.now()
  let inserted = 0
  while (performance.now() < startMs + seconds * 1_000) {
    insert(someComment())
    inserted += 1
  }
  const rate = inserted / ((performance.now() - startMs) / 1_000)
  database.close()
  return rate
}

function someComment(): Comment {
  return {
    id: uuidv7(),
    articleId: 'article-1',
    parentId: null,
    status: 'pending',
    version: 1,
    author: { name: 'Reader', email: 'reader@example.org' },
    body: 'A comment of ordinary length, with an accent (é), "quotes" and a second sentence to fill the line.',
    submittedAtMs: Date.now(),
    publishedAtMs: null,
    receiptHash: 'x'.repeat(43),
  }
}

function list(articleId: string): string {
  return `/v1/articles/${articleId}/comments`
}

function at({ port }: Server, path: string): string {
  return `http://127.0.0.1:${port}${path}`
}

function get(path: string, headers = ''): string {
  return `GET ${path} HTTP/1.1\r\nHost: bench\r\n${headers}\r\n`
}

function submission(articleId: string): string {
  const { author, body } = someComment()
  const json = JSON.stringify({ author, body })
  return `POST ${list(articleId)} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(json)}\r\n\r\n${json}`
}

/** Articles far apart in the table, so that no page of it stays at hand. */
function coldRequests(articles: number): string[] {
  return Array.from({ length: Math.min(5_000, articles) }, (_, index) =>
    get(list(articleName((index * 7_919) % articles))),
  )
}

function expectOnly({ statuses }: LoadResult, status: string): void {
  if (Object.keys(statuses).join() !== status)
    throw new Error(`Not only ${status}: ${JSON.stringify(statuses)}`)
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN
}

function medianOf(results: readonly LoadResult[], key: 'perSecond' | 'p99Ms'): number {
  return median(results.map((result) => result[key]))
}

function busy(results: readonly LoadResult[]): string {
  return `generator busy ${Math.max(...results.map((result) => result.busy)).toFixed(2)}`
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`
}

function times(value: number): string {
  return `× ${value.toFixed(2)}`
}

function plain(name: string, value: number, detail: string): Result {
  return { name, value, shown: value.toFixed(2), detail }
}

function atLeast(name: string, value: number, bar: number, detail: string): Result {
  return { ...plain(name, value, detail), bar: { text: `≥ ${bar}`, met: (measured) => measured >= bar } }
}

function atMost(
  name: string,
  value: number,
  bar: number,
  detail: string,
  shown: (value: number) => string,
): Result {
  return {
    ...plain(name, value, detail),
    shown: shown(value),
    bar: { text: `≤ ${bar}`, met: (measured) => measured <= bar },
  }
}
