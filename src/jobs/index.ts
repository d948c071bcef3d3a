import { endMoves } from './end-moves.ts'
import { indexComments } from './index-comments.ts'
import type { Job } from './job.ts'
import { removeExpiredRecords } from './remove-expired-records.ts'
import { removeOldClaims } from './remove-old-claims.ts'
import { removeOldHits } from './remove-old-hits.ts'
import { vacuumErased } from './vacuum-erased.ts'

/** Every job. */
export const jobs: readonly Job[] = [
  removeExpiredRecords,
  removeOldHits,
  removeOldClaims,
  vacuumErased,
  endMoves,
  indexComments,
]
