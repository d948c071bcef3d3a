import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { headerLimitBytes, headersTooLarge } from '../faults.ts'
import { passedOver, refused } from './header-lengths.ts'
import { sendProblem } from './send.ts'

/** Takes away each header that is longer than anybody needs, so that the request is as one without it. */
function passOverLongHeaders({ headers }: IncomingMessage): void {
  for (const [name, longest] of Object.entries(passedOver)) {
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
