import type { Route } from '../../route.ts'
import { approveComment } from './approve-comment.ts'
import { decideComments } from './decide-comments.ts'
import { listQueue } from './list-queue.ts'
import { rejectComment } from './reject-comment.ts'
import { viewComment } from './view-comment.ts'

export const moderationRoutes: readonly Route[] = [
  listQueue,
  viewComment,
  approveComment,
  rejectComment,
  decideComments,
]
