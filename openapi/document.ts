import { readFileSync } from 'node:fs'
import { z } from 'zod'
import {
  createDocument,
  type oas31,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiOverride,
} from 'zod-openapi'
import { readConfig } from '../src/config.ts'
import { bodyLimitBytes, headerLimitBytes, problemOfError } from '../src/http/faults.ts'
import { type LimitName, limitMaxima } from '../src/http/limits/limits.ts'
import {
  type ProblemBody,
  type ProblemCode,
  problemBody,
  problem as problemSchema,
  problemTable,
  problemTypePrefix,
} from '../src/http/problems.ts'
import type { AnswerShape, HeaderName, Route, Tag } from '../src/http/route.ts'
import { routes } from '../src/http/routes/index.ts'
import { articleMoving, articleNotFound } from '../src/operations/articles/article-refusals.ts'
import { portable } from './portable.ts'
import type { Exchange, Session } from './record-session.ts'

/** What the real service said, call by call: `openapi/generate.ts` records it, a test compares. */
const session = JSON.parse(readFileSync(new URL('./session.json', import.meta.url), 'utf8')) as Session

/** The OpenAPI document of the routes: made of the very schemas that validate their requests. */
export function openapiDocument(): object {
  const document: ZodOpenApiObject = {
    openapi: '3.1.1',
    info: {
      title: 'Imprimatur',
      version: version(),
      summary: 'Comment moderation as a service of its own.',
      description: introduction(),
      license: { name: 'MIT', identifier: 'MIT' },
      contact: { name: 'The maintainers of Imprimatur' },
    },
    servers: [
      // First, since many tools take no other than a whole URL.
      {
        url: 'http://127.0.0.1:3000',
        description: 'A local service, as `npm start` starts it.',
        'x-internal': false,
      },
      {
        url: '/',
        description: 'The deployment that serves this document: local, staging or production.',
        'x-internal': false,
      },
    ],
    tags: tags.map(([name, description]) => ({ name, description })),
    paths: paths(),
    components: { securitySchemes },
  }
  return portable(createDocument(document, { override: inBothDirections }), parametersOf)
}

/** What the session sent in a call's parameters. */
function parametersOf(operationId: string): Record<string, unknown> {
  return Object.entries(session[operationId] ?? {}).find(([key]) => /^2/.test(key))?.[1].parameters ?? {}
}

function inBothDirections(context: Parameters<ZodOpenApiOverride>[0]): void {
  const { zodSchema, jsonSchema, io } = context
  // Of what is transformed once it has come in, zod leaves the examples out.
  const { examples } = z.globalRegistry.get(zodSchema) ?? {}
  if (io === 'input' && examples !== undefined) jsonSchema.examples ??= examples as []
  if (io === 'output') openAnswers(context)
}

/**
 * Requests are closed: what is not known is refused. Answers are open: a client that takes only what is told of today would
 * fail on the first field that is added. `literal` is for the words by which a union is told apart, of which there are no more.
 */
function openAnswers({ zodSchema, jsonSchema }: Parameters<ZodOpenApiOverride>[0]): void {
  if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
  if (zodSchema._zod.def.type === 'enum') {
    Object.assign(jsonSchema, {
      maxLength: 50,
      pattern: '^[a-z0-9.-]+$',
      'x-extensible-enum': jsonSchema.enum,
    })
    delete jsonSchema.enum
  }
}

/** In this order their calls can be made from top to bottom: what is withdrawn can no longer be decided about. */
const tags: [Tag, string][] = [
  ['Public', 'For anyone: a site, or its readers’ browsers.'],
  ['Page', 'What readers see: an article’s thread as HTML.'],
  ['Moderation', 'For moderators, with curl or any REST client.'],
  ['Articles', 'What a site tells of its articles, and their move to other ids.'],
  ['Author', 'For who wrote a comment and kept its receipt.'],
  ['Machine', 'For probes, Prometheus and tools.'],
]

const securitySchemes = {
  token: {
    type: 'http',
    scheme: 'bearer',
    description: 'A token made by `imprimatur token create`, or `MODERATOR_TOKEN`.',
  },
  receipt: { type: 'http', scheme: 'bearer', description: 'The receipt that came with the acknowledgement.' },
} as const

const inOrderOfTags = tags.flatMap(([name]) => routes.filter(({ tag }) => tag === name))

