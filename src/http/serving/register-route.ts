import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Problem } from '../problems.ts'
import { isProblem, type Route } from '../route.ts'
import { type GuardDeps, type Guarded, guard, refuseSignIn } from './guard.ts'
import { parseRequest } from './parse-request.ts'
import { sendAnswer, sendProblem } from './send.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call it. A route that does not say stops the start. */
    access?: Route['access']
    /** Its name in the metrics. */
    operationId?: string
  }
}

/** Puts a route's value behind Fastify: guard, parse, handle, send, in that order and for every route alike. */
export function registerRoute(app: FastifyInstance, guardDeps: GuardDeps, route: Route): void {
  const callers = new WeakMap<FastifyRequest, Admitted>()
  app.route({
    method: route.method,
    url: fastifyPath(route.path),
    config: {
      access: route.access,
      operationId: route.operationId,
      openTo: route.openTo ?? 'none',
      takesForm: route.formLimitBytes !== undefined,
      problemPage: problemPageOf(route, guardDeps),
    },
    ...(route.formLimitBytes !== undefined && { bodyLimit: route.formLimitBytes }),
    onRequest: async (request, reply) => {
      const guarded = await guard(guardDeps, route, request, reply)
      if (!guarded.ok) return sendProblem(request, reply, guarded.problem)
      callers.set(request, guarded)
      return undefined
    },
    ...(route.refusals !== undefined && {
      onSend: async (request: FastifyRequest, reply: FastifyReply) =>
        countRefusal(guardDeps, route, callers.get(request), request, reply),
    }),
    handler: async (request, reply) =>
      handle(guardDeps, route, callers.get(request) ?? nobody, request, reply),
  })
}

function problemPageOf({ problemPage }: Route, { deps }: GuardDeps) {
  return problemPage && ((problem: Problem, url: string) => problemPage(problem, deps, url))
}

/** `/v1/comments/{commentId}` as Fastify writes it. */
export function fastifyPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1')
}

type Admitted = Extract<Guarded, { ok: true }>

const nobody: Admitted = { ok: true, caller: { token: null, receipt: null }, address: null }

/** Whatever it was refused for, and wherever: its body may not even have been JSON. */
async function countRefusal(
  { limits }: GuardDeps,
  { refusals }: Route,
  admitted: Admitted | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const isRefused = reply.statusCode >= 400 && reply.statusCode < 500
  if (admitted === undefined || refusals === undefined || !isRefused) return
  const { headers } = await limits.count([refusals], request, admitted.address)
  // A 429 tells of the limit that it is about.
  if (!reply.hasHeader('ratelimit')) reply.headers(headers)
}

async function handle(
  { deps, limits, cache }: GuardDeps,
  route: Route,
  { caller, address }: Admitted,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const parsed = parseRequest(route, request)
  if (!parsed.ok) {
    const detail =
      parsed.errors.length === 1 ? 'One field is not valid.' : `${parsed.errors.length} fields are not valid.`
    return sendProblem(request, reply, { code: 'invalid-request', detail, errors: parsed.errors })
  }
  const answer = await route.handle({
    deps,
    input: parsed.input,
    caller,
    countSubmission: async () => {
      const isVouchedFor = caller.token?.scopes.includes('submit') ?? false
      const verdict = await limits.countSubmission(request, address, isVouchedFor)
      reply.headers(verdict.headers)
      return verdict.problem
    },
    log: request.log,
    url: request.url,
    requestId: request.id,
    acceptLanguage: request.headers['accept-language'],
  })
  if (!isProblem(answer)) return sendAnswer(route, cache, request, reply, answer)
  return sendProblem(request, reply, await refuseSignIn(limits, request, reply, answer))
}
