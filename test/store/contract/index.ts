import { articlesContract } from './articles.ts'
import { commentsContract } from './comments.ts'
import { feedsContract } from './feeds.ts'
import type { Contract } from './given.ts'
import { leasesContract } from './leases.ts'
import { machineContract } from './machine.ts'
import { moderationContract } from './moderation.ts'
import { tokensContract } from './tokens.ts'
import { unitsContract } from './units.ts'
import { upkeepContract } from './upkeep.ts'

/** What every Store promises. */
export const storeContract: Contract = (name, open) => {
  for (const part of [
    commentsContract,
    moderationContract,
    articlesContract,
    feedsContract,
    tokensContract,
    unitsContract,
    leasesContract,
    upkeepContract,
    machineContract,
  ])
    part(name, open)
}