function paths(): NonNullable<ZodOpenApiObject['paths']> {
  return Object.fromEntries(
    [...Map.groupBy(inOrderOfTags, (route) => route.path)].map(([path, own]) => [
      path,
      Object.fromEntries(own.map((route) => [route.method.toLowerCase(), operation(route)])),
    ]),
  )
}

function operation(route: Route): ZodOpenApiOperationObject {
  const { path, query, headers, body } = route.request
  return {
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    description: route.description,
    security: security(route),
    requestParams: {
      ...(path !== undefined && { path }),
      ...(query !== undefined && { query }),
      ...(headers !== undefined && { header: inUsualCase(headers) }),
    },
    parameters: requestHeaders(route),
    ...(body !== undefined && {
      requestBody: {
        required: route.bodyOptional !== true,
        description:
          route.bodyOptional === true
            ? 'May be left out.'
            : `In UTF-8, at most ${(route.formLimitBytes ?? bodyLimitBytes) / 1024} KiB.`,
        content: {
          [route.formLimitBytes === undefined ? 'application/json' : 'application/x-www-form-urlencoded']: {
            schema: body,
            example: taken(route).body ?? exampleOf(body),
          },
        },
      },
    }),
    responses: {
      ...Object.fromEntries(
        Object.entries(route.answers).map(([status, answer]) => [status, success(route, answer)]),
      ),
      ...(conditional(route) && {
        304: {
          description: 'Nothing has changed since the answer whose `ETag` was sent.',
          headers: headersOf(route, ['ETag', 'Cache-Control'], recorded(route)),
        },
      }),
      ...problems(route),
    },
  }
}

/** As other documents and people write them; HTTP does not mind. */
function inUsualCase(headers: z.ZodObject): z.ZodObject {
  return z.strictObject(
    Object.fromEntries(
      Object.entries(headers.shape).map(([name, schema]) => [
        name.replaceAll(/(?:^|-)[a-z]/g, (letter) => letter.toUpperCase()),
        schema,
      ]),
    ),
  )
}

/** Headers that are read before the route is asked, and never refused for their form but for an address. */
function requestHeaders(route: Route): oas31.ParameterObject[] {
  const { access, answers } = route
  return [
    ...(conditional(route)
      ? [
          headerParameter(
            'If-None-Match',
            'The `ETag` of an answer that is at hand; where nothing has changed since, this one is 304.',
            '"7"',
          ),
        ]
      : []),
    ...(Object.values(answers).some(({ headers }) => headers?.includes('Content-Language'))
      ? [
          headerParameter(
            'Accept-Language',
            "The reader's languages, for what the service says itself (RFC 9110).",
            'fr-CA, fr;q=0.8',
          ),
        ]
      : []),
    ...(access === 'read' || access === 'submit'
      ? [
          headerParameter(
            'Forwarded',
            "The reader's address (RFC 7239), from a site's own server that shows a token of scope `submit`. `X-Forwarded-For` will do as well.",
            'for=192.0.2.60',
          ),
        ]
      : []),
  ]
}

function headerParameter(name: string, description: string, example: string): oas31.ParameterObject {
  const schema = { type: 'string', maxLength: 1_000, pattern: '^[ -~]*$' } as const
  return { in: 'header', name, description, required: false, schema, example }
}

/** Answers whose ETag is compared with If-None-Match. */
function conditional(route: Route): boolean {
  if (route.alwaysWhole === true) return false
  return route.method === 'GET' && (route.answers[200]?.headers?.includes('ETag') ?? false)
}

function security({ access }: Route): Record<string, string[]>[] {
  switch (access) {
    case 'public':
      return []
    case 'read':
    case 'submit':
      return [{}, { token: ['submit'] }]
    case 'receipt':
      return [{ receipt: [] }]
    case 'site':
      return [{ token: ['submit'] }, { token: ['moderate'] }]
    case 'moderate':
    case 'admin':
      return [{ token: [access] }]
  }
}

