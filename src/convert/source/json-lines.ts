import { type Place, SourceFault } from '../source-fault.ts'
import { decoded, positionFrom } from './decoding.ts'
import type { SourceFile } from './source-file.ts'

/** As the file has it: who reads a field looks what it is. */
export type JsonRecord = { readonly [name: string]: unknown }

/** In UTF-16 units. All whom a large site has blocked stand in one line. */
const longest = 2 ** 23

/** No record of an export is deeper than some ten. */
const deepest = 100

/**
 * The objects of a file that has one a line, or all in one list, however it is broken into lines.
 *
 * @throws SourceFault with line and column where it is no JSON, or holds something else.
 */
export async function* jsonRecordsIn(file: SourceFile): AsyncGenerator<{ record: JsonRecord; place: Place }> {
  const position = positionFrom()
  let list: 'unknown' | 'none' | 'open' | 'closed' = 'unknown'
  /** What is read of the record that is open, and where it begins. */
  let parts: string[] = []
  let length = 0
  let place: Place = position.at()
  let depth = 0
  let isInText = false
  let isEscaped = false

  for await (const text of decoded(file.pieces())) {
    let passed = 0
    let start = 0
    const placeOf = (index: number): Place => {
      position.pass(text.slice(passed, index))
      passed = index
      return position.at()
    }
    for (let index = 0; index < text.length; index++) {
      const sign = text.charCodeAt(index)
      if (isInText) {
        if (isEscaped) isEscaped = false
        else if (sign === backslash) isEscaped = true
        else if (sign === quote) isInText = false
        // Where a line is torn off, the next one is not to become part of it.
        else if (sign === lineFeed) throw notJson(placeOf(index))
      } else if (depth > 0) {
        if (sign === quote) isInText = true
        else if (sign === openBrace || sign === openBracket) {
          depth += 1
          if (depth > deepest)
            throw new SourceFault(
              `Lists and objects are nested more than ${deepest} deep: no export does that.`,
              placeOf(index),
            )
        } else if (sign === closeBrace || sign === closeBracket) {
          depth -= 1
          if (depth > 0) continue
          parts.push(text.slice(start, index + 1))
          yield { record: parsed(parts.join(''), place), place }
          parts = []
          length = 0
        }
      } else if (sign === openBrace && list !== 'closed') {
        if (list === 'unknown') list = 'none'
        place = placeOf(index)
        start = index
        depth = 1
      } else if (sign === openBracket && list === 'unknown') list = 'open'
      else if (sign === closeBracket && list === 'open') list = 'closed'
      else if (!isBetween(sign) && !(sign === comma && list === 'open')) throw notJson(placeOf(index))
    }
    placeOf(text.length)
    if (depth === 0) continue
    parts.push(text.slice(start))
    length += text.length - start
    if (length > longest)
      throw new SourceFault('There is a record that does not end: no export has one so long.', place)
  }
  if (depth > 0) throw new SourceFault('It is cut off: there is a record that does not end.', place)
  if (list === 'open') throw new SourceFault('It is cut off: the list does not end.')
}

/** Of a field that is there; names such as `__proto__` and `toString` mean nothing. */
export function fieldOf(record: JsonRecord, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined
}

export function recordOf(value: unknown): JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonRecord) : {}
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Trimmed; `null` where there is none, or what is no text. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null
}

/** Whether the field is one that may be missing, and else a text. */
export function isTextOrNone(record: JsonRecord, name: string): boolean {
  const value = fieldOf(record, name) ?? null
  return value === null || typeof value === 'string'
}

const [lineFeed, quote, comma, openBracket, backslash, closeBracket, openBrace, closeBrace] = [
  0x0a, 0x22, 0x2c, 0x5b, 0x5c, 0x5d, 0x7b, 0x7d,
] as const

function isBetween(sign: number): boolean {
  return sign === 0x20 || sign === 0x09 || sign === 0x0d || sign === lineFeed
}

function parsed(text: string, place: Place): JsonRecord {
  try {
    return JSON.parse(text)
  } catch {
    throw notJson(place)
  }
}

function notJson(place: Place): SourceFault {
  return new SourceFault('It is no well-formed JSON.', place)
}
