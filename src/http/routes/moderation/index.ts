import type { Route } from '../../route.ts'
import { approveComment } from './approve-comment.ts'
import { claimComments } from './claim-comments.ts'
import { decideComments } from './decide-comments.ts'
import { decideMatching } from './decide-matching.ts'
import { eraseComment } from './erase-comment.ts'
import { listClaims } from './list-claims.ts'
import { listDecisions } from './list-decisions.ts'
import { listQueue } from './list-queue.ts'
import { listReasons } from './list-reasons.ts'
import { noteComment } from './note-comment.ts'
import { rejectComment } from './reject-comment.ts'
import { releaseClaims } from './release-claims.ts'
import { renewClaims } from './renew-claims.ts'
import { reopenComment } from './reopen-comment.ts'
import { searchComments } from './search-comments.ts'
import { viewComment } from './view-comment.ts'
import { viewContext } from './view-context.ts'
import { viewSummary } from './view-summary.ts'

export const moderationRoutes: readonly Route[] = [
  listQueue,
  viewComment,
  viewContext,
  approveComment,
  rejectComment,
  reopenComment,
  eraseComment,
  noteComment,
  claimComments,
  listClaims,
  renewClaims,
  releaseClaims,
  searchComments,
  decideComments,
  decideMatching,
  listDecisions,
  listReasons,
  viewSummary,
]
