/** `oldest`: as submitted; `newest`: the other way round. */
export const listOrders = ['oldest', 'newest'] as const
export type ListOrder = (typeof listOrders)[number]
