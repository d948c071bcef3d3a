/*
 * Ids are UUIDs of version 7 (RFC 9562, section 5.7): they begin with the milliseconds of the moment at which they were made, and
 * sort by it as texts.
 */

/** How far an id may be from the moment of submission: it is made beside it, or of it. */
const apartMs = 86_400_000

/** Before all ids of this moment and later. */
export function firstIdOf(atMs: number): string {
  const digits = Math.max(0, Math.floor(atMs)).toString(16).padStart(12, '0')
  return `${digits.slice(0, 8)}-${digits.slice(8)}`
}

/** The moment at which an id was made, as it says itself. */
export function timeOf(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
}

/** Between which texts the ids of all stand that were submitted within these moments; `null` is no end. Others may be there too. */
export function idsSubmitted(fromMs: number | null, beforeMs: number | null): { from: string; to: string } {
  return {
    from: fromMs === null ? '' : firstIdOf(fromMs - apartMs),
    to: beforeMs === null ? '~' : firstIdOf(beforeMs + apartMs),
  }
}

/** The id that is greater, or less, by one; of one in 2 ** 48, at an end of its last part, it is that id itself. */
export function idNextTo(id: string, by: 1 | -1): string {
  const last = Number.parseInt(id.slice(24), 16) + by
  const isPart = Number.isInteger(last) && last >= 0 && last <= 0xffff_ffff_ffff
  return isPart ? id.slice(0, 24) + last.toString(16).padStart(12, '0') : id
}
