import { cdata, element, type Markup } from '../xml.ts'
import type { Format } from './format.ts'
import { asHtml } from './html.ts'
import type { ThreadedArticle, ThreadedComment, Threads } from './threads.ts'

/*
 * WXR 1.2, as WordPress 6 writes it: an `item` for each article, and in it a `wp:comment` for each comment. Elements, their
 * order, and which of them hold CDATA are WordPress's own: some importers look for them without a parser. All times are in
 * UTC: what the site's zone is nobody told.
 *
 * `trash`, for a rejected comment, is public in one importer (Artransfer), so rejected ones go in where that is asked for.
 */
export const wordpress: Format = {
  name: 'WordPress',
  statuses: ['approved', 'pending', 'rejected'],
  usualStatuses: ['approved', 'pending'],
  needsUrls: true,
  pieces,
}

function* pieces(threads: Threads): Generator<string> {
  yield start
  let isFirst = true
  for (const article of threads.articles()) {
    if (isFirst) yield* told(channel(article))
    isFirst = false
    yield '<item>\n'
    yield* told(item(article))
    for (const comment of threads.comments(article.number)) yield* told([commentOf(comment)])
    yield '</item>\n'
  }
  if (isFirst) yield* told([version])
  yield '</channel>\n</rss>\n'
}

const start = `<?xml version="1.0" encoding="UTF-8" ?>
<rss version="2.0"
\txmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
\txmlns:content="http://purl.org/rss/1.0/modules/content/"
\txmlns:wfw="http://wellformedweb.org/CommentAPI/"
\txmlns:dc="http://purl.org/dc/elements/1.1/"
\txmlns:wp="http://wordpress.org/export/1.2/"
>
<channel>
`

const version = element('wp:wxr_version', {}, '1.2')

/** The site is that of its first article. */
function channel({ url }: ThreadedArticle): Markup[] {
  const { origin, host } = new URL(url ?? '')
  return [
    element('title', {}, host),
    element('link', {}, origin),
    element('description', {}, ''),
    version,
    element('wp:base_site_url', {}, origin),
    element('wp:base_blog_url', {}, origin),
  ]
}

function item(article: ThreadedArticle): Markup[] {
  const { number, articleId, title, url, isClosed } = article
  const madeAtMs = article.publishedAtMs ?? article.firstCommentAtMs
  return [
    element('title', {}, cdata(asHtml(title ?? articleId))),
    element('link', {}, url),
    element('pubDate', {}, new Date(madeAtMs).toUTCString().replace('GMT', '+0000')),
    element('dc:creator', {}, cdata('')),
    element('guid', { isPermaLink: 'false' }, url),
    element('description', {}, ''),
    element('content:encoded', {}, cdata('')),
    element('excerpt:encoded', {}, cdata('')),
    element('wp:post_id', {}, String(number)),
    element('wp:post_date', {}, cdata(moment(madeAtMs))),
    element('wp:post_date_gmt', {}, cdata(moment(madeAtMs))),
    element('wp:comment_status', {}, cdata(isClosed ? 'closed' : 'open')),
    element('wp:ping_status', {}, cdata('closed')),
    element('wp:post_name', {}, cdata('')),
    element('wp:status', {}, cdata('publish')),
    element('wp:post_parent', {}, '0'),
    element('wp:menu_order', {}, '0'),
    element('wp:post_type', {}, cdata('post')),
    element('wp:post_password', {}, cdata('')),
    element('wp:is_sticky', {}, '0'),
  ]
}

function commentOf({
  number,
  parentNumber,
  status,
  name,
  email,
  body,
  submittedAtMs,
}: ThreadedComment): Markup {
  return element(
    'wp:comment',
    {},
    element('wp:comment_id', {}, String(number)),
    element('wp:comment_author', {}, cdata(asHtml(name ?? ''))),
    element('wp:comment_author_email', {}, cdata(email ?? '')),
    element('wp:comment_author_url', {}, ''),
    element('wp:comment_author_IP', {}, cdata('')),
    element('wp:comment_date', {}, cdata(moment(submittedAtMs))),
    element('wp:comment_date_gmt', {}, cdata(moment(submittedAtMs))),
    element('wp:comment_content', {}, cdata(asHtml(body ?? ''))),
    element('wp:comment_approved', {}, cdata(approval[status])),
    element('wp:comment_type', {}, cdata('comment')),
    element('wp:comment_parent', {}, String(parentNumber ?? 0)),
    element('wp:comment_user_id', {}, '0'),
  )
}

/** A withdrawn comment is in no file. */
const approval = { approved: '1', pending: '0', rejected: 'trash', withdrawn: 'trash' } as const

/** To the second, in UTC, without saying so. */
function moment(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}

function* told(elements: readonly Markup[]): Generator<string> {
  for (const { markup } of elements) yield `${markup}\n`
}
