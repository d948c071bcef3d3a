export type Page<C> = { comments: C[]; nextCursor: string | null }

/** Makes a page of `limit + 1` rows: the one too many only tells that there is a next page. */
export function pageOf<C extends { id: string }>(rows: readonly C[], limit: number): Page<C> {
  const comments = rows.slice(0, limit)
  return { comments, nextCursor: rows.length > limit ? (comments.at(-1)?.id ?? null) : null }
}
