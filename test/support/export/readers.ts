import { parse } from 'csv-parse/sync'
import { XmlDocument, type XmlElement, type XmlNode } from 'libxml2-wasm'
import { type DefaultTreeAdapterTypes, parseFragment } from 'parse5'

/*
 * Readers that are not ours: libxml2, which fails on what is not well-formed, parse5 for the HTML inside, csv-parse. What they
 * look for, and where, is what importers of other systems do.
 */

export type ReadComment = {
  number: number
  parentNumber: number | null
  link: string
  title: string
  name: string
  email: string | null
  text: string
  at: string
  status: string
}

const wxr = { wp: 'http://wordpress.org/export/1.2/' }

export function readWordpress(file: string): ReadComment[] {
  using document = XmlDocument.fromBuffer(Buffer.from(file))
  return document.find('/rss/channel/item').flatMap((item) =>
    item.find('wp:comment', wxr).map((comment) => {
      const told = (name: string) => contentOf(comment, `wp:comment_${name}`, wxr)
      const parent = Number(told('parent'))
      return {
        number: Number(told('id')),
        parentNumber: parent === 0 ? null : parent,
        link: contentOf(item, 'link'),
        title: shownIn(contentOf(item, 'title')),
        name: shownIn(told('author')),
        email: told('author_email') || null,
        text: shownIn(told('content')),
        at: told('date_gmt'),
        status: told('approved'),
      }
    }),
  )
}

const dsq = { d: 'http://disqus.com', dsq: 'http://disqus.com/disqus-internals' }

export function readDisqus(file: string): ReadComment[] {
  using document = XmlDocument.fromBuffer(Buffer.from(file))
  const threads = new Map(
    document.find('/d:disqus/d:thread', dsq).map((thread) => [contentOf(thread, '@dsq:id', dsq), thread]),
  )
  return document.find('/d:disqus/d:post', dsq).map((post) => {
    const told = (name: string) => contentOf(post, `d:${name}`, dsq)
    const thread = threads.get(contentOf(post, 'd:thread/@dsq:id', dsq))
    if (thread === undefined) throw new Error('A post has no thread')
    const parent = post.get('d:parent/@dsq:id', dsq)
    return {
      number: Number(contentOf(post, '@dsq:id', dsq)),
      parentNumber: parent === null ? null : Number(parent.content),
      link: contentOf(thread, 'd:link', dsq),
      title: contentOf(thread, 'd:title', dsq),
      name: told('author/d:name'),
      email: post.get('d:author/d:email', dsq)?.content ?? null,
      text: shownIn(told('message')),
      at: told('createdAt'),
      status: `${told('isDeleted')} ${told('isSpam')}`,
    }
  })
}

export function readCsv(file: string): Record<string, string>[] {
  if (!file.startsWith('\ufeff')) throw new Error('A spreadsheet would not read it as UTF-8')
  return parse(file, { bom: true, columns: true, record_delimiter: '\r\n' })
}

/** The names of the elements in one, in their order, with their prefixes. */
export function namesIn(file: string, xpath: string): string[] {
  using document = XmlDocument.fromBuffer(Buffer.from(file))
  return document.find(`${xpath}/*`, { ...wxr, ...dsq }).map((node) => {
    const { namespacePrefix, name } = node as XmlElement
    return namespacePrefix === '' ? name : `${namespacePrefix}:${name}`
  })
}

function contentOf(node: XmlNode, xpath: string, namespaces: Record<string, string> = {}): string {
  const found = node.get(xpath, namespaces)
  if (found === null) throw new Error(`There is no ${xpath}`)
  return found.content
}

type HtmlNode = DefaultTreeAdapterTypes.ChildNode

/** What a browser shows of HTML in which there are paragraphs and line breaks, and nothing else. */
function shownIn(html: string): string {
  const { childNodes } = parseFragment(html)
  const paragraphs = childNodes.map(textOf)
  return paragraphs.join(childNodes.every(({ nodeName }) => nodeName === 'p') ? '\n\n' : '')
}

function textOf(node: HtmlNode): string {
  if ('value' in node) return node.value
  if (node.nodeName === 'br') return '\n'
  if (node.nodeName !== 'p' || !('childNodes' in node)) throw new Error(`There is a ${node.nodeName}`)
  return node.childNodes.map(textOf).join('')
}
