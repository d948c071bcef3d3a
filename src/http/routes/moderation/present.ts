import type { Comment, LoggedDecision } from '../../../domain/comments/comment.ts'
import type { Claim } from '../../../domain/moderation/claim.ts'
import type { DecidedComment } from '../../../operations/moderation/decide-comment.ts'
import type { LogLine as StoredLine } from '../../../operations/moderation/list-log.ts'
import type { Queued } from '../../../operations/moderation/queued.ts'
import { timestamp, timestampOrNull } from '../../timestamp.ts'
import type { DecisionLine, LogLine, ModeratedComment, QueuedComment } from './answers.ts'

/* Domain → what a moderator may see. */

export function presentModerated(comment: Comment, articleUrl: string | null): ModeratedComment {
  return {
    id: comment.id,
    articleId: comment.articleId,
    articleUrl,
    parentId: comment.parentId,
    status: comment.status,
    version: comment.version,
    author: comment.author,
    body: comment.body,
    submittedAt: timestamp(comment.submittedAtMs),
    publishedAt: timestampOrNull(comment.publishedAtMs),
  }
}

export function presentQueued({ comment, repeats, claim }: Queued, articleUrl: string | null): QueuedComment {
  return { ...presentModerated(comment, articleUrl), repeats, claim: presentClaim(claim) }
}

export function presentClaim(claim: Claim | null): QueuedComment['claim'] {
  return claim === null ? null : { by: claim.by, until: timestamp(claim.untilMs) }
}

export function presentDecided(
  { comment, changed, approvedReplies, rejectedReplyIds, restoredReplyIds }: DecidedComment,
  articleUrl: string | null,
) {
  return {
    ...presentModerated(comment, articleUrl),
    changed,
    // Who shows it has had them counted.
    approvedReplies: approvedReplies ?? 0,
    rejectedReplyIds,
    restoredReplyIds,
  }
}

export function presentDecision(decision: LoggedDecision): DecisionLine {
  return {
    id: decision.id,
    position: decision.position,
    action: decision.action,
    version: decision.version,
    decidedBy: decision.decidedBy,
    reason: decision.reason,
    reasonCode: decision.reasonCode,
    note: decision.note,
    decidedAt: timestamp(decision.decidedAtMs),
    rejectedWith: decision.rejectedWith,
  }
}

export function presentLogLine(line: StoredLine): LogLine {
  return { ...presentDecision(line), commentId: line.commentId, articleId: line.articleId }
}
