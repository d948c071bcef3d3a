import { renewClaims as renewClaimsOf } from '../../../operations/moderation/renew-claims.ts'
import { defineRoute } from '../../route.ts'
import { timestamp } from '../../timestamp.ts'
import { moderatorName } from './answer-decision.ts'
import { renewedClaims } from './answers.ts'
import { renewalBody } from './claim-requests.ts'

export const renewClaims = defineRoute({
  operationId: 'renewClaims',
  method: 'PATCH',
  path: '/v1/moderation/claims',
  tag: 'Moderation',
  summary: 'Keep what you have taken',
  description:
    'Your claims end that many seconds from now. One that is over, or whose comment was decided about, is no longer yours, and not in the answer. No body is needed.',
  access: 'moderate',
  limits: [],
  request: { body: renewalBody },
  bodyOptional: true,
  answers: { 200: { description: 'What is still yours.', schema: renewedClaims } },
  problems: [],
  indented: true,
  async handle({ deps, input, caller }) {
    const { commentIds, untilMs } = await renewClaimsOf(deps, {
      by: moderatorName(caller.token),
      seconds: input.body.seconds,
      commentIds: input.body.commentIds ?? null,
    })
    return { status: 200, body: { commentIds, until: timestamp(untilMs) } }
  },
})
