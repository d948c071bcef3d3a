import { createHash } from 'node:crypto'

/**
 * The id of a comment from elsewhere: a UUIDv7 (RFC 9562) of its own time, so that lists have its order, and for the rest a function of its
 * source. The same comment has the same id whenever and from whatever file it comes. Behind the time stand 44 bits of a decimal id:
 * within one second it tells what came first. `site` where the source numbers its comments for each.
 */
export function commentIdOf(format: string, site: string, sourceId: string, atMs: number): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([format, site, sourceId]))
    .digest()
  const order = /^\d{1,30}$/.test(sourceId) ? BigInt(sourceId) & 0xfff_ffff_ffffn : null
  return uuid7(atMs, order ?? hash.readBigUInt64BE(0) >> 20n, hash.readBigUInt64BE(8))
}

/** Of the one decision that an import makes about a comment. */
export function decisionIdOf(commentId: string, atMs: number): string {
  const hash = createHash('sha256')
    .update(JSON.stringify(['decision', commentId]))
    .digest()
  return uuid7(atMs, hash.readBigUInt64BE(0) >> 20n, hash.readBigUInt64BE(8))
}

/** 48 bits of time, 12 and 32 of order, 30 of chance. */
function uuid7(atMs: number, order: bigint, chance: bigint): string {
  const high = (BigInt(atMs) << 16n) | 0x7000n | (order >> 32n)
  const low = (0b10n << 62n) | ((order & 0xffff_ffffn) << 30n) | (chance & ((1n << 30n) - 1n))
  const digits = ((high << 64n) | low).toString(16).padStart(32, '0')
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
