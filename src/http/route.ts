import type { FastifyBaseLogger } from 'fastify'
import type { z } from 'zod'
import type { Article, CloseAfterDays } from '../domain/articles/article.ts'
import type { Language } from '../domain/language.ts'
import type { ReadyReason } from '../domain/moderation/reason.ts'
import type { Token } from '../domain/tokens/token.ts'
import type { Deps } from '../operations/deps.ts'
import type { Store } from '../store/store.ts'
import type { OwnWords, Words } from '../words/en.ts'
import type { LimitName } from './limits/limits.ts'
import type { Metrics } from './metrics.ts'
import type { Problem, ProblemCode } from './problems.ts'

/**
 * Who may call a route. `public`: anyone; `read`: anyone, and a token of scope `submit` vouches for the reader's address,
 * while any other is as good as none; `submit`: the same, but a token, where one is shown, must be valid;
 * `receipt`: the author with the comment's receipt; `site`: a token of scope `submit` or `moderate`; `moderate`, `admin`: a
 * token of that scope.
 */
export type Access = 'public' | 'read' | 'submit' | 'receipt' | 'site' | 'moderate' | 'admin'

/** What a route takes. A part that is not declared must not be sent. */
export type RequestShape = {
  path?: z.ZodObject
  query?: z.ZodObject
  headers?: z.ZodObject
  body?: z.ZodType
}

type Part<S extends RequestShape, K extends keyof RequestShape> = S[K] extends z.ZodType
  ? z.output<S[K]>
  : undefined

export type Input<S extends RequestShape> = {
  path: Part<S, 'path'>
  query: Part<S, 'query'>
  headers: Part<S, 'headers'>
  body: Part<S, 'body'>
}

/** What the routes share of the world around them. */
export type RouteDeps = Deps<Store> & {
  /** How many comments may wait; 0 is no limit. */
  maxPending: number
  /** The hashes of the idempotency keys whose submissions this process is committing. */
  submissionsInFlight: Set<string>
  /** When an article closes by itself. */
  closeAfterDays: CloseAfterDays
  /** How long a form must have been shown before it is sent; 0 is no least time. */
  leastFormMs: number
  /** The URL of an article that has told none, with `{articleId}` in it. */
  articleUrl: string | null
  /** Where readers' browsers reach this service, without a slash at its end; `null` where that is not known. */
  publicUrl: string | null
  metrics: Metrics
  /** Raised while submissions are turned away because the queue is full. */
  queueAlarm: { raised: boolean }
  defaultLanguage: Language
  /** What readers are told in a language, in the site's own words where it has some. */
  wordsIn: (language: string) => Words
  ownWords: OwnWords
  /** The ready reasons, in order. */
  reasons: readonly ReadyReason[]
  /** Another one where the markup of pages may be another for the same comments. */
  markupTag: () => string
  /** For the public list: seconds a CDN may hold it, and may serve it stale while it asks again. */
  cdnFreshSeconds: number
  cdnStaleSeconds: number
  /** The names of the jobs in the background that are long overdue. */
  jobsBehind: () => Promise<string[]>
  /** The OpenAPI document, as committed. */
  openapi: () => string
}

export type Caller = {
  token: Token | null
  receipt: string | null
}

export type RouteContext<I> = {
  deps: RouteDeps
  input: I
  caller: Caller
  /** Counts a submission that is about to be written; the problem, where it is one too many. */
  countSubmission: () => Promise<Problem | null>
  log: FastifyBaseLogger
  /** The path and query as they were sent. */
  url: string
  requestId: string
  acceptLanguage: string | undefined
}

export type ArticleRevision = Pick<Article, 'articleId' | 'revision'>

/** What a handler answers: a body of JSON, or text in the route's own media type; or a problem. */
export type Answer = {
  status: number
  body?: unknown
  text?: string
  etag?: string
  /** Its tag is a digest of what goes out. */
  isTaggedByContent?: boolean
  headers?: Readonly<Record<string, string>>
  /** Where the answer may be given again: for as long as the articles have these revisions, and until then, if not `null`. */
  reusable?: { articles: readonly ArticleRevision[]; untilMs: number | null }
}

/** What the document says of one status. */
export type AnswerShape = {
  description: string
  schema: z.ZodType
  headers?: readonly HeaderName[]
  examples?: Readonly<Record<string, { summary: string; value: unknown }>>
}

export type HeaderName =
  | 'ETag'
  | 'Link'
  | 'Location'
  | 'Cache-Control'
  | 'Content-Language'
  | 'Idempotency-Replayed'

export type Tag = 'Public' | 'Page' | 'Author' | 'Moderation' | 'Articles' | 'Machine'

type RouteValue<S extends RequestShape> = {
  /** Also the name of its file, in kebab case. */
  operationId: string
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** As OpenAPI writes it: `/v1/comments/{commentId}`. */
  path: string
  tag: Tag
  summary: string
  description: string
  access: Access
  /** Where pages may call it: those of the configured origins, or `all`. */
  openTo?: 'pages' | 'all'
  /** What each call counts against, before anything of it is read. */
  limits: readonly LimitName[]
  /** What each refused call counts against. Who has used it up is turned away before anything is read. */
  refusals?: LimitName
  request: S
  /** Whether an absent body is taken as `{}`. */
  bodyOptional?: boolean
  /** Its ETag is a version, and not all that it shows moves that: who has it is not told that nothing has changed. */
  alwaysWhole?: boolean
  /** Other than `application/json`. */
  mediaType?: string
  /** Its body is what a form of HTML sends, and not JSON; in bytes, at most so many. */
  formLimitBytes?: number
  /** What a browser shows of a problem in place of JSON; `url` is what it asked for, valid or not. */
  problemPage?: (problem: Problem, deps: RouteDeps, url: string) => string
  answers: Readonly<Record<number, AnswerShape>>
  /** Beyond those that every route of its kind can answer. */
  problems: readonly ProblemCode[]
  /** For people who type and read: JSON on several lines. */
  indented?: boolean
}

/** A route as a plain value. */
export type Route = RouteValue<RequestShape> & {
  handle: (context: RouteContext<unknown>) => Promise<Answer | Problem>
}

export function defineRoute<const S extends RequestShape>(
  route: RouteValue<S> & { handle: (context: RouteContext<Input<S>>) => Promise<Answer | Problem> },
): Route {
  return {
    ...route,
    // parseRequest makes the input from this very route's `request`, so it has the shape that the handler takes.
    handle: (context) => route.handle(context as RouteContext<Input<S>>),
  }
}

export function isProblem(answer: Answer | Problem): answer is Problem {
  return 'code' in answer
}
