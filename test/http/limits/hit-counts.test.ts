import t from 'tap'
import { hitCounts } from '../../../src/http/limits/hit-counts.ts'
import type { HitCount, HitStore } from '../../../src/store/hits.ts'
import { until } from '../../support/until.ts'

const windowMs = 60_000

t.test('a shared count is the one that limits', async (t) => {
  const { count, told } = counter(async () => ({ hits: 41, resetsInMs: 1_234 }))
  t.same(await count('shared a'), { current: 41, ttl: 1_234 })
  t.match(await count('own a'), { current: 1 }, 'what is not shared is counted here')
  t.same(told, [])
})

t.test('who waits for the end of the shared window is let in then', async (t) => {
  let nowMs = 1_000
  const endsAtMs = nowMs + 12_000
  let hits = 6
  const { count } = counter(
    async () => {
      hits = nowMs < endsAtMs ? hits + 1 : 1
      return { hits, resetsInMs: nowMs < endsAtMs ? endsAtMs - nowMs : windowMs }
    },
    () => nowMs,
  )
  // Another replica has counted six of six already; this one turns the rest away by itself.
  for (let hit = 7; hit <= 14; hit++) t.match(await count('shared a', 6), { ttl: 12_000 })
  nowMs = endsAtMs
  t.match(await count('shared a', 6), { current: 1 })
})

t.test('where this process is the only one, its own count limits', async (t) => {
  const { count } = counter(async () => null)
  t.match(await count('shared a'), { current: 1 })
  t.match(await count('shared a'), { current: 2 })
  t.match(await count('shared b'), { current: 1 })
})

t.test('where the shared count fails, the own one goes on from what it has seen', async (t) => {
  let fails = false
  const { count, told } = counter(async () => {
    if (fails) throw new Error('away')
    return { hits: 1, resetsInMs: 40_000 }
  })
  await count('shared a')
  fails = true
  t.match(await count('shared a'), { current: 2 })
  t.match(await count('shared a'), { current: 3 })
  fails = false
  t.same(await count('shared a'), { current: 1, ttl: 40_000 })
  t.same(told, ['away'], 'told once, and for a moment not that it is over')
  let client = 0
  await until(async () => {
    client += 1
    await count(`shared ${client}`)
    return told.length > 1 ? true : undefined
  })
  t.same(told, ['away', null])
})

t.test('a shared count that never comes is not waited for', async (t) => {
  const { count, told } = counter(() => new Promise(() => {}))
  t.match(await count('shared a'), { current: 1 })
  t.match(told, [/took more than 500 ms/])
})

t.test('who is over the limit by what was seen here alone costs the database nothing', async (t) => {
  let asked = 0
  const { count } = counter(async () => {
    asked += 1
    return { hits: asked, resetsInMs: 5 }
  })
  for (let hit = 1; hit <= 5; hit++) await count('shared a', 3)
  t.equal(asked, 3)
})

t.test('the database is told no address', async (t) => {
  const keys: string[] = []
  const { count } = counter(async (key) => {
    keys.push(key)
    return null
  })
  await count('shared 192.0.2.1')
  await count('shared 192.0.2.1')
  await count('shared 192.0.2.2')
  t.equal(new Set(keys).size, 2)
  for (const key of keys) t.match(key, /^[\w-]{43}$/)
})

t.test('each limit counts for itself', async (t) => {
  const Counts = hitCounts(
    async () => null,
    () => false,
    () => {},
  )
  const options = {} as ConstructorParameters<typeof Counts>[0] &
    Parameters<InstanceType<typeof Counts>['child']>[0]
  const parent = new Counts(options)
  const [one, other] = [parent.child(options), parent.child(options)]
  const seen: (number | undefined)[] = []
  for (const counts of [one, one, other])
    counts.incr('a', (_, count) => seen.push(count?.current), windowMs, 9)
  t.same(seen, [1, 2, 1])
})

function counter(countHit: (key: string) => Promise<HitCount | null>, elapsedMs?: () => number) {
  const told: (string | null)[] = []
  const Counts = hitCounts(
    countHit satisfies HitStore['countHit'],
    (key) => key.startsWith('shared '),
    (error) => told.push(error?.message ?? null),
    elapsedMs,
  )
  const counts = new Counts({})
  const count = (key: string, max = 100) =>
    new Promise((resolve, reject) => {
      counts.incr(key, (error, result) => (error === null ? resolve(result) : reject(error)), windowMs, max)
    })
  return { count, told }
}
