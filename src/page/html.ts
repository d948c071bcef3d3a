import type { Branch, Tree } from './tree.ts'

/** The tree as HTML of a document in UTF-8. */
export function toHtml(tree: Tree): string {
  const pieces: string[] = []
  // By hand and not by recursion: a thread may be as deep as somebody likes.
  const open: (Tree | string | { end: string })[] = [tree]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next === 'string') pieces.push(escapedText(next))
    else if ('end' in next) pieces.push(next.end)
    else {
      pieces.push(startTag(next))
      if (isVoid.has(next.tag)) continue
      open.push({ end: `</${next.tag}>` })
      for (const child of next.children.toReversed()) open.push(child)
    }
  }
  return pieces.join('')
}

function startTag({ tag, attributes, children }: Branch): string {
  const own = Object.entries(attributes).map(
    ([name, value]) => ` ${name}${value === '' ? '' : `="${escapedText(value)}"`}`,
  )
  // A parser takes the first line break in it away (HTML, section 13.2.6.4.7).
  const [first] = children
  const kept = tag === 'textarea' && typeof first === 'string' && first.startsWith('\n') ? '\n' : ''
  return `<${tag}${own.join('')}>${kept}`
}

const isVoid = new Set(['br', 'hr', 'img', 'input', 'link', 'meta'])

/**
 * Safe as text and in a quoted value alike. A carriage return would be read as a line feed (HTML, section 13.2.3.5); a NUL has
 * no way into a document at all, and none into a comment, but it may come back with what was typed.
 */
export function escapedText(text: string): string {
  return special.test(text)
    ? text.replaceAll(/[&<>"'\r\0]/g, (character) => `&#${character.charCodeAt(0) || 0xfffd};`)
    : text
}

const special = /[&<>"'\r\0]/
