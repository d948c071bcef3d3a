import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Limits } from '../limits/limits.ts'
import type { Route } from '../route.ts'
import { closeToPages, isPreflight } from './cors.ts'
import { fastifyPath } from './register-route.ts'
import { sendProblem } from './send.ts'

/** A path as OpenAPI writes it, `*` at its end for all below it, with one of its methods. */
export type KnownPath = Pick<Route, 'method' | 'path' | 'openTo'>

/**
 * Answers what no route takes: 405 with `Allow` (RFC 9110, section 15.5.6) where the path has other methods; otherwise
 * 404, at a limited rate, since who asks for many paths is looking for something. The paths are matched here, once
 * something is wrong: a route for each method that a path does not have would cost the start a tenth of a second.
 */
export function answerUnknown(app: FastifyInstance, limits: Limits, known: readonly KnownPath[]): void {
  const paths = [...Map.groupBy(known, ({ path }) => path)].map(([path, own]) => ({
    pattern: patternOf(path),
    allowed: allowedMethods(own),
    isForPages: own.some(({ openTo }) => openTo !== undefined),
  }))

  const refuse = async (request: FastifyRequest, reply: FastifyReply) => {
    const path = routedPath(request.url)
    const known = paths.find(({ pattern }) => pattern.test(path))
    if (known === undefined) return refusePath(limits, request, reply)
    if (!known.isForPages) closeToPages(reply)
    return refuseMethod(request, reply, known.allowed)
  }
  // Before the body is read: it would be refused for what is in it, and not be counted.
  app.addHook('onRequest', (request, reply, done) => {
    if (request.is404) refuse(request, reply).catch(done)
    else done()
  })
  app.setNotFoundHandler(refuse)
}

/** Answers OPTIONS of known paths with 204 and `Allow`; in a scope with CORS, that is what a preflight gets. */
export function answerOptions(app: FastifyInstance, known: readonly KnownPath[]): void {
  for (const [path, own] of Map.groupBy(known, ({ path }) => path)) {
    app.route({
      method: 'OPTIONS',
      url: fastifyPath(path),
      config: { access: 'public', operationId: 'options', openTo: own[0]?.openTo ?? 'none' },
      // Before the body is read: it does not matter what is in it.
      onRequest: async (_request, reply) => reply.code(204).header('allow', allowedMethods(own)).send(),
      handler: answeredAlready,
    })
  }
}

async function refusePath(
  limits: Limits,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const verdict = await limits.count(['unknown-paths'], request, request.ip)
  reply.headers(verdict.headers)
  // Refused, a preflight would keep the page from reading that there is no such path.
  const isForPage = isPreflight(request) && reply.hasHeader('access-control-allow-origin')
  if (verdict.problem === null && isForPage) return reply.code(204).send()
  const detail = 'There is nothing at this path. The paths are at /docs.'
  return sendProblem(request, reply, verdict.problem ?? { code: 'path-not-found', detail })
}

function refuseMethod(request: FastifyRequest, reply: FastifyReply, allow: string): FastifyReply {
  return sendProblem(request, reply, {
    code: 'method-not-allowed',
    detail: `This path takes ${allow}.`,
    headers: { allow },
  })
}

function allowedMethods(known: readonly KnownPath[]): string {
  const methods = known.map(({ method }) => method)
  return [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ')
}

/**
 * As Fastify's router takes it: of a whole URL the path alone, decoded but for what would change its parts. What cannot be
 * decoded the router has refused itself, whatever the method.
 */
function routedPath(url: string): string {
  return decodeURI(url.replace(/^https?:\/\/[^/?]*/i, '').replace(/[?#].*$/s, ''))
}

/** A parameter may be empty: its route is asked, and refuses it by name. */
function patternOf(path: string): RegExp {
  const literal = path.replaceAll('.', '\\.').replace(/\*$/, '.*')
  return new RegExp(`^${literal.replaceAll(/\{\w+\}/g, '[^/]*')}$`, 's')
}

/* c8 ignore next 2: onRequest has answered, so Fastify never comes here; but a route must have a handler. */
async function answeredAlready(): Promise<void> {}
