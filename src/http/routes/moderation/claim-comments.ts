import { articleLinks } from '../../../operations/article-links.ts'
import { claimComments as claimCommentsOf } from '../../../operations/moderation/claim-comments.ts'
import { defineRoute } from '../../route.ts'
import { timestamp } from '../../timestamp.ts'
import { moderatorName } from './answer-decision.ts'
import { newClaims } from './answers.ts'
import { claimBody } from './claim-requests.ts'
import { presentQueued } from './present.ts'

export const claimComments = defineRoute({
  operationId: 'claimComments',
  method: 'POST',
  path: '/v1/moderation/claims',
  tag: 'Moderation',
  summary: 'Take comments to look at',
  description:
    'Pending comments that nobody else looks at, now yours for a while, so that no two moderators work at the same one: no comment is given to two calls, whatever replica they reach. Fewer than asked for are all that there are, or all that you may hold: 200. A claim ends by its time, when you give it up, and by any decision about its comment; a decision needs none, and is not kept from anybody. No body is needed.',
  access: 'moderate',
  limits: [],
  request: { body: claimBody },
  bodyOptional: true,
  answers: { 200: { description: 'What is yours by this call.', schema: newClaims } },
  problems: [],
  indented: true,
  async handle({ deps, input, caller, log }) {
    const { limit, seconds, order, where } = input.body
    const by = moderatorName(caller.token)
    const { queued, untilMs } = await claimCommentsOf(deps, {
      by,
      limit,
      seconds,
      order,
      where: {
        articleIds: where?.articleIds ?? null,
        articlePrefix: where?.articlePrefix ?? null,
        submittedAfterMs: where?.submittedAfter ?? null,
        submittedBeforeMs: where?.submittedBefore ?? null,
      },
    })
    log.info({ event: 'claim', by, claimed: queued.length }, 'comments claimed')
    const linkOf = await articleLinks(
      deps,
      queued.map(({ comment }) => comment),
    )
    return {
      status: 200,
      body: {
        comments: queued.map((one) => presentQueued(one, linkOf(one.comment))),
        until: timestamp(untilMs),
      },
    }
  },
})
