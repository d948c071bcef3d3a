const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/** Plain text as HTML that shows the same characters; line breaks stay what they are. */
export function asHtml(text: string): string {
  return text.replaceAll(/[&<>]/g, (character) => entities[character] ?? character)
}

/** The same in paragraphs, for those who take a line break for a space. */
export function asParagraphs(text: string): string {
  return asHtml(text)
    .replaceAll(/\r\n?/g, '\n')
    .split('\n\n')
    .map((paragraph) => `<p>${paragraph.replaceAll('\n', '<br>')}</p>`)
    .join('')
}
