import type { FastifyReply, FastifyRequest } from 'fastify'
import Negotiator from 'negotiator'
import { type Outcome, refused } from '../../domain/refusal.ts'
import type { Token, TokenScope } from '../../domain/tokens/token.ts'
import { authenticate } from '../../operations/tokens/authenticate.ts'
import type { Limits } from '../limits/limits.ts'
import { readerAddress } from '../limits/reader-address.ts'
import { type Problem, type ProblemCode, problemOf } from '../problems.ts'
import type { Access, Caller, Route, RouteDeps } from '../route.ts'
import type { ReadCache } from './read-cache.ts'
import { mediaTypeOf } from './send.ts'

export type GuardDeps = {
  deps: RouteDeps
  limits: Limits
  cache: ReadCache
  isTrustedProxy: (address: string) => boolean
}

/** `address` is whose the request is for the limits; `null` where that is not known. */
export type Guarded = { ok: true; caller: Caller; address: string | null } | { ok: false; problem: Problem }

type Identified = { ok: true; caller: Caller } | { ok: false; problem: Problem }

/** Before anything of the body is read: who calls, whether they may, and whether it is not too often. */
export async function guard(
  { deps, limits, isTrustedProxy }: GuardDeps,
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Guarded> {
  if (!isAcceptable(route, request))
    return refuse('not-acceptable', `This call answers in ${bareMediaTypeOf(route)} only.`)

  const caller = await identify(deps, route.access, request)
  if (!caller.ok) return { ok: false, problem: await refuseSignIn(limits, request, reply, caller.problem) }

  const address = clientAddress(caller.caller, request, isTrustedProxy)
  if (!address.ok) {
    return {
      ok: false,
      problem: {
        code: 'invalid-request',
        detail: "The reader's address is not valid.",
        errors: [
          {
            in: 'header',
            pointer: `/${address.header}`,
            code: 'not-an-address',
            detail: 'must name an IP address',
          },
        ],
      },
    }
  }
  const verdict =
    route.refusals === undefined
      ? await limits.count(route.limits, request, address.address)
      : await limits.check(route.refusals, request, address.address)
  reply.headers(verdict.headers)
  return verdict.problem === null
    ? { ok: true, caller: caller.caller, address: address.address }
    : { ok: false, problem: verdict.problem }
}

/** A wrong secret counts; past the limit the answer is 429. Valid ones pass all the while: nobody can lock others out. */
export async function refuseSignIn(
  limits: Limits,
  request: FastifyRequest,
  reply: FastifyReply,
  problem: Problem,
): Promise<Problem> {
  if (problem.code !== 'token-invalid') return problem
  const verdict = await limits.count(['failed-sign-ins'], request, request.ip)
  reply.headers(verdict.headers)
  // Without the address, which no line has; the proxy's log has it under the same moment.
  if (verdict.isNews)
    request.log.warn({ event: 'sign-ins-limited' }, 'a client shows one wrong token after the other')
  return verdict.problem ?? { ...problem, headers: { ...problem.headers, ...challenge('invalid_token') } }
}

async function identify(deps: RouteDeps, access: Access, request: FastifyRequest): Promise<Identified> {
  if (access === 'public') return anyone
  const authorization = request.headers.authorization
  if (authorization === undefined) return access === 'submit' || access === 'read' ? anyone : missing(access)
  const secret = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i.exec(authorization)?.[1]
  if (access === 'read') return secret === undefined ? anyone : vouching(deps, secret)
  if (secret === undefined)
    return refuse('token-invalid', 'The Authorization header must be: Bearer, a space, the token.')
  if (access === 'receipt') return { ok: true, caller: { token: null, receipt: secret } }
  const found = await authenticate(deps, secret)
  // Tools send one token everywhere: a moderator's on a submission is no site's, so the caller is a reader.
  if (access === 'submit' && found.ok && !found.value.scopes.includes('submit')) return anyone
  const token = withScope(found, access)
  return token.ok
    ? { ok: true, caller: { token: token.value, receipt: null } }
    : {
        ok: false,
        problem: {
          ...problemOf(token.refusal),
          ...(token.refusal.code === 'token-scope-too-small' && {
            headers: challenge('insufficient_scope', access === 'site' ? 'submit' : access),
          }),
        },
      }
}

/** A page that shows some token while it reads is no intruder: what does not vouch is passed over. */
async function vouching(deps: RouteDeps, secret: string): Promise<Identified> {
  const token = await authenticate(deps, secret)
  const vouches = token.ok && token.value.scopes.includes('submit')
  return vouches ? { ok: true, caller: { token: token.value, receipt: null } } : anyone
}

const anyone: Identified = { ok: true, caller: { token: null, receipt: null } }

function withScope(token: Outcome<Token>, access: TokenScope | 'site'): Outcome<Token> {
  const wanted: readonly TokenScope[] = access === 'site' ? ['submit', 'moderate'] : [access]
  if (!token.ok || wanted.some((scope) => token.value.scopes.includes(scope))) return token
  const scope = scopesOf(access)
  return refused('token-scope-too-small', `This call needs a token of scope ${scope}.`)
}

function scopesOf(access: Access): string {
  return access === 'site' ? 'submit or moderate' : access
}

function missing(access: Access): Identified {
  const what = access === 'receipt' ? "the comment's receipt" : `a token of scope ${scopesOf(access)}`
  return {
    ok: false,
    problem: {
      code: 'token-missing',
      detail: `Send the header 'Authorization: Bearer …' with ${what}.`,
      headers: { 'www-authenticate': 'Bearer realm="imprimatur"' },
    },
  }
}

/** RFC 6750, section 3. */
function challenge(error: string, scope?: string): Record<string, string> {
  return {
    'www-authenticate': `Bearer realm="imprimatur", error="${error}"${scope === undefined ? '' : `, scope="${scope}"`}`,
  }
}

function refuse(code: ProblemCode, detail: string): { ok: false; problem: Problem } {
  return { ok: false, problem: { code, detail } }
}

/** Whose the request is for the limits: the caller's own, or the reader's for whom a site's server vouches. */
function clientAddress(
  { token }: Caller,
  request: FastifyRequest,
  isTrustedProxy: (address: string) => boolean,
) {
  if (!token?.scopes.includes('submit')) return { ok: true as const, address: request.ip }
  return readerAddress(
    {
      ip: request.ip,
      forwarded: request.headers['forwarded'],
      xForwardedFor: [request.headers['x-forwarded-for'] ?? []].flat().join(','),
    },
    isTrustedProxy,
  )
}

function isAcceptable(route: Route, request: FastifyRequest): boolean {
  const accept = request.headers.accept
  if (accept === undefined || accept === '' || accept === '*/*' || accept === bareMediaTypeOf(route))
    return true
  // With its parameters as well: many clients ask for 'application/json; charset=utf-8', which names just that.
  const offered = [bareMediaTypeOf(route), mediaTypeOf(route)]
  return new Negotiator({ headers: { accept } }).mediaType(offered) !== undefined
}

function bareMediaTypeOf(route: Route): string {
  return mediaTypeOf(route).replace(/;.*$/, '')
}
