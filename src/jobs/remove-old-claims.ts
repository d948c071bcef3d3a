import type { Job } from './job.ts'

const claimsAtOnce = 200

/** Forgets who looked at what, once that is over; a claim ends by itself, without this. */
export const removeOldClaims: Job = {
  name: 'remove-old-claims',
  everyMs: 60_000,
  longestStepMs: 30_000,
  async step({ store }) {
    return (await store.removeOldClaims(claimsAtOnce)) ? 'more' : 'done'
  },
}
