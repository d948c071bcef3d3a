import { z } from 'zod'
import { viewArticle as viewArticleOf } from '../../../operations/articles/view-article.ts'
import { contentTag } from '../../entity-tag.ts'
import { articleId } from '../../fields.ts'
import { problemOf } from '../../problems.ts'
import { defineRoute } from '../../route.ts'
import { article } from './answers.ts'
import { presentArticle } from './present.ts'

export const viewArticle = defineRoute({
  operationId: 'viewArticle',
  method: 'GET',
  path: '/v1/moderation/articles/{articleId}',
  tag: 'Articles',
  summary: 'View what is known of an article',
  description: 'Of an id that was moved, the article that answers for it.',
  access: 'moderate',
  limits: [],
  request: { path: z.strictObject({ articleId }) },
  answers: { 200: { description: 'The article.', schema: article, headers: ['ETag'] } },
  problems: ['article-not-found'],
  indented: true,
  async handle({ deps, input }) {
    const result = await viewArticleOf(deps, input.path.articleId)
    if (!result.ok) return problemOf(result.refusal)
    const body = presentArticle(deps, result.value)
    return { status: 200, etag: contentTag(JSON.stringify(body)), body }
  },
})
