import type { FastifyBaseLogger } from 'fastify'
import type { Settled } from '../../../operations/moderation/decide-many.ts'
import {
  decideMatching as decideMatchingOf,
  matchingMaximum,
  remainingMaximum,
} from '../../../operations/moderation/decide-matching.ts'
import { problemOfError } from '../../faults.ts'
import { problemBody, problemOf } from '../../problems.ts'
import { defineRoute } from '../../route.ts'
import { logDecision, logFailedDecision, moderatorName } from './answer-decision.ts'
import { type MatchedDecision, matchingOutcomes } from './answers.ts'
import { matchingBody, whereOf } from './search-requests.ts'

export const decideMatching = defineRoute({
  operationId: 'decideMatching',
  method: 'POST',
  path: '/v1/moderation/decisions/matching',
  tag: 'Moderation',
  summary: 'Decide about all that matches',
  description: `For whole waves: the newest first, up to ${matchingMaximum} in a call, and none with an id beyond \`until\`, so that nothing is decided that came since you looked. Without \`where.status\`, pending ones. Each comment stands on its own, as it was when this call found it: one about which somebody decides in the meantime is refused. What is already as the verdict would make it does not match. \`dryRun\` decides nothing. While \`remaining\` is not 0, send it again with the \`until\` of the answer, which may have found none: one call looks at some tens of thousands of comments at the most. \`remaining\` is counted up to ${remainingMaximum}.`,
  access: 'moderate',
  limits: [],
  request: { body: matchingBody },
  answers: { 200: { description: 'How many, and what became of each.', schema: matchingOutcomes } },
  problems: ['reason-unknown'],
  indented: true,
  async handle({ deps, input, caller, log, requestId }) {
    const { where, until, limit, dryRun, verdict, reason, reasonCode, note } = input.body
    const result = await decideMatchingOf(deps, {
      where: whereOf(where),
      until,
      limit,
      dryRun,
      verdict: {
        action: verdict,
        decidedBy: moderatorName(caller.token),
        reason: reason ?? null,
        reasonCode: reasonCode ?? null,
        note: note ?? null,
      },
    })
    if (!result.ok) return problemOf(result.refusal)
    const { matched, settled, remaining, until: goesOn } = result.value
    const outcomes = settled.map((one) => answerOne(one, log, requestId))
    const count = (outcome: MatchedDecision['outcome']) =>
      outcomes.filter((one) => one.outcome === outcome).length
    return {
      status: 200,
      body: {
        matched,
        decided: count('decided'),
        unchanged: count('unchanged'),
        refused: count('refused'),
        failed: count('failed'),
        remaining,
        until: goesOn,
        outcomes,
      },
    }
  },
})

function answerOne(settled: Settled, log: FastifyBaseLogger, requestId: string): MatchedDecision {
  const { input } = settled
  const { commentId } = input
  if ('fault' in settled) {
    logFailedDecision(log, input, settled.fault)
    return { commentId, outcome: 'failed', problem: problemBody(problemOfError(settled.fault), requestId) }
  }
  const { outcome } = settled
  logDecision(log, input, outcome)
  if (!outcome.ok)
    return { commentId, outcome: 'refused', problem: problemBody(problemOf(outcome.refusal), requestId) }
  return { commentId, outcome: outcome.value.changed ? 'decided' : 'unchanged', problem: null }
}
