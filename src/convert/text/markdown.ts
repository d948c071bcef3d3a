import { htmlToText } from './html-to-text.ts'

/*
 * For sources whose comments are Markdown in some rows and HTML in others, or both at once, as each version of theirs had it.
 */

/** The tags that such systems let through or write themselves. Any other is something that somebody wrote about. */
const tags =
  'a|abbr|b|blockquote|br|center|code|dd|del|details|div|dl|dt|em|embed|figure|font|h[1-6]|hr|i|iframe|img|ins|kbd|li|mark|ol|p|pre|q|s|samp|script|small|span|strike|strong|style|sub|summary|sup|table|tbody|td|tfoot|th|thead|tr|tt|u|ul|var|video'
const tag = new RegExp(`<\\/?(?:${tags})(?=[\\s/>])[^<>]*>`, 'i')
const noTag = new RegExp(`<(?!\\/?(?:${tags})(?=[\\s/>])[^<>]*>)`, 'gi')
const beginsAsHtml = /^\s*<(?:p|div|blockquote|ul|ol|pre|table|h[1-6])(?:\s[^<>]*)?>/i

/** In UTF-16 units: one with more is no comment. */
const longest = 2 ** 18

/** Markdown as it stands; where tags are in it, what they show. `null` where it is longer than any comment. */
export function markdownOrHtmlToText(text: string): string | null {
  if (text.length > longest) return null
  if (beginsAsHtml.test(text)) return htmlToText(text, { lineBreaks: 'markup' })
  const parts = codeApart(text)
  if (!parts.some(({ isCode, text: part }) => !isCode && tag.test(part))) return text
  const html = parts.map(({ isCode, text: part }) => {
    if (!isCode) return part.replaceAll(noTag, '&lt;')
    const escaped = part.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
    return part.includes('\n') ? `<pre>${escaped}</pre>` : escaped
  })
  return htmlToText(html.join(''), { lineBreaks: 'text' })
}

/** A reply may begin with a link to what it answers, as the system itself put it there: its own markup, and no other, is taken away. */
export function withoutMention(text: string): string {
  return text
    .replace(/^\s*\[@[^[\]\n]{1,200}\]\(#[\w-]{1,100}\)\s*[:：,，]?\s*/, '')
    .replace(
      /^\s*(?:(<p>)\s*)?<a (?:class=["']v?at["'] )?href=["']#[\w-]{1,100}["'](?: class=["']v?at["'])?>\s*@[^<>\n]{1,200}<\/a>\s*[:：,，]?\s*/,
      '$1',
    )
}

/** What is between as many backticks on both sides, or behind three of them at the beginning of a line, up to the next such. */
function codeApart(text: string): { isCode: boolean; text: string }[] {
  const runs = [...text.matchAll(/`+/g)].map(({ 0: run, index }) => ({ index, length: run.length }))
  const nextAlike: (number | undefined)[] = []
  const latest = new Map<number, number>()
  for (let at = runs.length - 1; at >= 0; at -= 1) {
    const length = runs[at]?.length ?? 0
    nextAlike[at] = latest.get(length)
    latest.set(length, at)
  }
  const parts: { isCode: boolean; text: string }[] = []
  let from = 0
  for (let at = 0; at < runs.length; at += 1) {
    const run = runs[at]
    const closing = nextAlike[at]
    const last = closing === undefined ? undefined : runs[closing]
    if (run === undefined || closing === undefined || last === undefined) continue
    parts.push({ isCode: false, text: text.slice(from, run.index) })
    from = last.index + last.length
    parts.push({ isCode: true, text: text.slice(run.index, from) })
    at = closing
  }
  return [...parts, { isCode: false, text: text.slice(from) }]
}
