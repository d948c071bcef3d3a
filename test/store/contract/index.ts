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

const ofWrites = [commentsContract, moderationContract, claimsContract, tokensContract, unitsContract]
const others = [
  contextContract,
  summaryContract,
  searchContract,
  articlesContract,
  feedsContract,
  leasesContract,
  additionsContract,
  upkeepContract,
  machineContract,
]

/** What every Store promises. */
export const storeContract: Contract = (name, open) => {
  for (const part of [...ofWrites, ...others]) part(name, open)
}

/** What one promises that differs from another in its writer alone. */
export const writerContract: Contract = (name, open) => {
  for (const part of ofWrites) part(name, open)
}
