import { z } from 'zod'
import { listLog } from '../../../operations/moderation/list-log.ts'
import { commentId, limit } from '../../fields.ts'
import { defineRoute } from '../../route.ts'
import { moderatorName } from './answer-decision.ts'
import { decisionLog } from './answers.ts'
import { presentLogLine } from './present.ts'
import { decider, logOrder, position } from './requests.ts'

export const listDecisions = defineRoute({
  operationId: 'listDecisions',
  method: 'GET',
  path: '/v1/moderation/decisions',
  tag: 'Moderation',
  summary: 'Follow the log of decisions',
  description:
    'Every decision, withdrawal and note, oldest first. Lines come in the order of their `position`, which is that of their commits, whatever replica makes them: one that you have not seen never stands below one that you have. So who sends `nextAfter` as `after` again and again misses nothing: a page that is kept up to date, an auditor, an index. `decidedBy=me&order=newest` is what you decided last.',
  access: 'moderate',
  limits: [],
  request: {
    query: z.strictObject({
      after: position,
      order: logOrder,
      decidedBy: decider.optional(),
      commentId: commentId.optional(),
      limit,
    }),
  },
  answers: { 200: { description: 'Some lines of the log.', schema: decisionLog, headers: ['ETag'] } },
  problems: [],
  indented: true,
  async handle({ deps, input, caller }) {
    const { after = null, order, decidedBy = null, commentId = null, limit } = input.query
    const own = decidedBy === 'me' ? moderatorName(caller.token) : decidedBy
    const lines = await listLog(deps, { after, order, decidedBy: own, commentId, limit })
    return {
      status: 200,
      isTaggedByContent: true,
      body: {
        decisions: lines.map(presentLogLine),
        nextAfter: lines.at(-1)?.position ?? after ?? 0,
      },
    }
  },
})
