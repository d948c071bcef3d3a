import { type ArticleRules, knownIdsOf } from './article-ids.ts'
import { decoded } from './source/decoding.ts'
import { type SourceFile, sourceFilesAt } from './source/source-file.ts'
import { readXml } from './source/xml.ts'
import { SourceFault } from './source-fault.ts'

/** Of the ids that would be made, how many the site has; those that it has not, up to as many as are wanted. */
export type Met = { made: number; met: number; unmet: string[] }

const longestLine = 2 ** 20

/**
 * The ids of a site's pages: a file with one id, path or URL a line, or its sitemap (sitemaps.org), packed or not.
 *
 * @throws SourceFault where the file cannot be read.
 */
export async function knownIdsIn(path: string, rules: ArticleRules): Promise<Set<string>> {
  const known = new Set<string>()
  for await (const file of sourceFilesAt(path, () => {}))
    for await (const line of linesIn(file)) for (const id of knownIdsOf(line, rules)) known.add(id)
  return known
}

export function compareToKnown(articleIds: Iterable<string>, known: ReadonlySet<string>, shown: number): Met {
  const result: Met = { made: 0, met: 0, unmet: [] }
  for (const id of articleIds) {
    result.made += 1
    if (known.has(id)) result.met += 1
    else if (result.unmet.length < shown) result.unmet.push(id)
  }
  return result
}

async function* linesIn(file: SourceFile): AsyncGenerator<string> {
  let isXml: boolean | null = null
  let rest = ''
  for await (const text of decoded(file.pieces())) {
    rest += text
    isXml ??= rest.trim() === '' ? null : /^\ufeff?\s*</.test(rest)
    if (isXml === true) break
    if (rest.length > longestLine && !rest.includes('\n'))
      throw new SourceFault('There is a line longer than any id or URL.')
    const lines = rest.split(/\r?\n/)
    rest = lines.pop() ?? ''
    yield* lines.map((line) => line.trim()).filter((line) => line !== '')
  }
  if (isXml === true) yield* locationsIn(file)
  else if (rest.trim() !== '') yield rest.trim()
}

function locationsIn(file: SourceFile): AsyncGenerator<string> {
  return readXml<string>(file, (found) => ({
    open({ name }, path) {
      if (path.length === 0 && name !== 'urlset')
        throw new SourceFault(
          name === 'sitemapindex'
            ? 'It is an index of sitemaps. Give the sitemaps that it names: --known may be repeated.'
            : 'It is XML, and no sitemap: that begins with <urlset>.',
        )
      return name === 'loc'
    },
    close({ name }, path, text) {
      if (name === 'loc' && path.length === 2 && text !== null && text.trim() !== '') found(text.trim())
    },
  }))
}
