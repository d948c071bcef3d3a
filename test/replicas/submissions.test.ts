import t from 'tap'
import { submission, wrongToken } from '../support/app.ts'
import { until } from '../support/until.ts'
import { type Replica, startReplicas } from './replicas.ts'

/*
 * REPETITIONS=100 node test/replicas/submissions.test.ts
 */
const repetitions = Number(process.env['REPETITIONS'] ?? 6)

const url = '/v1/articles/a/comments'

t.setTimeout(600_000 + repetitions * 1_000)

t.test('an idempotency key holds over all replicas, also at the same moment', async (t) => {
  const { replicas } = await startReplicas(t, 3)
  const [one, other] = replicas as [Replica, Replica]
  const send = (replica: Replica, key: string, body = submission.body) =>
    replica.call({
      method: 'POST',
      url,
      headers: { 'idempotency-key': key },
      payload: { ...submission, body },
    })
  const first = await send(one, 'known')
  const again = await send(other, 'known')
  t.equal(again.statusCode, 202)
  t.same(again.json(), first.json())
  t.equal(again.headers['idempotency-replayed'], 'true')
  t.equal((await send(other, 'known', 'Another text.')).statusCode, 422)

  for (let repetition = 0; repetition < repetitions; repetition++) {
    const answers = await Promise.all(replicas.map((replica) => send(replica, `race ${repetition}`)))
    t.same(new Set(answers.map(({ statusCode }) => statusCode)), new Set([202]))
    t.equal(new Set(answers.map(({ body }) => body)).size, 1, 'all are told of the same comment')
    t.equal(answers.filter(({ headers }) => headers['idempotency-replayed'] === undefined).length, 1)
  }
  t.equal((await one.store.queue()).pending, repetitions + 1)
})

t.test('a queue is full over all replicas, to the comment', async (t) => {
  const { replicas } = await startReplicas(t, 3, { maxPending: 25 })
  const [one] = replicas as [Replica]
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, index) =>
      (replicas[index % 3] as Replica).call({ method: 'POST', url, payload: submission }),
    ),
  )
  t.equal(answers.filter(({ statusCode }) => statusCode === 202).length, 25)
  t.equal(answers.filter(({ statusCode }) => statusCode === 503).length, 35)
  t.equal((await one.store.queue()).pending, 25)
})

t.test('submissions are limited over all replicas, by client and in total', async (t) => {
  const { replicas } = await startReplicas(t, 2, { submissionsPerMinute: 3, submissionsPerMinuteTotal: 4 })
  const [one, other] = replicas as [Replica, Replica]
  const from = async (replica: Replica, remoteAddress: string) =>
    replica.call({ method: 'POST', url, payload: submission, remoteAddress })
  t.equal(
    (await from(one, '192.0.2.1')).headers['ratelimit'],
    '"submissions";r=2;t=60, "submissions-total";r=3;t=60',
  )
  t.match((await from(other, '192.0.2.1')).headers, {
    ratelimit: /^"submissions";r=1;t=\d+, "submissions-total";r=2;t=\d+$/,
  })
  t.equal((await from(one, '192.0.2.1')).statusCode, 202)
  const refused = await from(other, '192.0.2.1')
  t.equal(refused.statusCode, 429)
  t.match(refused.json(), { detail: /^The limit is 3 a minute \(submissions\)/ })
  t.equal((await from(other, '192.0.2.2')).statusCode, 202)
  t.match((await from(one, '192.0.2.3')).json(), { detail: /^The limit is 4 a minute \(submissions-total\)/ })
})

t.test('networks, refused submissions and the share of sites count over all replicas', async (t) => {
  const { replicas } = await startReplicas(t, 2, {
    submissionsPerMinute: 1,
    submissionsPerMinuteTotal: 10,
    refusedSubmissionsPerMinute: 2,
  })
  const [one, other] = replicas as [Replica, Replica]
  const send = (replica: Replica, remoteAddress: string, payload: object, headers = {}) =>
    replica.call({ method: 'POST', url, payload, remoteAddress, headers })
  t.equal((await send(one, '2001:db8:1:100::1', submission)).statusCode, 202)
  t.equal((await send(other, '2001:db8:1:101::1', submission)).statusCode, 202)
  const third = await send(one, '2001:db8:1:102::1', submission)
  t.match(third.json(), { detail: /^The limit is 2 a minute \(submissions-ipv6-56\)/ })
  t.equal((await send(one, '2001:db8:1:200::1', submission)).statusCode, 202)
  t.equal((await send(other, '2001:db8:1:201::1', submission)).statusCode, 202)
  const fifth = await send(other, '2001:db8:1:300::1', submission)
  t.match(fifth.json(), { detail: /^The limit is 4 a minute \(submissions-ipv6-48\)/ })

  t.equal((await send(one, '192.0.2.1', {})).statusCode, 400)
  t.match((await send(other, '192.0.2.1', {})).headers, { ratelimit: /^"refused-submissions";r=0;/ })
  t.equal((await send(other, '192.0.2.1', {})).statusCode, 429)

  for (let client = 2; client < 6; client++) {
    t.equal((await send(one, `192.0.2.${client}`, submission)).statusCode, 202)
  }
  const ninth = await send(other, '192.0.2.9', submission)
  t.match(ninth.json(), { detail: /^The limit is 8 a minute \(submissions-total\)/ })
  const site = await one.token('submit')
  const vouchedFor = async (replica: Replica) =>
    (await send(replica, '192.0.2.8', submission, site)).statusCode
  t.same([await vouchedFor(other), await vouchedFor(one), await vouchedFor(other)], [202, 202, 429])
})

