import type { AnyColumn, SQL, Table } from 'drizzle-orm'
import type { Comment } from '../domain/comments/comment.ts'
import { contextLimits } from '../domain/moderation/context.ts'
import { sql } from './drizzle.ts'
import { commentFromRow, type StoredComment } from './rows.ts'
import { columnsOf, type Units } from './units.ts'

/** What stands around a comment. Each of these looks at a bounded number of rows, however long the thread or busy the author. */
export interface ContextStore {
  /** The comments above this one, the topmost first: the nearest `contextLimits.parents` of them; whether more are above those. */
  parentsOf(comment: Comment): Promise<{ parents: Comment[]; leftOut: boolean }>

  /**
   * The pending and approved comments directly below this one, the oldest of those looked at first: `contextLimits.replies` of
   * them, and how many there are of `contextLimits.repliesCounted` of each.
   */
  repliesTo(commentId: string): Promise<{ total: number; comments: Comment[] }>

  /** How many comments of an article wait, up to `contextLimits.pendingCounted`. */
  countPendingOf(articleId: string): Promise<number>

  /** What else an address wrote, told apart byte by byte; the counts are of its newest `contextLimits.authorsCounted` comments. */
  commentsBy(author: { email: string; without: string; decidedSinceMs: number }): Promise<AuthorsComments>
}

/** `last` are the newest; the counts have the one that was left out of them as well. */
export type AuthorsComments = {
  last: Comment[]
  counts: { pending: number; approved: number; rejected: number }
  decidedSince: number
  rejectedSince: number
}

export function contextStore(
  { all }: Pick<Units, 'all'>,
  comments: Table & Record<'id' | 'parentId', AnyColumn>,
): ContextStore {
  const { parents, replies, repliesCounted, authorsLast, authorsCounted, pendingCounted } = contextLimits
  const number = (value: number): SQL => sql.raw(String(value))
  const shown = columnsOf(comments, 'shown')

  return {
    async parentsOf({ id, parentId }) {
      if (parentId === null) return { parents: [], leftOut: false }
      const rows = await all<StoredComment>(
        sql`WITH RECURSIVE above(id, parent_id, steps) AS (
            SELECT own.id, own.parent_id, 1 FROM ${comments} AS own WHERE own.id = ${parentId}
            UNION ALL
            SELECT next.id, next.parent_id, above.steps + 1 FROM ${comments} AS next JOIN above ON next.id = above.parent_id
            WHERE above.steps <= ${number(parents)}
          )
          SELECT ${shown} FROM above JOIN ${comments} AS shown ON shown.id = above.id ORDER BY above.steps`,
      )
      // A loop, if there ever is one, ends where it comes round.
      const seen = new Set([id])
      const chain: Comment[] = []
      for (const row of rows) {
        if (seen.has(row.id)) break
        seen.add(row.id)
        chain.push(commentFromRow(row))
      }
      return { parents: chain.slice(0, parents).reverse(), leftOut: chain.length > parents }
    },
    async repliesTo(commentId) {
      const pending = sql`SELECT own.id FROM ${comments} AS own
        WHERE own.parent_id = ${commentId} AND own.status = 'pending' ORDER BY own.id LIMIT ${number(repliesCounted)}`
      // Rejected and withdrawn ones are looked at, too: they stand in the same index.
      const decided = sql`SELECT own.id, own.status FROM ${comments} AS own WHERE own.parent_id = ${commentId}
        AND (own.status <> 'pending' OR own.version > 1) LIMIT ${number(repliesCounted)}`
      const rows = await all<StoredComment & { total: number }>(
        sql`WITH below AS (
            SELECT waiting.id FROM (${pending}) AS waiting
            UNION ALL SELECT decided.id FROM (${decided}) AS decided WHERE decided.status = 'approved'
          )
          SELECT ${shown}, (SELECT count(*) FROM below) AS total FROM ${comments} AS shown
          WHERE shown.id IN (SELECT below.id FROM below ORDER BY below.id LIMIT ${number(replies)}) ORDER BY shown.id`,
      )
      return { total: rows[0]?.total ?? 0, comments: rows.map(({ total: _, ...row }) => commentFromRow(row)) }
    },
    async countPendingOf(articleId) {
      const [row] = await all<{ pending: number }>(
        sql`SELECT count(*) AS pending FROM (
          SELECT own.id FROM ${comments} AS own WHERE own.article_id = ${articleId} AND own.status = 'pending'
          LIMIT ${number(pendingCounted)}
        ) AS waiting`,
      )
      return row?.pending ?? 0
    },
    async commentsBy({ email, without, decidedSinceMs }) {
      const rows = await all<StoredComment>(
        sql`SELECT ${shown} FROM ${comments} AS shown WHERE shown.author_email = ${email} AND shown.id <> ${without}
          ORDER BY shown.id DESC LIMIT ${number(authorsLast)}`,
      )
      const decided = sql`newest.decided_at_ms >= ${decidedSinceMs} AND newest.status IN ('approved', 'rejected')`
      const [counted] = await all<
        Record<'pending' | 'approved' | 'rejected' | 'decided' | 'refused', number | null>
      >(
        sql`SELECT ${sumOf(sql`newest.status = 'pending'`)} AS pending,
            ${sumOf(sql`newest.status = 'approved'`)} AS approved, ${sumOf(sql`newest.status = 'rejected'`)} AS rejected,
            ${sumOf(decided)} AS decided, ${sumOf(sql`${decided} AND newest.status = 'rejected'`)} AS refused
          FROM (
            SELECT own.status, own.decided_at_ms FROM ${comments} AS own WHERE own.author_email = ${email}
            ORDER BY own.id DESC LIMIT ${number(authorsCounted)}
          ) AS newest`,
      )
      return {
        last: rows.map(commentFromRow),
        counts: {
          pending: counted?.pending ?? 0,
          approved: counted?.approved ?? 0,
          rejected: counted?.rejected ?? 0,
        },
        decidedSince: counted?.decided ?? 0,
        rejectedSince: counted?.refused ?? 0,
      }
    },
  }

  function sumOf(condition: SQL): SQL {
    return sql`sum(CASE WHEN ${condition} THEN 1 ELSE 0 END)`
  }
}
