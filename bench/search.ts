import type { DatabaseLocation } from '../src/store/location.ts'
import { openStore } from '../src/store/open-store.ts'
import { type Databases, indexAll } from './databases.ts'
import { moderatorToken, type Server, startService } from './processes.ts'
import { at } from './requests.ts'
import { atMost, ms, plain, quantile, type Result } from './results.ts'
import { seedTexts } from './search-seed.ts'
import { wordOf } from './texts.ts'

type SearchBench = { databases: Databases; comments: number }

/** Each asked one after the other, as one moderator does; the first few are for the compilers. */
const asked = 300
const first = 30

/**
 * The first page of a search over HTTP, for words of every frequency, at `--comments`: a million take five minutes to seed and
 * to index, ten million an hour. The index is made before, by the same steps as the job's, without its pauses.
 */
export async function search({ databases, comments }: SearchBench): Promise<Result[]> {
  const location = await databases.empty()
  const url = location.dialect === 'sqlite' ? `file:${location.file}` : (location.urls[0] ?? '')
  const seedMs = await timed(() => seedTexts(location, comments))
  const bytes = await sizeOf(location)
  const indexMs = await timed(() => indexAll(location))
  const indexBytes = (await sizeOf(location)) - bytes
  const service = await startService(url)
  const results: Result[] = [
    plain(
      'index of words, bytes of a comment',
      indexBytes / comments,
      `${(indexBytes / 1e6).toFixed(0)} MB beside ${(bytes / 1e6).toFixed(0)}; ${((1_000 * indexMs) / comments).toFixed(0)} µs for each of ${comments}; seeded in ${(seedMs / 1_000).toFixed(0)} s`,
    ),
  ]
  try {
    results.push(...(await firstPages(service)))
  } finally {
    await service.stop()
  }
  return results
}

async function sizeOf(location: DatabaseLocation): Promise<number> {
  const store = await openStore(location)
  const bytes = await store.sizeBytes()
  await store.close()
  return bytes
}

export async function firstPages(service: Server): Promise<Result[]> {
  const queue = await timesOf(service, () => ({ path: '/v1/moderation/comments?limit=20' }))
  const p99 = quantile(queue.times, 0.99)
  const results: Result[] = [
    {
      ...plain('first page of the queue, p99', p99, `p50 ${ms(quantile(queue.times, 0.5))}`),
      shown: ms(p99),
    },
  ]
  for (const [name, bodyOf] of Object.entries(searches)) results.push(await measured(service, name, bodyOf))
  return results
}

const near = (rank: number, index: number) =>
  `${wordOf(rank + ((index * 7) % Math.max(10, Math.floor(rank / 4))))}`

const searches: Record<string, (index: number) => object> = {
  'a frequent word': (index) => ({ q: `${near(1, index)} ` }),
  'a middling word': (index) => ({ q: `${near(2_000, index)} ` }),
  'a rare word': (index) => ({ q: `${near(200_000, index)} ` }),
  'a word that is nowhere': (index) => ({ q: `none${index} ` }),
  'two frequent words': (index) => ({ q: `${near(3, index)} ${near(20, index)} ` }),
  'two middling words': (index) => ({ q: `${near(1_000, index)} ${near(3_000, index)} ` }),
  'two rare words': (index) => ({ q: `${near(50_000, index)} ${near(60_000, index)} ` }),
  'a beginning of one letter': (index) => ({ q: near(2, index).slice(0, 1) }),
  'a beginning of six letters': (index) => ({ q: near(100_000, index).slice(0, 6) }),
  'a frequent word, rejected': (index) => ({ q: `${near(1, index)} `, status: ['rejected'] }),
  'a middling word, pending': (index) => ({ q: `${near(2_000, index)} `, status: ['pending'] }),
  'an address': (index) => ({ q: `reader${1 + ((index * 997) % 300_000)}@example.org` }),
  'an article': (index) => ({ articleIds: [`article-${index}`] }),
  'a section, rejected': (index) => ({ articlePrefix: `article-${1 + (index % 9)}`, status: ['rejected'] }),
}

async function measured(service: Server, name: string, bodyOf: (index: number) => object): Promise<Result> {
  const { times, pages } = await timesOf(service, (index) => ({
    path: '/v1/moderation/search',
    body: bodyOf(index),
  }))
  const found = pages.reduce((sum, { comments }) => sum + comments.length, 0)
  const unfinished = pages.filter(({ comments, nextCursor }) => nextCursor !== null && comments.length < 20)
  return atMost(
    `search: ${name}, p99`,
    quantile(times, 0.99),
    50,
    `p50 ${ms(quantile(times, 0.5))}; ${(found / asked).toFixed(1)} found; ${unfinished.length} of ${asked} to be gone on with`,
    ms,
  )
}

async function timesOf(service: Server, requestOf: (index: number) => { path: string; body?: object }) {
  const times: number[] = []
  const pages: Page[] = []
  for (let index = 0; index < asked; index++) {
    const { path, body } = requestOf(index)
    const startMs = performance.now()
    const answer = await fetch(at(service, path), {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${moderatorToken}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    })
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status}`)
    pages.push((await answer.json()) as Page)
    if (index >= first) times.push(performance.now() - startMs)
  }
  return { times, pages }
}

type Page = { comments: object[]; nextCursor: string | null }

async function timed(work: () => Promise<void>): Promise<number> {
  const startMs = performance.now()
  await work()
  return performance.now() - startMs
}
