import type { IncomingMessage } from 'node:http'
import type { FieldErrorCode } from '../field-errors.ts'
import type { FieldError, Problem } from '../problems.ts'

/** What is wrong with a request that has no `Host`, several, or one that names no host (RFC 9112, section 3.2). */
export function hostFault({ headers: { host }, httpVersion, rawHeaders }: IncomingMessage): Problem | null {
  if (host === undefined)
    return httpVersion === '1.1' ? problem('HTTP/1.1 needs a Host header.', 'required', 'is required') : null
  // Node drops the second.
  if (hostsIn(rawHeaders) > 1)
    return problem('There must be one Host header.', 'repeated', 'must be given once')
  return hostPattern.test(host)
    ? null
    : problem('The Host header names no host.', 'not-a-host', 'must be a host, and a port if any')
}

/** Names and values follow each other. Asked of each request, so without a list of its own. */
function hostsIn(rawHeaders: readonly string[]): number {
  let hosts = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1
  }
  return hosts
}

/**
 * RFC 3986, section 3.2.2, in the characters of names that there are, none of which means anything to whoever reads a list
 * or a URL. An empty one is valid.
 */
const hostPattern = /^(?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._~%-]{0,255})(?::\d{0,5})?$/

function problem(detail: string, code: FieldErrorCode, fault: string): Problem {
  const errors: FieldError[] = [{ in: 'header', pointer: '/host', code, detail: fault }]
  return { code: 'invalid-request', detail, errors }
}
