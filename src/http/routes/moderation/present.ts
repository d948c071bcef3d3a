import type { Comment, Decision } from '../../../domain/comments/comment.ts'
import type { DecidedComment } from '../../../operations/moderation/decide-comment.ts'
import { timestamp, timestampOrNull } from '../../timestamp.ts'
import type { DecisionLine, ModeratedComment } from './answers.ts'

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

export function presentDecision(decision: Decision): DecisionLine {
  return {
    id: decision.id,
    action: decision.action,
    version: decision.version,
    decidedBy: decision.decidedBy,
    reason: decision.reason,
    note: decision.note,
    decidedAt: timestamp(decision.decidedAtMs),
    rejectedWith: decision.rejectedWith,
  }
}
