import { sql } from '../../../src/store/drizzle.ts'
import { until } from '../../support/until.ts'
import { contract } from './given.ts'

/** The part of leases. */
export const leasesContract = contract((test) => {
  test('a lease is held by one, and given up or kept', async (t, store) => {
    t.equal(await store.takeLease('job', 'one', 60_000), Number.POSITIVE_INFINITY)
    t.equal(await store.takeLease('job', 'other', 60_000), null)
    t.equal(await store.takeLease('another', 'other', 60_000), Number.POSITIVE_INFINITY)
    t.equal(await store.takeLease('job', 'one', 60_000), Number.POSITIVE_INFINITY, 'its holder keeps it')
    await store.endLease('job', 'other', true)
    t.equal(await store.takeLease('job', 'other', 60_000), null, 'nobody ends what is not his')
    await store.endLease('job', 'one', false)
    t.equal(await store.takeLease('job', 'other', 60_000), Number.POSITIVE_INFINITY, 'given up undone')
  })

  test('when a job was done is known to all', async (t, store) => {
    t.same([...(await store.leasesDone())], [])
    await store.takeLease('job', 'one', 60_000)
    t.same([...(await store.leasesDone())], [['job', Number.POSITIVE_INFINITY]])
    await store.endLease('job', 'one', true)
    const ago = (await store.leasesDone()).get('job') ?? Number.NaN
    t.ok(ago >= 0 && ago < 60_000, `${ago} ms`)
    const seen = await store.takeLease('job', 'other', 60_000)
    t.ok(seen !== null && seen >= ago && seen < 60_000, `${seen} ms`)
    await store.endLease('job', 'other', false)
    t.not((await store.leasesDone()).get('job'), Number.POSITIVE_INFINITY, 'giving up takes nothing back')
  })

  test('a lease ends by itself', async (t, store) => {
    await store.takeLease('job', 'one', 1)
    await until(async () => (await store.takeLease('job', 'other', 60_000)) ?? undefined)
    t.equal(await store.takeLease('job', 'one', 60_000), null)
  })

  test('a clock that is set back holds up no job', async (t, store) => {
    await store.takeLease('job', 'one', 60_000)
    await store.takeLease('done', 'one', 60_000)
    await store.endLease('done', 'one', true)
    const anHour = sql.raw('3600000')
    const setBack = sql`UPDATE leases SET until_ms = until_ms + ${anHour}, done_at_ms = done_at_ms + ${anHour}`
    await store.commit([], { steps: [{ sql: setBack, touches: 2 }] })
    t.equal(await store.takeLease('job', 'other', 60_000), Number.POSITIVE_INFINITY, 'whoever had it is gone')
    t.equal(await store.takeLease('job', 'one', 60_000), null)
    t.equal((await store.leasesDone()).get('done'), Number.POSITIVE_INFINITY, 'due at once')
  })

  test('of many who want it at once one gets it', async (t, store) => {
    const taken = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => store.takeLease('job', `holder ${index}`, 60_000)),
    )
    t.equal(taken.filter((outcome) => outcome !== null).length, 1)
  })
})
