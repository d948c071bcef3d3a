import { z } from 'zod'
import { repliesTakenAlong } from '../../../operations/moderation/decide-comment.ts'
import { commentId } from '../../fields.ts'
import { defineRoute } from '../../route.ts'
import { answerDecision, moderatorName } from './answer-decision.ts'
import { decidedComment } from './answers.ts'
import { ifMatch, rejectionBody } from './requests.ts'

export const rejectComment = defineRoute({
  operationId: 'rejectComment',
  method: 'POST',
  path: '/v1/moderation/comments/{commentId}/reject',
  tag: 'Moderation',
  summary: 'Reject a comment',
  description: `It is not public from now on. Its replies stay as they are: the answer tells how many approved ones stand below it, and \`"replies": "reject"\` rejects them as well, up to ${repliesTakenAlong} at once, and tells their authors \`repliesReason\`, or nothing. An approved comment can be rejected: both decisions stay in the log. Rejecting again changes nothing, nor is a reason or note recorded then. No body is needed.`,
  access: 'moderate',
  limits: [],
  request: {
    path: z.strictObject({ commentId }),
    headers: z.strictObject({ 'if-match': ifMatch }),
    body: rejectionBody,
  },
  bodyOptional: true,
  answers: { 200: { description: 'It is rejected.', schema: decidedComment, headers: ['ETag'] } },
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
      action: 'reject',
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
