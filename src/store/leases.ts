import type { AnyColumn, Table } from 'drizzle-orm'
import { sql } from './drizzle.ts'
import { insertInto, type Units } from './units.ts'

/** Who of several replicas does a job. */
export interface LeaseStore {
  /**
   * Takes the job for `holder`, or keeps it, for this long from now by the clock that all replicas share. `null` where
   * another holds it, whose time has not ended; otherwise how long ago the job was last done by anybody, in ms
   * (`Infinity` where never).
   */
  takeLease(job: string, holder: string, forMs: number): Promise<number | null>

  /** Notes that the job is done and gives it up, where `holder` still has it. */
  endLease(job: string, holder: string, done: boolean): Promise<void>

  /** For each job that was ever taken: how long ago it was last done, in ms; `Infinity` where it never was. */
  leasesDone(): Promise<Map<string, number>>
}

/**
 * A lease that ends later than so many from now on was taken before the clock was set back, and is over: nobody takes the
 * same job for twice as long as another does.
 */
const longestLeases = 2

export type LeaseRow = { job: string; holder: string; untilMs: number; doneAtMs: number | null }

export function leaseStore(
  { all, commit, nowMs }: Units,
  leases: Table & Record<keyof LeaseRow, AnyColumn>,
): LeaseStore {
  /** What was done later than now was done before the clock was set back, nobody knows when. */
  const ageOf = (doneMsAgo: number | null) =>
    doneMsAgo === null || doneMsAgo < 0 ? Number.POSITIVE_INFINITY : doneMsAgo

  return {
    async takeLease(job, holder, forMs) {
      const free = { job, holder: '', untilMs: 0, doneAtMs: null }
      const outcome = await commit({
        steps: [
          { sql: sql`${insertInto(leases, free)} ON CONFLICT DO NOTHING`, touches: null },
          {
            sql: sql`UPDATE ${leases} SET holder = ${holder}, until_ms = ${nowMs} + ${forMs}
              WHERE ${leases.job} = ${job} AND (
                ${leases.holder} = ${holder} OR ${leases.untilMs} <= ${nowMs}
                OR ${leases.untilMs} > ${nowMs} + ${longestLeases * forMs}
              )`,
            touches: 1,
          },
        ],
      })
      if (outcome === 'stale') return null
      const [row] = await all<{ ago: number | null }>(
        sql`SELECT ${nowMs} - ${leases.doneAtMs} AS ago FROM ${leases} WHERE ${leases.job} = ${job}`,
      )
      return ageOf(row?.ago ?? null)
    },
    async endLease(job, holder, done) {
      await commit({
        steps: [
          {
            sql: sql`UPDATE ${leases} SET until_ms = 0, done_at_ms = ${done ? nowMs : leases.doneAtMs}
              WHERE ${leases.job} = ${job} AND ${leases.holder} = ${holder}`,
            touches: null,
          },
        ],
      })
    },
    async leasesDone() {
      const rows = await all<{ job: string; ago: number | null }>(
        sql`SELECT ${leases.job} AS job, ${nowMs} - ${leases.doneAtMs} AS ago FROM ${leases}`,
      )
      return new Map(rows.map(({ job, ago }) => [job, ageOf(ago)]))
    },
  }
}
