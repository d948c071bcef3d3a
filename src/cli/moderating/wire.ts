import type {
  CommentContext,
  DecidedComment,
  DecisionLine,
  DecisionOutcome,
  LogLine,
  ModeratedComment,
  QueuedComment,
  Summary,
  ViewedComment,
  Reason as WireReason,
} from '../../http/routes/moderation/answers.ts'

/* What the commands read of the answers, as the document has them. */

export type { DecidedComment, QueuedComment, Summary, ViewedComment }
export type Comment = ModeratedComment
export type Status = Comment['status']
export type Claim = NonNullable<QueuedComment['claim']>
export type Decision = DecisionLine
export type Action = Decision['action']
export type LoggedDecision = LogLine
/** Some are made here, of what the service refuses as a whole. */
export type Problem = Pick<NonNullable<DecisionOutcome['problem']>, 'type' | 'title' | 'status' | 'detail'>
export type Outcome = {
  commentId: string
  outcome: DecisionOutcome['outcome']
  comment: Comment | null
  problem: Problem | null
  lastDecision: Decision | null
}
/** A language may have none of them. */
export type Reason = Pick<WireReason, 'code'> & { texts: Readonly<Record<string, string | undefined>> }
export type Context = CommentContext
export type DecisionCounts = Pick<Summary['today'], 'approve' | 'reject' | 'reopen' | 'erase'>
