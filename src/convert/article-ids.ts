import { articleIdFault, normalizedArticleId } from '../domain/articles/article-id.ts'
import { dropClickCounts } from '../domain/articles/click-counts.ts'
import type { LeftOut, SourcePage } from './records.ts'

/** What of a page becomes its article's id. */
export const articleKinds = ['path', 'url', 'path-query', 'identifier'] as const
export type ArticleKind = (typeof articleKinds)[number]

export const slashKinds = ['keep', 'strip', 'add'] as const
export type SlashKind = (typeof slashKinds)[number]

export type ArticleRules = {
  kind: ArticleKind
  slash: SlashKind
  /** Before paths, where a whole URL is wanted; such as `https://example.org`. */
  origin: string | null
  /** Goes before each id, so that several sites have their own. */
  prefix: string
  map: ArticleMap | null
}

/** From a path, a URL or an identifier of the source to the id that is wanted. */
export type ArticleMap = { exact: Map<string, MapLine>; beginnings: [from: string, line: MapLine][] }

/** `isMet` as soon as a page was made an id by it. */
export type MapLine = { number: number; from: string; to: string; isMet: boolean }

/** Why no ids can be made with these rules, in a sentence. */
export class ArticleRuleFault extends Error {}

/**
 * The id, and where readers find the page: what the source says, but of one that the map moves what that says. `isNamed`
 * where a line of the map is about this page alone.
 *
 * @throws ArticleRuleFault where a whole URL is wanted and the source has a path only.
 */
export function articleOf(
  { url, identifier }: Pick<SourcePage, 'url' | 'identifier'>,
  rules: ArticleRules,
): { id: string; url: string | null; isNamed: boolean } | { leftOut: LeftOut } {
  const address = blankToNull(url)
  const own = blankToNull(identifier)
  const made = madeOf(address, own, rules)
  if (made === null) return { leftOut: 'page-without-address' }
  const moved = mapped(made, address, own, rules)
  const id = normalizedArticleId(rules.prefix + (moved?.id ?? withSlash(made, rules)))
  if (articleIdFault(id) !== null) return { leftOut: 'article-id' }
  return { id, url: articleUrlOf(moved?.id ?? url, rules), isNamed: moved?.isNamed ?? false }
}

/** The ids that a page of the site may have, for comparing: as it stands, or by its path, or by its URL. */
export function knownIdsOf(line: string, rules: ArticleRules): string[] {
  const isWhole = /^https?:\/\//i.test(line)
  const ids = [line, rules.prefix + line]
  if (isWhole) ids.push(rules.prefix + withSlash(madeOf(line, null, rules) ?? line, rules))
  // Of a path its own query is part, whatever is made of those of the source: it may be all that tells two pages apart.
  else if (line.startsWith('/')) ids.push(rules.prefix + withSlash(decodedPath(line), rules))
  return ids.map(normalizedArticleId)
}

/** Where readers find it, if the source says so, or the origin does. */
export function articleUrlOf(url: string | null, { origin }: ArticleRules): string | null {
  const address = blankToNull(url)
  if (address === null) return null
  return addressOf(address, origin)?.href ?? null
}

/**
 * A line each: what the source has, a tab, the id that is wanted. Where both end with `*` that stands for whatever follows. Paths
 * and URLs are the same whether their letters are encoded or not. The ids get `prefix`, as all others do.
 *
 * @throws ArticleRuleFault with the line's number where one is not so, or gives what can be no article's id.
 */
export function articleMapOf(text: string, prefix = ''): ArticleMap {
  const exact = new Map<string, MapLine>()
  const beginnings = new Map<string, MapLine>()
  for (const [index, line] of text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    if (line.trim() === '') continue
    const number = index + 1
    const [from, to, ...more] = line.split('\t').map((part) => part.trim())
    if (from === undefined || to === undefined || from === '' || to === '' || more.length > 0)
      throw new ArticleRuleFault(`Line ${number} of the map is not: what the source has, a tab, the new id.`)
    const isBeginning = from.endsWith('*')
    if (isBeginning !== to.endsWith('*'))
      throw new ArticleRuleFault(`Line ${number} of the map: a * ends both, or none.`)
    if (!isBeginning && articleIdFault(normalizedArticleId(prefix + to)) !== null)
      throw new ArticleRuleFault(`Line ${number} of the map: the new id can be no article's.`)
    const lines = isBeginning ? beginnings : exact
    const key = comparable(isBeginning ? from.slice(0, -1) : from)
    const same = lines.get(key)
    if (same !== undefined && same.to !== to)
      throw new ArticleRuleFault(
        `Line ${number} of the map gives what line ${same.number} gives another id already.`,
      )
    if (same === undefined) lines.set(key, { number, from, to, isMet: false })
  }
  return { exact, beginnings: [...beginnings].sort(([one], [other]) => other.length - one.length) }
}

