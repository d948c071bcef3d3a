import type { DecideInput } from '../../operations/decide-comment.ts'
import { decideMany } from '../../operations/decide-many.ts'
import { decisionOutcomes } from '../answers.ts'
import { logDecision, moderatorName } from '../decide.ts'
import { presentModerated } from '../present.ts'
import { problemBody, problemOf } from '../problems.ts'
import { defineRoute } from '../route.ts'
import { decisionsBody } from '../schemas.ts'

export const decideComments = defineRoute({
  operationId: 'decideComments',
  method: 'POST',
  path: '/v1/moderation/decisions',
  tag: 'Moderation',
  summary: 'Decide about many comments',
  description:
    'Each decision stands on its own: one that is refused holds up no other. The answer has an outcome for each.',
  access: 'moderate',
  limits: [],
  request: { body: decisionsBody },
  answers: { 200: { description: 'The outcomes, in the order sent.', schema: decisionOutcomes } },
  problems: [],
  indented: true,
  async handle({ deps, input, caller, log, requestId }) {
    const wanted = input.body.map(
      ({ commentId, verdict, reason, note }): DecideInput => ({
        commentId,
        action: verdict,
        decidedBy: moderatorName(caller.token),
        reason: reason ?? null,
        note: note ?? null,
        onlyVersions: null,
        replies: 'keep',
      }),
    )
    const results = await decideMany(deps, wanted)
    const outcomes = results.map((result, index) => {
      const decision = wanted[index]
      if (decision !== undefined) logDecision(log, decision, result)
      const commentId = decision?.commentId
      return result.ok
        ? {
            commentId,
            outcome: result.value.changed ? 'decided' : 'unchanged',
            comment: presentModerated(result.value.comment),
            problem: null,
          }
        : {
            commentId,
            outcome: 'refused',
            comment: null,
            problem: problemBody(problemOf(result.refusal), requestId),
          }
    })
    return { status: 200, body: { outcomes } }
  },
})
