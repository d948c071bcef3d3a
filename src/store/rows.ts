import type { Comment, PublishedComment } from '../domain/comments/comment.ts'
import type { IdempotencyRecord } from '../domain/comments/idempotency.ts'
import { type Token, type TokenScope, tokenScopes } from '../domain/tokens/token.ts'

/** A comment as every dialect's `comments` table holds it: flat, with nulls once it is withdrawn. */
export type CommentRow = Omit<Comment, 'author'> & { authorName: string | null; authorEmail: string | null }

/** A token as every dialect's `tokens` table holds it: scopes as one space-separated text. */
export type TokenRow = Omit<Token, 'scopes'> & { scopes: string }

export function commentFromRow({ authorName, authorEmail, ...row }: CommentRow): Comment {
  return {
    ...row,
    author: authorName === null || authorEmail === null ? null : { name: authorName, email: authorEmail },
  }
}

/** An article's id, approved count and revision, in the order in which every dialect's table declares them. */
export type ArticleRow = [string, number, number]

/** The columns of a published comment, in the order in which the lists select them. */
export type PublishedRow = [string, string | null, string, string, number, number]

export function publishedFromRow([
  id,
  parentId,
  authorName,
  body,
  submittedAtMs,
  publishedAtMs,
]: PublishedRow): PublishedComment {
  return { id, parentId, authorName, body, submittedAtMs, publishedAtMs }
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

export function tokenFromRow(row: TokenRow): Token {
  return { ...row, scopes: row.scopes.split(' ').filter(isScope) }
}

export function tokenToRow(token: Token): TokenRow {
  return { ...token, scopes: token.scopes.join(' ') }
}

function isScope(text: string): text is TokenScope {
  return tokenScopes.some((scope) => scope === text)
}
