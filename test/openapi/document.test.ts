import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { Ajv2020 as Ajv } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import t from 'tap'
import { openapiDocument } from '../../openapi/document.ts'
import { routes } from '../../src/http/routes/index.ts'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
type JsonObject = { [key: string]: Json }
type MediaType = { schema: JsonObject; example?: Json; examples?: Record<string, { value: Json }> }
type Header = { description: string; schema: JsonObject; example: Json }
type Response = { description: string; headers: Record<string, Header>; content?: Record<string, MediaType> }
type Operation = {
  operationId: string
  summary: string
  description: string
  parameters?: { name: string; in: string; schema: JsonObject; description?: string }[]
  requestBody?: { content: Record<string, MediaType> }
  responses: Record<string, Response>
}
type Document = { paths: Record<string, Record<string, Operation>>; components: { schemas: JsonObject } }

const committed = readFileSync(new URL('../../openapi/openapi.json', import.meta.url), 'utf8')
const document = JSON.parse(committed) as Document
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })),
)

t.test('the committed document is the one that the routes make', async (t) => {
  const generated = `${JSON.stringify(openapiDocument(), null, 2)}\n`
  t.equal(committed, generated, 'openapi/openapi.json is behind the routes: run npm run openapi, commit it')
})

t.test('documents every route, and nothing else', async (t) => {
  const named = ({ method, path, operationId }: { method: string; path: string; operationId: string }) =>
    `${method} ${path} ${operationId}`
  t.same(operations.map(named).sort(), routes.map(named).sort())
  const folder = new URL('../../src/http/routes/', import.meta.url)
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(
      (file) => file.endsWith('.ts') && /\bdefineRoute\(/.test(readFileSync(new URL(file, folder), 'utf8')),
    )
    .map((file) => basename(file, '.ts'))
  t.same(
    operations.map(({ operationId }) => kebabCase(operationId)).sort(),
    files.sort(),
    'every route in src/http/routes is in the index',
  )
})

t.test('every operation has a name of its own, a summary and a description', async (t) => {
  t.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length)
  for (const { operationId, summary, description } of operations) {
    t.match(operationId, /^[a-z][A-Za-z]+$/)
    t.match(summary, /^[A-Z].{7,80}$/, `${operationId}: a summary`)
    t.match(description, /^.{20,}[.?]$/s, `${operationId}: a description in whole sentences`)
  }
})

t.test('every parameter and every header is described', async (t) => {
  const silent = operations.flatMap(({ operationId, parameters = [], responses }) => [
    ...parameters
      .filter(({ description, schema }) => (description ?? resolve(schema)['description'] ?? '') === '')
      .map(({ name }) => `${operationId}: ${name}`),
    ...Object.entries(responses).flatMap(([status, { headers }]) =>
      Object.entries(headers)
        .filter(([, { description }]) => description === '')
        .map(([name]) => `${operationId}: ${status} ${name}`),
    ),
  ])
  t.same(silent, [])
})

t.test('every body and every answer has an example, and each is valid', async (t) => {
  for (const { operationId, requestBody, responses } of operations) {
    const faults: string[] = []
    const bodies: [string, MediaType][] = [
      ...Object.entries(requestBody?.content ?? {}),
      ...Object.entries(responses).flatMap(([status, { content = {} }]) =>
        Object.entries(content).map(([type, body]): [string, MediaType] => [`${status} ${type}`, body]),
      ),
    ]
    for (const [where, { schema, example, examples = {} }] of bodies) {
      const named = Object.values(examples).map(({ value }) => value)
      const all = example === undefined ? named : [example, ...named]
      if (all.length === 0) faults.push(`${where}: no example`)
      for (const one of all) faults.push(...faultsOf(schema, one, where))
    }
    for (const [status, { headers }] of Object.entries(responses)) {
      for (const [name, { schema, example }] of Object.entries(headers)) {
        faults.push(...faultsOf(schema, example, `${status} ${name}`))
      }
    }
    t.same(faults, [], operationId)
  }
})

t.test("the examples that a schema's parts carry are valid too", async (t) => {
  const examples = schemas().flatMap(({ where, schema }) =>
    Array.isArray(schema['examples'])
      ? schema['examples'].map((example) => ({ where, schema, example }))
      : [],
  )
  t.ok(examples.length > 50, `${examples.length} examples`)
  t.same(
    examples.flatMap(({ where, schema, example }) => faultsOf(schema, example, where)),
    [],
  )
})

t.test('every schema says what it is, in words that JSON Schema has', async (t) => {
  const all = schemas()
  t.ok(all.length > 200, `${all.length} schemas`)
  t.same(
    all
      .filter(({ schema }) => !('$ref' in schema || 'anyOf' in schema || typeof schema['type'] === 'string'))
      .map(({ where }) => where),
    [],
    'each has a type',
  )
  t.same(
    all.flatMap(({ where, schema }) => schemaFaults(schema, where)),
    [],
  )
})

t.test(
  'every string has a greatest length, every array a greatest size, every number its bounds',
  async (t) => {
    const needed: Record<string, string[]> = {
      string: ['maxLength'],
      array: ['maxItems', 'items'],
      integer: ['minimum', 'maximum'],
      number: ['minimum', 'maximum'],
    }
    const unbounded = schemas().flatMap(({ where, schema }) =>
      'enum' in schema || 'const' in schema
        ? []
        : (needed[String(schema['type'])] ?? [])
            .filter((keyword) => !(keyword in schema))
            .map((keyword) => `${where} has no ${keyword}`),
    )
    t.same(unbounded, [])
  },
)

