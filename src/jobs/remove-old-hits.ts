import type { Job } from './job.ts'

const hitsAtOnce = 200

/** Forgets what the limits have counted of clients whose window is over, so that no address is kept for long. */
export const removeOldHits: Job = {
  name: 'remove-old-hits',
  everyMs: 60_000,
  longestStepMs: 30_000,
  async step({ store }) {
    return (await store.removeOldHits(hitsAtOnce)) ? 'more' : 'done'
  },
}
