import { articleIdFault, normalizedArticleId } from '../domain/articles/article-id.ts'
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

/** From an id, a URL or an identifier of the source to the id that is wanted. */
export type ArticleMap = { exact: Map<string, string>; prefixes: [from: string, to: string][] }

/** Why no ids can be made with these rules, in a sentence. */
export class ArticleRuleFault extends Error {}

/**
 * @throws ArticleRuleFault where a whole URL is wanted and the source has a path only.
 */
export function articleIdOf(
  { url, identifier }: Pick<SourcePage, 'url' | 'identifier'>,
  rules: ArticleRules,
): { id: string } | { leftOut: LeftOut } {
  const address = blankToNull(url)
  const own = blankToNull(identifier)
  const made = madeOf(address, own, rules)
  if (made === null) return { leftOut: 'page-without-address' }
  const id = normalizedArticleId(
    rules.prefix + (mapped(rules.map, [made, address, own]) ?? withSlash(made, rules)),
  )
  return articleIdFault(id) === null ? { id } : { leftOut: 'article-id' }
}

/** The ids that a page of the site may have, for comparing: by its URL, by its path, or as it stands. */
export function knownIdsOf(line: string, rules: ArticleRules): string[] {
  const isAddress = /^https?:\/\//i.test(line) || line.startsWith('/')
  if (!isAddress) return [normalizedArticleId(line), normalizedArticleId(rules.prefix + line)]
  const made = madeOf(line, null, rules) ?? line
  return [normalizedArticleId(rules.prefix + withSlash(made, rules))]
}

/** Where readers find it, if the source says so, or the origin does. */
export function articleUrlOf(url: string | null, { origin }: ArticleRules): string | null {
  const address = blankToNull(url)
  if (address === null) return null
  return addressOf(address, origin)?.href ?? null
}

/**
 * A line each: what the source has, a tab, the id that is wanted. Where both end with `*` that stands for whatever follows.
 *
 * @throws ArticleRuleFault with the line's number where one is not so.
 */
export function articleMapOf(text: string): ArticleMap {
  const map: ArticleMap = { exact: new Map(), prefixes: [] }
  for (const [index, line] of text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    if (line.trim() === '') continue
    const [from, to, ...more] = line.split('\t').map((part) => part.trim())
    if (from === undefined || to === undefined || from === '' || to === '' || more.length > 0)
      throw new ArticleRuleFault(
        `Line ${index + 1} of the map is not: what the source has, a tab, the new id.`,
      )
    if (from.endsWith('*') !== to.endsWith('*'))
      throw new ArticleRuleFault(`Line ${index + 1} of the map: a * ends both, or none.`)
    if (from.endsWith('*')) map.prefixes.push([from.slice(0, -1), to.slice(0, -1)])
    else map.exact.set(from, to)
  }
  map.prefixes.sort(([one], [other]) => other.length - one.length)
  return map
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
  return url
}

function mapped(map: ArticleMap | null, names: readonly (string | null)[]): string | null {
  if (map === null) return null
  for (const name of names) {
    const exact = name === null ? undefined : map.exact.get(name)
    if (exact !== undefined) return exact
  }
  for (const [from, to] of map.prefixes)
    for (const name of names) if (name?.startsWith(from)) return to + name.slice(from.length)
  return null
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
