import { v5 as uuidv5 } from 'uuid'
import { commentLinkOf, linkOf } from '../../../domain/articles/article.ts'
import type { FeedArticle, FeedComment } from '../../../domain/feeds/feed.ts'
import type { Language } from '../../../domain/language.ts'
import type { Words } from '../../../words/en.ts'
import { filled } from '../../../words/words.ts'
import { element, type Markup, xmlDocument } from '../../../xml.ts'
import { publicCacheControl } from '../../cache-control.ts'
import { contentTag } from '../../entity-tag.ts'
import type { Answer, RouteDeps } from '../../route.ts'
import { timestamp } from '../../timestamp.ts'

export type Feed = {
  /** Of the service's own, without a query. */
  path: string
  /** As it was asked for. */
  lang: Language | undefined
  title: string
  /** What all of it is about; `null` where it is about many. */
  article: FeedArticle | null
  /** The last published first. */
  comments: readonly FeedComment[]
}

type FeedDeps = Pick<
  RouteDeps,
  'publicUrl' | 'articleUrl' | 'defaultLanguage' | 'wordsIn' | 'cdnFreshSeconds' | 'cdnStaleSeconds'
>

/**
 * The tag is a digest: what stands in a feed depends on the words of this version and on its settings too, and who polls it
 * would otherwise not hear of other ones until the next comment.
 */
export function answerFeed(deps: FeedDeps, feed: Feed): Answer {
  const text = presentFeed(deps, feed)
  return {
    status: 200,
    text,
    etag: contentTag(text),
    headers: {
      'cache-control': publicCacheControl(deps),
    },
  }
}

/** What an article is called where a title is needed. */
export function nameOf({ title, articleId }: FeedArticle): string {
  return title ?? articleId
}

function presentFeed(
  { publicUrl, articleUrl, defaultLanguage, wordsIn }: FeedDeps,
  { path, lang, title, article, comments }: Feed,
): string {
  const language = lang ?? defaultLanguage
  const query = lang === undefined ? '' : `?lang=${lang}`
  const publishedMs = comments.map(({ comment }) => comment.publishedAtMs)
  return xmlDocument(
    element(
      'feed',
      {
        xmlns: 'http://www.w3.org/2005/Atom',
        'xmlns:thr': 'http://purl.org/syndication/thread/1.0',
        'xml:lang': language,
      },
      element('id', {}, `urn:uuid:${uuidv5(`${publicUrl ?? ''}${path}`, uuidv5.URL)}`),
      element('title', { type: 'text' }, title),
      // An element that has to be there: without a comment nothing was ever published.
      element('updated', {}, timestamp(Math.max(0, ...publishedMs))),
      publicUrl === null
        ? null
        : element('link', {
            rel: 'self',
            type: 'application/atom+xml',
            href: `${publicUrl}${path}${query}`,
          }),
      article === null ? null : linkTo(commentLinkOf(articleLink(article, articleUrl), null)),
      ...comments.map((comment) => presentEntry(comment, articleUrl, wordsIn(language))),
    ),
  )
}

/** Nothing else makes the entry of a comment, so nothing else can let an address out: there is none in what it is made of. */
function presentEntry({ comment, article }: FeedComment, articleUrl: string | null, words: Words): Markup {
  const link = articleLink(article, articleUrl)
  const title = filled(words.feedEntry, { name: comment.authorName, title: nameOf(article) })
  return element(
    'entry',
    {},
    element('id', {}, idOf(comment.id)),
    element('title', { type: 'text' }, title),
    element('author', {}, element('name', {}, comment.authorName)),
    element('published', {}, timestamp(comment.submittedAtMs)),
    element('updated', {}, timestamp(comment.publishedAtMs)),
    linkTo(commentLinkOf(link, comment.id)),
    comment.parentId === null
      ? null
      : element('thr:in-reply-to', {
          ref: idOf(comment.parentId),
          href: commentLinkOf(link, comment.parentId),
        }),
    element('content', { type: 'text' }, comment.body),
  )
}

function articleLink({ articleId, url }: FeedArticle, articleUrl: string | null): string | null {
  return linkOf(articleId, url, articleUrl)
}

function idOf(commentId: string): string {
  return `urn:uuid:${commentId}`
}

function linkTo(href: string | null): Markup | null {
  return href === null ? null : element('link', { rel: 'alternate', href })
}
