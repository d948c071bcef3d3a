import { readFileSync } from 'node:fs'
import { RelaxNGValidator, XmlDocument } from 'libxml2-wasm'

export type FeedRead = {
  id: string
  language: string
  title: string
  updated: string
  self: string | null
  alternate: string | null
  entries: FeedEntry[]
}

export type FeedEntry = {
  id: string
  title: string
  author: string
  published: string
  updated: string
  alternate: string | null
  replyTo: { ref: string; href: string | null } | null
  content: string
}

/**
 * What libxml2 reads in a feed; it throws where the document is not well-formed, and where it is no feed by the grammar beside
 * this file, or breaks one of the rules that RFC 4287 has in words.
 */
export function readFeed(text: string): FeedRead {
  using feed = XmlDocument.fromBuffer(Buffer.from(text))
  using grammar = XmlDocument.fromBuffer(readFileSync(new URL('atom.rng', import.meta.url)))
  using validator = RelaxNGValidator.fromDoc(grammar)
  validator.validate(feed)

  const contentAt = (path: string): string | null => {
    const [node] = feed.find(path, namespaces)
    return node === undefined ? null : node.content
  }
  const required = (path: string): string => {
    const value = contentAt(path)
    if (value === null) throw new Error(`${path} is not there`)
    return value
  }
  const entries = feed.find('/a:feed/a:entry', namespaces).map((_, index): FeedEntry => {
    const at = `/a:feed/a:entry[${index + 1}]`
    const ref = contentAt(`${at}/t:in-reply-to/@ref`)
    return {
      id: required(`${at}/a:id`),
      title: required(`${at}/a:title`),
      author: required(`${at}/a:author/a:name`),
      published: required(`${at}/a:published`),
      updated: required(`${at}/a:updated`),
      alternate: contentAt(`${at}/a:link[@rel="alternate"]/@href`),
      replyTo: ref === null ? null : { ref, href: contentAt(`${at}/t:in-reply-to/@href`) },
      content: required(`${at}/a:content`),
    }
  })
  for (const path of ['/a:feed', '/a:feed/a:entry'])
    for (const rel of ['self', 'alternate'])
      if (feed.find(`${path}[count(a:link[@rel="${rel}"]) > 1]`, namespaces).length > 0)
        throw new Error(`${path} has more than one link to ${rel}`)
  if (new Set(entries.map(({ id }) => id)).size < entries.length) throw new Error('An entry is there twice')
  return {
    id: required('/a:feed/a:id'),
    language: required('/a:feed/@xml:lang'),
    title: required('/a:feed/a:title'),
    updated: required('/a:feed/a:updated'),
    self: contentAt('/a:feed/a:link[@rel="self"]/@href'),
    alternate: contentAt('/a:feed/a:link[@rel="alternate"]/@href'),
    entries,
  }
}

const namespaces = { a: 'http://www.w3.org/2005/Atom', t: 'http://purl.org/syndication/thread/1.0' }
