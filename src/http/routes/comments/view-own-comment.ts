import { z } from 'zod'
import { reasonText } from '../../../domain/moderation/reason.ts'
import { articleLinks } from '../../../operations/article-links.ts'
import { viewOwnComment as viewOwnCommentOf } from '../../../operations/comments/view-own-comment.ts'
import { contentTag } from '../../entity-tag.ts'
import { commentId } from '../../fields.ts'
import { negotiateLanguage } from '../../language.ts'
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
  description:
    'For its author, with the receipt as bearer token. A reason that the moderator gave by its code is told in the language that `Accept-Language` asks for.',
  access: 'receipt',
  openTo: 'pages',
  limits: ['reads'],
  request: { path: z.strictObject({ commentId }) },
  answers: {
    200: { description: 'The comment.', schema: ownComment, headers: ['ETag', 'Content-Language'] },
  },
  problems: [],
  indented: true,
  async handle({ deps, input, caller, acceptLanguage }) {
    const result = await viewOwnCommentOf(deps, {
      commentId: input.path.commentId,
      receipt: caller.receipt ?? '',
    })
    if (!result.ok) return problemOf(result.refusal)
    const { reason, reasonCode } = result.value
    const language = negotiateLanguage(acceptLanguage, deps.defaultLanguage)
    const ready = reasonText(deps.reasons, reasonCode, language, deps.defaultLanguage)
    const body = presentOwn(
      { ...result.value, reason: reason ?? ready },
      (await articleLinks(deps, [result.value.comment]))(result.value.comment),
    )
    return {
      status: 200,
      headers: { 'content-language': language },
      etag: contentTag(
        JSON.stringify([result.value.comment.version, body.status, body.articleUrl, body.reason]),
      ),
      body,
    }
  },
})
