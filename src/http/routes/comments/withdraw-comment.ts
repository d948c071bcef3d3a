import { z } from 'zod'
import { articleLinks } from '../../../operations/article-links.ts'
import { withdrawComment as withdrawCommentOf } from '../../../operations/comments/withdraw-comment.ts'
import { commentId } from '../../fields.ts'
import { problemOf } from '../../problems.ts'
import { defineRoute } from '../../route.ts'
import { ownComment } from './answers.ts'
import { presentOwn } from './present.ts'

export const withdrawComment = defineRoute({
  operationId: 'withdrawComment',
  method: 'DELETE',
  path: '/v1/comments/{commentId}',
  tag: 'Author',
  summary: 'Withdraw your comment',
  description:
    'For its author, with the receipt as bearer token. Its text, name and e-mail are erased for good; its place in the thread is not, so replies to it stay. Withdrawing again changes nothing.',
  access: 'receipt',
  openTo: 'pages',
  limits: ['reads'],
  request: { path: z.strictObject({ commentId }) },
  answers: { 200: { description: 'It is withdrawn.', schema: ownComment } },
  problems: ['decision-conflict'],
  indented: true,
  async handle({ deps, input, caller, log }) {
    const { commentId } = input.path
    const result = await withdrawCommentOf(deps, { commentId, receipt: caller.receipt ?? '' })
    if (!result.ok) return problemOf(result.refusal)
    const { comment, changed } = result.value
    log.info(
      { event: 'decision', commentId, action: 'withdraw', version: comment.version, changed },
      'comment withdrawn',
    )
    return { status: 200, body: presentOwn(result.value, (await articleLinks(deps, [comment]))(comment)) }
  },
})
