import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { withoutAddresses } from '../../domain/text.ts'
import { codeOf } from '../field-errors.ts'
import type { FieldError } from '../problems.ts'
import type { Route } from '../route.ts'
import { parseQueryString, type QueryString } from './query-string.ts'

export type ParsedRequest = { ok: true; input: unknown } | { ok: false; errors: FieldError[] }

/** Validates every part of a request, so that one answer names everything that is wrong with it. */
export function parseRequest(
  { request: shape, bodyOptional = false }: Route,
  request: FastifyRequest,
): ParsedRequest {
  const errors: FieldError[] = []
  const input = {
    path: parsePart('path', shape.path, request.params, errors),
    query: parseQuery(shape.query, request, errors),
    headers: parsePart('header', shape.headers, declaredHeaders(shape.headers, request), errors),
    body: parseBody(shape.body, request.body, bodyOptional, errors),
  }
  return errors.length === 0 ? { ok: true, input } : { ok: false, errors: errors.slice(0, maxErrors) }
}

/** As many as the document promises at the most; a hostile body could have one for each of its 64 Ki bytes. */
const maxErrors = 1_000

function parsePart<S extends z.ZodType>(
  part: FieldError['in'],
  schema: S | undefined,
  value: unknown,
  errors: FieldError[],
) {
  if (schema === undefined) return undefined
  const result = schema.safeParse(value, { error: inPlainWords, reportInput: true })
  if (result.success) return result.data
  for (const issue of result.error.issues) errors.push(...fieldErrors(part, issue))
  return undefined
}

function parseQuery(schema: z.ZodObject | undefined, request: FastifyRequest, errors: FieldError[]) {
  const start = request.url.indexOf('?')
  if (start < 0 && schema === undefined) return undefined
  const { values, faults } = parseQueryString(start < 0 ? '' : request.url.slice(start + 1))
  for (const fault of faults) errors.push({ in: 'query', pointer: '', ...fault })
  // Nothing is known of the parameters, so none of them is missing.
  if (values.size === 0 && faults.length > 0) return undefined
  return parsePart(
    'query',
    schema ?? noParameters,
    queryValues(schema ?? noParameters, values, errors),
    errors,
  )
}

const noParameters = z.strictObject({})

/** One value for each name, or a list where the schema has one; a name that is there twice is an error. */
function queryValues(
  schema: z.ZodObject,
  values: QueryString['values'],
  errors: FieldError[],
): Record<string, unknown> {
  const given: [string, unknown][] = []
  for (const [name, all] of values) {
    const isList = Object.hasOwn(schema.shape, name) && takesMany(schema.shape[name])
    if (!isList && all.length > 1)
      errors.push({ in: 'query', pointer: pointerOf([name]), code: 'repeated', detail: 'must be given once' })
    given.push([name, isList ? all : all[0]])
  }
  return Object.fromEntries(given)
}

function takesMany(parameter: unknown): boolean {
  return parameter instanceof z.ZodOptional ? takesMany(parameter.unwrap()) : parameter instanceof z.ZodArray
}

function declaredHeaders(schema: z.ZodObject | undefined, request: FastifyRequest): Record<string, unknown> {
  const names = Object.keys(schema?.shape ?? {}).filter((name) => request.headers[name] !== undefined)
  return Object.fromEntries(names.map((name) => [name, request.headers[name]]))
}

function parseBody(schema: z.ZodType | undefined, body: unknown, optional: boolean, errors: FieldError[]) {
  if (schema !== undefined)
    return parsePart('body', schema, body === undefined && optional ? {} : body, errors)
  if (body !== undefined)
    errors.push({
      in: 'body',
      pointer: '',
      code: 'not-taken',
      detail: 'must not be sent: this call takes no body',
    })
  return undefined
}

function fieldErrors(part: FieldError['in'], issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      in: part,
      pointer: pointerOf([...issue.path, key]),
      code: codeOf(issue),
      detail: 'is not known here',
    }))
  }
  return [{ in: part, pointer: pointerOf(issue.path), code: codeOf(issue), detail: issue.message }]
}

/**
 * RFC 6901. An address in a key is blotted out, and a key as long as the body itself is cut: the pointer is for people.
 * In this order, since the blots may be longer than what was there.
 */
function pointerOf(path: readonly PropertyKey[]): string {
  const pointer = path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
  return withoutAddresses(pointer).slice(0, maxPointerLength).toWellFormed().replaceAll('\u0000', '\uFFFD')
}

const maxPointerLength = 500

/** For the issues whose schemas say nothing themselves. */
function inPlainWords(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code !== 'invalid_type') return undefined
  if (issue.input === undefined) return 'is required'
  return `must be ${/^[aeio]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}`
}
