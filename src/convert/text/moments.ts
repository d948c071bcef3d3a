import type { Moment } from '../records.ts'

const pattern =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?(?:\s{0,9}(Z|UTC|GMT|[+-](?:0\d|1[0-4]):?[0-5]\d)(?:\s[+-]\d{4}|\s[A-Z]{2,5})?)?$/i

/** No time is written longer; looking for one in a long text would take a long time. */
const longest = 100

/**
 * A time as databases and RFC 3339 write it, also with its offset twice as Go does. One without an offset is in `zone`, as IANA
 * names it; without that it is not known when it was. Where clocks went back, it is the first of the two; where they went
 * forward, what a clock says that nobody has put forward.
 */
export function momentOf(text: string | null | undefined, zone: string | null): Moment {
  const trimmed = text?.trim() ?? ''
  const match = trimmed.length > longest ? null : pattern.exec(trimmed)
  if (match === null) return 'no-time'
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', offset] = match
  const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, second].map(Number) as Numbers
  const ms = Math.floor(Number(`0.${fraction || '0'}`) * 1_000)
  const asUtc = Date.UTC(y, mo - 1, d, h, mi, s, ms)
  if (!isThere(asUtc, y, mo, d, h, mi, s)) return 'no-time'
  if (offset !== undefined) return asUtc - offsetMs(offset)
  if (zone === null) return 'time-without-zone'
  return zone === 'UTC' ? asUtc : inZone(asUtc, zone)
}

/** Whether there is such a zone. */
export function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }) !== null
  } catch {
    return false
  }
}

const dayMs = 86_400_000

/**
 * When the clocks of a zone show this time, which is given as if they were those of UTC. By what Intl says of the zone alone:
 * of the libraries that were tried, one answers otherwise where the machine is in another zone.
 */
function inZone(wallMs: number, zone: string): number {
  const before = wallMs - offsetOf(zone, wallMs - dayMs)
  const after = wallMs - offsetOf(zone, wallMs + dayMs)
  const fitting = [before, after].filter((ms) => ms + offsetOf(zone, ms) === wallMs)
  return fitting.length > 0 ? Math.min(...fitting) : before
}

/** How far the zone's clocks are ahead of UTC at this moment, in whole seconds: they were so once. */
function offsetOf(zone: string, ms: number): number {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const [y, mo, d, h, mi, s] = ['year', 'month', 'day', 'hour', 'minute', 'second'].map((type) =>
    parts.get(type as Intl.DateTimeFormatPartTypes),
  ) as Numbers
  return Date.UTC(y, mo - 1, d, h, mi, s) - Math.floor(ms / 1_000) * 1_000
}

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('en-u-ca-iso8601-nu-latn', {
    timeZone,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    hourCycle: 'h23',
  })
  formats.set(timeZone, format)
  return format
}

type Numbers = [number, number, number, number, number, number]

/** The 31st of April, and the 0000-00-00 of databases, are no days; a leap second is the second after. */
function isThere(ms: number, y: number, mo: number, d: number, h: number, mi: number, s: number): boolean {
  const date = new Date(ms)
  return (
    y > 0 &&
    h < 24 &&
    mi < 60 &&
    s <= 60 &&
    (s === 60 || (date.getUTCFullYear() === y && date.getUTCMonth() === mo - 1 && date.getUTCDate() === d))
  )
}

function offsetMs(offset: string): number {
  const match = /^([+-])(\d{2}):?(\d{2})$/.exec(offset)
  if (match === null) return 0
  const [, sign, hours, minutes] = match
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
}
