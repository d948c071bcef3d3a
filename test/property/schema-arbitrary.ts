import fc from 'fast-check'
import { anyCharacter } from '../support/characters.ts'

/** As much of JSON Schema as the document uses. */
export type Schema = {
  $ref?: string
  type?: string | string[]
  enum?: unknown[]
  anyOf?: Schema[]
  format?: string
  pattern?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  items?: Schema
  minItems?: number
  maxItems?: number
  properties?: Record<string, Schema>
  required?: string[]
}

export type SchemaContext = {
  /** The schemas that a `$ref` names. */
  components: Record<string, Schema>
  /** What to take for a property or parameter of this name instead; `null` where the schema alone decides. */
  known: (name: string, place: 'single' | 'listed') => fc.Arbitrary<unknown> | null
}

/** Values that are valid by a schema. */
export function valuesOf(
  schema: Schema,
  context: SchemaContext,
  place: 'single' | 'listed' = 'single',
): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined) return valuesOf(referred(schema.$ref, context), context, place)
  if (Array.isArray(schema.type)) {
    return fc.oneof(...schema.type.map((type) => valuesOf({ ...schema, type }, context, place)))
  }
  if (schema.anyOf !== undefined) {
    return fc.oneof(...schema.anyOf.map((part) => valuesOf(part, context, place)))
  }
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  switch (schema.type) {
    case 'string':
      return stringsOf(schema)
    case 'integer':
      return fc.integer({ min: schema.minimum ?? 0, max: schema.maximum ?? 2 ** 31 - 1 })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array':
      return fc.array(valuesOf(schema.items ?? {}, context, 'listed'), {
        minLength: schema.minItems ?? 0,
        maxLength: schema.maxItems ?? 10,
      })
    case 'object':
      return fc.record(
        Object.fromEntries(
          Object.entries(schema.properties ?? {}).map(([name, part]) => [
            name,
            knownOr(name, part, context, place),
          ]),
        ),
        { requiredKeys: schema.required ?? [] },
      )
    default:
      throw new Error(`No values for ${JSON.stringify(schema)}`)
  }
}

/** A known value most of the time, so that deep paths are reached; else whatever the schema allows. */
export function knownOr(
  name: string,
  schema: Schema,
  context: SchemaContext,
  place: 'single' | 'listed' = 'single',
): fc.Arbitrary<unknown> {
  const known = context.known(name, place)
  const any = valuesOf(schema, context, place)
  return known === null ? any : fc.oneof({ weight: 9, arbitrary: known }, { weight: 1, arbitrary: any })
}

function referred(ref: string, { components }: SchemaContext): Schema {
  const schema = components[ref.replace('#/components/schemas/', '')]
  if (schema === undefined) throw new Error(`The document has no ${ref}`)
  return schema
}

/**
 * Built from the pattern; and, where text of nearly any kind matches it, free text too, up to the greatest length.
 * Well-formed Unicode only: a schema has no word for that, but JSON in UTF-8 carries nothing else.
 */
function stringsOf({ format, pattern, minLength = 0, maxLength = 100 }: Schema): fc.Arbitrary<string> {
  if (format === 'date-time') return moments
  const regex = new RegExp(pattern ?? '', 'u')
  const isValid = (text: string) => {
    const { length } = [...text]
    return text.isWellFormed() && regex.test(text) && length >= minLength && length <= maxLength
  }
  const free = fc.string({ unit: anyCharacter, minLength, maxLength })
  const longest = free
    .filter((text) => text !== '')
    .map((text) => [...text.repeat(maxLength)].slice(0, maxLength).join(''))
  const tried = fc.sample(free, { seed: 1, numRuns: 100 })
  const isFreeText = tried.filter(isValid).length > 80
  const shaped = pattern === undefined ? [] : [fc.stringMatching(new RegExp(withoutLookaheads(pattern), 'u'))]
  return fc.oneof(...shaped, ...(isFreeText ? [free, longest] : [])).filter(isValid)
}

/** A pattern cannot say which days there are; the format does (RFC 3339). To come, all of them: an article that closed takes nothing. */
const moments = fc
  .date({
    min: new Date('2100-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59.999Z'),
    noInvalidDate: true,
  })
  .chain((date) => {
    const text = date.toISOString()
    return fc.constantFrom(text, text.replace(/\.\d+Z$/, 'Z'), text.replace('Z', '+00:00'))
  })

/** fast-check cannot build for lookaheads; what it builds without them is held against the whole pattern. */
function withoutLookaheads(pattern: string): string {
  let kept = ''
  for (let at = 0; at < pattern.length; ) {
    const end = /^\(\?[=!]/.test(pattern.slice(at)) ? endOfGroup(pattern, at) : endOfAtom(pattern, at)
    if (!/^\(\?[=!]/.test(pattern.slice(at))) kept += pattern.slice(at, end)
    at = end
  }
  return kept
}

/** Where the group that opens at `start` ends. */
function endOfGroup(pattern: string, start: number): number {
  let depth = 0
  for (let at = start; at < pattern.length; at = endOfAtom(pattern, at)) {
    if (pattern[at] === '(') depth += 1
    if (pattern[at] === ')') depth -= 1
    if (depth === 0) return at + 1
  }
  throw new Error(`A group does not end: ${pattern}`)
}

/** Past an escape, a class in brackets, or a single character. */
function endOfAtom(pattern: string, at: number): number {
  const [atom = ''] = /^(?:\\.|\[(?:\\.|[^\]\\])*\]|[\s\S])/.exec(pattern.slice(at)) ?? []
  return at + atom.length
}