/** Where the new comment's id leads. A link has no way to say what stands in `Authorization`; its description does. */
const linksOfNewComment = Object.fromEntries(
  (
    [
      ['viewOwnComment', 'For its author, with the receipt as the bearer token: `$response.body#/receipt`.'],
      ['withdrawComment', 'For its author, with the receipt as the bearer token: `$response.body#/receipt`.'],
      ['viewComment', 'For a moderator.'],
      ['viewContext', 'For a moderator.'],
      ['approveComment', 'For a moderator.'],
      ['rejectComment', 'For a moderator.'],
      ['reopenComment', 'For a moderator.'],
      ['eraseComment', 'For a moderator.'],
      ['noteComment', 'For a moderator.'],
    ] as const
  ).map(([operationId, description]) => [
    operationId,
    { operationId, description, parameters: { commentId: '$response.body#/id' } },
  ]),
)

function success(route: Route, { description, schema, headers = [] }: AnswerShape) {
  return {
    description,
    headers: headersOf(route, headers, recorded(route)),
    ...(route.operationId === 'submitComment' && { links: linksOfNewComment }),
    content: {
      [(route.mediaType ?? 'application/json').replace(/;.*$/, '')]: {
        schema,
        example: taken(route).answer ?? exampleOf(schema),
      },
    },
  }
}

/** Every problem that the route can answer, by status: its own, and those of every route of its kind. */
function problems(route: Route) {
  const { access } = route
  const codes: ProblemCode[] = [
    ...route.problems,
    'invalid-request',
    'not-acceptable',
    'request-timeout',
    'headers-too-large',
    'internal-error',
    ...(access === 'submit' ? (['token-invalid'] as const) : []),
    ...(access === 'receipt' ? (['token-missing', 'token-invalid'] as const) : []),
    ...(access === 'site' || access === 'moderate' || access === 'admin'
      ? (['token-missing', 'token-invalid', 'token-scope-too-small'] as const)
      : []),
    ...(access !== 'public' || isLimited(route) ? (['too-many-requests'] as const) : []),
    ...(route.method !== 'GET' ? (['body-too-large', 'unsupported-media-type'] as const) : []),
    ...(isProbe(route) ? [] : (['overloaded', 'not-ready'] as const)),
  ]
  const byStatus = Map.groupBy(codes, (code) => problemTable[code].status)
  return Object.fromEntries(
    [...byStatus]
      .sort(([one], [other]) => one - other)
      .map(([status, own]) => [
        status,
        {
          description: own.map((code) => `${problemTable[code].title} (\`${code}\`).`).join(' '),
          headers: problemHeaders(route, status, own),
          content: {
            ...(route.problemPage !== undefined && htmlOfProblem(route)),
            'application/problem+json': {
              schema: problemSchema,
              examples: Object.fromEntries(
                own.map((code) => [
                  code,
                  {
                    summary: problemTable[code].title,
                    value: answerOf(route, code) ?? untried(code, route),
                  },
                ]),
              ),
            },
          },
        },
      ]),
  )
}

/** A form is refused for what a submission is refused for, and its own session has pages. */
function answerOf({ operationId, formLimitBytes }: Route, code: ProblemCode): unknown {
  const own = session[operationId]?.[code]?.answer
  return formLimitBytes === undefined ? own : (own ?? session['submitComment']?.[code]?.answer)
}

/** To a browser; and to whoever sent a form, with all that stood in it. */
function htmlOfProblem({ mediaType = '' }: Route) {
  const schema = {
    type: 'string' as const,
    description: 'The same as a page, for who asks for one.',
    maxLength: 20_000_000,
    pattern: '^[^\\x00]*$',
  }
  return {
    [mediaType.replace(/;.*$/, '')]: {
      schema,
      example: '<!doctype html><html lang="en" dir="ltr">…</html>\n',
    },
  }
}

function isProbe(route: Route): boolean {
  return route.operationId === 'livez' || route.operationId === 'readyz'
}

/** The exchange of the session that succeeded. */
function taken(route: Route): Partial<Exchange> & { headers: Record<string, string> } {
  return recorded(route) ?? { headers: {} }
}

/** The answer that a caller wants, as the service gave it: the first of a session. */
function recorded({ operationId }: Route): Exchange | undefined {
  return Object.entries(session[operationId] ?? {}).find(([key]) => /^[23]/.test(key) && key !== '304')?.[1]
}

