/**
 * What a public answer allows: a reader's browser asks each time whether it has changed, a CDN holds it for some seconds and
 * may serve it stale for some more while it asks (RFC 9111, section 5.2.2; RFC 5861, section 3).
 */
export function publicCacheControl(seconds: { cdnFreshSeconds: number; cdnStaleSeconds: number }): string {
  return `public, max-age=0, s-maxage=${seconds.cdnFreshSeconds}, stale-while-revalidate=${seconds.cdnStaleSeconds}`
}