t.test('wrong secrets are counted over all replicas', async (t) => {
  const { replicas } = await startReplicas(t, 2, { failedSignInsPerMinute: 2 })
  const [one, other] = replicas as [Replica, Replica]
  const guess = async (replica: Replica) =>
    (await replica.call({ url: '/v1/moderation/comments', headers: wrongToken })).statusCode
  t.equal(await guess(one), 401)
  t.equal(await guess(other), 401)
  t.equal(await guess(one), 429)
  t.equal(await guess(other), 429)
  const valid = await other.token('moderate')
  t.equal((await one.call({ url: '/v1/moderation/comments', headers: valid })).statusCode, 200)
})

t.test('reads are limited by each replica alone', async (t) => {
  const { replicas } = await startReplicas(t, 2, { readsPerMinute: 1 })
  const read = async (replica: Replica) => (await replica.call({ url })).statusCode
  t.same(await Promise.all(replicas.map(read)), [200, 200])
  t.same(await Promise.all(replicas.map(read)), [429, 429])
})

t.test('where the shared count fails, each replica limits by its own, and says so once', async (t) => {
  const { replicas, query } = await startReplicas(t, 2, { submissionsPerMinute: 2 })
  await query('ALTER TABLE request_counts RENAME TO away')
  const statuses: number[][] = []
  for (const replica of replicas) {
    const own: number[] = []
    for (let count = 0; count < 3; count++) {
      own.push((await replica.call({ method: 'POST', url, payload: submission })).statusCode)
    }
    statuses.push(own)
    const warnings = replica.log.filter((line) => line.includes('cannot be counted over all replicas'))
    t.equal(warnings.length, 1)
  }
  t.same(statuses, [
    [202, 202, 429],
    [202, 202, 429],
  ])
  await query('ALTER TABLE away RENAME TO request_counts')
  const [one] = replicas as [Replica]
  let client = 0
  await until(async () => {
    client += 1
    await one.call({ method: 'POST', url, payload: submission, remoteAddress: `198.51.100.${client % 256}` })
    return one.log.some((line) => line.includes('are counted over all replicas again')) ? true : undefined
  })
})

t.test('a clock of the database that is set back makes no minute longer', async (t) => {
  const { replicas, query } = await startReplicas(t, 1, { submissionsPerMinute: 1 })
  const [one] = replicas as [Replica]
  const setBack = (ms: number) => query('UPDATE request_counts SET resets_at_ms = resets_at_ms + $1', [ms])
  const resetsInMs = async (key: string) => {
    const count = await one.store.countHit(key, 60_000)
    t.ok((count?.resetsInMs ?? 0) <= 60_000, `${count?.resetsInMs} ms`)
    return count?.hits
  }
  t.equal(await resetsInMs('a'), 1)
  t.equal(await resetsInMs('a'), 2)
  await setBack(30_000)
  t.equal(await resetsInMs('a'), 3, 'by half a minute: the same window, and no longer')
  await setBack(3_600_000)
  t.equal(await resetsInMs('a'), 1, 'by an hour: a new one')
  t.equal(await resetsInMs('a'), 2)
  await setBack(3_600_000)
  t.equal(await one.store.removeOldHits(100), false)
  t.same(await query('SELECT key FROM request_counts'), [], 'nor is it kept for an hour')
})

t.test('the database keeps no address of a client, and forgets old counts', async (t) => {
  const { replicas, query } = await startReplicas(t, 1, { submissionsPerMinute: 2 })
  const [one] = replicas as [Replica]
  await one.call({ method: 'POST', url, payload: submission, remoteAddress: '192.0.2.77' })
  const [row] = await query('SELECT key, hits FROM request_counts')
  t.match(row, { key: /^[\w-]{43}$/, hits: 1 })
  t.notMatch(JSON.stringify(row), '192.0.2.77')
  await query('UPDATE request_counts SET resets_at_ms = 1')
  await one.call({ method: 'POST', url, payload: submission, remoteAddress: '192.0.2.78' })
  t.equal(await one.store.removeOldHits(100), false)
  t.equal((await query('SELECT FROM request_counts')).length, 1, 'this one still counts')
  await query('UPDATE request_counts SET resets_at_ms = 1')
  t.equal(await one.store.removeOldHits(100), false)
  t.equal((await query('SELECT FROM request_counts')).length, 0)
})

t.test('a token that is revoked by one replica opens nothing at another', async (t) => {
  const { replicas } = await startReplicas(t, 2)
  const [one, other] = replicas as [Replica, Replica]
  const headers = await one.token('moderate')
  const ask = async () => (await other.call({ url: '/v1/moderation/comments', headers })).statusCode
  t.equal(await ask(), 200)
  const [token] = await one.store.listTokens()
  await one.store.revokeToken(token?.name ?? '', Date.now())
  t.equal(await ask(), 401)
})
