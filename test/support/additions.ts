import { createHash, randomUUID } from 'node:crypto'
import { endLine, headerLine, noCounts, rowLine } from '../../src/cli/transfer-format.ts'
import type { Comment, CommentAction, Decision } from '../../src/domain/comments/comment.ts'
import { decide } from '../../src/domain/moderation/decide.ts'
import type { ArticleAddition } from '../../src/store/additions.ts'
import { commentToRow } from '../../src/store/rows.ts'
import { wrongApprovedCounts } from '../../src/store/transfer.ts'
import { someComment } from './comments.ts'
import { inSql } from './transfers.ts'

/** A comment with the decisions that made it what it is. */
export type Moderated = { comment: Comment; decisions: Decision[] }

const decidedAtMs = 1_600_000_000_000

export function moderated(comment: Comment, ...actions: CommentAction[]): Moderated {
  const decisions: Decision[] = []
  let last = comment
  for (const action of actions) {
    const decided = decide(last, {
      action,
      decisionId: randomUUID(),
      decidedBy: action === 'withdraw' ? null : 'before',
      reason: null,
      reasonCode: null,
      note: 'as it was',
      along: null,
      decidedAtMs,
    })
    if (decided.kind !== 'changed') throw new Error(decided.kind)
    decisions.push(decided.change.decision)
    last = decided.change.after
  }
  return { comment: last, decisions }
}

/** So many comments of every state, replies among them, some of which stand before what they reply to. */
export function someAdditions(count: number, articleIds: readonly string[]): Moderated[] {
  const comments = Array.from({ length: count }, (_, index) =>
    someComment({
      articleId: articleIds[(index * 7) % articleIds.length] ?? '',
      submittedAtMs: 1_500_000_000_000 + index,
      receiptHash: randomUUID(),
    }),
  )
  return comments.map((comment, index) => {
    const parent = comments[index % 5 === 1 ? index + articleIds.length : index - articleIds.length]
    // One that stands behind its reply is not itself a reply to that.
    const isReply = index % 5 === 1 || (index % 3 === 0 && (index - articleIds.length) % 5 !== 1)
    const withParent = isReply && parent !== undefined ? { ...comment, parentId: parent.id } : comment
    return moderated(withParent, ...(histories[index % histories.length] ?? []))
  })
}

const histories: readonly CommentAction[][] = [
  ['approve'],
  ['approve'],
  ['reject', 'approve'],
  [],
  ['reject'],
  ['approve', 'withdraw'],
]

export function articleAddition(articleId: string, more: Partial<ArticleAddition> = {}): ArticleAddition {
  return {
    articleId,
    title: `About ${articleId}`,
    url: null,
    publishedAtMs: null,
    closedAtMs: null,
    movedTo: null,
    ...more,
  }
}

/** The file that has them, in its order. */
export function additionText(articles: readonly ArticleAddition[], comments: readonly Moderated[]): string {
  const rows = [
    ...articles
      .toSorted((one, other) => Buffer.compare(Buffer.from(one.articleId), Buffer.from(other.articleId)))
      .map((article) =>
        rowLine('article', {
          approvedCount: 0,
          revision: 4,
          firstCommentAtMs: null,
          movingFrom: null,
          ...article,
        }),
      ),
    ...comments
      .toSorted((one, other) => (one.comment.id < other.comment.id ? -1 : 1))
      .map(({ comment }) =>
        rowLine('comment', {
          ...commentToRow(comment),
          publishedRevision: comment.status === 'approved' ? 4 : null,
        }),
      ),
    ...comments
      .flatMap(({ decisions }) => decisions)
      .toSorted((one, other) => (one.commentId < other.commentId ? -1 : 1))
      .map((decision, index) => rowLine('decision', { ...decision, position: index + 1 })),
  ]
  const counts = {
    ...noCounts(),
    article: articles.length,
    comment: comments.length,
    decision: comments.reduce((sum, { decisions }) => sum + decisions.length, 0),
  }
  const header = headerLine({
    id: randomUUID(),
    madeAt: new Date().toISOString(),
    dialect: 'sqlite',
    tokenTimes: '0',
    counts,
  })
  const body = header + rows.join('')
  return body + endLine(counts, createHash('sha256').update(body))
}

/** The totals that are not what they count. The log's positions are 1, 2, 3, …: what is not committed takes none. */
export const wrongTotals = `
  SELECT name, value FROM totals WHERE name <> 'claims' AND value <> CASE name
    WHEN 'decisions' THEN (SELECT count(*) FROM decisions)
    ELSE (SELECT count(*) FROM comments WHERE status = totals.name)
  END
  UNION ALL SELECT 'positions', count(*) FROM decisions HAVING count(*) <> coalesce(max(position), 0)`

/** What is wrong with what a database counts, and with replies to what is not there. */
export async function faultsAt(url: string): Promise<string[]> {
  return inSql(url, async (ask) => {
    const miscounted = await ask(wrongApprovedCounts)
    const totals = await ask(wrongTotals)
    const orphans = await ask(
      `SELECT reply.id AS id FROM comments AS reply LEFT JOIN comments AS parent ON parent.id = reply.parent_id
        WHERE reply.parent_id IS NOT NULL AND parent.id IS NULL`,
    )
    const halves = await ask(
      `SELECT id FROM comments WHERE version <> 1 + (SELECT count(*) FROM decisions WHERE comment_id = comments.id)
        OR (status = 'approved') <> (published_revision IS NOT NULL)`,
    )
    return [
      ...miscounted.map(({ article_id }) => `The count of ${article_id}.`),
      ...totals.map(({ name }) => `The total ${name}.`),
      ...orphans.map(({ id }) => `The parent of ${id}.`),
      ...halves.map(({ id }) => `The decisions of ${id}.`),
    ]
  })
}
