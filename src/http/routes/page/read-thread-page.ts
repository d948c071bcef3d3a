import { closingHoldsUntilMs, isClosed } from '../../../domain/articles/article.ts'
import { isPublic } from '../../../domain/comments/comment.ts'
import { listComments } from '../../../operations/comments/list-comments.ts'
import type { FormState } from '../../../page/form.ts'
import { publicCacheControl } from '../../cache-control.ts'
import { pageHeaders } from '../../page-headers.ts'
import { defineRoute, type RouteDeps } from '../../route.ts'
import { htmlMediaType, page } from './answers.ts'
import { pageBase, problemDocument, threadDocument } from './document.ts'
import { threadLinks } from './links.ts'
import { presentThread } from './present.ts'
import { keptOf } from './read-thread.ts'
import { isPlain, pageQuery, threadPath } from './requests.ts'
import { threadTag } from './thread-cache.ts'

export const readThreadPage = defineRoute({
  operationId: 'readThreadPage',
  method: 'GET',
  path: '/thread/{articleId}',
  tag: 'Page',
  summary: "An article's comments as a page",
  description:
    'For a plain link, in `<noscript>` for example: list, form, next page and acknowledgement work without a script.',
  access: 'public',
  limits: ['reads'],
  request: { path: threadPath, query: pageQuery },
  mediaType: htmlMediaType,
  problemPage: (_problem, deps, url) => problemDocument(deps, url, ({ unavailable }) => unavailable),
  answers: { 200: { description: 'The page.', schema: page, headers: ['ETag', 'Cache-Control'] } },
  problems: [],
  async handle({ deps, input, url }) {
    const { lang, limit, cursor = null, order, reply, sent } = input.query
    const locale = lang ?? deps.defaultLanguage
    const found = await listComments(deps, { articleId: input.path.articleId, order, limit, cursor })
    const { article } = found
    const nowMs = deps.clock()
    const closed = isClosed(article, deps.closeAfterDays, nowMs)
    const links = threadLinks(pageBase, article.articleId, locale, keptOf({ order }))
    const view = presentThread(deps, found, {
      locale,
      isClosed: closed,
      isLater: cursor !== null,
      links,
      heading: 2,
      depth: 3,
      // The thanks stand with the form: after fifty comments nobody would see them.
      formAt: sent === undefined ? 'below' : 'above',
      thanks: sent === undefined ? null : deps.wordsIn(locale).submitted,
      form: { parent: await parentOf(deps, article.articleId, reply ?? null) },
    })
    return {
      status: 200,
      etag: threadTag(deps, article.revision, closed),
      ...(isPlain(url) && {
        reusable: {
          articles: [article],
          untilMs: closingHoldsUntilMs(article, deps.closeAfterDays, nowMs),
        },
      }),
      headers: { ...pageHeaders, 'cache-control': publicCacheControl(deps) },
      text: await threadDocument(deps, article, view, order),
    }
  },
})

/** Whom a form replies to: an approved comment of this article, or nobody. */
export async function parentOf(
  deps: Pick<RouteDeps, 'store'>,
  articleId: string,
  commentId: string | null,
): Promise<FormState['parent']> {
  if (commentId === null) return null
  const comment = await deps.store.findComment(commentId)
  if (comment === null || comment.author === null || !isPublic(comment)) return null
  // While its article is moved, it may lie under the id that it was written under.
  const isHere = comment.articleId === articleId
  if (!isHere && (await deps.store.findArticle(comment.articleId))?.articleId !== articleId) return null
  return { id: comment.id, author: { name: comment.author.name } }
}
