/**
 * What is split, negotiated or matched costs more the longer it is, and that before any limit has counted the request. So
 * each such header has a length beyond which nobody looks at it: some dozen ranges, languages, tags. A browser sends 150
 * characters. They may be left aside: RFC 9110, sections 12.5.1, 12.5.4, 13.1.2 and 14.2; RFC 9111, section 5.2.1.
 */
export const passedOver = {
  accept: 512,
  'accept-language': 512,
  'if-none-match': 1_024,
  'cache-control': 512,
  // Without one there is no JSON.
  'content-type': 256,
  // What serves the pages of the reference reads these.
  range: 128,
  'if-range': 128,
} as const

/** What must not be left aside: whose request it is, and what it depends on. */
export const refused = [
  ['x-forwarded-for', 1_024],
  ['forwarded', 1_024],
  ['if-match', 1_024],
  ['if-modified-since', 128],
  ['if-unmodified-since', 128],
] as const
