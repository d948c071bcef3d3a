import { z } from 'zod'
import { articleLinks } from '../../../operations/article-links.ts'
import { viewOwnComment as viewOwnCommentOf } from '../../../operations/comments/view-own-comment.ts'
import { contentTag } from '../../entity-tag.ts'
import { commentId } from '../../fields.ts'
import { problemOf } from '../../problems.ts'
import { defineRoute } from '../../route.ts'
import { ownComment } from './answers.ts'
import { presentOwn } from './present.ts'

export const viewOwnComment = defineRoute({
  operationId: 'viewOwnComment',
  method: 'GET',
  path: '/v1/comments/{commentId}',
  tag: 'Author',
  summary: 'See where your comment stands',
  description: 'For its author, with the receipt as bearer token.',
  access: 'receipt',
  openTo: 'pages',
  limits: ['reads'],
  request: { path: z.strictObject({ commentId }) },
  answers: { 200: { description: 'The comment.', schema: ownComment, headers: ['ETag'] } },
  problems: [],
  indented: true,
  async handle({ deps, input, caller }) {
    const result = await viewOwnCommentOf(deps, {
      commentId: input.path.commentId,
      receipt: caller.receipt ?? '',
    })
    if (!result.ok) return problemOf(result.refusal)
    const body = presentOwn(
      result.value,
      (await articleLinks(deps, [result.value.comment]))(result.value.comment),
    )
    return {
      status: 200,
      etag: contentTag(JSON.stringify([result.value.comment.version, body.status, body.articleUrl])),
      body,
    }
  },
})
