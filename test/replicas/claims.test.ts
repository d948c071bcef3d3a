import t from 'tap'
import { type Replica, startReplicas } from './replicas.ts'

/*
 * CLAIMERS=200 PENDING=1000 node test/replicas/claims.test.ts
 */
const claimers = Number(process.env['CLAIMERS'] ?? 200)
const pending = Number(process.env['PENDING'] ?? 1_000)

t.setTimeout(600_000)

t.test('of all that waits, claimers at three replicas are given each comment once', async (t) => {
  const { replicas, query } = await startReplicas(t, 3)
  const [one] = replicas as [Replica]
  const headers = await Promise.all(Array.from({ length: 20 }, async () => one.token('moderate')))
  for (let start = 0; start < pending; start += 100)
    await Promise.all(
      Array.from({ length: Math.min(100, pending - start) }, async (_, index) =>
        one.submit(`article ${(start + index) % 7}`),
      ),
    )
  const claim = async (index: number) => {
    const replica = replicas[index % replicas.length] as Replica
    const response = await replica.call({
      method: 'POST',
      url: '/v1/moderation/claims',
      headers: headers[index % headers.length] ?? {},
      payload: { limit: Math.ceil(pending / claimers) + 2, order: index % 2 === 0 ? 'oldest' : 'newest' },
    })
    t.equal(response.statusCode, 200)
    return response.json<{ comments: { id: string }[] }>().comments.map(({ id }) => id)
  }
  const given = await Promise.all(Array.from({ length: claimers }, async (_, index) => claim(index)))
  const ids = given.flat()
  t.equal(new Set(ids).size, ids.length, 'none twice')
  t.equal(ids.length, pending, 'and all of them')
  t.match(await query('SELECT count(*)::int AS held FROM claims'), [{ held: pending }])
  t.equal(new Set(given.map((some) => some.length)).size <= 3, true, 'each as many as there were')
})
