import type { AnyColumn, SQL, Table } from 'drizzle-orm'
import { sql } from './drizzle.ts'
import type { Units } from './units.ts'

/** What has to be removed after a while. */
export interface UpkeepStore {
  /** Removes at most `limit` idempotency records that had expired by `nowMs`. Tells whether there may be more. */
  removeExpiredRecords(nowMs: number, limit: number): Promise<boolean>

  /** Removes at most `limit` counts whose window is over. Tells whether there may be more. */
  removeOldHits(limit: number): Promise<boolean>

  /**
   * Takes out of the database's files what was erased from its rows, where it does not do so by itself. It may take long, and is left
   * alone, with an error, when `signal` says so.
   */
  vacuumErased(signal: AbortSignal): Promise<void>
}

/**
 * Removes rows that are over by what a column says, at most so many; tells whether more are. Those that would last for longer
 * than `longestMs` were made before the clock was set back, and are over as well.
 */
export function removerOf(
  { all, commit }: Units,
  table: Table,
  key: AnyColumn,
  endsAtMs: AnyColumn,
  longestMs: number | null = null,
): (nowMs: SQL, limit: number) => Promise<boolean> {
  return async (nowMs, limit) => {
    const ended = sql`${endsAtMs} <= ${nowMs}`
    const over =
      longestMs === null ? ended : sql`(${ended} OR ${endsAtMs} > ${nowMs} + ${sql.raw(String(longestMs))})`
    const some = sql`SELECT ${key} FROM ${table} WHERE ${over} LIMIT ${limit}`
    // Said twice: one of them may have been taken anew by the time it is this one's turn.
    await commit({
      steps: [{ sql: sql`DELETE FROM ${table} WHERE ${key} IN (${some}) AND ${over}`, touches: null }],
    })
    return (await all(sql`SELECT 1 AS one FROM ${table} WHERE ${over} LIMIT 1`)).length > 0
  }
}
