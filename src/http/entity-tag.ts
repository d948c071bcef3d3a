import { createHash } from 'node:crypto'

/** Whether an `If-None-Match` header (RFC 9110, section 13.1.2) names this tag; the comparison is weak. */
export function noneMatch(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  if (header === etag || header.trim() === '*') return true
  return header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)
}

export function etagOf(value: number): string {
  return `"${value}"`
}

/** For an answer without a version of its own: a digest of what may change in it. */
export function contentTag(content: string | Buffer): string {
  return `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`
}
