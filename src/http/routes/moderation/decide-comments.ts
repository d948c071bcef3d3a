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
import { presentDecision, presentModerated } from './present.ts'
import { decisionsBody } from './requests.ts'

export const decideComments = defineRoute({
  operationId: 'decideComments',
  method: 'POST',
  path: '/v1/moderation/decisions',
  tag: 'Moderation',
  summary: 'Decide about many comments',
  description:
    'Each decision stands on its own: one that is refused, or fails, holds up no other. The answer has an outcome for each. Send the `version` of each comment as you saw it, so that nobody is overruled unseen. `failed` is a fault of the service, with the problem that this decision alone would have been answered with: send that one again. Deciding the same again changes nothing.',
  access: 'moderate',
  limits: [],
  request: { body: decisionsBody },
  answers: { 200: { description: 'The outcomes, in the order sent.', schema: decisionOutcomes } },
  problems: [],
  indented: true,
  async handle({ deps, input, caller, log, requestId }) {
    const wanted = input.body.decisions.map(
      ({ commentId, verdict, version, reason, reasonCode, note, replies, repliesReason }): DecideInput => ({
        commentId,
        action: verdict,
        decidedBy: moderatorName(caller.token),
        reason: reason ?? null,
        reasonCode: reasonCode ?? null,
        note: note ?? null,
        onlyVersions: version == null ? null : [version],
        replies,
        countsReplies: false,
        repliesReason: repliesReason ?? null,
      }),
    )
    const settled = await decideMany(deps, wanted)
    // 200 even where all of them failed: each may have met another fault, and a caller has one shape to read.
    const linkOf = await articleLinks(deps, settled.flatMap(shownOf))
    return { status: 200, body: { outcomes: settled.map((one) => answerOne(one, linkOf, log, requestId)) } }
  },
})

/** The comment that the answer shows: as it was decided about, or as somebody else has left it. */
function shownOf(settled: Settled): Comment[] {
  if ('fault' in settled) return []
  const { outcome, now } = settled
  if (outcome.ok) return [outcome.value.comment]
  return now === null ? [] : [now.comment]
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
    return { commentId, outcome: 'failed', comment: null, lastDecision: null, problem }
  }
  const { outcome, now } = settled
  logDecision(log, input, outcome)
  if (!outcome.ok) {
    const problem = problemBody(problemOf(outcome.refusal), requestId)
    return {
      commentId,
      outcome: 'refused',
      comment: now === null ? null : presentModerated(now.comment, linkOf(now.comment)),
      lastDecision: now === null || now.decision === null ? null : presentDecision(now.decision),
      problem,
    }
  }
  const { changed, comment } = outcome.value
  return {
    commentId,
    outcome: changed ? 'decided' : 'unchanged',
    comment: presentModerated(comment, linkOf(comment)),
    lastDecision: null,
    problem: null,
  }
}
