import { z } from 'zod'
import { feedLength, wholeSite } from '../../../domain/feeds/feed.ts'
import { readSiteFeed as readFeedOfSite } from '../../../operations/feeds/read-site-feed.ts'
import { language } from '../../fields.ts'
import { defineRoute } from '../../route.ts'
import { atomFeed, atomMediaType } from './answers.ts'
import { answerFeed } from './present.ts'

export const readSiteFeed = defineRoute({
  operationId: 'readSiteFeed',
  method: 'GET',
  path: '/v1/comments.atom',
  tag: 'Public',
  summary: 'Read the comments of all articles as a feed',
  description: `Atom (RFC 4287): the ${feedLength} approved comments of the whole site that were published last, the last first. What is approved late stands before what was approved earlier, whenever it was submitted.`,
  access: 'read',
  openTo: 'pages',
  limits: ['reads'],
  mediaType: atomMediaType,
  request: { query: z.strictObject({ lang: language }) },
  answers: { 200: { description: 'The feed.', schema: atomFeed, headers: ['ETag', 'Cache-Control'] } },
  problems: [],
  async handle({ deps, input }) {
    const { comments, revision } = await readFeedOfSite(deps)
    const { lang } = input.query
    const title = deps.wordsIn(lang ?? deps.defaultLanguage).commentsOfSite
    return {
      ...answerFeed(deps, { path: '/v1/comments.atom', lang, title, article: null, comments }),
      reusable: { articles: [{ articleId: wholeSite, revision }], untilMs: null },
    }
  },
})