/** The lines that no page of the source has met, as they stand in the file. */
export function unmetLines({ exact, beginnings }: ArticleMap): MapLine[] {
  return [...exact.values(), ...beginnings.map(([, line]) => line)]
    .filter(({ isMet }) => !isMet)
    .sort((one, other) => one.number - other.number)
}

function madeOf(address: string | null, own: string | null, rules: ArticleRules): string | null {
  if (rules.kind === 'identifier' && own !== null) return own
  if (address === null) return own
  const parsed = addressOf(address, rules.kind === 'url' ? rules.origin : (rules.origin ?? anyOrigin))
  if (parsed !== null) {
    if (rules.kind === 'url') return parsed.href.replace(/#.*$/, '')
    return decodedPath(parsed.pathname) + (rules.kind === 'path-query' ? parsed.search : '')
  }
  if (rules.kind === 'url' && address.startsWith('/'))
    throw new ArticleRuleFault(
      'The source has paths only. Say which site they are of (--origin https://www.example.org), or take --article path.',
    )
  return address
}

/** As docs/articles.md has sites send it: letters, and no `%C3%A9`. */
function decodedPath(pathname: string): string {
  try {
    return decodeURIComponent(pathname)
  } catch {
    // Percent signs that are no encoding, or of another encoding than UTF-8.
    return pathname
  }
}

/** Stands for the site where only the path is looked at. */
const anyOrigin = 'https://site.invalid'

/** A whole URL, or a path of the site; a name of another kind is none. */
function addressOf(address: string, origin: string | null): URL | null {
  const isWhole = /^https?:\/\//i.test(address)
  if (!isWhole && (origin === null || !address.startsWith('/'))) return null
  // Two slashes at the beginning would name another host.
  const url = URL.parse(isWhole ? address : `${origin}${address.replace(/^\/+/, '/')}`)
  if (url === null) return null
  // Who gets to see the address has no business with what opens the site.
  url.username = ''
  url.password = ''
  // As the page's own tag has it (`article="canonical"`).
  dropClickCounts(url)
  return url
}

function mapped(
  made: string,
  address: string | null,
  own: string | null,
  rules: ArticleRules,
): { id: string; isNamed: boolean } | null {
  const { map, kind } = rules
  if (map === null) return null
  const parsed = address === null ? null : addressOf(address, rules.origin ?? anyOrigin)
  const whole = [
    address,
    parsed === null ? null : parsed.pathname + parsed.search,
    made,
    withSlash(made, rules),
  ]
  for (const name of [...whole, own]) {
    const line = name === null ? undefined : map.exact.get(comparable(name))
    if (line === undefined) continue
    line.isMet = true
    return { id: line.to, isNamed: true }
  }
  const site = address !== null && /^https?:/i.test(address) ? (parsed?.origin ?? '') : ''
  // What stands behind a question mark is part of an id where it is asked for, and of no other.
  const path = parsed === null ? null : decodedPath(parsed.pathname) + (kind === 'path' ? '' : parsed.search)
  const names = [kind === 'path' ? null : address, path === null ? null : site + path, path, made, own]
  for (const [from, line] of map.beginnings)
    for (const name of names) {
      const rest = name === null ? null : behind(from, name)
      if (rest === null) continue
      line.isMet = true
      const id = line.to.slice(0, -1) + rest
      const target = kind === 'url' && /^https?:/i.test(id) ? (addressOf(id, null)?.href ?? id) : id
      return { id: /^(?:\/|https?:)/i.test(target) ? withSlash(target, rules) : target, isNamed: false }
    }
  return null
}

/** What follows a beginning that is told in its comparable form; `null` where the name begins otherwise. */
function behind(from: string, name: string): string | null {
  for (const one of [name.normalize('NFC'), comparable(name)])
    if (one.startsWith(from)) return one.slice(from.length)
  return null
}

/** The same for what a page's address has encoded, and what somebody has typed. */
function comparable(name: string): string {
  return decodedPath(name).normalize('NFC')
}

/** Of the path, not of what stands behind a question mark. */
function withSlash(id: string, { slash, kind }: ArticleRules): string {
  if (slash === 'keep' || kind === 'identifier') return id
  const [, path = '', query = ''] = /^([^?]*)(.*)$/s.exec(id) ?? []
  const bare = path.replace(/(?<=[^/])\/+$/, '')
  return (slash === 'strip' || bare.endsWith('/') ? bare : `${bare}/`) + query
}

function blankToNull(text: string | null): string | null {
  return text === null || text.trim() === '' ? null : text.trim()
}
