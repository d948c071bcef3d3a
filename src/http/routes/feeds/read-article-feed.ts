import { z } from 'zod'
import { feedLength } from '../../../domain/feeds/feed.ts'
import { readArticleFeed as readFeedOf } from '../../../operations/feeds/read-article-feed.ts'
import { filled } from '../../../words/words.ts'
import { articleId, language } from '../../fields.ts'
import { defineRoute } from '../../route.ts'
import { atomFeed, atomMediaType } from './answers.ts'
import { answerFeed, nameOf } from './present.ts'

export const readArticleFeed = defineRoute({
  operationId: 'readArticleFeed',
  method: 'GET',
  path: '/v1/articles/{articleId}/comments.atom',
  tag: 'Public',
  summary: "Read an article's comments as a feed",
  description: `Atom (RFC 4287): the ${feedLength} approved comments that were published last, the last first. \`updated\` is when a comment was published, \`published\` when it was submitted; a reply names what it replies to in \`thr:in-reply-to\` (RFC 4685). An article never heard of is an empty feed.`,
  access: 'read',
  openTo: 'pages',
  limits: ['reads'],
  mediaType: atomMediaType,
  request: { path: z.strictObject({ articleId }), query: z.strictObject({ lang: language }) },
  answers: { 200: { description: 'The feed.', schema: atomFeed, headers: ['ETag', 'Cache-Control'] } },
  problems: [],
  async handle({ deps, input }) {
    const { article, comments } = await readFeedOf(deps, input.path.articleId)
    const { lang } = input.query
    const words = deps.wordsIn(lang ?? deps.defaultLanguage)
    return {
      ...answerFeed(deps, {
        path: `/v1/articles/${encodeURIComponent(article.articleId)}/comments.atom`,
        lang,
        title: filled(words.commentsOn, { title: nameOf(article) }),
        article,
        comments: comments.map((comment) => ({ comment, article })),
      }),
      reusable: { articles: [article], untilMs: null },
    }
  },
})
