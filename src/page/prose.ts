import { h, type Tree } from './tree.ts'

/**
 * No control, space or mark of direction, and nothing that ends a quotation: an address ends where people see it end. What
 * closes a sentence is not part of it either.
 */
const address = /https?:\/\/[^\s<>"'`\p{Cc}\p{Cf}]+/giu
const closing = '.,;:!?…»”’)]}'

/** A comment's text, in which addresses of the web are links that lend nobody a rank (HTML, section 4.6.6) and no referrer. */
export function prose(text: string): (Tree | string)[] {
  const trees: Tree[] = []
  let end = 0
  for (const { 0: found, index } of text.matchAll(address)) {
    const href = withoutClosing(found)
    if (!URL.canParse(href)) continue
    trees.push(text.slice(end, index), h('a', { href, rel: 'nofollow ugc noopener noreferrer' }, href))
    end = index + href.length
  }
  return [...trees, text.slice(end)]
}

/** A bracket that was opened inside of the address closes there. */
function withoutClosing(found: string): string {
  // Not by a pattern: of many such marks that end nothing, each would be tried as the first of the end.
  let end = found.length
  while (closing.includes(found[end - 1] ?? ' ')) end -= 1
  const cut = found.slice(0, end)
  return found[cut.length] === ')' && cut.includes('(') ? `${cut})` : cut
}
