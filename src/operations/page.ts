import type { Place } from '../domain/comments/list-order.ts'

export type Page<C> = {
  comments: C[]
  /** Where the last of them stands; `null` where there is no next page. */
  nextCursor: Place | null
}

/** Makes a page of `limit + 1` rows: the one too many only tells that there is a next page. */
export function pageOf<C>(rows: readonly C[], limit: number, placeOf: (row: C) => Place): Page<C> {
  const comments = rows.slice(0, limit)
  const last = comments.at(-1)
  return { comments, nextCursor: rows.length > limit && last !== undefined ? placeOf(last) : null }
}
