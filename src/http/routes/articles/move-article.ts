import { z } from 'zod'
import { withoutControls } from '../../../domain/text.ts'
import { moveArticle as moveArticleTo } from '../../../operations/articles/move-article.ts'
import { articleId } from '../../fields.ts'
import { problemOf } from '../../problems.ts'
import { defineRoute } from '../../route.ts'
import { movedArticle } from './answers.ts'
import { presentArticle } from './present.ts'
import { moveBody } from './requests.ts'

export const moveArticle = defineRoute({
  operationId: 'moveArticle',
  method: 'POST',
  path: '/v1/moderation/articles/{articleId}/move',
  tag: 'Articles',
  summary: 'Move an article to another id',
  description:
    'For a permalink that has changed, or an article that has collected comments under several ids. The other id takes its comments, its count and their replies, beside those that it has; what the site told of it holds for the other where that is new. From then on the old id answers for the new one: its list, its count, submissions to it. Readers see all or nothing of it. Moving again changes nothing, and moving back gives the old id its place again.',
  access: 'moderate',
  limits: [],
  request: { path: z.strictObject({ articleId }), body: moveBody },
  answers: { 200: { description: 'The article that answers now.', schema: movedArticle } },
  problems: ['article-not-found', 'article-moved', 'article-moving'],
  indented: true,
  async handle({ deps, input, caller, log }) {
    const { articleId } = input.path
    const { to } = input.body
    const result = await moveArticleTo(deps, articleId, to)
    const about = {
      event: 'move',
      from: withoutControls(articleId),
      to: withoutControls(to),
      movedBy: caller.token?.name,
    }
    if (!result.ok) {
      log.info({ ...about, refused: result.refusal.code }, 'move refused')
      return problemOf(result.refusal)
    }
    const { article, changed } = result.value
    log.info({ ...about, changed }, 'article moved')
    return { status: 200, body: { ...presentArticle(deps, article), changed } }
  },
})
