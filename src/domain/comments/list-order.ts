/**
 * How an article's list goes. `oldest`: as submitted; `newest`: the other way round. `published`: as approved, so that what
 * is approved later stands behind all that was read; `last-published`: the other way round.
 */
export const listOrders = ['oldest', 'newest', 'published', 'last-published'] as const
export type ListOrder = (typeof listOrders)[number]

/** How the moderators' queue goes. `decided`: the last decided first. */
export const queueOrders = ['oldest', 'newest', 'decided'] as const
export type QueueOrder = (typeof queueOrders)[number]

/** In place of a status: what moderators have approved or rejected. */
export const decidedAbout = 'decided-about'

/** Where a comment stands in a list. */
export type Place = {
  /** What the order goes by before the id; `null` in order of submission, where the id alone tells. */
  rank: number | null
  id: string
}

/** Whether places in this order have a rank. */
export function isRanked(order: ListOrder | QueueOrder): boolean {
  return order !== 'oldest' && order !== 'newest'
}
