import type { FieldErrorCode } from '../field-errors.ts'
import { longestPathPart } from '../fields.ts'

/** Each parameter's values in the order sent; `faults` says what the text must be that it is not, each once. */
export type QueryString = { values: Map<string, string[]>; faults: QueryFault[] }

type QueryFault = { code: FieldErrorCode; detail: string }

/** Twice as many as any call takes, so that who sends too many of them is still told by the parameter's own rule. */
export const maxParameters = 200

/** Longer than any parameter that is taken, an article id among them, however it is percent-encoded. */
const longestParameter = longestPathPart + 100

/**
 * Parses strictly: Node's parsers put U+FFFD in the place of what they cannot decode, and a wrong answer to a
 * mistyped cursor would follow. Nothing is decoded of a text that has too many parameters.
 */
export function parseQueryString(text: string): QueryString {
  const values = new Map<string, string[]>()
  if (text === '') return { values, faults: [] }
  const pairs = text.split('&', maxParameters + 1)
  if (pairs.length > maxParameters)
    return {
      values,
      faults: [{ code: 'too-many', detail: `must have at most ${maxParameters} parameters` }],
    }

  const faults = new Set<QueryFault>()
  for (const pair of pairs) {
    if (pair === '') {
      faults.add(emptyParameter)
      continue
    }
    if (pair.length > longestParameter) {
      faults.add(longParameter)
      continue
    }
    const equals = pair.indexOf('=')
    const name = decode(equals < 0 ? pair : pair.slice(0, equals))
    const value = decode(equals < 0 ? '' : pair.slice(equals + 1))
    if (name === null || value === null) {
      faults.add(undecodable)
      continue
    }
    const own = values.get(name)
    if (own === undefined) values.set(name, [value])
    else own.push(value)
  }
  return { values, faults: [...faults] }
}

const emptyParameter: QueryFault = { code: 'blank', detail: 'must not have an empty parameter' }
const longParameter: QueryFault = {
  code: 'too-long',
  detail: `must not have a parameter of more than ${longestParameter} characters`,
}
const undecodable: QueryFault = { code: 'bad-encoding', detail: 'must be percent-encoded UTF-8' }

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text.replace(/\+/g, ' '))
  } catch {
    return null
  }
}
