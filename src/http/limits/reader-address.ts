import parseForwarded from 'forwarded-parse'
import ipaddr from 'ipaddr.js'

/** What a request tells of where it comes from. `ip` is the nearest address that is not a trusted proxy's. */
export type RequestAddresses = {
  ip: string
  forwarded: string | undefined
  xForwardedFor: string | undefined
}

export type ReaderAddress =
  | { ok: true; address: string | null }
  | { ok: false; header: 'forwarded' | 'x-forwarded-for' }

/**
 * The reader's address that a site's own server vouches for: in `Forwarded` (RFC 7239) or else in
 * `X-Forwarded-For`, the address next beyond the site's own and those of the proxies behind it, which may have added
 * to the header. `null` where none is told, or where it is hidden (`unknown`, `_name`); not ok where the header
 * has no valid syntax or names what is no address.
 */
export function readerAddress(
  { ip, forwarded, xForwardedFor }: RequestAddresses,
  isTrusted: (address: string) => boolean,
): ReaderAddress {
  const header = forwarded === undefined ? 'x-forwarded-for' : 'forwarded'
  const told =
    forwarded !== undefined
      ? forwardedFor(forwarded)
      : (xForwardedFor ?? '').split(',').map((entry) => entry.trim())
  if (told === null) return { ok: false, header }
  const beyond = told.filter((entry) => entry !== '').reverse()
  const reader = beyond.find((entry) => {
    const address = addressOf(entry)
    return address === null || (address !== addressOf(ip) && !isTrusted(address))
  })
  if (reader === undefined || /^(?:unknown|_[A-Za-z0-9._-]+)(?::.*)?$/i.test(reader))
    return { ok: true, address: null }
  const address = addressOf(reader)
  return address === null ? { ok: false, header } : { ok: true, address }
}

function forwardedFor(header: string): string[] | null {
  try {
    return parseForwarded(header).map((element) => element['for'] ?? '')
  } catch {
    return null
  }
}

/** The address in its one canonical form, its port and brackets left off; `null` where it is none. */
export function addressOf(entry: string): string | null {
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(entry)?.[1] ?? /^([\d.]+):\d+$/.exec(entry)?.[1] ?? entry
  // Not ipaddr.isValid(): it takes `10.1` and plain numbers as well, as inet_aton does.
  const isAddress = ipaddr.IPv4.isValidFourPartDecimal(bare) || ipaddr.IPv6.isValid(bare)
  return isAddress ? ipaddr.process(bare).toString() : null
}
