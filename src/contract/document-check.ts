import { readFileSync } from 'node:fs'
import type { ValidateFunction } from 'ajv'
import { Ajv2020 as Ajv } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { strictDocument } from './strict-document.ts'

/** An answer as any client has it: header names in lower case. */
export type ReceivedAnswer = {
  method: string
  /** Path and query. */
  url: string
  status: number
  headers: Readonly<Record<string, string | number | string[] | undefined>>
  body: string
}

type Reference = { $ref: string }
type Header = { schema: object; required?: boolean }
type Response = { headers?: Record<string, Header | Reference>; content?: Record<string, { schema: object }> }
type Operation = { operationId: string; responses: Record<string, Response | Reference> }
export type Document = {
  info: { title: string; version: string }
  paths: Record<string, Record<string, Operation>>
}

export const document = JSON.parse(
  readFileSync(new URL('../../openapi/openapi.json', import.meta.url), 'utf8'),
) as Document

const ajv = new Ajv({ strict: false, allErrors: true })
addFormats.default(ajv)
ajv.addSchema(strictDocument(document), 'document')

/** The front page, the reference, and what sites load into their pages. */
const besidesTheApi = /^\/(?:\?|$|docs(?:[/?]|$)|embed\/)/

/**
 * Throws where an answer is not what the document says: its status, its media type, its body, its headers; and, for a
 * path or a method that the document does not have, where it is no problem of status 400, 404, 405, 408, 429 or 431 and
 * no 204 to OPTIONS. Pages and files that are besides the API are passed over.
 */
export function checkAnswer(answer: ReceivedAnswer): void {
  const found = findOperation(answer)
  if (found === null) {
    if (answer.status === 204 && answer.method === 'OPTIONS') return
    if (answer.status < 400 && besidesTheApi.test(answer.url)) return
    if (![400, 404, 405, 408, 429, 431].includes(answer.status))
      complain(answer, 'the document has no such operation')
    checkBody(answer, { 'application/problem+json': '#/components/schemas/Problem' })
    return
  }

  const { pointer, operation } = found
  const documented =
    operation.responses[answer.status] ??
    complain(answer, `${operation.operationId} does not document this status`)
  const response = resolved<Response>(documented)
  for (const [name, header] of Object.entries(response.headers ?? {}))
    checkHeader(answer, name, resolved<Header>(header))
  const at = '$ref' in documented ? documented.$ref : `${pointer}/responses/${answer.status}`
  const content = `${at}/content`
  checkBody(
    answer,
    Object.fromEntries(
      Object.keys(response.content ?? {}).map((type) => [type, `${content}/${escapePointer(type)}/schema`]),
    ),
  )
}

/** What is said once for several answers. */
function resolved<T extends object>(part: T | Reference): T {
  if (!('$ref' in part)) return part
  const keys = part.$ref.slice('#/'.length).split('/')
  return keys.reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], document) as T
}

function checkHeader(answer: ReceivedAnswer, name: string, { schema, required = false }: Header): void {
  const value = answer.headers[name.toLowerCase()]
  if (value === undefined) {
    if (required) complain(answer, `the header ${name} is missing`)
    return
  }
  const validate = headerCheck(schema)
  const typed = 'type' in schema && schema.type === 'integer' ? Number(value) : String(value)
  if (!validate(typed)) complain(answer, `header ${name}: ${ajv.errorsText(validate.errors)}`)
}

/** A schema is compiled once: that takes some milliseconds, and each answer has some ten headers. */
function headerCheck(schema: object): ValidateFunction {
  const check = headerChecks.get(schema) ?? ajv.compile(strictDocument(schema))
  headerChecks.set(schema, check)
  return check
}

const headerChecks = new WeakMap<object, ValidateFunction>()

/** `schemas` has a pointer for each media type that there may be; where there is none, there must be no body. */
function checkBody(answer: ReceivedAnswer, schemas: Readonly<Record<string, string>>): void {
  if (answer.method === 'HEAD' || Object.keys(schemas).length === 0) {
    if (answer.body !== '') complain(answer, 'there must be no body')
    return
  }
  const mediaType = String(answer.headers['content-type'] ?? '').replace(/;.*$/, '')
  const pointer = schemas[mediaType] ?? complain(answer, `the media type '${mediaType}' is not documented`)
  if (answer.body !== '' && !answer.body.endsWith('\n'))
    complain(answer, 'the body does not end in a newline')
  const validate = schemaAt(pointer)
  if (!validate(mediaType.endsWith('json') ? parsed(answer) : answer.body)) {
    complain(answer, ajv.errorsText(validate.errors))
  }
}

function parsed(answer: ReceivedAnswer): unknown {
  try {
    return JSON.parse(answer.body)
  } catch {
    return complain(answer, 'the body is not JSON')
  }
}

function complain({ method, url, status }: ReceivedAnswer, what: string): never {
  throw new Error(`${method} ${url} answered ${status}: ${what}`)
}

export function findOperation({
  method,
  url,
}: ReceivedAnswer): { pointer: string; operation: Operation } | null {
  const path = url.replace(/\?.*$/s, '')
  const verb = method === 'HEAD' ? 'get' : method.toLowerCase()
  for (const [template, item] of Object.entries(document.paths)) {
    const operation = item[verb]
    if (operation !== undefined && matches(template, path)) {
      return { pointer: `#/paths/${escapePointer(template)}/${verb}`, operation }
    }
  }
  return null
}

/** A parameter may be empty: its operation is asked, and refuses it by name. */
function matches(template: string, path: string): boolean {
  const parts = template.split('/')
  const given = path.split('/')
  return (
    parts.length === given.length &&
    parts.every((part, index) => part.startsWith('{') || part === unescaped(given[index] ?? ''))
  )
}

/** `%76` is as good as `v` (RFC 3986, section 6.2.2.2). */
function unescaped(segment: string): string {
  try {
    return decodeURI(segment)
  } catch {
    return segment
  }
}

function schemaAt(pointer: string) {
  return ajv.getSchema(`document${pointer}`) ?? ajv.compile({ $ref: `document${encodeURI(pointer)}` })
}

function escapePointer(text: string): string {
  return text.replaceAll('~', '~0').replaceAll('/', '~1')
}
