import type { FastifyReply, FastifyRequest } from 'fastify'
import { contentTag, noneMatch } from '../entity-tag.ts'
import { pageHeaders } from '../page-headers.ts'
import { type Problem, problemBody, problemTable } from '../problems.ts'
import type { Answer, Route } from '../route.ts'
import { json, jsonBytes } from './json.ts'
import type { ReadCache } from './read-cache.ts'

/**
 * On every answer of the API, pages aside. A JSON answer needs no more: nothing in it is to run, to be framed or to be
 * taken for another media type.
 */
const securityHeaders = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
} as const

/** Whoever holds a copy of a private answer must not keep it. The public lists say otherwise themselves. */
const notStored = 'no-store'

export async function sendAnswer(
  route: Route,
  cache: ReadCache,
  request: FastifyRequest,
  reply: FastifyReply,
  answer: Answer,
): Promise<FastifyReply> {
  reply
    .code(answer.status)
    .headers(securityHeaders)
    .header('cache-control', notStored)
    .type(mediaTypeOf(route))
  if (answer.headers !== undefined) reply.headers(answer.headers)
  const body =
    answer.text === undefined ? await jsonBytes(answer.body, route.indented) : Buffer.from(answer.text)
  const etag = answer.isTaggedByContent ? contentTag(body) : answer.etag
  if (etag !== undefined) reply.header('etag', etag)
  cache.keep(request, reply, answer, body)
  const mayBeKnown = route.method === 'GET' && route.alwaysWhole !== true
  if (mayBeKnown && etag !== undefined && noneMatch(request.headers['if-none-match'], etag)) {
    return reply.code(304).removeHeader('content-type').send()
  }
  return reply.send(body)
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a browser shows of a problem in place of JSON. */
    problemPage?: ((problem: Problem, url: string) => string) | undefined
  }
}

export function sendProblem(request: FastifyRequest, reply: FastifyReply, problem: Problem): FastifyReply {
  reply.code(problemTable[problem.code].status).headers(problemHeaders)
  if (problem.headers !== undefined) reply.headers(problem.headers)
  const { problemPage } = request.routeOptions.config
  if (problemPage !== undefined && request.headers.accept?.includes('text/html'))
    return reply.headers(pageHeaders).send(Buffer.from(problemPage(problem, request.url)))
  // As bytes: Fastify would add a charset to the media type of a text, which has none (RFC 9457, section 6.1).
  return reply.send(Buffer.from(problemText(problem, request.id)))
}

/** On every problem, whoever writes it. */
export const problemHeaders = {
  ...securityHeaders,
  'cache-control': notStored,
  'content-type': 'application/problem+json',
} as const

export function problemText(problem: Problem, requestId: string): string {
  return json(problemBody(problem, requestId), true)
}

/** What the route answers in, parameters included. */
export function mediaTypeOf(route: Route): string {
  return route.mediaType ?? 'application/json; charset=utf-8'
}
