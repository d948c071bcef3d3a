import type { Place } from '../domain/comments/list-order.ts'

/** A place as a client gets and sends it: the id alone, or its rank, a dot and the id. */
export function cursorOf(place: Place | null): string | null {
  if (place === null) return null
  return place.rank === null ? place.id : `${place.rank}.${place.id}`
}

/** The place that a cursor of the right form names. */
export function placeIn(cursor: string): Place {
  const dot = cursor.indexOf('.')
  return { rank: dot < 0 ? null : Number(cursor.slice(0, dot)), id: cursor.slice(dot + 1).toLowerCase() }
}
