import { createHash } from 'node:crypto'

/** Whether an `If-None-Match` header (RFC 9110, section 13.1.2) names this tag; the comparison is weak. */
export function noneMatch(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  if (header === etag || header.trim() === '*') return true
  const opaque = withoutWeakness(etag)
  return header.split(',').some((tag) => withoutWeakness(tag.trim()) === opaque)
}

function withoutWeakness(etag: string): string {
  return etag.replace(/^W\//, '')
}

export function etagOf(value: number): string {
  return `"${value}"`
}

/** For an answer without a version of its own: a digest of what may change in it. */
export function contentTag(content: string | Buffer): string {
  return `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`
}
