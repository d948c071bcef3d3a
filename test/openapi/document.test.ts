import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { Ajv2020 as Ajv, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { RE2JS } from 're2js'
import { RRegex } from 'rregex'
import t from 'tap'
import { openapiDocument } from '../../openapi/document.ts'
import { recordSession } from '../../openapi/record-session.ts'
import { strictDocument } from '../../src/contract/strict-document.ts'
import { routes } from '../../src/http/routes/index.ts'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
type Parameter = {
  name: string
  in: string
  schema: JsonObject
  description?: string
  example?: Json
  style?: string
  explode?: boolean
}
type JsonObject = { [key: string]: Json }
type MediaType = { schema: JsonObject; example?: Json; examples?: Record<string, { value: Json }> }
type Header = { description: string; schema: JsonObject; example?: Json }
type Response = {
  description: string
  headers: Record<string, Header>
  content?: Record<string, MediaType>
  links?: Record<string, { operationId: string; parameters: JsonObject }>
}
type Operation = {
  operationId: string
  summary: string
  description: string
  parameters?: Parameter[]
  security: JsonObject[]
  requestBody?: { content: Record<string, MediaType> }
  responses: Record<string, Response>
}
type Document = {
  servers: { url: string }[]
  paths: Record<string, Record<string, Operation>>
  components: { schemas: JsonObject }
}

const committed = readFileSync(new URL('../../openapi/openapi.json', import.meta.url), 'utf8')
const document = withoutReferences(JSON.parse(committed) as Document)
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })),
)

t.test('the committed document is the one that the routes make', async (t) => {
  const generated = `${JSON.stringify(openapiDocument(), null, 2)}\n`
  t.equal(committed, generated, 'openapi/openapi.json is behind the routes: run npm run openapi, commit it')
})

t.test('the examples are what the service really says, over a whole session', async (t) => {
  const recorded = JSON.parse(readFileSync(new URL('../../openapi/session.json', import.meta.url), 'utf8'))
  t.same(
    await recordSession(routes),
    recorded,
    'the session is behind the service: run npm run openapi, commit it',
  )
  for (const { operationId, responses } of operations) {
    for (const [status, { content = {}, headers = {} }] of Object.entries(responses)) {
      const codes = Object.values(content).flatMap(({ examples = {} }) => Object.keys(examples))
      const exchange = recorded[operationId]?.[status]
      const answered = [status, ...codes].map((key) => recorded[operationId]?.[key]).find(Boolean)
      // What a limit tells is shown where it was told, and as it was.
      if (answered !== undefined && status !== '429')
        for (const [name, header] of Object.entries(headers).filter(([name]) => name.startsWith('RateLimit')))
          t.equal(
            header.example,
            answered.headers[name.toLowerCase()],
            `${operationId}: ${name} of ${status}`,
          )
      const [body] = Object.values(content)
      if (exchange?.answer !== undefined) t.same(body?.example, exchange.answer, `${operationId}: ${status}`)
      for (const [code, { value }] of Object.entries(body?.examples ?? {})) {
        const said = recorded[operationId]?.[code]?.answer
        if (said !== undefined) t.same(value, said, `${operationId}: ${code}`)
        const { title, detail } = value as JsonObject
        t.not(String(detail).replace(/\.$/, ''), title, `${operationId}: ${code} tells more than its title`)
      }
    }
  }
})

t.test('a new comment leads to the calls that take its id', async (t) => {
  const submit = operations.find(({ operationId }) => operationId === 'submitComment')
  const links = Object.values(submit?.responses['202']?.links ?? {})
  const taking = operations.filter(({ path }) => path.includes('{commentId}'))
  t.same(
    links.map(({ operationId }) => operationId).sort(),
    taking.map(({ operationId }) => operationId).sort(),
  )
  for (const { parameters } of links) t.same(parameters, { commentId: '$response.body#/id' })
})

