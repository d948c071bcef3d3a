import { z } from 'zod'
import { commentId } from '../../fields.ts'
import { defineRoute } from '../../route.ts'
import { answerDecision, moderatorName } from './answer-decision.ts'
import { decidedComment } from './answers.ts'
import { approvalBody, ifMatch } from './requests.ts'

export const approveComment = defineRoute({
  operationId: 'approveComment',
  method: 'POST',
  path: '/v1/moderation/comments/{commentId}/approve',
  tag: 'Moderation',
  summary: 'Approve a comment',
  description:
    'It is public from now on. A rejected comment can be approved: both decisions stay in the log, and `"replies": "restore"` brings back those replies that went along with its rejection. Approving again changes nothing, nor is a reason or note recorded then. No body is needed.',
  access: 'moderate',
  limits: [],
  request: {
    path: z.strictObject({ commentId }),
    headers: z.strictObject({ 'if-match': ifMatch }),
    body: approvalBody,
  },
  bodyOptional: true,
  answers: { 200: { description: 'It is approved.', schema: decidedComment, headers: ['ETag'] } },
  problems: [
    'comment-not-found',
    'comment-withdrawn',
    'decision-conflict',
    'version-mismatch',
    'reason-unknown',
  ],
  indented: true,
  async handle({ deps, input, caller, log }) {
    return answerDecision(deps, log, {
      commentId: input.path.commentId,
      action: 'approve',
      decidedBy: moderatorName(caller.token),
      reason: input.body.reason ?? null,
      reasonCode: input.body.reasonCode ?? null,
      note: input.body.note ?? null,
      onlyVersions: input.headers['if-match'] ?? null,
      replies: input.body.replies,
      countsReplies: true,
      repliesReason: input.body.repliesReason ?? null,
    })
  },
})
