import { setTimeout } from 'node:timers/promises'
import type { Job } from './job.ts'

/** Where there is much to do, as at first of a database that has many comments: after so long it counts as done for now. */
const roundMs = 150_000

/** How long it pauses after a step, at the most. Half of the time is others'. */
const longestPauseMs = 1_000

let roundSinceMs: number | null = null

/** Takes new comments into the index of words. A search finds them before as well, as they are few. */
export const indexComments: Job = {
  name: 'index-comments',
  everyMs: 60_000,
  longestStepMs: 60_000,
  async step({ store, clock }) {
    const startedMs = performance.now()
    roundSinceMs ??= startedMs
    const isMore = (await store.indexSome(clock())) === 'more'
    const tookMs = performance.now() - startedMs
    if (isMore && startedMs + tookMs - roundSinceMs < roundMs) {
      await setTimeout(Math.min(tookMs, longestPauseMs))
      return 'more'
    }
    roundSinceMs = null
    return 'done'
  },
}
