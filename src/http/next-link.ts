/** The `Link` header (RFC 8288) to the next page: the same path and parameters, the cursor moved on. */
export function nextLink(url: string, nextCursor: string | null): Record<string, string> {
  if (nextCursor === null) return {}
  const [path = '', query = ''] = url.split('?', 2)
  const kept = query.split('&').filter((pair) => pair !== '' && !pair.startsWith('cursor='))
  return { link: `<${path}?${[...kept, `cursor=${nextCursor}`].join('&')}>; rel="next"` }
}
