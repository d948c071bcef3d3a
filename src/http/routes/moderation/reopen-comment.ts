import { z } from 'zod'
import { commentId } from '../../fields.ts'
import { defineRoute } from '../../route.ts'
import { answerDecision, moderatorName } from './answer-decision.ts'
import { decidedComment } from './answers.ts'
import { ifMatch, reopeningBody } from './requests.ts'

export const reopenComment = defineRoute({
  operationId: 'reopenComment',
  method: 'POST',
  path: '/v1/moderation/comments/{commentId}/reopen',
  tag: 'Moderation',
  summary: 'Give a comment back to the queue',
  description:
    'It is pending again: not public, and the next moderator decides. With the `ETag` of your own decision in `If-Match` it is the undo of that, and refused where somebody has decided since. The log keeps all of it. Replies stay as they are. What is pending already is not changed. No body is needed.',
  access: 'moderate',
  limits: [],
  request: {
    path: z.strictObject({ commentId }),
    headers: z.strictObject({ 'if-match': ifMatch }),
    body: reopeningBody,
  },
  bodyOptional: true,
  answers: { 200: { description: 'It is pending.', schema: decidedComment, headers: ['ETag'] } },
  problems: ['comment-not-found', 'comment-withdrawn', 'decision-conflict', 'version-mismatch'],
  indented: true,
  async handle({ deps, input, caller, log }) {
    return answerDecision(deps, log, {
      commentId: input.path.commentId,
      action: 'reopen',
      decidedBy: moderatorName(caller.token),
      reason: null,
      reasonCode: null,
      note: input.body.note ?? null,
      onlyVersions: input.headers['if-match'] ?? null,
      replies: 'keep',
      countsReplies: true,
      repliesReason: null,
    })
  },
})
