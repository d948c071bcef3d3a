import t from 'tap'
import { until } from '../support/until.ts'
import { type Replica, startReplicas } from './replicas.ts'

const path = '/v1/articles/a/comments'
const siteFeed = '/v1/comments.atom'

t.setTimeout(600_000)

t.test(
  'a decision is seen at once where it was made, and by the others as soon as they hear of it',
  async (t) => {
    const { replicas } = await startReplicas(t, 3)
    const [one, ...others] = replicas as [Replica, ...Replica[]]
    for (let total = 1; total <= 20; total++) {
      await one.publish('a', { body: `comment ${total}` })
      t.equal(totalIn(await one.get(path)), total)
      for (const other of others) {
        await until(async () => (totalIn(await other.get(path)) === total ? true : undefined))
      }
    }
  },
)

t.test(
  "a rejection is out of the site's feed at once where it was made, and soon in all others",
  async (t) => {
    const { replicas } = await startReplicas(t, 2)
    const [one, other] = replicas as [Replica, Replica]
    const headers = await one.token('moderate')
    for (let round = 0; round < 10; round++) {
      const { id } = await one.publish(`article ${round}`)
      t.match((await one.get(siteFeed)).body, id)
      await until(async () => ((await other.get(siteFeed)).body.includes(id) ? true : undefined))
      await one.call({ method: 'POST', url: `/v1/moderation/comments/${id}/reject`, headers })
      t.notMatch((await one.get(siteFeed)).body, id)
      const startedMs = performance.now()
      await until(async () => ((await other.get(siteFeed)).body.includes(id) ? undefined : true))
      t.ok(performance.now() - startedMs < 2_000, 'within the two seconds that are promised')
    }
  },
)

t.test('all replicas give the same list the same entity tag', async (t) => {
  const { replicas } = await startReplicas(t, 2)
  const [one, other] = replicas as [Replica, Replica]
  await one.publish('a')
  await other.publish('a')
  const list = await one.get(path)
  const same = await until(async () => {
    const got = await other.get(path)
    return got.etag === list.etag ? got : undefined
  })
  t.same(same, list)
  t.equal((await other.get(path, { 'if-none-match': list.etag ?? '' })).status, 304)
})

t.test('while nothing changes, each replica reads a list once', async (t) => {
  const { replicas } = await startReplicas(t, 2)
  const [one, other] = replicas as [Replica, Replica]
  await one.publish('a')
  await until(async () => (totalIn(await other.get(path)) === 1 ? true : undefined))
  for (const replica of replicas) {
    await replica.get(path)
    const before = replica.listed()
    for (let read = 0; read < 50; read++) await replica.get(path)
    t.equal(replica.listed(), before)
  }
  await one.submit('a')
  await one.publish('another')
  const before = other.listed()
  await other.get(path)
  t.equal(other.listed(), before, 'what does not change this list makes none anew')
})

t.test('where the connection that listens breaks, lists are read again until it is back', async (t) => {
  const { replicas, hearings, query } = await startReplicas(t, 2)
  const [one, other] = replicas as [Replica, Replica]
  const { id } = await one.publish('a')
  await until(async () => (totalIn(await other.get(path)) === 1 ? true : undefined))

  t.equal((await query(endListeners)).length, 2)
  await one.call({
    method: 'POST',
    url: `/v1/moderation/comments/${id}/reject`,
    headers: await one.token('moderate'),
  })
  const startedMs = performance.now()
  await until(async () => (totalIn(await other.get(path)) === 0 ? true : undefined))
  t.ok(performance.now() - startedMs < 2_000, 'within the two seconds that are promised')

  // It listens again: once read, the list is not read any more.
  await until(async () => {
    await other.get(path)
    const listed = other.listed()
    await other.get(path)
    return other.listed() === listed && (await query(listeners)).length === 2 ? true : undefined
  })
  await one.publish('a')
  await until(async () => (totalIn(await other.get(path)) === 1 ? true : undefined))
  t.same(hearings.toSorted(), ['broken', 'broken', 'listening', 'listening', 'listening', 'listening'])
})

