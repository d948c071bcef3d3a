import type { IncomingMessage } from 'node:http'
import type { FieldErrorCode } from '../field-errors.ts'
import type { FieldError, Problem } from '../problems.ts'

/** What is wrong with a request that has no `Host`, several, or one that names no host (RFC 9112, section 3.2). */
export function hostFault({ headers: { host }, httpVersion, rawHeaders }: IncomingMessage): Problem | null {
  if (host === undefined)
    return httpVersion === '1.1' ? problem('HTTP/1.1 needs a Host header.', 'required', 'is required') : null
  // Node drops the second.
  if (rawHeaders.filter(isHostName).length > 1)
    return problem('There must be one Host header.', 'repeated', 'must be given once')
  return hostPattern.test(host)
    ? null
    : problem('The Host header names no host.', 'not-a-host', 'must be a host, and a port if any')
}

function isHostName(text: string, index: number): boolean {
  return index % 2 === 0 && text.length === 4 && text.toLowerCase() === 'host'
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
