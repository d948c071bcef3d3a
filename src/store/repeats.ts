import type { AnyColumn, SQL, Table } from 'drizzle-orm'
import { sql } from './drizzle.ts'
import type { Units } from './units.ts'

/** What a double click or a retry without a key sends comes within it. */
const withinMs = 60_000

/** How many comments before it are looked at in each status: a repetition stands close by, and a flood must not be read for it. */
const lookedAt = 10

/** For those of these comments that repeat an earlier one: its id. An address that is not known is nobody's, and equals no other. */
export function repeatsAmong(
  { all }: Units,
  comments: Table & Record<'id', AnyColumn>,
): (ids: readonly string[]) => Promise<Map<string, string>> {
  const before = (status: string): SQL => sql`
    SELECT id FROM (
      SELECT near.id FROM ${comments} AS near
      WHERE near.article_id = own.article_id AND near.status = ${sql.raw(`'${status}'`)} AND near.id < own.id
      ORDER BY near.id DESC LIMIT ${sql.raw(String(lookedAt))}
    ) AS ${sql.identifier(status)}`
  const earlier = sql`
    SELECT min(other.id) FROM ${comments} AS other
    WHERE other.id IN (${before('pending')} UNION ALL ${before('approved')} UNION ALL ${before('rejected')})
      AND other.submitted_at_ms >= own.submitted_at_ms - ${sql.raw(String(withinMs))}
      AND other.author_email = own.author_email
      AND coalesce(other.parent_id, '') = coalesce(own.parent_id, '') AND other.body = own.body`
  return async (ids) => {
    if (ids.length === 0) return new Map()
    const list = sql.join(
      ids.map((id) => sql`${id}`),
      sql`, `,
    )
    const rows = await all<{ id: string; earlier: string | null }>(
      sql`SELECT own.id AS id, (${earlier}) AS earlier FROM ${comments} AS own WHERE own.id IN (${list})`,
    )
    return new Map(rows.flatMap(({ id, earlier }) => (earlier === null ? [] : [[id, earlier] as const])))
  }
}
