import type { Job } from './job.ts'

/** A day's worth at once would hold every other write for seconds. */
const recordsAtOnce = 200

/** Forgets the answers of submissions whose Idempotency-Key has expired. */
export const removeExpiredRecords: Job = {
  name: 'remove-expired-records',
  everyMs: 60_000,
  longestStepMs: 30_000,
  async step({ store, clock }) {
    return (await store.removeExpiredRecords(clock(), recordsAtOnce)) ? 'more' : 'done'
  },
}
