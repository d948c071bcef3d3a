import type { HitCount } from '../hits.ts'
import type { Settled } from './batch.ts'
import type { Database } from './database.ts'

export type Hit = { key: string; windowMs: number }

/**
 * By the server's clock, which is the same for all replicas. It is a wall clock, the only one that the server has: a window
 * that would end later than one that begins now was begun before the clock was set back, and is over. The rows are taken in order of their keys, so that two replicas
 * never wait for each other.
 */
const text = `
WITH moment AS (SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now_ms),
input AS (
  SELECT key, hits, now_ms + "windowMs" AS resets_at_ms
  FROM jsonb_to_recordset($1::jsonb) AS row (key text, hits int, "windowMs" bigint), moment
),
counted AS (
  INSERT INTO request_counts AS counts (key, hits, resets_at_ms)
  SELECT key, hits, resets_at_ms FROM input ORDER BY key
  ON CONFLICT (key) DO UPDATE SET
    hits = CASE WHEN counts.resets_at_ms > (SELECT now_ms FROM moment)
        -- A window's length more: another's statement may have begun after this one, and been faster.
        AND counts.resets_at_ms - excluded.resets_at_ms <= excluded.resets_at_ms - (SELECT now_ms FROM moment)
      THEN counts.hits + excluded.hits ELSE excluded.hits END,
    resets_at_ms = CASE WHEN counts.resets_at_ms > (SELECT now_ms FROM moment)
      THEN least(counts.resets_at_ms, excluded.resets_at_ms) ELSE excluded.resets_at_ms END
  RETURNING key, hits, resets_at_ms
)
SELECT key, hits, (resets_at_ms - now_ms)::float8 AS "resetsInMs" FROM counted, moment`

/** Counts many hits by one statement; each is told the count that it made itself, in the order given. */
export async function countHits(
  query: Database['query'],
  hits: readonly Hit[],
): Promise<Settled<HitCount>[]> {
  const byKey = Map.groupBy(hits, ({ key }) => key)
  const input = [...byKey].map(([key, same]) => ({ key, hits: same.length, windowMs: same[0]?.windowMs }))
  const { rows } = await query({ name: 'count_hits', text }, [JSON.stringify(input)])
  const counted = new Map((rows as CountedRow[]).map((row) => [row.key, row]))
  const later = new Map([...byKey].map(([key, same]) => [key, same.length]))
  return hits.map(({ key }) => {
    const row = counted.get(key)
    if (row === undefined) return { ok: false, error: new Error('A count was lost.') }
    const laterOnes = (later.get(key) ?? 1) - 1
    later.set(key, laterOnes)
    return { ok: true, value: { hits: row.hits - laterOnes, resetsInMs: Math.max(0, row.resetsInMs) } }
  })
}

type CountedRow = { key: string; hits: number; resetsInMs: number }
