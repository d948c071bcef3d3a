import type { Route } from '../route.ts'
import { approveComment } from './approve-comment.ts'
import { countComments } from './count-comments.ts'
import { decideComments } from './decide-comments.ts'
import { listComments } from './list-comments.ts'
import { listQueue } from './list-queue.ts'
import { livez } from './livez.ts'
import { readMetrics } from './read-metrics.ts'
import { readOpenapi } from './read-openapi.ts'
import { readyz } from './readyz.ts'
import { rejectComment } from './reject-comment.ts'
import { submitComment } from './submit-comment.ts'
import { viewComment } from './view-comment.ts'
import { viewOwnComment } from './view-own-comment.ts'
import { withdrawComment } from './withdraw-comment.ts'

/** What readers' browsers call, from the pages of the configured origins. */
export const publicRoutes: readonly Route[] = [
  listComments,
  submitComment,
  countComments,
  viewOwnComment,
  withdrawComment,
]

export const moderationRoutes: readonly Route[] = [
  listQueue,
  viewComment,
  approveComment,
  rejectComment,
  decideComments,
]

export const machineRoutes: readonly Route[] = [readMetrics, readOpenapi]

/** They answer whatever the load is. */
export const probeRoutes: readonly Route[] = [livez, readyz]

/** Every route, in the order of the OpenAPI document. */
export const routes: readonly Route[] = [
  ...publicRoutes,
  ...moderationRoutes,
  ...machineRoutes,
  ...probeRoutes,
]
