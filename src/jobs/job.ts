import type { Store } from '../store/store.ts'

/** Work in the background, done in steps by one of the processes that share the database. */
export type Job = {
  /** Also its lease's, and its label in the metrics. */
  name: string
  /** How long after it was done it is due again. */
  everyMs: number
  /** How long one step may take: for so long nobody else takes the job. */
  longestStepMs: number
  /**
   * A part of the work that leaves all in order, whoever does the next. Safe where two do it at once: a lease is no lock. A stop waits
   * for it, so one that may take longer than that ends, or fails, by `signal`.
   */
  step: (deps: JobDeps, signal: AbortSignal) => Promise<'more' | 'done'>
}

export type JobDeps = { store: Store; clock: () => number }
