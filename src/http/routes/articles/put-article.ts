import { z } from 'zod'
import { withoutControls } from '../../../domain/text.ts'
import { putArticle as putArticleTo } from '../../../operations/articles/put-article.ts'
import { articleId } from '../../fields.ts'
import { problemOf } from '../../problems.ts'
import { defineRoute } from '../../route.ts'
import { article } from './answers.ts'
import { presentArticle } from './present.ts'
import { articleBody } from './requests.ts'

export const putArticle = defineRoute({
  operationId: 'putArticle',
  method: 'PUT',
  path: '/v1/moderation/articles/{articleId}',
  tag: 'Articles',
  summary: 'Tell of an article',
  description:
    'Its title, its URL, when it was published and when it closes, all at once: what is left out is not known any more. An article need not be told of: it is there with its first comment. A closed article lists as before, and refuses submissions. A site’s own server may call this with a token of scope `submit`, a moderator with one of scope `moderate`.',
  access: 'site',
  limits: [],
  request: { path: z.strictObject({ articleId }), body: articleBody },
  answers: { 200: { description: 'The article as it is now.', schema: article } },
  problems: ['article-moving'],
  indented: true,
  async handle({ deps, input, caller, log }) {
    const { title = null, url = null, publishedAt = null, closedAt = null } = input.body
    const result = await putArticleTo(deps, input.path.articleId, {
      title,
      url,
      publishedAtMs: publishedAt,
      closedAtMs: closedAt,
    })
    if (!result.ok) return problemOf(result.refusal)
    log.info(
      {
        event: 'article',
        articleId: withoutControls(result.value.articleId),
        toldBy: caller.token?.name,
        closedAtMs: closedAt,
      },
      'article told of',
    )
    return { status: 200, body: presentArticle(deps, result.value) }
  },
})
