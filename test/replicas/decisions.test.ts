import t from 'tap'
import { logOf } from '../support/store.ts'
import { type Replica, startReplicas } from './replicas.ts'

/*
 * REPETITIONS=100 node test/replicas/decisions.test.ts
 */
const repetitions = Number(process.env['REPETITIONS'] ?? 2)

t.setTimeout(600_000 + repetitions * 3_000)

t.test('of twenty who decide about one version through three replicas, one commits', async (t) => {
  const { replicas } = await startReplicas(t, 3)
  const [one] = replicas as [Replica]
  const headers = { ...(await one.token('moderate')), 'if-match': '"1"' }
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const { id } = await one.submit('a')
    const answers = await twentyDecide(replicas, id, headers)
    const committed = answers.filter(({ statusCode }) => statusCode === 200)
    t.equal(committed.length, 1)
    t.ok(answers.every(({ statusCode }) => statusCode === 200 || statusCode === 412))
    t.match(await one.store.findComment(id), { version: 2, status: committed[0]?.json().status })
    t.equal((await logOf(one.store, id)).length, 1)
  }
})

t.test('of twenty who decide again and again, each version is committed by one, without a gap', async (t) => {
  const { replicas, query } = await startReplicas(t, 3)
  const [one] = replicas as [Replica]
  const headers = await one.token('moderate')
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const { id } = await one.submit('a')
    const answers = await twentyDecide(replicas, id, headers)
    // Who lost five races in a row is told so, and nothing of it was written.
    t.ok(answers.every(({ statusCode }) => statusCode === 200 || statusCode === 409))
    const changed = answers.flatMap((answer) =>
      answer.statusCode === 200 && answer.json().changed ? [Number(answer.json().version)] : [],
    )
    const log = (await logOf(one.store, id)).map(({ version }) => version)
    t.same(
      changed.toSorted((a, b) => a - b),
      log,
    )
    t.same(
      log,
      log.map((_, index) => index + 2),
    )
  }
  t.match(
    await query(
      "SELECT approved_count = (SELECT count(*) FROM comments WHERE status = 'approved') AS agree FROM articles",
    ),
    [{ agree: true }],
  )
  t.same(
    await query(
      "SELECT value::int AS kept, (SELECT count(*)::int FROM comments WHERE status = 'pending') AS there FROM totals WHERE name = 'pending'",
    ),
    [{ kept: 0, there: 0 }],
  )
})

t.test('whoever follows the log through any replica sees each line once, and in order', async (t) => {
  const { replicas, query } = await startReplicas(t, 3)
  const [one] = replicas as [Replica]
  const headers = await one.token('moderate')
  const ids: string[] = []
  while (ids.length < 60 * repetitions) ids.push((await one.submit('a')).id)
  let isOver = false
  const deciding = Promise.all(
    ['approve', 'reject', 'reopen', 'notes'].map(async (action, index) => {
      for (const id of ids) {
        const answer = await atOnce(replicas, index).call({
          method: 'POST',
          url: `/v1/moderation/comments/${id}/${action}`,
          headers,
          ...(action === 'notes' && { payload: { text: 'Mine.' } }),
        })
        if (![200, 201, 409].includes(answer.statusCode)) t.fail(`${answer.statusCode} to ${action}`)
      }
    }),
  ).finally(() => {
    isOver = true
  })
  const followed = replicas.map(async (replica) => {
    const seen: number[] = []
    for (let after = 0, quiet = false; !quiet; ) {
      quiet = isOver
      const url = `/v1/moderation/decisions?limit=7&after=${after}`
      const { decisions, nextAfter } = (await replica.call({ url, headers })).json()
      seen.push(...decisions.map(({ position }: { position: number }) => position))
      if (decisions.length > 0) quiet = false
      after = nextAfter
    }
    return seen
  })
  await deciding
  const [kept] = await query('SELECT count(*)::int AS lines FROM decisions')
  const lines = Number(kept?.['lines'])
  t.ok(lines > ids.length)
  const all = Array.from({ length: lines }, (_, index) => index + 1)
  for (const seen of await Promise.all(followed)) t.same(seen, all)
})

t.test(
  'whole threads rejected from several replicas at once wait for each other and for nobody for ever',
  async (t) => {
    const { replicas } = await startReplicas(t, 3)
    const [one] = replicas as [Replica]
    const headers = await one.token('moderate')
    for (let repetition = 0; repetition < repetitions; repetition++) {
      const root = await one.publish('a')
      const ids = [root.id]
      for (let reply = 0; reply < 5; reply++) {
        ids.push((await one.publish('a', { parentId: ids.at(-1) ?? '' })).id)
      }
      const answers = await Promise.all(
        ids.map((id, index) =>
          atOnce(replicas, index).call({
            method: 'POST',
            url: `/v1/moderation/comments/${id}/reject`,
            headers,
            payload: { replies: 'reject' },
          }),
        ),
      )
      t.same(new Set(answers.map(({ statusCode }) => statusCode)), new Set([200]))
      for (const id of ids) {
        t.match(await one.store.findComment(id), { status: 'rejected', version: 3 })
        t.equal((await logOf(one.store, id)).length, 2)
      }
    }
    t.match((await one.call({ url: '/v1/articles/a/comments' })).json(), { total: 0 })
  },
)

/** Ten approve and ten reject, dealt out to the replicas in turn. */
function twentyDecide(replicas: readonly Replica[], id: string, headers: Record<string, string>) {
  return Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      atOnce(replicas, index).call({
        method: 'POST',
        url: `/v1/moderation/comments/${id}/${index % 2 === 0 ? 'approve' : 'reject'}`,
        headers,
      }),
    ),
  )
}

function atOnce(replicas: readonly Replica[], index: number): Replica {
  return replicas[index % replicas.length] as Replica
}
