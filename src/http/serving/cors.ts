import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from '../../config.ts'

/**
 * Which pages may read a route's answers: those of the configured origins (`pages`), any (`all`), or none but the
 * service's own.
 */
export type OpenTo = 'pages' | 'all' | 'none'

declare module 'fastify' {
  interface FastifyContextConfig {
    openTo?: OpenTo
  }
}

/** The headers that let the pages of this origin, if it is one of those configured, read an answer. */
export type CorsHeaders = (origin: string | undefined) => Record<string, string>

/**
 * One rule for every answer, those included that Fastify does not make: a page must be able to read why it was refused,
 * also where its request reached no route. Credentials are bearer tokens, never cookies.
 */
export function corsHeaders(origins: Config['corsOrigins']): CorsHeaders {
  if (origins === '*') return () => readableBy('*')
  if (origins.length === 0) return () => ({})
  return (origin) => ({
    vary: 'Origin',
    ...(origin !== undefined && origins.includes(origin) && readableBy(origin)),
  })
}

/** On each answer from here on; what no route takes is answered to pages as well. */
export function answerPages(app: FastifyInstance, headersFor: CorsHeaders): void {
  app.addHook('onRequest', (request, reply, done) => {
    const openTo = request.is404 ? 'pages' : request.routeOptions.config.openTo
    if (openTo === 'pages' || openTo === 'all') {
      const { origin } = request.headers
      const headers = openTo === 'all' ? readableBy('*') : headersFor(origin)
      reply.headers(headers)
      if (isPreflight(request) && 'access-control-allow-origin' in headers) reply.headers(preflightHeaders)
    }
    done()
  })
}

/** Takes back what is for pages, once it shows that the path is not. */
export function closeToPages(reply: FastifyReply): void {
  for (const name of [...Object.keys(readableBy('*')), ...Object.keys(preflightHeaders), 'vary'])
    reply.removeHeader(name)
}

/** Whether a browser asks what a page may send (Fetch, section 3.3.2). */
export function isPreflight({ method, headers }: FastifyRequest): boolean {
  return (
    method === 'OPTIONS' &&
    headers.origin !== undefined &&
    headers['access-control-request-method'] !== undefined
  )
}

function readableBy(origin: string): Record<string, string> {
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers':
      'Allow, Content-Language, ETag, Idempotency-Replayed, Link, Location, RateLimit, RateLimit-Policy, Retry-After',
  }
}

/** Methods that no path takes as well: the page is to read the 405. `Cache-Control` asks past what is in memory. */
const preflightHeaders = {
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
  'access-control-allow-headers':
    'Authorization, Cache-Control, Content-Type, Idempotency-Key, If-None-Match',
  'access-control-max-age': '86400',
} as const
