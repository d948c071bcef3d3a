import { z } from 'zod'
import { listArticles as listArticlesOf } from '../../../operations/articles/list-articles.ts'
import { limit } from '../../fields.ts'
import { nextLink } from '../../next-link.ts'
import { defineRoute } from '../../route.ts'
import { articleList } from './answers.ts'
import { presentArticle } from './present.ts'
import { articleCursor, cursorOf, idIn } from './requests.ts'

export const listArticles = defineRoute({
  operationId: 'listArticles',
  method: 'GET',
  path: '/v1/moderation/articles',
  tag: 'Articles',
  summary: 'List the articles',
  description:
    'All that were told of or commented on, in order of their ids; ids that were moved are not among them.',
  access: 'moderate',
  limits: [],
  request: { query: z.strictObject({ limit, cursor: articleCursor.optional() }) },
  answers: { 200: { description: 'One page.', schema: articleList, headers: ['ETag', 'Link'] } },
  problems: [],
  indented: true,
  async handle({ deps, input, url }) {
    const { limit, cursor } = input.query
    const page = await listArticlesOf(deps, { limit, after: cursor === undefined ? null : idIn(cursor) })
    const nextCursor = page.nextAfter === null ? null : cursorOf(page.nextAfter)
    const body = { articles: page.articles.map((one) => presentArticle(deps, one)), nextCursor }
    return {
      status: 200,
      isTaggedByContent: true,
      headers: nextLink(url, nextCursor),
      body,
    }
  },
})
