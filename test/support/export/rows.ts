import { createHash, randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { endLine, headerLine, rowLine } from '../../../src/cli/transfer-format.ts'
import type { Article } from '../../../src/domain/articles/article.ts'
import type { Comment } from '../../../src/domain/comments/comment.ts'
import type { Format } from '../../../src/export/format.ts'
import { type Threads, threadsOf } from '../../../src/export/threads.ts'
import { commentToRow, unknownArticle } from '../../../src/store/rows.ts'
import type { Row, Snapshot } from '../../../src/store/transfer.ts'
import { commandAt, type Dialect, folderOf, freshUrl } from '../transfers.ts'

export type Rows = { articles: readonly Article[]; comments: readonly Comment[] }

/** The rows that a database with these would give, in its order; each article of a comment is there. */
export function rowsFor(
  comments: readonly Comment[],
  articles: readonly (Partial<Article> & { articleId: string })[] = [],
): Rows {
  const ids = new Set([...articles, ...comments].map(({ articleId }) => articleId))
  const counted = (articleId: string) =>
    comments.filter((comment) => comment.articleId === articleId && comment.status === 'approved').length
  return {
    articles: [...ids].toSorted(byBytes).map((articleId) => ({
      ...unknownArticle(articleId),
      revision: 1,
      approvedCount: counted(articleId),
      ...articles.find((article) => article.articleId === articleId),
    })),
    comments: comments.toSorted((one, other) => byBytes(one.id, other.id)),
  }
}

/** What threads are made of, without a database. */
export function snapshotOf({ articles, comments }: Rows): Pick<Snapshot, 'pages'> {
  return {
    async *pages(kind) {
      if (kind === 'article') yield articles.map((article): Row => ({ ...article }))
      if (kind === 'comment') yield comments.map(commentRow)
    },
  }
}

export async function threadsFor(
  t: Test,
  rows: Rows,
  statuses: Format['statuses'] = ['approved', 'pending', 'rejected', 'withdrawn'],
): Promise<Threads> {
  const threads = await threadsOf(snapshotOf(rows), {
    statuses,
    urlOf: (articleId, url) => url ?? `https://example.org/${encodeURIComponent(articleId)}`,
    isClosed: ({ closedAtMs }) => closedAtMs !== null,
    onRows: () => {},
  })
  t.teardown(threads.close)
  return threads
}

/** A database of the test's own, filled with these rows by an import. */
export async function databaseWith(t: Test, dialect: Dialect, { articles, comments }: Rows): Promise<string> {
  const url = await freshUrl(t, dialect)
  const counts = {
    token: 0,
    article: articles.length,
    comment: comments.length,
    decision: 0,
    idempotencyRecord: 0,
  }
  const lines = [
    headerLine({ id: randomUUID(), madeAt: new Date(0).toISOString(), dialect, tokenTimes: '0', counts }),
    ...articles.map((article) => rowLine('article', { ...article })),
    ...comments.map((comment) => rowLine('comment', commentRow(comment))),
  ]
  const digest = createHash('sha256').update(lines.join(''))
  const file = join(folderOf(t), 'rows.ndjson')
  writeFileSync(file, `${lines.join('')}${endLine(counts, digest)}`)
  const { code, err } = await commandAt(url, ['import', file])
  if (code !== 0) throw new Error(err)
  return url
}

function commentRow(comment: Comment): Row {
  return { ...commentToRow(comment), publishedRevision: comment.status === 'approved' ? 1 : null }
}

function byBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other))
}
