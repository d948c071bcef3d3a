import type { FastifyInstance } from 'fastify'
import { hostFault } from './host.ts'
import { sendProblem } from './send.ts'

/** Node would refuse some of it, but not with a problem document. */
export function requireHost(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    const fault = hostFault(request.raw)
    if (fault === null) done()
    else sendProblem(request, reply, fault)
  })
}
