import { articleLinks } from '../../../operations/article-links.ts'
import { queuedOf } from '../../../operations/moderation/queued.ts'
import { searchComments as searchCommentsOf } from '../../../operations/moderation/search-comments.ts'
import { defineRoute } from '../../route.ts'
import { moderatorName } from './answer-decision.ts'
import { foundComments } from './answers.ts'
import { presentQueued } from './present.ts'
import { searchBody, whereOf } from './search-requests.ts'

export const searchComments = defineRoute({
  operationId: 'searchComments',
  method: 'POST',
  path: '/v1/moderation/search',
  tag: 'Moderation',
  summary: 'Search comments',
  description:
    'Those of whatever status that match all that is said, the newest first; without a word of it, all. New comments are found at once. A comment whose id or link is pasted as `q` is found whatever else is said. A page may hold fewer than `limit`, or none, and have a `nextCursor`: one call looks at some thousands of comments at the most, and the next goes on behind them.',
  access: 'moderate',
  limits: [],
  request: { body: searchBody },
  answers: { 200: { description: 'One page.', schema: foundComments } },
  problems: [],
  indented: true,
  async handle({ deps, input, caller }) {
    const { order, limit, cursor, ...where } = input.body
    const { comments, nextCursor } = await searchCommentsOf(deps, {
      where: whereOf(where),
      moderator: moderatorName(caller.token),
      order,
      limit,
      cursor: cursor?.id ?? null,
    })
    const [queued, linkOf] = await Promise.all([queuedOf(deps, comments), articleLinks(deps, comments)])
    return {
      status: 200,
      body: { comments: queued.map((one) => presentQueued(one, linkOf(one.comment))), nextCursor },
    }
  },
})
