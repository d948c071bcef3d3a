import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { knownOr, type Schema, type SchemaContext, valuesOf } from './schema-arbitrary.ts'

/* Calls made of openapi/openapi.json alone: whatever operation it has, with whatever it says that one takes. */

export type Operation = {
  operationId: string
  method: string
  path: string
  parameters: Parameter[]
  security: Security[]
  body: { schema: Schema; required: boolean; isForm: boolean } | null
}

type Parameter = { name: string; in: 'path' | 'query' | 'header'; required?: boolean; schema: Schema }
type Security = Record<string, string[]>
type Document = {
  paths: Record<string, Record<string, DocumentedOperation>>
  components: { schemas: Record<string, Schema> }
}
type DocumentedOperation = {
  operationId: string
  parameters?: Parameter[]
  security: Security[]
  requestBody?: { required?: boolean; content: Record<string, { schema: Schema }> }
}

export const formType = 'application/x-www-form-urlencoded'

const document = JSON.parse(
  readFileSync(new URL('../../openapi/openapi.json', import.meta.url), 'utf8'),
) as Document

export const operations: readonly Operation[] = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, { operationId, parameters = [], security, requestBody }]) => {
    const form = requestBody?.content[formType]?.schema
    const schema = form ?? requestBody?.content['application/json']?.schema
    return {
      operationId,
      method: method.toUpperCase(),
      path,
      // As Node has them, and as what breaks requests knows them.
      parameters: parameters.map((parameter) =>
        parameter.in === 'header' ? { ...parameter, name: parameter.name.toLowerCase() } : parameter,
      ),
      // Without a word on it, a call is anybody's.
      security: security.length === 0 ? [{}] : security,
      body:
        schema === undefined
          ? null
          : { schema, required: requestBody?.required ?? false, isForm: form !== undefined },
    }
  }),
)

/** What exists in the service under test, by the names that the document uses. */
export type World = {
  /** What a parameter or property of this name can be; all that one call asks for under the same index belongs together. */
  value: (name: PooledName, index: number) => string
  /** The `Authorization` header that satisfies a requirement. */
  authorization: (requirement: Security, index: number) => string | null
}

export const pooledNames = ['articleId', 'to', 'commentId', 'parentId', 'cursor', 'if-match'] as const
export type PooledName = (typeof pooledNames)[number]

/** A request that is not yet text: what breaks one works on this. */
export type Draft = {
  method: string
  /** Percent-encoded. */
  segments: string[]
  /** `name=value`, percent-encoded. */
  query: string[]
  headers: Record<string, string>
  json: { value: unknown } | null
  /** What is in `json` goes out as a form's fields. */
  isForm: boolean
  /** In the place of `json`, byte by byte. */
  payload: Buffer | null
}

/** As the service gets it: `inject` resolves dot segments, as every client does. */
export function urlOf({ segments, query }: Draft): string {
  const { pathname, search } = new URL(
    `http://localhost/${segments.join('/')}${query.length === 0 ? '' : `?${query.join('&')}`}`,
  )
  return pathname + search
}

