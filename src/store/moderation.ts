import type { AnyColumn, Table } from 'drizzle-orm'
import type { Comment, CommentStatus, LoggedDecision } from '../domain/comments/comment.ts'
import type { decidedAbout, Place, QueueOrder } from '../domain/comments/list-order.ts'
import { sql } from './drizzle.ts'
import { commentFromRow, type StoredComment } from './rows.ts'
import { columnsOf, type Units } from './units.ts'

/** What moderators look at. What they decide is committed by the CommentStore, with the comment that it changes. */
export interface ModerationStore {
  /** A comment with the newest `limit` lines of its log, oldest first, as they hold together. */
  findWithDecisions(id: string, limit: number): Promise<CommentWithDecisions | null>

  /** Comments of one status, or those that moderators have decided about, of one article or of all, in the order asked for; and how many wait in all. */
  listByStatus(query: ListByStatus): Promise<{ comments: Comment[]; pending: number }>

  /**
   * The approved comments below this one, at any depth: how many there are, and the first `limit` of them in order of
   * submission, as they hold together. Of the replies that were ever decided about, at most `repliesWalked` are looked at.
   */
  approvedReplies(commentId: string, limit: number): Promise<{ total: number; comments: Comment[] }>

  /**
   * The comments that were rejected along with this one while it was at this version, and not decided about since: at most
   * `limit` of them, by their ids.
   */
  rejectedAlong(commentId: string, version: number, limit: number): Promise<Comment[]>

  /**
   * Of these comments, those that repeat another: the same article, parent, address and text, submitted within the minute
   * before. To each the earliest such comment that stands close before it.
   */
  findRepeats(ids: readonly string[]): Promise<Map<string, string>>

  queue(): Promise<Queue>

  /** Those of these comments that are there, each with the decision that made it what it is: `null` where nobody decided. */
  findStanding(ids: readonly string[]): Promise<Map<string, Standing>>

  /**
   * Writes a line of the log that changes nothing, under the comment's version as it is; the line, or `null`, and nothing
   * written, where there is no such comment.
   */
  addNote(note: Note): Promise<LogLine | null>

  /**
   * Lines of the log behind a position, or with `newest` before it, in that order. Whatever replica commits them, a line that
   * was not seen yet never stands below one that was.
   */
  listLog(query: ListLog): Promise<LogLine[]>
}

