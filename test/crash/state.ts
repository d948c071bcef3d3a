import SqliteDatabase, { type Database } from 'better-sqlite3'
import type { CommentAction } from '../../src/domain/comments/comment.ts'
import type { CommentRow } from '../../src/store/rows.ts'

/** All that a database holds of comments, read past the service; `damage` is what SQLite itself finds wrong. */
export type State = {
  comments: CommentRow[]
  decisions: DecisionRow[]
  articles: { articleId: string; approvedCount: number; revision: number }[]
  totals: { name: string; value: number }[]
  damage: string[]
}

export type DecisionRow = {
  commentId: string
  version: number
  action: CommentAction
  decidedBy: string | null
  reason: string | null
  note: string | null
  decidedAtMs: number
  position: number
}

export function readState(file: string): State {
  const database = new SqliteDatabase(file, { fileMustExist: true })
  try {
    return database.transaction(() => stateOf(database))()
  } finally {
    database.close()
  }
}

function stateOf(database: Database): State {
  const all = <Row>(sql: string) => database.prepare<[], Row>(sql).all()
  const integrity = all<{ integrity_check: string }>('PRAGMA integrity_check').map(
    (row) => row.integrity_check,
  )
  return {
    comments: all<CommentRow>(
      'SELECT id, article_id AS articleId, parent_id AS parentId, status, version, author_name AS authorName, author_email AS authorEmail, body, submitted_at_ms AS submittedAtMs, published_at_ms AS publishedAtMs, receipt_hash AS receiptHash FROM comments',
    ),
    decisions: all<DecisionRow>(
      'SELECT comment_id AS commentId, version, action, decided_by AS decidedBy, reason, note, decided_at_ms AS decidedAtMs, position FROM decisions',
    ),
    articles: all('SELECT article_id AS articleId, approved_count AS approvedCount, revision FROM articles'),
    totals: all("SELECT name, value FROM totals WHERE name <> 'claims'"),
    damage: [
      ...integrity.filter((line) => line !== 'ok').map((line) => `integrity: ${line}`),
      ...all('PRAGMA foreign_key_check').map((row) => `foreign key: ${JSON.stringify(row)}`),
    ],
  }
}
