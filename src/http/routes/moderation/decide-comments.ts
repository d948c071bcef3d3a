import type { FastifyBaseLogger } from 'fastify'
import type { Comment } from '../../../domain/comments/comment.ts'
import { articleLinks } from '../../../operations/article-links.ts'
import type { DecideInput } from '../../../operations/moderation/decide-comment.ts'
import { decideMany, type Settled } from '../../../operations/moderation/decide-many.ts'
import { problemOfError } from '../../faults.ts'
import { problemBody, problemOf } from '../../problems.ts'
import { defineRoute } from '../../route.ts'
import { logDecision, logFailedDecision, moderatorName } from './answer-decision.ts'
import { type DecisionOutcome, decisionOutcomes } from './answers.ts'
import { presentModerated } from './present.ts'
import { decisionsBody } from './requests.ts'

export const decideComments = defineRoute({
  operationId: 'decideComments',
  method: 'POST',
  path: '/v1/moderation/decisions',
  tag: 'Moderation',
  summary: 'Decide about many comments',
  description:
    'Each decision stands on its own: one that is refused, or fails, holds up no other. The answer has an outcome for each. `failed` is a fault of the service, with the problem that this decision alone would have been answered with: send that one again. Deciding the same again changes nothing.',
  access: 'moderate',
  limits: [],
  request: { body: decisionsBody },
  answers: { 200: { description: 'The outcomes, in the order sent.', schema: decisionOutcomes } },
  problems: [],
  indented: true,
  async handle({ deps, input, caller, log, requestId }) {
    const wanted = input.body.decisions.map(
      ({ commentId, verdict, reason, note }): DecideInput => ({
        commentId,
        action: verdict,
        decidedBy: moderatorName(caller.token),
        reason: reason ?? null,
        note: note ?? null,
        onlyVersions: null,
        replies: 'uncounted',
        repliesReason: null,
      }),
    )
    const settled = await decideMany(deps, wanted)
    // 200 even where all of them failed: each may have met another fault, and a caller has one shape to read.
    const linkOf = await articleLinks(deps, settled.flatMap(commentOf))
    return { status: 200, body: { outcomes: settled.map((one) => answerOne(one, linkOf, log, requestId)) } }
  },
})

function commentOf(settled: Settled): Comment[] {
  return 'outcome' in settled && settled.outcome.ok ? [settled.outcome.value.comment] : []
}

function answerOne(
  settled: Settled,
  linkOf: (comment: Comment) => string | null,
  log: FastifyBaseLogger,
  requestId: string,
): DecisionOutcome {
  const { input } = settled
  const { commentId } = input
  if ('fault' in settled) {
    logFailedDecision(log, input, settled.fault)
    const problem = problemBody(problemOfError(settled.fault), requestId)
    return { commentId, outcome: 'failed', comment: null, problem }
  }
  const { outcome } = settled
  logDecision(log, input, outcome)
  if (!outcome.ok) {
    const problem = problemBody(problemOf(outcome.refusal), requestId)
    return { commentId, outcome: 'refused', comment: null, problem }
  }
  const { changed, comment } = outcome.value
  return {
    commentId,
    outcome: changed ? 'decided' : 'unchanged',
    comment: presentModerated(comment, linkOf(comment)),
    problem: null,
  }
}
