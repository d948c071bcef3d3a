import { z } from 'zod'
import { commentId } from '../../fields.ts'
import { defineRoute } from '../../route.ts'
import { answerDecision, moderatorName } from './answer-decision.ts'
import { decidedComment } from './answers.ts'
import { erasureBody, ifMatch } from './requests.ts'

export const eraseComment = defineRoute({
  operationId: 'eraseComment',
  method: 'POST',
  path: '/v1/moderation/comments/{commentId}/erase',
  tag: 'Moderation',
  summary: 'Erase a comment',
  description:
    "For a text that must not be kept, or an author who asks to be forgotten: name, address and text are erased as thoroughly as by the author's own withdrawal, for good, and it is `withdrawn` from now on. Its place in the thread stays, as do its replies and what moderators wrote of it in the log. What is withdrawn already is not changed.",
  access: 'moderate',
  limits: [],
  request: {
    path: z.strictObject({ commentId }),
    headers: z.strictObject({ 'if-match': ifMatch }),
    body: erasureBody,
  },
  answers: { 200: { description: 'It is erased.', schema: decidedComment, headers: ['ETag'] } },
  problems: ['comment-not-found', 'decision-conflict', 'version-mismatch'],
  indented: true,
  async handle({ deps, input, caller, log }) {
    return answerDecision(deps, log, {
      commentId: input.path.commentId,
      action: 'erase',
      decidedBy: moderatorName(caller.token),
      reason: input.body.reason,
      reasonCode: null,
      note: input.body.note ?? null,
      onlyVersions: input.headers['if-match'] ?? null,
      replies: 'keep',
      countsReplies: true,
      repliesReason: null,
    })
  },
})
