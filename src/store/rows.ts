import type { Article } from '../domain/articles/article.ts'
import type { Comment, PublishedComment } from '../domain/comments/comment.ts'
import type { IdempotencyRecord } from '../domain/comments/idempotency.ts'
import type { Counted } from './comments.ts'

/** A comment as every dialect's `comments` table holds it: flat, with nulls once it is withdrawn, and an address that is `null` where it is not known. */
export type CommentRow = Omit<Comment, 'author'> & { authorName: string | null; authorEmail: string | null }

/** As it is read: with what the store alone writes. */
export type StoredComment = CommentRow & { publishedRevision: number | null }

export function commentFromRow({
  authorName,
  authorEmail,
  publishedRevision: _,
  ...row
}: StoredComment): Comment {
  return {
    ...row,
    author: authorName === null ? null : { name: authorName, email: authorEmail },
  }
}

/** The columns of an article, in the order in which every dialect's table declares them. */
export type ArticleRow = [
  articleId: string,
  approvedCount: number,
  revision: number,
  title: string | null,
  url: string | null,
  publishedAtMs: number | null,
  closedAtMs: number | null,
  firstCommentAtMs: number | null,
  movedTo: string | null,
  movingFrom: string | null,
]

export function articleFromRow([
  articleId,
  approvedCount,
  revision,
  title,
  url,
  publishedAtMs,
  closedAtMs,
  firstCommentAtMs,
  movedTo,
  movingFrom,
]: ArticleRow): Article {
  return {
    articleId,
    approvedCount,
    revision,
    title,
    url,
    publishedAtMs,
    closedAtMs,
    firstCommentAtMs,
    movedTo,
    movingFrom,
  }
}

/** An article that nobody has heard of. */
export function unknownArticle(articleId: string): Article {
  return articleFromRow([articleId, 0, 0, null, null, null, null, null, null, null])
}

/** What is counted of one id that was asked for: the id, and of the article that answers for it id, revision and count. */
export type CountedRow = readonly [
  asked: string,
  articleId: string,
  revision: number | string,
  approvedCount: number | string,
]

/** What is counted of each of these ids, in their order; of those without a row, nothing. */
export function countedFrom(
  articleIds: readonly string[],
  rows: readonly CountedRow[],
): Map<string, Counted> {
  const counted = new Map<string, Counted>(
    articleIds.map((articleId) => [articleId, { articleId, revision: 0, approvedCount: 0 }]),
  )
  for (const [asked, articleId, revision, approvedCount] of rows)
    counted.set(asked, { articleId, revision: Number(revision), approvedCount: Number(approvedCount) })
  return counted
}

/** The columns of a published comment, in the order in which the lists select them. */
export type PublishedRow = [string, string | null, string, string, number, number, number]

export function publishedFromRow([
  id,
  parentId,
  authorName,
  body,
  submittedAtMs,
  publishedAtMs,
  publishedRevision,
]: PublishedRow): PublishedComment {
  return { id, parentId, authorName, body, submittedAtMs, publishedAtMs, publishedRevision }
}

/** The columns of an idempotency record, in the order in which every dialect's table declares them. */
export type IdempotencyRow = [string, string, string, string, string, number]

export function idempotencyRecordFromRow([
  keyHash,
  salt,
  fingerprint,
  commentId,
  language,
  expiresAtMs,
]: IdempotencyRow): IdempotencyRecord {
  return { keyHash, salt, fingerprint, commentId, language, expiresAtMs }
}

export function commentToRow({ author, ...comment }: Comment): CommentRow {
  return { ...comment, authorName: author?.name ?? null, authorEmail: author?.email ?? null }
}
