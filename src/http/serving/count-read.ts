import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Limits } from '../limits/limits.ts'
import { sendProblem } from './send.ts'

/** A hook for what is read and is no route of the API: each request counts as a read, and is turned away past the limit. */
export function countRead(
  limits: Limits,
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined> {
  return async (request, reply) => {
    const verdict = await limits.count(['reads'], request, request.ip)
    reply.headers(verdict.headers)
    return verdict.problem === null ? undefined : sendProblem(request, reply, verdict.problem)
  }
}
