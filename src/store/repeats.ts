import type { AnyColumn, SQL, Table } from 'drizzle-orm'
import { firstIdOf, timeOf } from '../domain/comments/comment-id.ts'
import { sql } from './drizzle.ts'
import type { Units } from './units.ts'

/** What a double click or a retry without a key sends comes within it. */
const withinMs = 60_000

/** How many comments before it are looked at in each status: a repetition stands close by, and a flood must not be read for it. */
const lookedAt = 10

/** How much later than the comment before it its id may say that it is: a clock may be set between the two. */
const apartMs = 60_000

/** For those of these comments that repeat an earlier one: its id. An address that is not known is nobody's, and equals no other. */
export function repeatsAmong(
  { all, textRows }: Pick<Units, 'all' | 'textRows'>,
  comments: Table & Record<'id', AnyColumn>,
): (ids: readonly string[]) => Promise<Map<string, string>> {
  // By their ids, which begin with their time: whatever is older is not read at all.
  const before = (status: string): SQL => sql`
    SELECT id FROM (
      SELECT near.id FROM ${comments} AS near
      WHERE near.article_id = own.article_id AND near.status = ${sql.raw(`'${status}'`)}
        AND near.id > substr(asked.value, 1, ${sql.raw(String(edgeLength))}) AND near.id < own.id
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
    const asked = ids.map((id) => `${firstIdOf(timeOf(id) - withinMs - apartMs)}${id}`)
    const rows = await all<{ id: string; earlier: string | null }>(
      sql`SELECT own.id AS id, (${earlier}) AS earlier FROM ${textRows(asked)} AS asked
        JOIN ${comments} AS own ON own.id = substr(asked.value, ${sql.raw(String(edgeLength + 1))})`,
    )
    return new Map(rows.flatMap(({ id, earlier }) => (earlier === null ? [] : [[id, earlier] as const])))
  }
}

const edgeLength = firstIdOf(0).length
