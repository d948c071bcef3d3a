import { contentIn, type JsonObject } from '../source/json.ts'
import { htmlToText } from '../text/html-to-text.ts'

/** What somebody wrote, or where only what was made of it is kept, that as text; `null` where either is too long. */
export function markdownElseHtml(entry: JsonObject): string | null {
  const markdown = contentIn(entry, 'markdown')
  if (markdown === null || markdown.trim() !== '') return markdown
  const html = contentIn(entry, 'html')
  return html === null ? null : htmlToText(html, { lineBreaks: 'markup' })
}
