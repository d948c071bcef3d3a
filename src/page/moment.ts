/** A moment for people: `text` is what stands there, `exact` what a pointer that rests on it tells. */
export type Told = { text: string; exact: string }

export type TellMoment = (timestamp: string) => Told

const dayMs = 86_400_000

const units = [
  ['day', dayMs],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const

/**
 * Tells moments in a language: the day, and on closer look the minute. Where it is known what time it is, the last thirty days
 * are told from there: "2 hours ago". `timeZone` is the reader's own where none is given; who writes for readers that it does
 * not know gives UTC, which is said beside the time.
 */
export function momentsIn(locale: string, timeZone?: string, nowMs?: number): TellMoment {
  const { day, exactly, ago } = formatsOf(locale, timeZone)
  return (timestamp) => {
    const moment = new Date(timestamp)
    const exact = exactly.format(moment)
    const agoMs = nowMs === undefined ? Infinity : Math.max(0, nowMs - moment.getTime())
    if (agoMs >= 30 * dayMs) return { text: day.format(moment), exact }
    const [unit, unitMs] = units.find(([, ms]) => agoMs >= ms) ?? ['minute', 60_000]
    return { text: ago.format(-Math.floor(agoMs / unitMs), unit), exact }
  }
}

type Formats = {
  day: Intl.DateTimeFormat
  exactly: Intl.DateTimeFormat
  ago: Intl.RelativeTimeFormat
}

/** They cost a millisecond to make. The latest hundred: a page may ask for a tag that nobody else asks for. */
const made = new Map<string, Formats>()

function formatsOf(locale: string, timeZone: string | undefined): Formats {
  const key = `${locale} ${timeZone}`
  const known = made.get(key)
  if (known !== undefined) return known
  const zone = timeZone === undefined ? {} : { timeZone }
  const formats = {
    day: new Intl.DateTimeFormat(locale, { ...zone, dateStyle: 'long' }),
    exactly: new Intl.DateTimeFormat(locale, {
      ...zone,
      year: 'numeric',
      month: 'long',
      day: 'numeric',
      hour: 'numeric',
      minute: '2-digit',
      timeZoneName: 'short',
    }),
    ago: new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }),
  }
  if (made.size >= 100) made.clear()
  made.set(key, formats)
  return formats
}
