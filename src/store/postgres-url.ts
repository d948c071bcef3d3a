/** Where a PostgreSQL is: a URL for each host that may be the one to write to, tried in turn. They hold a password. */
export type PostgresLocation = { dialect: 'postgres'; urls: readonly string[] }

/**
 * Reads libpq's form of a connection URL, with one host or several: `postgres://user:password@host1:5432,host2/name?…`
 * (https://www.postgresql.org/docs/current/libpq-connect.html, section 32.1.1.2). The service writes, so of
 * `target_session_attrs` only `read-write` and `primary` make sense; both are what it asks of a host in any case.
 *
 * @returns what is wrong with it, in words that quote nothing of it, or where it points.
 */
export function parsePostgresUrl(
  text: string,
): { ok: true; location: PostgresLocation } | { ok: false; fault: string } {
  const parts = /^postgres(?:ql)?:\/\/(?:([^@/?#]*)@)?([^/?#]*)(\/[^?#]*)?(?:\?([^#]*))?$/.exec(text)
  if (parts === null) return refuse('must be postgres://USER:PASSWORD@HOST:PORT/DATABASE')
  const [, credentials, hosts = '', path = '', query = ''] = parts
  const parameters = new URLSearchParams(query)
  const attributes = parameters.get('target_session_attrs') ?? 'read-write'
  if (attributes !== 'read-write' && attributes !== 'primary')
    return refuse('may have target_session_attrs=read-write or =primary only')
  parameters.delete('target_session_attrs')
  if ([...parameters.keys()].some((name) => !knownParameters.has(name)))
    return refuse(
      `may have these parameters only: ${[...knownParameters, 'target_session_attrs'].join(', ')}`,
    )
  const mode = parameters.get('sslmode')
  if (mode !== null && !sslModes.has(mode))
    return refuse(`may have as sslmode only: ${[...sslModes].join(', ')}`)
  const rest = parameters.size === 0 ? path : `${path}?${parameters}`
  const urls = hosts
    .split(',')
    .map((host) => `postgres://${credentials === undefined ? '' : `${credentials}@`}${host}${rest}`)
  if (hosts.includes(',') && hosts.split(',').includes(''))
    return refuse('must not have an empty host in its list')
  if (
    hosts.includes('@') ||
    !urls.every((url) => URL.canParse(url)) ||
    !isDecodable(`${credentials ?? ''}${path}`, parameters)
  )
    return refuse(
      'must be postgres://USER:PASSWORD@HOST:PORT/DATABASE, with what is special in the password percent-encoded',
    )
  return { ok: true, location: { dialect: 'postgres', urls } }
}

/** The hosts and the database, without user and password: fit for a log. */
export function nameOfPostgres({ urls }: PostgresLocation): string {
  const parsed = urls.map((url) => new URL(url))
  const hosts = parsed.map(({ host, searchParams }) => host || (searchParams.get('host') ?? 'localhost'))
  return `postgres://${hosts.join(',')}${parsed[0]?.pathname ?? ''}`
}

/** The driver decodes each part, but for a percent sign that stands for itself. A NUL in one it waits for without end. */
function isDecodable(encoded: string, parameters: URLSearchParams): boolean {
  try {
    const decoded = decodeURIComponent(encoded.replaceAll(/%(?![\da-f]{2})/gi, '%25'))
    return ![decoded, ...parameters.values()].some((text) => text.includes('\u0000'))
  } catch {
    return false
  }
}

/** A mistyped one would be passed over without a word, and with it what was to protect the connection. */
const knownParameters = new Set([
  'host',
  'options',
  'sslcert',
  'sslkey',
  'sslmode',
  'sslnegotiation',
  'sslrootcert',
  'uselibpqcompat',
])

const sslModes = new Set(['disable', 'no-verify', 'prefer', 'require', 'verify-ca', 'verify-full'])

function refuse(fault: string): { ok: false; fault: string } {
  return { ok: false, fault }
}
