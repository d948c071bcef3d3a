import type { Job } from './job.ts'

/** Takes out of the database's files what authors have withdrawn. */
export const vacuumErased: Job = {
  name: 'vacuum-erased',
  everyMs: 3_600_000,
  longestStepMs: 3_600_000,
  async step({ store }, signal) {
    await store.vacuumErased(signal)
    return 'done'
  },
}
