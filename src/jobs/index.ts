import { endMoves } from './end-moves.ts'
import type { Job } from './job.ts'
import { removeExpiredRecords } from './remove-expired-records.ts'
import { removeOldHits } from './remove-old-hits.ts'
import { vacuumErased } from './vacuum-erased.ts'

/** Every job. */
export const jobs: readonly Job[] = [removeExpiredRecords, removeOldHits, vacuumErased, endMoves]
