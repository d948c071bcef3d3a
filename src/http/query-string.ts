/** Each parameter's values in the order sent; `malformed` where the text is no percent-encoded UTF-8. */
export type QueryString = { values: Map<string, string[]>; malformed: boolean }

/**
 * Parses strictly: Node's parsers put U+FFFD in the place of what they cannot decode, and a wrong answer to a
 * mistyped cursor would follow.
 */
export function parseQueryString(text: string): QueryString {
  const values = new Map<string, string[]>()
  let malformed = false
  for (const pair of text.split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = decode(equals < 0 ? pair : pair.slice(0, equals))
    const value = decode(equals < 0 ? '' : pair.slice(equals + 1))
    if (name === null || value === null) malformed = true
    else values.set(name, [...(values.get(name) ?? []), value])
  }
  return { values, malformed }
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return null
  }
}
