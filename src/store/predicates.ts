import type { AnyColumn, SQL } from 'drizzle-orm'
import type { ListOrder } from '../domain/comments/list-order.ts'
import { asc, desc, gt, lt } from './drizzle.ts'

/** Behind the cursor, in the list's own order. Ids are the sort key, so the last id seen is the cursor. */
export function behind(id: AnyColumn, order: ListOrder, after: SQL.Aliased | SQL): SQL {
  return order === 'oldest' ? gt(id, after) : lt(id, after)
}

export function inOrder(id: AnyColumn, order: ListOrder): SQL {
  return order === 'oldest' ? asc(id) : desc(id)
}

/** Where a page starts that has no cursor: below, or above, every id there can be. */
export function edge(order: ListOrder): string {
  return order === 'oldest' ? '' : '~'
}