t.test('every object is closed, except the document that readOpenapi answers', async (t) => {
  const open = schemas()
    .filter(({ schema }) => schema['type'] === 'object' && schema['additionalProperties'] !== false)
    .map(({ where }) => where)
  t.same(open, ['/components/schemas/OpenapiDocument'])
})

t.test('every error is a problem document', async (t) => {
  for (const { operationId, responses } of operations) {
    const errors = Object.entries(responses).filter(([status]) => Number(status) >= 400)
    t.not(errors.length, 0, operationId)
    for (const [status, { content = {} }] of errors) {
      const { schema, examples = {} } = content['application/problem+json'] ?? { schema: {} }
      t.same(
        [Object.keys(content), schema, ...Object.values(examples).map(({ value }) => statusIn(value))],
        [
          ['application/problem+json'],
          { $ref: '#/components/schemas/Problem' },
          ...Object.keys(examples).map(() => Number(status)),
        ],
        `${operationId}: ${status}`,
      )
    }
  }
})

t.test(
  'a limited operation tells what is left on each answer to a whole request, and when to come back',
  async (t) => {
    const limited = new Set(
      routes
        .filter(({ limits, refusals }) => limits.length > 0 || refusals !== undefined)
        .map(({ operationId }) => operationId),
    )
    t.ok(limited.has('submitComment'))
    const isCounted = (operationId: string, status: string) =>
      status === '429' || (limited.has(operationId) && status !== '408' && status !== '431')
    const missing = operations.flatMap(({ operationId, responses }) =>
      Object.entries(responses).flatMap(([status, { headers }]) =>
        [
          ...(isCounted(operationId, status) ? ['RateLimit', 'RateLimit-Policy'] : []),
          ...(status === '429' || status === '503' ? ['Retry-After'] : []),
          ...(status === '401' ? ['WWW-Authenticate'] : []),
        ]
          .filter((name) => !(name in headers))
          .map((name) => `${operationId}: ${status} has no ${name}`),
      ),
    )
    t.same(missing, [])
    t.same(
      operations.filter(({ operationId, responses }) => limited.has(operationId) && !('429' in responses)),
      [],
    )
  },
)

t.test('no request belongs to two paths', async (t) => {
  const paths = Object.keys(document.paths)
  const ambiguous = paths.flatMap((one, index) =>
    paths.slice(index + 1).flatMap((other) => (overlap(one, other) ? [[one, other]] : [])),
  )
  t.same(ambiguous, [])
  t.ok(overlap('/v1/comments/{commentId}', '/v1/comments/counts'), 'and such a pair would be found')
})

/** Whether one path can be an instance of both templates. */
function overlap(one: string, other: string): boolean {
  const [a, b] = [one.split('/'), other.split('/')]
  return (
    a.length === b.length &&
    a.every((part, index) => part === b[index] || part.startsWith('{') || (b[index] ?? '').startsWith('{'))
  )
}

/** Every schema in the document, the parts of schemas too, with the JSON pointer to it. */
function schemas(): { where: string; schema: JsonObject }[] {
  const found: { where: string; schema: JsonObject }[] = []
  const collect = (where: string, schema: Json | undefined): void => {
    if (!isObject(schema)) return
    found.push({ where, schema })
    collect(`${where}/items`, schema['items'])
    for (const [name, part] of Object.entries(schema['properties'] ?? {}))
      collect(`${where}/properties/${name}`, part)
    for (const keyword of ['anyOf', 'oneOf', 'allOf']) {
      const parts = schema[keyword]
      if (Array.isArray(parts))
        for (const [index, part] of parts.entries()) collect(`${where}/${keyword}/${index}`, part)
    }
  }
  const visit = (where: string, node: Json): void => {
    if (Array.isArray(node)) {
      for (const [index, part] of node.entries()) visit(`${where}/${index}`, part)
    } else if (isObject(node)) {
      for (const [key, part] of Object.entries(node)) {
        if (key === 'schema') collect(`${where}/schema`, part)
        else if (key !== 'example' && key !== 'examples') visit(`${where}/${key}`, part)
      }
    }
  }
  for (const [name, schema] of Object.entries(document.components.schemas)) {
    collect(`/components/schemas/${name}`, schema)
  }
  visit('/paths', document.paths)
  return found
}

function resolve(schema: JsonObject): JsonObject {
  const name = String(schema['$ref'] ?? '').replace('#/components/schemas/', '')
  const target = document.components.schemas[name]
  return isObject(target) ? target : schema
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function statusIn(value: Json): Json | undefined {
  return isObject(value) ? value['status'] : undefined
}

/** What is wrong with a value. References are resolved in the document. */
function faultsOf(schema: JsonObject, value: unknown, where: string): string[] {
  const validate = lenient.compile(inDocument(schema))
  return validate(value) ? [] : [`${where}: ${lenient.errorsText(validate.errors)}`]
}

/** What is wrong with a schema itself: an unknown keyword, one that does not go with its type, a bad pattern. */
function schemaFaults(schema: JsonObject, where: string): string[] {
  try {
    strict.compile(inDocument(schema))
    return []
  } catch (error) {
    return [`${where}: ${(error as Error).message}`]
  }
}

/** The schema with its references pointing into the document that the validators know as `document`. */
function inDocument(schema: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"document#/')) as JsonObject
}

function validator(isStrict: boolean): Ajv {
  const ajv = new Ajv({ strict: isStrict, strictTypes: isStrict, allErrors: true })
  addFormats.default(ajv)
  // Where OpenAPI keeps its schemas; JSON Schema has no such word.
  ajv.addVocabulary(['components'])
  ajv.addSchema({ components: document.components }, 'document', false, false)
  return ajv
}

const lenient = validator(false)
const strict = validator(true)

function kebabCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
