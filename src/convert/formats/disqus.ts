import type { Format } from '../format.ts'
import type { Dropped, SourceComment, SourceRecord } from '../records.ts'
import { type Element, readXml, rootNameOf, type XmlHandler } from '../source/xml.ts'
import { SourceFault } from '../source-fault.ts'
import { htmlToText } from '../text/html-to-text.ts'
import { momentOf } from '../text/moments.ts'
import { type XmlFields, xmlFields } from './xml-fields.ts'

/*
 * The XML that Disqus exports. Files from before about 2018 have addresses, later ones none. Whether a comment was approved is in
 * none of them: what waits there looks like what is public.
 */

const disqusNamespace = 'http://disqus.com'
const idNamespace = 'http://disqus.com/disqus-internals'

export const disqus: Format = {
  title: 'Disqus',
  recognises: ({ text }) => rootNameOf(text) === 'disqus' && text.includes(disqusNamespace),
  read: (file) => readXml<SourceRecord>(file, handlerOf),
}

/** By their paths below a thread or a post; nothing is kept of any other. */
const fieldNames = new Set([
  'author/email',
  'author/name',
  'author/username',
  'createdAt',
  'id',
  'ipAddress',
  'isClosed',
  'isDeleted',
  'isSpam',
  'link',
  'message',
  'title',
])
const idNames = new Set(['parent', 'post', 'thread'])

function handlerOf(found: (record: SourceRecord) => void): XmlHandler {
  let fields = xmlFields()
  let ids = new Map<string, string>()

  return {
    open(element, path) {
      if (path.length === 0 && !(element.name === 'disqus' && isOwn(element)))
        throw new SourceFault('It is XML, and no export of Disqus: that begins with <disqus>.')
      if (path.length === 1) {
        fields = xmlFields()
        ids = new Map()
      }
      const isId = path.length > 0 && path.length <= 2 && idNames.has(element.name) && isOwn(element)
      const id = isId ? element.attribute(idNamespace, 'id') : null
      if (id !== null) ids.set(element.name, id)
      const name = nameIn(element, path) ?? ''
      return name === 'ipAddress' ? 'whether' : fieldNames.has(name)
    },
    close(element, path, text) {
      const name = nameIn(element, path)
      if (name !== null && fieldNames.has(name)) fields.add(name, text)
      if (path.length !== 1 || !isOwn(element)) return
      if (element.name === 'thread') found(pageOf(fields, ids))
      if (element.name === 'post') found(commentOf(fields, ids))
    },
  }
}

function isOwn({ namespace }: Element): boolean {
  return namespace === disqusNamespace
}

/** Such as `author/name`: below the thread or the post. `null` for what is not of Disqus, or stands elsewhere. */
function nameIn(element: Element, path: readonly Element[]): string | null {
  const below = [...path.slice(2), element]
  return path.length > 1 && below.every(isOwn) ? below.map(({ name }) => name).join('/') : null
}

function pageOf(fields: XmlFields, ids: ReadonlyMap<string, string>): SourceRecord {
  return {
    kind: 'page',
    key: ids.get('thread') ?? '',
    url: fields.said('link'),
    identifier: fields.said('id'),
    title: fields.named('title'),
    // The thread's time is when somebody first looked at the page.
    publishedAtMs: null,
    isClosed: flagOf(fields, 'isClosed') !== false,
    leftOut: flagOf(fields, 'isDeleted') === false ? null : 'page-not-public',
  }
}

function commentOf(fields: XmlFields, ids: ReadonlyMap<string, string>): SourceComment {
  const message = fields.whole('message')
  return {
    kind: 'comment',
    id: ids.get('post') ?? '',
    site: '',
    page: ids.get('thread') ?? '',
    parent: ids.get('parent') ?? null,
    state: stateOf(fields),
    author: {
      name: fields.named('author/name') ?? fields.named('author/username'),
      email: fields.said('author/email'),
    },
    text:
      message === null ? null : htmlToText(message ?? '', { lineBreaks: 'markup', targetOf: withoutCounter }),
    at: momentOf(fields.whole('createdAt'), 'UTC'),
    decidedAtMs: null,
    dropped: [...(fields.said('ipAddress') === null ? [] : (['ip'] as const))] satisfies Dropped[],
  }
}

function stateOf(fields: XmlFields): SourceComment['state'] {
  const [isSpam, isDeleted] = [flagOf(fields, 'isSpam'), flagOf(fields, 'isDeleted')]
  if (isSpam === null || isDeleted === null) return 'unknown-state'
  return isSpam ? 'spam' : isDeleted ? 'deleted' : 'approved'
}

/** `null` where it says neither; where nothing is said, it is not so. */
function flagOf(fields: XmlFields, name: string): boolean | null {
  if (fields.isUnclear(name)) return null
  switch (fields.said(name)?.toLowerCase()) {
    case 'true':
    case '1':
      return true
    case 'false':
    case '0':
    case undefined:
      return false
    default:
      return null
  }
}

/** Links of comments lead to `disq.us/url?url=ADDRESS:KEY&cuid=NUMBER` first. */
function withoutCounter(href: string): string | null {
  const url = URL.parse(href)
  if (url === null || !/(?:^|\.)disq\.us$/.test(url.hostname)) return href
  const target = url.searchParams.get('url')?.replace(/:[\w-]+$/, '')
  return target !== undefined && /^https?:\/\//i.test(target) ? target : null
}