/** What no caller brings about at will: faults, races, limits. In the service's own words, as far as it has them in one place. */
function untried(code: ProblemCode, route: Route): ProblemBody {
  const [limit = 'reads'] = countedAs(route)
  const details: Partial<Record<ProblemCode, string>> = {
    'internal-error': problemOfError(new Error()).detail,
    overloaded: problemOfError({ code: 'FST_UNDER_PRESSURE' }).detail,
    'not-ready': problemOfError({ code: 'STORE_FULL' }).detail,
    'too-many-requests': `The limit is ${defaultQuotas[limit]} a minute (${limit}). Try again in 42 seconds.`,
    'headers-too-large': `The request line and the headers must be at most ${headerLimitBytes} bytes together.`,
    'request-timeout': 'The request was not complete in time.',
    'queue-full': 'Too many comments wait for a moderator. Try again later.',
    'idempotency-key-in-flight': 'A submission with this Idempotency-Key is still being written.',
    'decision-conflict': 'Others are deciding about this comment at the same time. Try again.',
    'article-moving': articleMoving.refusal.detail,
    'article-moved': 'This id was moved before, to archive/why-we-print. Move that one.',
    'article-not-found': articleNotFound.refusal.detail,
    'unsupported-media-type':
      "The body must be JSON in UTF-8: send the header 'Content-Type: application/json'.",
    'body-too-large': problemOfError({ code: 'FST_ERR_CTP_BODY_TOO_LARGE' }).detail,
    'token-scope-too-small': 'This call needs a token of scope submit.',
  }
  const detail = details[code]
  if (detail === undefined)
    throw new Error(`${route.operationId}: the session has no ${code}, and there are no words for it`)
  return problemBody({ code, detail }, '5b1c1f0a-9d1e-8a52-8c3e-000000000001')
}

function exhausted(route: Route): string {
  const [limit = 'reads'] = countedAs(route)
  return `"${limit}";r=0;t=42`
}

/** `required`: every answer of its status has it. The others come where they apply. */
type Header = {
  description: string
  schema: oas31.SchemaObject
  example: string | number
  required?: boolean
}

const headerText = (description: string, example: string, maxLength = 1_000): Header => ({
  description,
  schema: { type: 'string', maxLength, pattern: '^[ -~]*$' },
  example,
})

const always = (header: Header): Header => ({ ...header, required: true })

const documentedHeaders: Record<HeaderName | LimitHeader | 'Retry-After' | 'WWW-Authenticate', Header> = {
  ETag: always(headerText('Changes when the answer does.', '"1767225600000"', 100)),
  Link: headerText(
    'The next page, `rel="next"` (RFC 8288).',
    '</v1/moderation/comments?cursor=019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11>; rel="next"',
    8_000,
  ),
  Location: always(
    headerText(
      'Where the author finds the comment, or a browser the thread it goes on to.',
      '/v1/comments/019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11',
      8_000,
    ),
  ),
  'Cache-Control': always(
    headerText('How long a CDN may hold it.', 'public, max-age=0, s-maxage=5, stale-while-revalidate=30'),
  ),
  'Content-Language': always(headerText('The language of `message`.', 'en', 35)),
  'Idempotency-Replayed': headerText('`true` where this is the first answer again.', 'true', 4),
  'Retry-After': {
    description: 'Seconds after which the same request may succeed.',
    schema: { type: 'integer', format: 'int32', minimum: 0, maximum: 86_400 },
    example: 42,
  },
  'WWW-Authenticate': always(headerText('RFC 6750.', 'Bearer realm="imprimatur"')),
  RateLimit: headerText(
    'What is left of each quota (draft-ietf-httpapi-ratelimit-headers).',
    '"reads";r=599;t=60',
  ),
  'RateLimit-Policy': headerText('The quotas.', '"reads";q=600;w=60'),
}

type LimitHeader = 'RateLimit' | 'RateLimit-Policy'

function headersOf(
  route: Route,
  names: readonly (keyof typeof documentedHeaders)[],
  exchange: Pick<Exchange, 'headers'> | undefined,
) {
  const limited: LimitHeader[] = isLimited(route) ? ['RateLimit', 'RateLimit-Policy'] : []
  const said = (name: string) => exchange?.headers[name.toLowerCase()]
  return Object.fromEntries([
    ...names.map((name) => [name, withExample(documentedHeaders[name], said(name))]),
    // An answer that was recorded without them was counted by no limit: it has none to show.
    ...limited.map((name) => [
      name,
      exchange === undefined || said(name) !== undefined
        ? withExample(documentedHeaders[name], said(name) ?? quotas(route)[name])
        : withoutExample(documentedHeaders[name]),
    ]),
  ])
}

function withoutExample({ example: _, ...header }: Header): Omit<Header, 'example'> {
  return header
}

