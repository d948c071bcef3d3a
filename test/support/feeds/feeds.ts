import { readFileSync } from 'node:fs'
import { RelaxNGValidator, XmlDocument, type XmlNode, XmlXPath } from 'libxml2-wasm'

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
  grammar ??= RelaxNGValidator.fromDoc(
    XmlDocument.fromBuffer(readFileSync(new URL('atom.rng', import.meta.url))),
  )
  grammar.validate(feed)

  const root = feed.root
  const entries = root.find(paths.entry).map((entry): FeedEntry => {
    const ref = at(entry, 'ref')
    return {
      id: required(entry, 'id'),
      title: required(entry, 'title'),
      author: required(entry, 'author'),
      published: required(entry, 'published'),
      updated: required(entry, 'updated'),
      alternate: at(entry, 'alternate'),
      replyTo: ref === null ? null : { ref, href: at(entry, 'href') },
      content: required(entry, 'content'),
    }
  })
  if (root.find(paths.doubled).length > 0) throw new Error('There are several links to one thing')
  if (new Set(entries.map(({ id }) => id)).size < entries.length) throw new Error('An entry is there twice')
  return {
    id: required(root, 'id'),
    language: required(root, 'language'),
    title: required(root, 'title'),
    updated: required(root, 'updated'),
    self: at(root, 'self'),
    alternate: at(root, 'alternate'),
    entries,
  }
}

function at(node: XmlNode, name: keyof typeof paths): string | null {
  return node.get(paths[name])?.content ?? null
}

function required(node: XmlNode, name: keyof typeof paths): string {
  const value = at(node, name)
  if (value === null) throw new Error(`${name} is not there`)
  return value
}

const path = (text: string) =>
  XmlXPath.compile(text, {
    a: 'http://www.w3.org/2005/Atom',
    t: 'http://purl.org/syndication/thread/1.0',
  })

const paths = {
  entry: path('a:entry'),
  id: path('a:id'),
  language: path('@xml:lang'),
  title: path('a:title'),
  updated: path('a:updated'),
  published: path('a:published'),
  author: path('a:author/a:name'),
  content: path('a:content'),
  self: path('a:link[@rel="self"]/@href'),
  alternate: path('a:link[@rel="alternate"]/@href'),
  ref: path('t:in-reply-to/@ref'),
  href: path('t:in-reply-to/@href'),
  doubled: path('//*[count(a:link[@rel="self"]) > 1 or count(a:link[@rel="alternate"]) > 1]'),
} as const

let grammar: RelaxNGValidator | undefined