/** A valid call of an operation; it becomes a request only in a world. */
export function callsOf(operation: Operation): fc.Arbitrary<(world: World) => Draft> {
  const parts = (place: Parameter['in']) => {
    const own = operation.parameters.filter((parameter) => parameter.in === place)
    return fc.record(
      Object.fromEntries(own.map(({ name, schema }) => [name, parameterValues(place, name, schema)])),
      { requiredKeys: own.filter(({ required }) => required === true).map(({ name }) => name) },
    )
  }
  const { body } = operation
  const isForm = body?.isForm ?? false
  const bodies =
    body === null
      ? fc.constant(null)
      : fc.option(
          fc
            .tuple(valuesOf(body.schema, context), fc.nat(9))
            .map(([value, way]) => ({ value: body.isForm && way > 0 ? filledIn(value) : value })),
          { freq: body.required ? Number.MAX_SAFE_INTEGER : 2 },
        )
  return fc
    .record({
      index: fc.nat(),
      path: parts('path'),
      query: parts('query'),
      headers: parts('header'),
      body: bodies,
      requirement: fc.constantFrom(...operation.security),
    })
    .map(({ index, path, query, headers, body, requirement }) => (world) => {
      const inWorld = (value: unknown) => realise(value, world, index)
      const authorization = world.authorization(requirement, index)
      return {
        method: operation.method,
        segments: operation.path
          .slice(1)
          .split('/')
          .map((part) =>
            encodeURIComponent(part.startsWith('{') ? String(inWorld(path[part.slice(1, -1)])) : part),
          ),
        query: Object.entries(query).flatMap(([name, value]) =>
          [inWorld(value)]
            .flat()
            .map((one) => `${encodeURIComponent(name)}=${encodeURIComponent(String(one))}`),
        ),
        headers: {
          ...Object.fromEntries(
            Object.entries(headers).map(([name, value]) => [name, String(inWorld(value))]),
          ),
          ...(authorization !== null && { authorization }),
          ...(body !== null && { 'content-type': isForm ? formType : 'application/json' }),
        },
        json: body === null ? null : { value: inWorld(body.value) },
        isForm,
        payload: null,
      }
    })
}

/** A form takes any text in its fields, and says on the page what is wrong; most readers fill it in as they should. */
function filledIn(fields: unknown): unknown {
  const typed = {
    name: 'Ada',
    email: 'ada@example.org',
    body: 'From a page.',
    website: '',
    key: 'made',
    shown: '',
  }
  return { ...(fields as object), ...typed }
}

function parameterValues(place: Parameter['in'], name: string, schema: Schema): fc.Arbitrary<unknown> {
  const values = knownOr(name, schema, context)
  return place === 'header'
    ? values.filter((value) => typeof value !== 'string' || carriedInHeader(value))
    : values
}

/** Whether HTTP brings the text over unchanged: no control characters, no white space around it. */
function carriedInHeader(text: string): boolean {
  return /^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/.test(text)
}

/** Stands for something that exists, until the call is made. */
class Pooled {
  readonly name: PooledName
  /** 0 for what the whole call is about, more for others beside it. */
  readonly offset: number

  constructor(name: PooledName, offset: number) {
    this.name = name
    this.offset = offset
  }
}

const context: SchemaContext = {
  components: document.components.schemas,
  known(name, place) {
    const pooled = pooledNames.find((pooledName) => pooledName === name)
    // Also such as are past, but for an article that has closed: that would refuse every submission.
    if (name === 'publishedAt')
      return fc.constantFrom('2026-05-04T09:30:00Z', '2026-05-04T09:30:00.123+02:00', null)
    // A schema has no word for the ready reasons that a deployment has.
    if (name === 'reasonCode') return fc.constantFrom('off-topic', 'spam', 'other', null)
    if (name === 'closedAt') return fc.constantFrom('9999-12-31T23:59:59Z', null)
    // What is no address is refused, where a site's own server says it.
    if (name === 'forwarded') return fc.constantFrom('for=192.0.2.1', 'for="[2001:db8::1]:80"', 'for=unknown')
    // A form that robots fill in is refused.
    if (name === 'trap') return fc.constant('')
    if (name === 'shownForMs') return fc.constant(60_000)
    // Other names for a comment that there is, and words that stand in some.
    if (name === 'sameAuthorAs' || name === 'until')
      return fc.nat(1_000).map((offset) => new Pooled('commentId', offset))
    if (name === 'q') return fc.constantFrom('ada', 'fine ART', 'from a page', 'grace ', 'é', 'nowhere')
    if (name === 'articleIds')
      return fc.array(
        fc.nat(1_000).map((offset) => new Pooled('articleId', offset)),
        { minLength: 1, maxLength: 5 },
      )
    if (pooled === undefined) return null
    return (place === 'listed' ? fc.nat(1_000) : fc.constant(0)).map((offset) => new Pooled(pooled, offset))
  },
}

function realise(value: unknown, world: World, index: number): unknown {
  if (value instanceof Pooled) return world.value(value.name, index + value.offset)
  if (Array.isArray(value)) return value.map((part) => realise(part, world, index))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, realise(part, world, index)]))
}
