import { closingHoldsUntilMs, isClosed } from '../../../domain/articles/article.ts'
import { listComments } from '../../../operations/comments/list-comments.ts'
import { threadTree } from '../../../page/thread.ts'
import { publicCacheControl } from '../../cache-control.ts'
import { htmlText } from '../../html-text.ts'
import { defineRoute } from '../../route.ts'
import { fragment, htmlMediaType } from './answers.ts'
import { threadLinks } from './links.ts'
import { presentThread } from './present.ts'
import { fragmentQuery, threadPath } from './requests.ts'
import { threadTag } from './thread-cache.ts'

export const readThread = defineRoute({
  operationId: 'readThread',
  method: 'GET',
  path: '/v1/articles/{articleId}/thread.html',
  tag: 'Page',
  summary: "An article's comments as a piece of HTML",
  description:
    'To be put into the page of the article by its own server: an include (SSI, ESI), a template, a build. Everything in it is escaped; it has no script and no style. The element `<imprimatur-comments>` takes it over without another request; without a script its links and its form lead to `/thread/{articleId}` at `PUBLIC_URL`. Moments are those of UTC.',
  access: 'read',
  openTo: 'pages',
  limits: ['reads'],
  request: { path: threadPath, query: fragmentQuery },
  mediaType: htmlMediaType,
  answers: {
    200: { description: 'One page.', schema: fragment, headers: ['ETag', 'Cache-Control'] },
  },
  problems: [],
  async handle({ deps, input, log }) {
    if (deps.publicUrl === null && !told.has(deps)) {
      told.add(deps)
      log.warn(
        { event: 'no-public-url' },
        'PUBLIC_URL is not set: without a script, links and form of thread.html lead to these paths of the host whose page it is in',
      )
    }
    const { lang, limit, cursor = null, order, heading, depth, form: formAt } = input.query
    const locale = lang ?? deps.defaultLanguage
    const page = await listComments(deps, { articleId: input.path.articleId, order, limit, cursor })
    const { article } = page
    const nowMs = deps.clock()
    const closed = isClosed(article, deps.closeAfterDays, nowMs)
    const view = presentThread(deps, page, {
      locale,
      isClosed: closed,
      isLater: cursor !== null,
      links: threadLinks(deps.publicUrl ?? '', article.articleId, locale, keptOf({ order })),
      heading,
      depth,
      formAt,
      thanks: null,
      form: {},
    })
    return {
      status: 200,
      etag: threadTag(deps, article.revision, closed),
      reusable: {
        articles: [article],
        untilMs: closingHoldsUntilMs(article, deps.closeAfterDays, nowMs),
      },
      headers: { 'cache-control': publicCacheControl(deps) },
      text: `${await htmlText(threadTree(view))}\n`,
    }
  },
})

/** The services whose log has been told that their address is not known. */
const told = new WeakSet<object>()

export function keptOf({ order }: { order: string }): Record<string, string> {
  return order === 'oldest' ? {} : { order }
}
