import { z } from 'zod'
import { closingHoldsUntilMs, isClosed, linkOf } from '../../../domain/articles/article.ts'
import { listComments as listCommentsOf } from '../../../operations/comments/list-comments.ts'
import { publicCacheControl } from '../../cache-control.ts'
import { cursorOf } from '../../cursor.ts'
import { etagOf } from '../../entity-tag.ts'
import { articleId, cursor, cursorOfItsOrder, limit, listOrder } from '../../fields.ts'
import { nextLink } from '../../next-link.ts'
import { defineRoute } from '../../route.ts'
import { commentList } from './answers.ts'
import { presentPublic } from './present.ts'

export const listComments = defineRoute({
  operationId: 'listComments',
  method: 'GET',
  path: '/v1/articles/{articleId}/comments',
  tag: 'Public',
  summary: "List an article's approved comments",
  description:
    'In order of submission, oldest first, unless `order` says otherwise. A comment that is approved late has its place in that order among those that were read already: who asks again behind the last one, or for the newest alone, never gets it. With `order=published` it is behind all that was approved before, and `followCursor` asks for what has come since. An article never heard of is an empty list. `parentId` lets a page draw threads; a reply may stand without its parent where that one is not public. With `Cache-Control: no-cache` the list is read from the database, whatever replica is asked; it counts against the limit of reads. A site’s own server may show a token of scope `submit`: then the reader’s address that it passes in `Forwarded` or `X-Forwarded-For` counts against the limit in its own address’s stead.',
  access: 'read',
  openTo: 'pages',
  limits: ['reads'],
  request: {
    path: z.strictObject({ articleId }),
    query: z
      .strictObject({ limit, cursor: cursor.optional(), order: listOrder })
      .superRefine(cursorOfItsOrder),
  },
  answers: {
    200: { description: 'One page.', schema: commentList, headers: ['ETag', 'Cache-Control', 'Link'] },
  },
  problems: [],
  async handle({ deps, input, url }) {
    const { articleId } = input.path
    const { limit, cursor = null, order } = input.query
    const page = await listCommentsOf(deps, { articleId, order, limit, cursor })
    const { article } = page
    const next = cursorOf(page.nextCursor)
    const nowMs = deps.clock()
    const closed = isClosed(article, deps.closeAfterDays, nowMs)
    return {
      status: 200,
      // It closes by the clock, which moves no revision.
      etag: closed ? `"${article.revision}-closed"` : etagOf(article.revision),
      reusable: {
        articles: [article],
        untilMs: closingHoldsUntilMs(article, deps.closeAfterDays, nowMs),
      },
      headers: {
        'cache-control': publicCacheControl(deps),
        ...nextLink(url, next),
      },
      body: {
        articleId: article.articleId,
        articleUrl: linkOf(article.articleId, article.url, deps.articleUrl),
        closed,
        total: article.approvedCount,
        comments: page.comments.map(presentPublic),
        nextCursor: next,
        followCursor: cursorOf(page.followCursor),
      },
    }
  },
})
