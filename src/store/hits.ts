/** What the limits count over several processes. */
export interface HitStore {
  /**
   * Counts one more under a key in the window that runs, or in a new one of this length, over all processes that share
   * the database. `null` where this process is the only one: its own count is as good.
   */
  countHit(key: string, windowMs: number): Promise<HitCount | null>
}

/** `hits` are those of the window so far, this one included; it ends in `resetsInMs`. */
export type HitCount = { hits: number; resetsInMs: number }