function isLimited({ limits, refusals }: Route): boolean {
  return limits.length > 0 || refusals !== undefined
}

function withExample(header: Header, example: string | undefined): Header {
  if (example === undefined) return header
  return { ...header, example: typeof header.example === 'number' ? Number(example) : example }
}

const byDefault = readConfig({})
if (!byDefault.ok) throw new Error(byDefault.faults.join())
const defaultQuotas = limitMaxima(byDefault.config)

/** What a call that is counted tells of its quotas, as the service starts by default. */
function quotas(route: Route): Partial<Record<string, string>> {
  const own = countedAs(route).map((name) => ({ name, quota: defaultQuotas[name] }))
  return {
    RateLimit: own.map(({ name, quota }) => `"${name}";r=${quota - 1};t=60`).join(', '),
    'RateLimit-Policy': own.map(({ name, quota }) => `"${name}";q=${quota};w=60`).join(', '),
  }
}

/** Others are counted where they show a wrong token. */
function countedAs({ limits, refusals }: Route): readonly LimitName[] {
  if (refusals !== undefined) return ['submissions', 'submissions-total']
  return limits.length > 0 ? limits : ['failed-sign-ins']
}

function problemHeaders(route: Route, status: number, codes: readonly ProblemCode[]) {
  // Said of a request that has not arrived as a whole: nothing has counted it.
  if (status === 408 || status === 431) return {}
  const { 'Retry-After': retryAfter, RateLimit: rateLimit, 'RateLimit-Policy': policy } = documentedHeaders
  return {
    ...headersOf(
      route,
      status === 401 || status === 403 ? ['WWW-Authenticate'] : [],
      codes.map((code) => session[route.operationId]?.[code]).find((exchange) => exchange !== undefined),
    ),
    ...(status === 409 && { 'Retry-After': retryAfter }),
    ...(status === 503 && { 'Retry-After': always(retryAfter) }),
    ...(status === 429 && {
      'Retry-After': always(retryAfter),
      RateLimit: withExample(always(rateLimit), exhausted(route)),
      'RateLimit-Policy': withExample(always(policy), quotas(route)['RateLimit-Policy']),
    }),
  }
}

/** An example made of those that the schema's parts carry. */
export function exampleOf(schema: z.core.$ZodType): unknown {
  const own = metaExample(schema)
  if (own !== undefined) return own
  const { def } = schema._zod as { def: Definition }
  switch (def.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(def.shape ?? {})
          .map(([key, part]) => [key, exampleOf(part)])
          .filter(([, value]) => value !== undefined),
      )
    case 'array':
      return def.element === undefined ? [] : [exampleOf(def.element)]
    case 'union':
      return def.options?.[0] === undefined ? null : exampleOf(def.options[0])
    case 'nullable':
    case 'optional':
    case 'default':
      return def.innerType === undefined ? null : exampleOf(def.innerType)
    default:
      throw new Error(`A schema of type ${def.type} has no example`)
  }
}

type Definition = {
  type: string
  shape?: Record<string, z.core.$ZodType>
  element?: z.core.$ZodType
  innerType?: z.core.$ZodType
  options?: z.core.$ZodType[]
}

function metaExample(schema: z.core.$ZodType): unknown {
  return (schema as z.ZodType).meta()?.examples?.[0]
}

function introduction(): string {
  const rows = Object.entries(problemTable).map(
    ([code, { status, title }]) => `| \`${problemTypePrefix}${code}\` | ${status} | ${title} |`,
  )
  return [
    'A site submits its readers’ comments; each waits until a moderator approves or rejects it; an article lists what was approved, and nothing else ever leaves.',
    '',
    'JSON in UTF-8 in and out. Times are RFC 3339 in UTC. Ids are UUIDv7. Unknown fields and query parameters are refused. Lists are paged by cursor.',
    '',
    'Answers may get new fields, and lists of words (`x-extensible-enum`) new words, at any time and without another version: pass over what you do not know.',
    '',
    // Folded, so that a reader has the calls in sight.
    '<details><summary>Every error is a problem document (RFC 9457). Compare its <code>type</code>.</summary>',
    '',
    '| type | status | title |',
    '| --- | --- | --- |',
    ...rows,
    '',
    '</details>',
  ].join('\n')
}

function version(): string {
  return (
    JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
  ).version
}
