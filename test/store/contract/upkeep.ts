import { someComment } from '../../support/comments.ts'
import { contract, idempotencyFor, submit } from './given.ts'

/** The part of upkeep. */
export const upkeepContract = contract((test) => {
  test('expired records are removed a few at a time', async (t, store) => {
    const expiresAtMs = 2_000_000_000_000
    const old = Array.from({ length: 5 }, () => someComment())
    for (const comment of old) {
      await submit(store, comment, {
        idempotency: { ...idempotencyFor(comment), keyHash: comment.id, expiresAtMs },
      })
    }
    const kept = async () => {
      const found = await Promise.all(old.map(({ id }) => store.findIdempotencyRecord(id, 0)))
      return found.filter((record) => record !== null).length
    }
    t.equal(await store.removeExpiredRecords(expiresAtMs - 1, 3), false)
    t.equal(await kept(), 5, 'none has expired')
    t.equal(await store.removeExpiredRecords(expiresAtMs, 3), true)
    t.equal(await kept(), 2)
    t.equal(await store.removeExpiredRecords(expiresAtMs, 3), false)
    t.equal(await kept(), 0)
  })
})
