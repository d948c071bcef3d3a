import { z } from 'zod'
import { countComments as countCommentsOf } from '../../../operations/comments/count-comments.ts'
import { publicCacheControl } from '../../cache-control.ts'
import { contentTag } from '../../entity-tag.ts'
import { articleId, listMaximum } from '../../fields.ts'
import { defineRoute } from '../../route.ts'
import { counts } from './answers.ts'

export const countComments = defineRoute({
  operationId: 'countComments',
  method: 'GET',
  path: '/v1/counts',
  tag: 'Public',
  summary: 'Count the approved comments of many articles',
  description: `For a front page: \`articleId\` up to ${listMaximum} times. An article never heard of has 0, a moved id the count of the article that answers for it. The same ids in the same order are the same URL to a CDN and to the memory that counts are answered from, so a page does well to sort them. With \`Cache-Control: no-cache\` they are read from the database, whatever replica is asked; it counts against the limit of reads.`,
  access: 'read',
  openTo: 'pages',
  limits: ['reads'],
  request: {
    query: z.strictObject({
      articleId: z
        .array(articleId, {
          error: (issue) => (issue.input === undefined ? 'is required' : 'must be a list'),
        })
        .min(1, { error: 'is required' })
        .max(listMaximum, { error: `must be given at most ${listMaximum} times` })
        .meta({ description: "The articles' ids.", examples: [['why-we-print', 'the-second-article']] }),
    }),
  },
  answers: { 200: { description: 'The counts.', schema: counts, headers: ['ETag', 'Cache-Control'] } },
  problems: [],
  async handle({ deps, input }) {
    const counts = await countCommentsOf(deps, input.query.articleId)
    return {
      status: 200,
      etag: contentTag(counts.map(({ total }) => total).join()),
      reusable: { articles: counts.map(({ answering }) => answering), untilMs: null },
      headers: {
        'cache-control': publicCacheControl(deps),
      },
      body: { counts: counts.map(({ articleId, total }) => ({ articleId, total })) },
    }
  },
})
