import type { FastifyInstance } from 'fastify'
import { sendProblem } from './send.ts'

/** Refuses HTTP/1.1 without `Host` (RFC 9112, section 3.2). Node would as well, but not with a problem document. */
export function requireHost(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (request.raw.httpVersion !== '1.1' || request.headers.host !== undefined) {
      done()
      return
    }
    sendProblem(request, reply, {
      code: 'invalid-request',
      detail: 'HTTP/1.1 needs a Host header.',
      errors: [{ in: 'header', pointer: '/host', code: 'required', detail: 'is required' }],
    })
  })
}
