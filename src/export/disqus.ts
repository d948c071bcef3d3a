import { cdata, element, type Markup } from '../xml.ts'
import type { Format } from './format.ts'
import { asParagraphs } from './html.ts'
import type { ThreadedArticle, ThreadedComment, Threads } from './threads.ts'

/*
 * The XML that Disqus exports: threads first, then posts, each under a number. It cannot tell a pending post from a public
 * one, and of `isSpam` and `isDeleted` some importers see nothing (Isso, Cusdis), so only approved comments go in. No deleted
 * post stands for what is left out: remark42 and Comentario lose what hangs on one.
 */
export const disqus: Format = {
  name: 'Disqus',
  statuses: ['approved'],
  usualStatuses: ['approved'],
  needsUrls: true,
  pieces,
}

function* pieces(threads: Threads): Generator<string> {
  yield start
  yield told(
    element(
      'category',
      { 'dsq:id': String(categoryNumber) },
      element('forum', {}, forum),
      element('title', {}, 'General'),
      element('isDefault', {}, 'true'),
    ),
  )
  for (const article of threads.articles()) yield told(threadOf(article))
  for (const comment of threads.comments()) yield told(postOf(comment))
  yield '</disqus>\n'
}

const start = `<?xml version="1.0" encoding="utf-8"?>
<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://disqus.com/api/schemas/1.0/disqus.xsd http://disqus.com/api/schemas/1.0/disqus-internals.xsd">
`

const forum = 'imprimatur'
const categoryNumber = 1

/** Categories and threads share their numbers. */
function threadNumber(article: number): string {
  return String(categoryNumber + article)
}

function threadOf(article: ThreadedArticle): Markup {
  const { number, articleId, title, url, publishedAtMs, firstCommentAtMs, isClosed } = article
  return element(
    'thread',
    { 'dsq:id': threadNumber(number) },
    element('id', {}, articleId),
    element('forum', {}, forum),
    element('category', { 'dsq:id': String(categoryNumber) }),
    element('link', {}, url),
    element('title', {}, title ?? articleId),
    element('message', {}),
    element('createdAt', {}, moment(publishedAtMs ?? firstCommentAtMs)),
    element('author', {}, element('name', {}, ''), element('isAnonymous', {}, 'true')),
    element('isClosed', {}, String(isClosed)),
    element('isDeleted', {}, 'false'),
  )
}

function postOf(comment: ThreadedComment): Markup {
  const { number, parentNumber, article, id, name, email, body, submittedAtMs } = comment
  return element(
    'post',
    { 'dsq:id': String(number) },
    element('id', {}, id),
    element('message', {}, cdata(asParagraphs(body ?? ''))),
    element('createdAt', {}, moment(submittedAtMs)),
    element('isDeleted', {}, 'false'),
    element('isSpam', {}, 'false'),
    element(
      'author',
      {},
      email === null ? null : element('email', {}, email),
      element('name', {}, name ?? ''),
      element('isAnonymous', {}, 'true'),
    ),
    element('thread', { 'dsq:id': threadNumber(article) }),
    parentNumber === null ? null : element('parent', { 'dsq:id': String(parentNumber) }),
  )
}

/** To the second: more of it Isso does not read. */
function moment(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

function told({ markup }: Markup): string {
  return `${markup}\n`
}
