import type { AnyColumn, SQL } from 'drizzle-orm'
import { isRanked, type ListOrder, type Place, type QueueOrder } from '../domain/comments/list-order.ts'
import { asc, desc, gt, lt, sql } from './drizzle.ts'

type Order = ListOrder | QueueOrder

/** What an order goes by: the id alone, or a rank before it. */
export type Keys = { rank: AnyColumn; id: AnyColumn }

/** Behind the place that the placeholders `rank` and `after` stand for, in the list's own order. */
export function behind({ rank, id }: Keys, order: Order): SQL {
  const after = sql`${sql.placeholder('after')}`
  if (!isRanked(order)) return isUpward(order) ? gt(id, after) : lt(id, after)
  const sign = sql.raw(isUpward(order) ? '>' : '<')
  // Said of the rank alone too: the comparison of both does not tell a planner that it is there.
  return sql`${rank} IS NOT NULL AND (${rank}, ${id}) ${sign} (${sql.placeholder('rank')}, ${after})`
}

export function inOrder({ rank, id }: Keys, order: Order): SQL[] {
  const keys = isRanked(order) ? [rank, id] : [id]
  return keys.map((key) => (isUpward(order) ? asc(key) : desc(key)))
}

/** What `behind` asks for. Where a page has no cursor: below, or above, every place there can be. */
export function placeParameters(after: Place | null, order: Order): { rank: number; after: string } {
  if (after !== null) return { rank: after.rank ?? 0, after: after.id }
  return isUpward(order) ? { rank: -1, after: '' } : { rank: Number.MAX_SAFE_INTEGER, after: '~' }
}

/** For pages that are merged: as `sort` takes it. */
export function comparePlaces(one: Place, other: Place, order: Order): number {
  const turn = isUpward(order) ? 1 : -1
  const byRank = isRanked(order) ? (one.rank ?? 0) - (other.rank ?? 0) : 0
  return turn * (byRank === 0 ? (one.id < other.id ? -1 : 1) : byRank)
}

/** What is prepared once for each order, when it is first asked for. */
export function forEach<O extends Order, T>(
  orders: readonly O[],
  prepare: (order: O) => T,
): Readonly<Record<O, T>> {
  const makers = Object.fromEntries(orders.map((order) => [order, () => prepare(order)]))
  // Each order has its own.
  return onFirstUse(makers as Record<O, () => T>)
}

/** What each of these makes, once, when it is first asked for: a start needs few of them. */
export function onFirstUse<M extends Record<string, () => unknown>>(
  makers: M,
): { readonly [K in keyof M]: ReturnType<M[K]> } {
  const made = {}
  for (const [name, make] of Object.entries(makers))
    Object.defineProperty(made, name, {
      configurable: true,
      enumerable: true,
      get() {
        const value = make()
        Object.defineProperty(made, name, { value, enumerable: true })
        return value
      },
    })
  // Each name has a getter, and then what that made.
  return made as { readonly [K in keyof M]: ReturnType<M[K]> }
}

function isUpward(order: Order): boolean {
  return order === 'oldest' || order === 'published'
}
