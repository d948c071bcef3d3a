import type { Comment, CommentStatus } from '../../src/domain/comments/comment.ts'

let count = 0

/** A comment unlike any other, in the given state; ids ascend in the order they are made. */
export function someComment(more: Partial<Comment> = {}): Comment {
  count += 1
  const status: CommentStatus = more.status ?? 'pending'
  return {
    id: `019aa5c1-3b7e-7c3a-9d55-${count.toString(16).padStart(12, '0')}`,
    articleId: 'article',
    parentId: null,
    status,
    version: 1,
    author: status === 'withdrawn' ? null : { name: 'Ada', email: 'ada@example.org' },
    body: status === 'withdrawn' ? null : 'A fine article.',
    submittedAtMs: 1_700_000_000_000 + count,
    publishedAtMs: status === 'approved' ? 1_700_000_000_500 + count : null,
    decidedAtMs: status === 'pending' ? null : 1_700_000_000_500 + count,
    receiptHash: `hash-${count}`,
    ...more,
  }
}

/** What the log and the totals make of them: the positions of its lines by time, and what is counted beside them. */
export const numberedFirstVersion = {
  sql: `SELECT comment_id AS name, position AS value FROM decisions
    UNION ALL SELECT name, value FROM totals WHERE name NOT IN ('pending', 'claims') ORDER BY name`,
  rows: [
    { name: 'approved', value: 1 },
    { name: 'c2', value: 1 },
    { name: 'c3', value: 2 },
    { name: 'decisions', value: 2 },
    { name: 'rejected', value: 0 },
    { name: 'withdrawn', value: 1 },
  ],
}

/** SQL, of either dialect, for rows that the schema's first version could hold already. */
export const rowsOfFirstVersion = `
INSERT INTO articles (article_id, approved_count, revision) VALUES ('a', 1, 7);
INSERT INTO comments (id, article_id, parent_id, status, version, author_name, author_email, body, submitted_at_ms, published_at_ms, receipt_hash)
  VALUES ('c1', 'a', NULL, 'pending', 1, 'Ada', 'ada@example.org', 'One.', 1, NULL, 'h1'),
    ('c2', 'a', 'c1', 'approved', 2, 'Ada', 'ada@example.org', 'Two.', 2, 5, 'h2'),
    ('c3', 'a', NULL, 'withdrawn', 2, NULL, NULL, NULL, 3, NULL, 'h3');
INSERT INTO decisions (comment_id, version, id, action, decided_at_ms)
  VALUES ('c2', 2, 'd1', 'approve', 5), ('c3', 2, 'd2', 'withdraw', 6)`

/** The same rows where so many migrations were applied: since the sixth each line of the log has a position. */
export function rowsOfVersion(migrations: number): string {
  if (migrations < 6) return rowsOfFirstVersion
  return rowsOfFirstVersion
    .replace('action, decided_at_ms)', 'action, decided_at_ms, position)')
    .replace("'approve', 5)", "'approve', 5, 1)")
    .replace("'withdraw', 6)", "'withdraw', 6, 2)")
}
