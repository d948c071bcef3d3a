import type { Format, ReadOptions } from '../format.ts'
import type { Dropped, Moment, SourceComment, SourcePage, SourceRecord } from '../records.ts'
import { type Element, readXml, rootNameOf, type XmlHandler } from '../source/xml.ts'
import { SourceFault } from '../source-fault.ts'
import { htmlToText } from '../text/html-to-text.ts'
import { momentOf } from '../text/moments.ts'
import { type XmlFields, xmlFields } from './xml-fields.ts'

/*
 * WordPress's export (WXR): an RSS feed with what is more in a namespace of its own, of which the version and the scheme vary. A
 * comment may be a pingback or, since 6.9, an editor's note on a block; a trashed one is in the file like any other.
 */

const wxrNamespace = /^https?:\/\/(?:www\.)?wordpress\.org\/export\/1\.\d+\/?$/
const anyExport = /^https?:\/\/(?:www\.)?wordpress\.org\/export\//

export const wordpress: Format = {
  title: 'WordPress',
  recognises: ({ text }) =>
    rootNameOf(text) === 'rss' && /https?:\/\/(?:www\.)?wordpress\.org\/export\//.test(text),
  read: (file, options) => readXml<SourceRecord>(file, (found) => handlerOf(found, file.name, options)),
}

function handlerOf(found: (record: SourceRecord) => void, file: string, options: ReadOptions): XmlHandler {
  let items = 0
  let isExport = false
  let page = xmlFields()
  let comment: XmlFields | null = null
  let site = ''
  /** Numbers of posts, for what hangs on them. */
  const publicPosts = new Set<string>()
  const keyOf = () => `${file} ${items}`

  return {
    open(element, path) {
      if (path.length === 0 && element.name !== 'rss') throw noExport()
      isExport ||= element.declares.some((namespace) => wxrNamespace.test(namespace))
      if (isItem(element, path)) {
        items += 1
        page = xmlFields()
      }
      if (isComment(element, path)) comment = xmlFields()
      else if (isOfAnotherVersion(element, path)) throw isExport ? otherVersion() : noExport()
      const isWanted =
        isSiteLink(element, path) ||
        isPageField(element, path) ||
        (comment !== null && isCommentField(element, path))
      return isWanted && secrets.has(element.name) ? 'whether' : isWanted
    },
    close(element, path, text) {
      if (path.length === 0 && !isExport) throw noExport()
      if (comment !== null && isCommentField(element, path)) comment.add(element.name, text)
      else if (isComment(element, path)) {
        if (comment !== null)
          found(commentOf(keyOf(), hostIn(page.said('link')) ?? site, comment, options.zone))
        comment = null
      } else if (isPageField(element, path)) page.add(element.name, text)
      else if (isSiteLink(element, path)) site = hostIn(text) ?? ''
      else if (isItem(element, path)) {
        // What says that it is no public one may come last.
        const isPublic = isPublicPost(page, publicPosts)
        const post = page.said('post_id') ?? ''
        if (isPublic && !page.isUnclear('post_id') && postNumber.test(post)) publicPosts.add(post)
        found(pageOf(keyOf(), page, isPublic, options.nowMs))
      }
    },
  }
}

const postNumber = /^\d{1,20}$/

const feedFields = new Set(['title', 'link'])
const pageFields = new Set([
  'status',
  'post_id',
  'post_parent',
  'post_password',
  'post_date_gmt',
  'comment_status',
])
const commentFields = new Set([
  'comment_approved',
  'comment_author',
  'comment_author_IP',
  'comment_author_email',
  'comment_author_url',
  'comment_content',
  'comment_date',
  'comment_date_gmt',
  'comment_id',
  'comment_parent',
  'comment_type',
])

/** Of these only whether there is one. */
const secrets = new Set(['post_password', 'comment_author_IP'])

function isOwn({ namespace }: Element): boolean {
  return wxrNamespace.test(namespace)
}

function isSiteLink(element: Element, path: readonly Element[]): boolean {
  return path.length === 2 && element.name === 'link' && element.namespace === ''
}

function isItem(element: Element, path: readonly Element[]): boolean {
  return path.length === 2 && element.name === 'item' && element.namespace === ''
}

function isInItem(path: readonly Element[]): boolean {
  const [, , item] = path
  return item !== undefined && isItem(item, path.slice(0, 2))
}

/** Another feed's elements may have the same names. */
function isPageField(element: Element, path: readonly Element[]): boolean {
  if (path.length !== 3 || !isInItem(path)) return false
  return element.namespace === ''
    ? feedFields.has(element.name)
    : pageFields.has(element.name) && isOwn(element)
}

