import type { Comment } from '../domain/comment.ts'

export type Page = { comments: Comment[]; nextCursor: string | null }

/** Makes a page of `limit + 1` rows: the one too many only tells that there is a next page. */
export function pageOf(rows: readonly Comment[], limit: number): Page {
  const comments = rows.slice(0, limit)
  return { comments, nextCursor: rows.length > limit ? (comments.at(-1)?.id ?? null) : null }
}