t.test('a change that was missed while nobody listened is not missed for good', async (t) => {
  const { replicas, query } = await startReplicas(t, 1)
  const [one] = replicas as [Replica]
  await one.publish('a')
  t.equal(totalIn(await one.get(path)), 1)
  // As an operator's hand would: without a word to anybody.
  await query("UPDATE articles SET approved_count = 7, revision = revision + 1 WHERE article_id = 'a'")
  t.equal(totalIn(await one.get(path)), 1)
  await query(endListeners)
  await until(async () => (totalIn(await one.get(path)) === 7 ? true : undefined))
})

t.test(
  'counts are seen at once where a decision was made, and by the others as soon as they hear',
  async (t) => {
    const { replicas } = await startReplicas(t, 3)
    const [one, ...others] = replicas as [Replica, ...Replica[]]
    for (let total = 1; total <= 20; total++) {
      const articleId = total % 2 === 0 ? 'a' : 'b'
      await one.publish(articleId)
      const counts = [Math.floor(total / 2), Math.ceil(total / 2), 0]
      t.same(totalsIn(await one.get(countsPath)), counts)
      for (const other of others)
        await until(async () =>
          `${totalsIn(await other.get(countsPath))}` === `${counts}` ? true : undefined,
        )
    }
  },
)

t.test('while nothing of their articles changes, each replica reads counts once', async (t) => {
  const { replicas } = await startReplicas(t, 2)
  const [one, other] = replicas as [Replica, Replica]
  await one.publish('a')
  await until(async () => (totalsIn(await other.get(countsPath))[0] === 1 ? true : undefined))
  for (const replica of replicas) {
    await replica.get(countsPath)
    const before = replica.counted()
    for (let read = 0; read < 50; read++) await replica.get(countsPath)
    t.equal(replica.counted(), before)
  }
  await one.submit('a')
  await one.publish('another')
  await until(async () =>
    totalIn(await other.get('/v1/articles/another/comments')) === 1 ? true : undefined,
  )
  const before = other.counted()
  await other.get(countsPath)
  t.equal(other.counted(), before, 'what does not change these counts makes none anew')
  const tags = [await one.get(countsPath), await other.get(countsPath)].map(({ etag }) => etag)
  t.equal(tags[0], tags[1], 'all replicas give the same counts the same entity tag')
})

t.test('counts under a moved id follow on every replica', async (t) => {
  const { replicas } = await startReplicas(t, 2)
  const [one, other] = replicas as [Replica, Replica]
  await one.publish('a')
  const headers = await one.token('moderate')
  const seenBy = async (replica: Replica, counts: number[]) =>
    until(async () => (`${totalsIn(await replica.get(countsPath))}` === `${counts}` ? true : undefined))
  await seenBy(other, [1, 0, 0])
  await one.call({ method: 'POST', url: '/v1/moderation/articles/a/move', headers, payload: { to: 'b' } })
  t.same(totalsIn(await one.get(countsPath)), [1, 1, 0])
  await seenBy(other, [1, 1, 0])
  await one.publish('b')
  t.same(totalsIn(await one.get(countsPath)), [2, 2, 0])
  await seenBy(other, [2, 2, 0])
})

t.test('where the connection that listens breaks, counts are read again until it is back', async (t) => {
  const { replicas, query } = await startReplicas(t, 2)
  const [one, other] = replicas as [Replica, Replica]
  await until(async () => (totalsIn(await other.get(countsPath))[0] === 0 ? true : undefined))
  await query(endListeners)
  await one.publish('a')
  const startedMs = performance.now()
  await until(async () => (totalsIn(await other.get(countsPath))[0] === 1 ? true : undefined))
  t.ok(performance.now() - startedMs < 2_000, 'within the two seconds that are promised')
})

const countsPath = '/v1/counts?articleId=a&articleId=b&articleId=never-heard-of'

const listeners =
  "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query IN ('LISTEN imprimatur_changes', 'SELECT 1')"

const endListeners = `SELECT pg_terminate_backend(pid) FROM (${listeners}) AS listening`

function totalIn({ body }: { body: string }): number {
  return JSON.parse(body).total
}

function totalsIn({ body }: { body: string }): number[] {
  return JSON.parse(body).counts.map(({ total }: { total: number }) => total)
}
