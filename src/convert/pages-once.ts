import type { SourcePage } from './records.ts'

/** So much is remembered, in UTF-16 units; what is said again behind that is put down again, which changes nothing. */
const mostRemembered = 2 ** 22
const longestRemembered = 2 ** 12

/** What one costs besides its text. */
const cost = 64

/** For sources whose comments all say what page they are on: gives it where it was not said so before. */
export function pagesOnce(): (page: SourcePage) => SourcePage[] {
  const said = new Set<string>()
  let remembered = 0
  return (page) => {
    const text = JSON.stringify(page)
    if (said.has(text)) return []
    if (text.length > longestRemembered) return [page]
    if (remembered + text.length + cost > mostRemembered) {
      said.clear()
      remembered = 0
    }
    said.add(text)
    remembered += text.length + cost
    return [page]
  }
}
