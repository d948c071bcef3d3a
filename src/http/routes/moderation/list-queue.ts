import { z } from 'zod'
import { articleLinks } from '../../../operations/article-links.ts'
import { listQueue as listQueueOf } from '../../../operations/moderation/list-queue.ts'
import { cursorOf } from '../../cursor.ts'
import { wrongIssue } from '../../field-errors.ts'
import { articleId, cursor, cursorOfItsOrder, limit, queueOrder, status } from '../../fields.ts'
import { nextLink } from '../../next-link.ts'
import { defineRoute } from '../../route.ts'
import { queue } from './answers.ts'
import { presentQueued } from './present.ts'

export const listQueue = defineRoute({
  operationId: 'listQueue',
  method: 'GET',
  path: '/v1/moderation/comments',
  tag: 'Moderation',
  summary: 'List the queue',
  description:
    'The comments of one status, pending ones unless said otherwise, oldest first, e-mail included. `repeats` tells of a second click on the same form: reject one of the two. `claim` tells who looks at it. With `order=decided`, those that moderators have decided about, the last decided first: `?order=decided&limit=1` is what an undo is about.',
  access: 'moderate',
  limits: [],
  request: {
    query: z
      .strictObject({
        status: status.optional().meta({
          description:
            'Which comments. Where it is not said: `pending` ones, or with `order=decided` both approved and rejected ones. A pending one was not decided about.',
          examples: ['pending'],
        }),
        articleId: articleId.optional(),
        limit,
        cursor: cursor.optional(),
        order: queueOrder,
      })
      .superRefine(cursorOfItsOrder)
      .superRefine(({ status, order }, context) => {
        if (order !== 'decided' || status !== 'pending') return
        context.addIssue({
          ...wrongIssue('not-one-of', 'must be one of approved, rejected, withdrawn with this order'),
          path: ['status'],
        })
      }),
  },
  answers: { 200: { description: 'One page.', schema: queue, headers: ['ETag', 'Link'] } },
  problems: [],
  indented: true,
  async handle({ deps, input, url }) {
    const { status = null, articleId = null, limit, cursor = null, order } = input.query
    const page = await listQueueOf(deps, { status, articleId, order, limit, cursor })
    const nextCursor = cursorOf(page.nextCursor)
    const linkOf = await articleLinks(deps, page.comments)
    const body = {
      pending: page.pending,
      comments: page.queued.map((one) => presentQueued(one, linkOf(one.comment))),
      nextCursor,
    }
    return {
      status: 200,
      isTaggedByContent: true,
      headers: nextLink(url, nextCursor),
      body,
    }
  },
})
