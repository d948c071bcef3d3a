import { sql } from '../../../src/store/drizzle.ts'
import type { Unit } from '../../../src/store/units.ts'
import { someComment } from '../../support/comments.ts'
import { change, contract, idempotencyFor, list, submit } from './given.ts'

/** The part of units: statements that ride along with the hot writes, and commit with them or keep them from it. */
export const unitsContract = contract((test) => {
  const note = (job: string, touches: number | null): Unit => ({
    steps: [
      { sql: sql`INSERT INTO leases (job, holder, until_ms) VALUES (${job}, ${'unit'}, ${1})`, touches: 1 },
      { sql: sql`UPDATE leases SET until_ms = until_ms + ${1} WHERE job = ${job}`, touches },
    ],
  })

  test('what rides on a submission commits with it', async (t, store) => {
    const comment = someComment()
    t.same(await submit(store, comment, { unit: note('a', 1) }), { kind: 'committed' })
    t.same(await store.findComment(comment.id), comment)
    t.ok((await store.leasesDone()).has('a'))
  })

  test('what does not touch as many rows as it must keeps a submission from being committed', async (t, store) => {
    const comment = someComment()
    const idempotency = idempotencyFor(comment)
    t.same(await submit(store, comment, { idempotency, unit: note('a', 2) }), { kind: 'stale' })
    t.equal(await store.findComment(comment.id), null)
    t.equal(await store.findIdempotencyRecord(idempotency.keyHash, 0), null)
    t.equal((await store.queue()).pending, 0)
    t.notOk((await store.leasesDone()).has('a'), 'nor is any of the unit')
    t.same(await submit(store, comment, { idempotency, unit: note('a', null) }), { kind: 'committed' })
  })

  test('where nothing is submitted nothing rides along', async (t, store) => {
    const first = someComment()
    await submit(store, first, { idempotency: idempotencyFor(first) })
    const second = someComment()
    const replay = await submit(store, second, { idempotency: idempotencyFor(second), unit: note('a', 1) })
    t.equal(replay.kind, 'replayed')
    t.same(await submit(store, someComment(), { maxPending: 1, unit: note('a', 1) }), { kind: 'full' })
    t.notOk((await store.leasesDone()).has('a'))
  })

  test('what rides on a decision commits with it, or keeps it from being committed', async (t, store) => {
    const comment = someComment()
    await submit(store, comment)
    const approval = change(comment, 'approve')
    t.equal(await store.commit([approval], note('a', 0)), 'stale')
    t.same(await store.findComment(comment.id), comment)
    t.match(await list(store, comment.articleId), { approvedCount: 0, revision: 0 })
    t.notOk((await store.leasesDone()).has('a'))

    t.equal(await store.commit([approval], note('a', 1)), 'committed')
    t.match(await list(store, comment.articleId), { approvedCount: 1 })
    t.ok((await store.leasesDone()).has('a'))
    t.equal(await store.commit([approval], note('b', 1)), 'stale')
    t.notOk((await store.leasesDone()).has('b'), 'a stale decision takes its unit along')
  })

  test('a unit that cannot be is a fault, and leaves nothing of what it rode on', async (t, store) => {
    const comment = someComment()
    const twice = { steps: [...note('a', 1).steps, ...note('a', 1).steps] }
    await t.rejects(submit(store, comment, { unit: twice }))
    t.equal(await store.findComment(comment.id), null)
    t.same(await submit(store, comment), { kind: 'committed' })
    await t.rejects(store.commit([change(comment, 'approve')], twice))
    t.same(await store.findComment(comment.id), comment)
    t.notOk((await store.leasesDone()).has('a'))
  })
})
