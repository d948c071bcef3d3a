import { InvalidArgumentError } from 'commander'

export type Expiry = { afterDays: number } | { atMs: number }

/** Reads `90d` or a date. */
export function expiry(text: string): Expiry {
  const days = /^([1-9]\d{0,4})d$/.exec(text)?.[1]
  if (days !== undefined) return { afterDays: Number(days) }
  const day = /^(\d{4}-\d\d-\d\d)(?:T.*Z)?$/.exec(text)?.[1]
  const date = day !== undefined && exists(day) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(date)) throw new InvalidArgumentError('Say 90d, or a date such as 2027-01-31.')
  return { atMs: date }
}

/** `Date.parse` takes 31 February for 3 March. */
function exists(day: string): boolean {
  const ms = Date.parse(day)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day)
}
