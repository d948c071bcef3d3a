import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { batches, type Settled } from '../../../src/store/postgres/batch.ts'

/** Runs batches when it is told to, and notes what was in each. */
function byHand(bounds: { maxItems: number; maxUnderWay: number }) {
  const under: {
    items: readonly number[]
    end: (settled: Settled<string>[]) => void
    fail: (error: Error) => void
  }[] = []
  const all = batches<number, string>((items) => {
    const { promise, resolve, reject } = Promise.withResolvers<Settled<string>[]>()
    under.push({ items, end: resolve, fail: reject })
    return promise
  }, bounds)
  return { ...all, under }
}

const done = (items: readonly number[]): Settled<string>[] =>
  items.map((item) => ({ ok: true, value: `done ${item}` }))

t.test('what comes while others are under way makes up the next batch', async (t) => {
  const { add, under } = byHand({ maxItems: 3, maxUnderWay: 1 })
  const promises = [1, 2, 3, 4, 5].map((item) => add(item))
  t.same(
    under.map(({ items }) => items),
    [[1]],
  )
  under[0]?.end(done([1]))
  t.equal(await promises[0], 'done 1')
  await setImmediate()
  t.same(under[1]?.items, [2, 3, 4])
  under[1]?.end(done([2, 3, 4]))
  await setImmediate()
  t.same(under[2]?.items, [5])
  under[2]?.end(done([5]))
  t.same(await Promise.all(promises), ['done 1', 'done 2', 'done 3', 'done 4', 'done 5'])
})

t.test('each item has its own outcome, and a batch that fails fails for all in it', async (t) => {
  const { add, under } = byHand({ maxItems: 3, maxUnderWay: 1 })
  const first = add(1)
  const [second, third, fourth] = [add(2), add(3), add(4)]
  under[0]?.end(done([1]))
  await first
  await setImmediate()
  under[1]?.end([
    { ok: true, value: 'done 2' },
    { ok: false, error: new Error('bad') },
  ])
  t.equal(await second, 'done 2')
  await t.rejects(third, { message: 'bad' })
  await t.rejects(fourth, { code: 'STORE_FAILED' }, 'no answer is no success')
  const [fifth] = [add(5)]
  await setImmediate()
  under[2]?.fail(new Error('all of it'))
  await t.rejects(fifth, { message: 'all of it' })
})

t.test('so many may wait and no more', async (t) => {
  const { add, under } = byHand({ maxItems: 5_000, maxUnderWay: 1 })
  const waiting = Array.from({ length: 2_001 }, (_, item) => add(item))
  await t.rejects(add(9_999), { code: 'STORE_BUSY' })
  under[0]?.end(done([0]))
  await setImmediate()
  t.equal(under[1]?.items.length, 2_000)
  under[1]?.end(done(under[1].items))
  t.equal((await Promise.all(waiting)).length, 2_001)
})

t.test('it drains: what was given is done, and no more is taken', async (t) => {
  const { add, drained, under } = byHand({ maxItems: 1, maxUnderWay: 1 })
  const promises = [add(1), add(2)]
  let isDrained = false
  const draining = drained().then(() => {
    isDrained = true
  })
  await t.rejects(add(3), { code: 'STORE_CLOSED' })
  under[0]?.end(done([1]))
  await setImmediate()
  t.equal(isDrained, false)
  under[1]?.end(done([2]))
  await draining
  t.same(await Promise.all(promises), ['done 1', 'done 2'])
})
