import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { headerLimitBytes, headersTooLarge } from '../faults.ts'
import { sendProblem } from './send.ts'

/**
 * What is split, negotiated or matched costs more the longer it is, and that before any limit has counted the request. So
 * each such header has a length beyond which nobody looks at it: some dozen ranges, languages, tags. A browser sends 150
 * characters. They may be left aside: RFC 9110, sections 12.5.1, 12.5.4, 13.1.2 and 14.2; RFC 9111, section 5.2.1.
 */
const passedOver = [
  ['accept', 512],
  ['accept-language', 512],
  ['if-none-match', 1_024],
  ['cache-control', 512],
  // Without one there is no JSON.
  ['content-type', 256],
  // What serves the pages of the reference reads these.
  ['range', 128],
  ['if-range', 128],
] as const

/** What must not be left aside: whose request it is, and what it depends on. */
const refused = [
  ['x-forwarded-for', 1_024],
  ['forwarded', 1_024],
  ['if-match', 1_024],
  ['if-modified-since', 128],
  ['if-unmodified-since', 128],
] as const

/** Takes away each header that is longer than anybody needs, so that the request is as one without it. */
export function passOverLongHeaders({ headers }: IncomingMessage): void {
  for (const [name, longest] of passedOver) {
    const value = headers[name]
    if (value !== undefined && value.length > longest) delete headers[name]
  }
}

export function boundHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (sizeOf(request.raw) > headerLimitBytes) {
      sendProblem(request, reply, headersTooLarge)
      return
    }
    passOverLongHeaders(request.raw)
    const tooLong = refused.find(([name, longest]) => String(request.headers[name] ?? '').length > longest)
    if (tooLong === undefined) {
      done()
      return
    }
    const [name, longest] = tooLong
    sendProblem(request, reply, {
      code: 'headers-too-large',
      detail: `The header ${name} must be at most ${longest} characters long.`,
    })
  })
}

/** The request line with its headers, as they came; in characters of Latin-1, which are bytes. */
function sizeOf({ method = '', url = '', rawHeaders }: IncomingMessage): number {
  let size = method.length + url.length + ' HTTP/1.1'.length + 1
  // After each name a colon and a space, after each value the end of its line.
  for (const text of rawHeaders) size += text.length + 2
  return size
}
