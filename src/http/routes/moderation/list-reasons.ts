import { defineRoute } from '../../route.ts'
import { reasonList } from './answers.ts'

export const listReasons = defineRoute({
  operationId: 'listReasons',
  method: 'GET',
  path: '/v1/moderation/reasons',
  tag: 'Moderation',
  summary: 'List the ready reasons',
  description:
    'What moderators give for a reason again and again, in the order in which to show them. Send the `code` as `reasonCode` with a decision, by which it is counted; without a `reason` beside it the author is told the text of the code, in the language that they ask in. `REASONS_FILE` puts others in their place.',
  access: 'moderate',
  limits: [],
  request: {},
  answers: { 200: { description: 'All of them.', schema: reasonList, headers: ['ETag'] } },
  problems: [],
  indented: true,
  async handle({ deps }) {
    return { status: 200, isTaggedByContent: true, body: { reasons: deps.reasons } }
  },
})
