import type { AnyColumn, Table } from 'drizzle-orm'
import { type CommentStatus, commentStatuses, type LogAction } from '../domain/comments/comment.ts'
import { firstIdOf } from '../domain/comments/comment-id.ts'
import { sql } from './drizzle.ts'
import type { Units } from './units.ts'

/** What moderators' numbers are made of. */
export interface SummaryStore {
  /** How many comments have each status: totals that are kept, and not counted when asked. */
  countByStatus(): Promise<Record<CommentStatus, number>>

  /**
   * What moderators decided since then, in no order. The first call reads it; the next ones read what the log has got since, as
   * no line ever turns up below one that was seen. It reads a page at a time, and others have their turn between. Where they are
   * more than `manyLines`, the same array is given for two seconds.
   */
  decidedSince(sinceMs: number): Promise<readonly DecidedLine[]>

  /** How many comments came within each hour that begins then, by their ids; at most `mostAnHour`. */
  arrivals(hoursMs: readonly number[], nowMs: number): Promise<number[]>
}

export type DecidedLine = {
  position: number
  action: LogAction
  decidedBy: string | null
  reasonCode: string | null
  decidedAtMs: number
  /** How long the comment had waited, where it was decided about for the first time; else `null`. */
  waitedMs: number | null
}

export const mostAnHour = 100_000

/** From here on it takes a while to look through them. */
const manyLines = 5_000
const manyHoldMs = 2_000

/** Some milliseconds' worth. */
const linesAtOnce = 1_000

const hourMs = 3_600_000

export function summaryStore(
  { all }: Pick<Units, 'all'>,
  comments: Table & Record<'id', AnyColumn>,
  decisions: Table,
  totals: Table,
): SummaryStore {
  let seen: { sinceMs: number; position: number; lines: DecidedLine[] } | null = null
  let readAtMs = 0
  let reading: Promise<unknown> = Promise.resolve()
  const hours = new Map<number, number>()

  const fields = sql.raw(
    [
      'line.position AS "position"',
      'line.action AS "action"',
      'line.decided_by AS "decidedBy"',
      'line.reason_code AS "reasonCode"',
      'line.decided_at_ms AS "decidedAtMs"',
      `CASE WHEN line.version = 2 AND line.action IN ('approve', 'reject')
        THEN line.decided_at_ms - about.submitted_at_ms END AS "waitedMs"`,
    ].join(', '),
  )
  const lines = sql`SELECT ${fields} FROM ${decisions} AS line JOIN ${comments} AS about ON about.id = line.comment_id`
  const limit = sql.raw(String(linesAtOnce))

  /** All that the log had at first, in order of the moments, which have an index. */
  async function readFrom(sinceMs: number): Promise<NonNullable<typeof seen>> {
    const [last] = await all<{ position: number | null }>(
      sql`SELECT max(position) AS position FROM ${decisions}`,
    )
    const position = last?.position ?? 0
    const found: DecidedLine[] = []
    let from = { atMs: sinceMs, position: 0 }
    for (;;) {
      const page = await all<DecidedLine>(
        sql`${lines} WHERE line.decided_at_ms >= ${from.atMs}
          AND (line.decided_at_ms > ${from.atMs} OR line.position > ${from.position}) AND line.position <= ${position}
          ORDER BY line.decided_at_ms, line.position LIMIT ${limit}`,
      )
      found.push(...page)
      const end = page.at(-1)
      if (end === undefined || page.length < linesAtOnce) return { sinceMs, position, lines: found }
      from = { atMs: end.decidedAtMs, position: end.position }
      await turnOfOthers()
    }
  }

  async function goOn(sinceMs: number): Promise<DecidedLine[]> {
    const isHeld = performance.now() - readAtMs < manyHoldMs
    if (isHeld && seen !== null && seen.lines.length > manyLines && sinceMs >= seen.sinceMs) return seen.lines
    if (seen === null || sinceMs < seen.sinceMs) seen = await readFrom(sinceMs)
    const now = seen
    for (;;) {
      const page = await all<DecidedLine>(
        sql`${lines} WHERE line.position > ${now.position} ORDER BY line.position LIMIT ${limit}`,
      )
      now.position = page.at(-1)?.position ?? now.position
      now.lines.push(...page)
      if (page.length < linesAtOnce) break
      now.lines = now.lines.filter(({ decidedAtMs }) => decidedAtMs >= sinceMs)
      await turnOfOthers()
    }
    now.sinceMs = sinceMs
    now.lines = now.lines.filter(({ decidedAtMs }) => decidedAtMs >= sinceMs)
    readAtMs = performance.now()
    return now.lines
  }

  return {
    async countByStatus() {
      const rows = await all<{ name: string; value: number }>(sql`SELECT name, value FROM ${totals}`)
      const values = new Map(rows.map(({ name, value }) => [name, value]))
      return Object.fromEntries(commentStatuses.map((status) => [status, values.get(status) ?? 0])) as Record<
        CommentStatus,
        number
      >
    },
    async decidedSince(sinceMs) {
      const own = reading.then(async () => goOn(sinceMs))
      reading = own.catch(() => {})
      return own
    },
    async arrivals(hoursMs, nowMs) {
      const counted: number[] = []
      for (const beginMs of hoursMs) {
        // What is over stays as it is, but for those that were under way at its end.
        const known = nowMs - beginMs > 2 * hourMs ? hours.get(beginMs) : undefined
        if (known === undefined) {
          const [row] = await all<{ came: number }>(
            sql`SELECT count(*) AS came FROM (SELECT own.id FROM ${comments} AS own WHERE own.id >= ${firstIdOf(beginMs)}
              AND own.id < ${firstIdOf(beginMs + hourMs)} LIMIT ${sql.raw(String(mostAnHour))}) AS within`,
          )
          hours.set(beginMs, row?.came ?? 0)
          await turnOfOthers()
        }
        counted.push(known ?? hours.get(beginMs) ?? 0)
      }
      for (const beginMs of hours.keys()) if (!hoursMs.includes(beginMs)) hours.delete(beginMs)
      return counted
    },
  }
}

function turnOfOthers(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