t.test('the calls stand in an order in which they can be made', async (t) => {
  const order = operations.map(({ operationId }) => operationId)
  const at = (operationId: string) => order.indexOf(operationId)
  t.ok(at('submitComment') < at('approveComment') && at('approveComment') < at('viewOwnComment'))
  t.ok(at('viewOwnComment') < at('withdrawComment'))
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

t.test('every parameter says how it is written, and has a value to begin from', async (t) => {
  for (const { operationId, parameters = [] } of operations) {
    const faults = parameters.flatMap(({ name, schema, example, style, explode, ...parameter }) => [
      ...(example === undefined ? [`${name} has no example`] : faultsOf(schema, example, name)),
      ...(parameter.in === 'query' && (style !== 'form' || explode !== true)
        ? [`${name}: form, exploded`]
        : []),
      ...(parameter.in !== 'query' && (style !== 'simple' || explode !== false) ? [`${name}: simple`] : []),
      ...(parameter.in === 'header' && !/^[A-Z]/.test(name) ? [`${name} is not in its usual case`] : []),
    ])
    t.same(faults, [], operationId)
  }
  const headers = (id: string) =>
    operations
      .find(({ operationId }) => operationId === id)
      ?.parameters?.flatMap((parameter) => (parameter.in === 'header' ? [parameter.name] : []))
  t.same(headers('submitComment'), ['Idempotency-Key', 'Accept-Language', 'Forwarded'])
  t.same(headers('approveComment'), ['If-Match'])
  t.same(headers('listComments'), ['If-None-Match', 'Forwarded'])
})

t.test('names a whole URL first, and no credentials where nobody signs in', async (t) => {
  const [first, second, ...rest] = document.servers
  t.ok(URL.canParse(first?.url ?? ''), 'many tools take no other')
  t.same([second?.url, rest], ['/', []])
  for (const { operationId, security } of operations) {
    const { access } = routes.find((route) => route.operationId === operationId) ?? {}
    t.equal(security.length === 0, access === 'public', operationId)
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
        // Where no limit had counted a call there is none of it: held to the session, above.
        if (example === undefined && name.startsWith('RateLimit')) continue
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
      .filter(
        ({ schema }) =>
          !(
            '$ref' in schema ||
            'anyOf' in schema ||
            typeof schema['type'] === 'string' ||
            Array.isArray(schema['type'])
          ),
      )
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
        : (needed[String([schema['type']].flat()[0])] ?? [])
            .filter((keyword) => !(keyword in schema))
            .map((keyword) => `${where} has no ${keyword}`),
    )
    t.same(unbounded, [])
  },
)

t.test('requests are closed, answers are open, lists of words in answers too', async (t) => {
  const sent = reachedFrom(operations.flatMap(({ parameters, requestBody }) => [parameters, requestBody]))
  const answered = reachedFrom(operations.map(({ responses }) => responses))
  t.ok(sent.length > 20 && answered.length > 100)
  const objects = (found: JsonObject[]) => found.filter(({ properties }) => properties !== undefined)
  t.same(
    objects(sent).filter(({ additionalProperties }) => additionalProperties !== false),
    [],
  )
  t.same(
    objects(answered).filter(({ additionalProperties }) => additionalProperties === false),
    [],
  )
  t.same(
    sent.filter((schema) => 'x-extensible-enum' in schema),
    [],
  )
  const closed = answered.flatMap(({ enum: words }) => (words === undefined ? [] : [words]))
  t.same(
    new Set(closed.flat()),
    new Set(['decided', 'unchanged', 'refused', 'failed']),
    'what tells a union apart',
  )
})

t.test('what a test holds an answer against is closed all the same', async (t) => {
  const closedDocument = strictDocument(document)
  const strict = reachedFrom([closedDocument], closedDocument)
  t.ok(strict.length > 100)
  t.same(
    strict.filter(
      ({ properties, additionalProperties }) =>
        properties !== undefined && additionalProperties === undefined,
    ),
    [],
  )
  t.same(
    strict.filter((schema) => 'x-extensible-enum' in schema && !('enum' in schema)),
    [],
  )
  const list = { properties: { status: { type: ['string', 'null'], 'x-extensible-enum': ['a'] } } }
  t.same(strictDocument(list), {
    properties: { status: { ...list.properties.status, enum: ['a', null] } },
    additionalProperties: false,
  })
})

t.test('every error is a problem document, and of a page a page as well', async (t) => {
  for (const { operationId, responses } of operations) {
    const { problemPage } = routes.find((route) => route.operationId === operationId) ?? {}
    const errors = Object.entries(responses).filter(([status]) => Number(status) >= 400)
    t.not(errors.length, 0, operationId)
    for (const [status, { content = {} }] of errors) {
      const { schema, examples = {} } = content['application/problem+json'] ?? { schema: {} }
      t.same(
        [Object.keys(content), schema, ...Object.values(examples).map(({ value }) => statusIn(value))],
        [
          [...(problemPage === undefined ? [] : ['text/html']), 'application/problem+json'],
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

t.test('every pattern is one that engines without look-ahead and without Unicode take', async (t) => {
  const patterns = new Set(schemas().flatMap(({ schema }) => schema['pattern'] ?? []))
  t.ok(patterns.size > 10)
  for (const pattern of patterns) t.same(unportable(String(pattern)), [], String(pattern))
  for (const bad of [
    '^\\u0000',
    '(?=a)',
    '(?<!a)',
    '(a)\\1',
    '[[a]',
    '[a&&b]',
    'a{2,2000}',
    '\\p{L}',
    'é',
    '\\s',
    '[^]',
    'a++',
  ])
    t.not(unportable(bad).length, 0, `${bad} would be found`)
})

t.test('Go’s engine and Rust’s read every pattern as JavaScript does', async (t) => {
  const patterns = [...new Set(schemas().flatMap(({ schema }) => schema['pattern'] ?? []))].map(String)
  const samples = samplesFor(patterns)
  for (const pattern of patterns) {
    const [own, rust, go] = [new RegExp(pattern, 'u'), new RRegex(pattern), RE2JS.compile(pattern)]
    const differing = samples.filter((text) => {
      const expected = own.test(text)
      return rust.isMatch(text) !== expected || go.matcher(text).find() !== expected
    })
    t.same(differing, [], pattern)
  }
  t.ok(
    patterns.every((pattern) => samples.some((text) => new RegExp(pattern, 'u').test(text))),
    'each is met by some sample',
  )
  for (const bad of ['(?=a)', '(?<!a)', '(a)\\1']) {
    t.throws(() => new RRegex(bad), bad)
    t.throws(() => RE2JS.compile(bad), bad)
  }
})

/** What the document has as examples of texts, and each of them with an odd character before, in and behind it. */
function samplesFor(patterns: readonly string[]): string[] {
  const texts = new Set(['', 'a'])
  const visit = (node: unknown): void => {
    if (typeof node === 'string' && node.length <= 100) texts.add(node)
    else if (typeof node === 'object' && node !== null) for (const inner of Object.values(node)) visit(inner)
  }
  for (const { schema } of schemas())
    for (const key of ['example', 'examples', 'const', 'enum', 'default']) visit(schema[key])
  const met = [...texts].filter((text) => patterns.some((pattern) => new RegExp(pattern, 'u').test(text)))
  const odd = [
    '\0',
    '\t',
    '\n',
    '\r',
    ' ',
    '"',
    '%',
    '-',
    '/',
    '@',
    '\x7f',
    '\x85',
    '\xa0',
    '\xad',
    'é',
    '\u2028',
    '\u3000',
    'Ж',
    '👍',
  ]
  return [
    ...texts,
    ...odd,
    ...met.flatMap((text) => {
      const middle = Math.floor(text.length / 2)
      return odd.flatMap((one) => [one + text, text + one, text.slice(0, middle) + one + text.slice(middle)])
    }),
  ]
}

/**
 * Why Go's RE2 or Rust's regex would not take a pattern, or not as JavaScript does: they know no look-around and no references
 * back, repeat a thousand times at the most, and read sets within sets.
 */
function unportable(pattern: string): string[] {
  const classes = [...pattern.matchAll(/\[((?:\\.|[^\]\\])*)\]/g)].map(([, inner = '']) => inner)
  const rules: [string, boolean][] = [
    ['beyond ASCII', /[^ -~]/.test(pattern)],
    ['an escape of its own', /\\(?![\\.*+?()[\]{}|^$/-]|[tn]|x[0-9a-f]{2})/.test(pattern)],
    ['look-around', /\(\?(?!:)/.test(pattern)],
    ['an empty class', classes.includes('') || classes.includes('^')],
    ['a class in a class', classes.some((inner) => /(?<!\\)\[|&&|--|~~/.test(inner))],
    ['a possessive repetition', /[*+?}]\+/.test(pattern.replaceAll(/\[(?:\\.|[^\]\\])*\]/g, 'a'))],
    [
      'too many times',
      [...pattern.matchAll(/\{(\d+)(?:,(\d+))?\}/g)].some(([, a, b]) => Number(b ?? a) > 1_000),
    ],
    ['no regular expression', ['', 'u'].some((flags) => !compiles(pattern, flags))],
  ]
  return rules.flatMap(([rule, broken]) => (broken ? [rule] : []))
}

function compiles(pattern: string, flags: string): boolean {
  try {
    return new RegExp(pattern, flags).source !== ''
  } catch {
    return false
  }
}

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

/** Every object in these parts of the document and in what they refer to, examples aside. */
function reachedFrom(parts: unknown[], root: unknown = document): JsonObject[] {
  const found = new Set<JsonObject>()
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null || found.has(node as JsonObject)) return
    const object = node as JsonObject // An array's items are found by the same walk.
    found.add(object)
    if (typeof object['$ref'] === 'string') visit(at(object['$ref'], root))
    for (const [key, part] of Object.entries(object)) if (key !== 'example' && key !== 'examples') visit(part)
  }
  visit(parts)
  return [...found].filter((node) => !Array.isArray(node))
}

/** The document with the answers and headers that are said once put back where they belong. */
function withoutReferences(whole: Document): Document {
  const resolved = (node: Json): Json => {
    if (Array.isArray(node)) return node.map(resolved)
    if (!isObject(node)) return node
    const ref = node['$ref']
    if (typeof ref === 'string' && !ref.startsWith('#/components/schemas/'))
      return resolved(at(ref, whole) as Json)
    return Object.fromEntries(Object.entries(node).map(([key, part]) => [key, resolved(part)]))
  }
  return { ...whole, paths: resolved(whole.paths as unknown as Json) as unknown as Document['paths'] }
}

function at(ref: string, root: unknown): unknown {
  return ref
    .slice(2)
    .split('/')
    .reduce<unknown>((node, key) => (node as JsonObject)[key.replaceAll('~1', '/')], root)
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
  const validate = compiled(lenient, schema)
  return validate(value) ? [] : [`${where}: ${lenient.errorsText(validate.errors)}`]
}

/** What is wrong with a schema itself: an unknown keyword, one that does not go with its type, a bad pattern. */
function schemaFaults(schema: JsonObject, where: string): string[] {
  try {
    compiled(strict, schema)
    return []
  } catch (error) {
    return [`${where}: ${(error as Error).message}`]
  }
}

/** Hundreds of places have a schema in common. */
function compiled(ajv: Ajv, schema: JsonObject): ValidateFunction {
  const own = made.get(ajv) ?? new Map<string, ValidateFunction>()
  made.set(ajv, own)
  const text = JSON.stringify(schema)
  const validate = own.get(text) ?? ajv.compile(inDocument(schema))
  own.set(text, validate)
  return validate
}

/** The schema with its references pointing into the document that the validators know as `document`. */
function inDocument(schema: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"document#/')) as JsonObject
}

function validator(isStrict: boolean): Ajv {
  const ajv = new Ajv({ strict: isStrict, strictTypes: isStrict, allErrors: true })
  addFormats.default(ajv)
  // Where OpenAPI keeps its schemas; JSON Schema has no such word.
  ajv.addVocabulary(['components', 'discriminator'])
  ajv.addKeyword('x-extensible-enum')
  ajv.addSchema({ components: document.components }, 'document', false, false)
  return ajv
}

const made = new Map<Ajv, Map<string, ValidateFunction>>()
const lenient = validator(false)
const strict = validator(true)

function kebabCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
