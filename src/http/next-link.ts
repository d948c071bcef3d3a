import { parseQueryString } from './serving/query-string.ts'

/** The `Link` header (RFC 8288) to the next page: the same path and parameters, the cursor moved on. */
export function nextLink(url: string, nextCursor: string | null): Record<string, string> {
  if (nextCursor === null) return {}
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  // Encoded anew: a client may leave characters bare that end a link or a parameter.
  const kept = [...parseQueryString(mark < 0 ? '' : url.slice(mark + 1)).values]
    .filter(([name]) => name !== 'cursor')
    .flatMap(([name, values]) =>
      values.map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`),
    )
  const target = `${path.replaceAll(/[<>]/g, encodeURIComponent)}?${[...kept, `cursor=${nextCursor}`].join('&')}`
  return { link: `<${target}>; rel="next"` }
}
