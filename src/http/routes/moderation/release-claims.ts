import { z } from 'zod'
import { releaseClaims as releaseClaimsOf } from '../../../operations/moderation/release-claims.ts'
import { defineRoute } from '../../route.ts'
import { moderatorName } from './answer-decision.ts'
import { releasedClaims } from './answers.ts'
import { releasedIds } from './claim-requests.ts'

export const releaseClaims = defineRoute({
  operationId: 'releaseClaims',
  method: 'DELETE',
  path: '/v1/moderation/claims',
  tag: 'Moderation',
  summary: 'Give up what you have taken',
  description: 'Others find these comments at once. What is not yours is passed over.',
  access: 'moderate',
  limits: [],
  request: { query: z.strictObject({ commentId: releasedIds }) },
  answers: { 200: { description: 'They are given up.', schema: releasedClaims } },
  problems: [],
  indented: true,
  async handle({ deps, input, caller, log }) {
    const by = moderatorName(caller.token)
    const released = await releaseClaimsOf(deps, { by, commentIds: input.query.commentId ?? null })
    log.info({ event: 'release', by, released }, 'claims given up')
    return { status: 200, body: { released } }
  },
})
