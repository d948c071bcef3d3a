import { METHODS } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import type { Limits } from './limits.ts'
import { fastifyPath } from './register-route.ts'
import type { Route } from './route.ts'
import { sendProblem } from './send.ts'

/** Answers paths that are none of ours, at a limited rate: who asks for many is looking for something. */
export function answerUnknownPaths(app: FastifyInstance, limits: Limits): void {
  const refusePath = async (request: FastifyRequest, reply: FastifyReply) => {
    const verdict = await limits.count(['unknown-paths'], request, request.ip)
    reply.headers(verdict.headers)
    return sendProblem(
      request,
      reply,
      verdict.problem ?? {
        code: 'path-not-found',
        detail: 'There is nothing at this path. The paths are at /docs.',
      },
    )
  }
  // Before the body is read: it would be refused for what is in it, and not be counted.
  app.addHook('onRequest', async (request, reply) => (request.is404 ? refusePath(request, reply) : undefined))
  app.setNotFoundHandler(refusePath)
}

/** Makes Fastify take every method that Node can read, so that each gets its 405 and none a 404. */
export function takeAllMethods(app: FastifyInstance): void {
  for (const method of METHODS) {
    if (!app.supportedMethods.includes(method)) app.addHttpMethod(method)
  }
}

/** Answers the methods that a known path does not have: 405 with `Allow` (RFC 9110, section 15.5.6), OPTIONS with 204. */
export function answerOtherMethods(
  app: FastifyInstance,
  routes: readonly Pick<Route, 'method' | 'path'>[],
): void {
  for (const [path, own] of Map.groupBy(routes, (route) => route.path)) {
    const methods = own.map((route) => route.method)
    const allowed = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS']
    const others = app.supportedMethods.filter((method) => !allowed.includes(method)) as HTTPMethods[]
    const config = { access: 'public' as const, operationId: 'otherMethod' }
    app.route({
      method: others,
      url: fastifyPath(path),
      config,
      // Before the body is read: it does not matter what is in it.
      onRequest: async (request, reply) => refuseMethod(request, reply, allowed),
      handler: answeredAlready,
    })
    app.route({
      method: 'OPTIONS',
      url: fastifyPath(path),
      config,
      onRequest: async (_request, reply) => reply.code(204).header('allow', allowed.join(', ')).send(),
      handler: answeredAlready,
    })
  }
}

function refuseMethod(
  request: FastifyRequest,
  reply: FastifyReply,
  allowed: readonly string[],
): FastifyReply {
  return sendProblem(request, reply, {
    code: 'method-not-allowed',
    detail: `This path takes ${allowed.join(', ')}.`,
    headers: { allow: allowed.join(', ') },
  })
}

/* c8 ignore next 2: onRequest has answered, so Fastify never comes here; but a route must have a handler. */
async function answeredAlready(): Promise<void> {}
