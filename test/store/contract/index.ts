import { additionsContract } from './additions.ts'
import { articlesContract } from './articles.ts'
import { claimsContract } from './claims.ts'
import { commentsContract } from './comments.ts'
import { contextContract } from './context.ts'
import { feedsContract } from './feeds.ts'
import type { Contract } from './given.ts'
import { leasesContract } from './leases.ts'
import { machineContract } from './machine.ts'
import { moderationContract } from './moderation.ts'
import { searchContract } from './search.ts'
import { summaryContract } from './summary.ts'
import { tokensContract } from './tokens.ts'
import { unitsContract } from './units.ts'
import { upkeepContract } from './upkeep.ts'

/** What every Store promises. */
export const storeContract: Contract = (name, open) => {
  for (const part of [
    commentsContract,
    moderationContract,
    claimsContract,
    contextContract,
    summaryContract,
    searchContract,
    articlesContract,
    feedsContract,
    tokensContract,
    unitsContract,
    leasesContract,
    additionsContract,
    upkeepContract,
    machineContract,
  ])
    part(name, open)
}