function isComment(element: Element, path: readonly Element[]): boolean {
  return path.length === 3 && element.name === 'comment' && isOwn(element) && isInItem(path)
}

function isCommentField(element: Element, path: readonly Element[]): boolean {
  return path.length === 4 && commentFields.has(element.name) && isOwn(element)
}

/** What nobody has looked for in a file that has versions in it which are known would be missing without a word. */
function isOfAnotherVersion({ name, namespace }: Element, path: readonly Element[]): boolean {
  return path.length === 3 && name === 'comment' && isInItem(path) && anyExport.test(namespace)
}

function otherVersion(): SourceFault {
  return new SourceFault(
    'It has comments of a version of the export that is not known here: those up to http://wordpress.org/export/1.2/ are.',
  )
}

function noExport(): SourceFault {
  return new SourceFault(
    'It is XML, and no export of WordPress: that is an RSS feed which declares http://wordpress.org/export/1.2/ or an earlier version.',
  )
}

function pageOf(key: string, fields: XmlFields, isPublic: boolean, nowMs: number): SourcePage {
  const published = momentOf(fields.whole('post_date_gmt'), 'UTC')
  return {
    kind: 'page',
    key,
    url: fields.said('link'),
    identifier: fields.said('post_id'),
    title: fields.named('title'),
    publishedAtMs: typeof published === 'number' && published >= 0 && published <= nowMs ? published : null,
    isClosed: isClosed(fields),
    leftOut: isPublic ? null : 'page-not-public',
  }
}

/** Behind a password the comments are, too. */
function isPublicPost(fields: XmlFields, publicPosts: ReadonlySet<string>): boolean {
  if (['status', 'post_parent', 'post_password'].some(fields.isUnclear)) return false
  if (fields.said('post_password') !== null) return false
  switch (fields.said('status')) {
    case 'publish':
    case null:
      return true
    case 'inherit':
      return isBelowPublic(fields.said('post_parent'), publicPosts)
    default:
      return false
  }
}

/**
 * A picture or file is as public as the post that it hangs on, and of one that comes later in the file, or in another, nothing is
 * known yet: it counts as not public. What hangs on none WordPress itself shows.
 */
function isBelowPublic(parent: string | null, publicPosts: ReadonlySet<string>): boolean {
  return parent !== null && (parent === '0' || publicPosts.has(parent))
}

/** Early versions have a state for readers with an account, too. Of what is not clear nobody is to add to it. */
function isClosed(fields: XmlFields): boolean {
  return (
    fields.isUnclear('comment_status') ||
    ![null, 'open', 'registered_only'].includes(fields.said('comment_status'))
  )
}

/** Each site numbers its own comments. */
function hostIn(link: string | null): string | null {
  return URL.parse(link?.trim() ?? '')?.host ?? null
}

function commentOf(key: string, site: string, fields: XmlFields, zone: string | null): SourceComment {
  const content = fields.whole('comment_content')
  const parent = fields.said('comment_parent')
  return {
    kind: 'comment',
    id: fields.said('comment_id') ?? '',
    site,
    page: key,
    parent: parent === '0' ? null : parent,
    state: stateOf(fields),
    author: { name: fields.named('comment_author'), email: fields.said('comment_author_email') },
    text: content === null ? null : htmlToText((content ?? '').trim(), { lineBreaks: 'text' }),
    at: timeOf(fields, zone),
    decidedAtMs: null,
    dropped: droppedOf(fields),
  }
}

function stateOf(fields: XmlFields): SourceComment['state'] {
  if (fields.isUnclear('comment_type') || fields.isUnclear('comment_approved')) return 'unknown-state'
  const type = fields.said('comment_type')
  if (type !== null && type !== 'comment') return 'not-a-comment'
  switch (fields.said('comment_approved')) {
    case '1':
    case 'approve':
      return 'approved'
    case '0':
    case 'hold':
      return 'pending'
    case 'spam':
      return 'spam'
    case 'trash':
    case 'post-trashed':
      return 'deleted'
    default:
      return 'unknown-state'
  }
}

/** The time of the site's own clock counts only where the other one says nothing. */
function timeOf(fields: XmlFields, zone: string | null): Moment {
  const gmt = momentOf(fields.whole('comment_date_gmt'), 'UTC')
  return gmt === 'no-time' ? momentOf(fields.whole('comment_date'), zone) : gmt
}

function droppedOf(fields: XmlFields): Dropped[] {
  const kinds: [string, Dropped][] = [
    ['comment_author_IP', 'ip'],
    ['comment_author_url', 'website'],
  ]
  return kinds.flatMap(([name, dropped]) => (fields.said(name) === null ? [] : [dropped]))
}