/** What of it is not hot. */
export function moderationStore(
  { all, commit, isOneOf }: Pick<Units, 'all' | 'commit' | 'isOneOf'>,
  comments: Table & Record<'id' | 'version' | 'articleId', AnyColumn>,
  decisions: Table,
  totals: Table,
): Pick<ModerationStore, 'rejectedAlong' | 'findStanding' | 'addNote' | 'listLog'> {
  const columns = columnsOf(comments)

  return {
    async findStanding(ids) {
      const rows = await all<StoredComment & Record<string, unknown>>(
        sql`SELECT ${columnsOf(comments, 'own')}, ${columnsOf(decisions, 'line', linePrefix)}
          FROM ${comments} AS own LEFT JOIN ${decisions} AS line
            ON line.comment_id = own.id AND line.version = own.version AND line.action <> 'note'
          WHERE ${isOneOf(sql`own.id`, ids)}`,
      )
      return new Map(rows.map((row) => [row.id, standingFrom(row)]))
    },
    async addNote({ id, commentId, text, writtenBy, writtenAtMs }) {
      const outcome = await commit({
        steps: [
          // Nothing but the order in which locks are taken: the comment before the log, as decisions do.
          {
            sql: sql`UPDATE ${comments} SET version = version WHERE ${comments.id} = ${commentId}`,
            touches: 1,
          },
          { sql: sql`UPDATE ${totals} SET value = value + 1 WHERE name = 'decisions'`, touches: 1 },
          {
            sql: sql`INSERT INTO ${decisions} (comment_id, version, id, action, decided_by, note, decided_at_ms, position)
              SELECT ${comments.id}, ${comments.version}, ${id}, 'note', ${writtenBy}, ${text}, CAST(${writtenAtMs} AS bigint), (
                SELECT value FROM ${totals} WHERE name = 'decisions'
              ) FROM ${comments} WHERE ${comments.id} = ${commentId}`,
            touches: 1,
          },
        ],
      })
      if (outcome === 'stale') return null
      const [line] = await all<LogLine>(
        sql`SELECT ${columnsOf(decisions, 'line')}, comment.article_id AS ${sql.identifier('articleId')}
          FROM ${decisions} AS line JOIN ${comments} AS comment ON comment.id = line.comment_id
          WHERE line.comment_id = ${commentId} AND line.id = ${id}`,
      )
      return line ?? null
    },
    async listLog({ order, from, limit, decidedBy, commentId }) {
      const [sign, way] = order === 'oldest' ? ['>', 'ASC'] : ['<', 'DESC']
      const conditions = [
        sql`line.position ${sql.raw(sign ?? '')} ${from}`,
        ...(decidedBy === null ? [] : [sql`line.decided_by = ${decidedBy}`]),
        ...(commentId === null ? [] : [sql`line.comment_id = ${commentId}`]),
      ]
      return all<LogLine>(
        sql`SELECT ${columnsOf(decisions, 'line')}, comment.article_id AS ${sql.identifier('articleId')}
          FROM ${decisions} AS line JOIN ${comments} AS comment ON comment.id = line.comment_id
          WHERE ${sql.join(conditions, sql` AND `)}
          ORDER BY line.position ${sql.raw(way ?? '')} LIMIT ${limit}`,
      )
    },
    async rejectedAlong(commentId, version, limit) {
      const along = sql`rejected_with = ${commentId} AND rejected_with_version = ${version}`
      const rows = await all<StoredComment>(
        sql`SELECT ${columns} FROM ${comments}
          WHERE ${comments.id} IN (SELECT comment_id FROM ${decisions} WHERE ${along}) AND EXISTS (
            SELECT 1 FROM ${decisions} AS newest
            WHERE newest.comment_id = ${comments.id} AND newest.version = ${comments.version} AND ${along}
          ) ORDER BY ${comments.id} LIMIT ${limit}`,
      )
      return rows.map(commentFromRow)
    },
  }
}

const linePrefix = 'line_'

/** Of a comment with a line of the log beside it, or none. */
function standingFrom(row: StoredComment & Record<string, unknown>): Standing {
  const isOfLine = ([name]: [string, unknown]) => name.startsWith(linePrefix)
  const { line: fields = [], own = [] } = Object.groupBy(Object.entries(row), (entry) =>
    isOfLine(entry) ? 'line' : 'own',
  )
  const line = Object.fromEntries(fields.map(([name, value]) => [name.slice(linePrefix.length), value]))
  return {
    // The query selects the columns of both.
    comment: commentFromRow(Object.fromEntries(own) as StoredComment),
    decision: line['id'] === null ? null : (line as LoggedDecision),
  }
}

export type CommentWithDecisions = { comment: Comment; decisions: LoggedDecision[] }

export type Standing = { comment: Comment; decision: LoggedDecision | null }

export type Note = { id: string; commentId: string; text: string; writtenBy: string; writtenAtMs: number }

export type LogLine = LoggedDecision & { articleId: string }

export type ListLog = {
  order: 'oldest' | 'newest'
  /** A position; the lines are those behind it in the order. */
  from: number
  limit: number
  decidedBy: string | null
  commentId: string | null
}

export type ListByStatus = {
  articleId: string | null
  limit: number
  after: Place | null
} & ({ status: CommentStatus; order: QueueOrder } | { status: typeof decidedAbout; order: 'decided' })

/** `oldestAtMs` is when the comment that has waited longest was submitted; `null` where none waits. */
export type Queue = { pending: number; oldestAtMs: number | null }
