import { Tokenizer, TokenizerError, TokenParser, TokenParserError, TokenType } from '@streamparser/json'
import type { Dropped } from '../records.ts'
import { type Place, SourceFault } from '../source-fault.ts'
import { decoded, positionFrom } from './decoding.ts'
import type { SourceFile } from './source-file.ts'

/** What is wanted of a file. Of all else it is only looked at whether it is JSON. */
export type JsonSelection<List extends string> = {
  /** The lists whose entries are given one by one: the keys that lead there from the top, and what is kept of an entry. */
  lists: Record<List, JsonList>
  /** Which values at the top are given, where they are no lists or objects. */
  scalars: readonly string[]
}

export type JsonList = {
  /** `null`: the file is no single value but one entry behind the other, and may begin with a line that has a `#` before it. */
  path: readonly string[] | null
  /** Of any other nothing is kept but whether something was there: addresses, passwords and secrets are among them. */
  fields: readonly string[]
}

export type JsonFound<List extends string> =
  | { kind: 'scalar'; name: string; value: JsonValue }
  /** Begins here; it may have no entry. */
  | { kind: 'list'; list: List }
  | { kind: 'entry'; list: List; entry: JsonObject }

export type JsonValue = string | number | boolean | null | typeof tooLong | JsonValue[] | JsonObject
export type JsonObject = { readonly [key: string]: JsonValue }

/** Stands for a text that is longer than any comment could be. */
export const tooLong = Symbol('too long')

/** Lists, objects and what is in them are no deeper in any export than some ten. */
const deepest = 100

/** In UTF-16 units, of a text that is kept. */
const longestText = 2 ** 20

/** In bytes, of a text that is read at all. */
const longestWait = 2 ** 23

/** In UTF-16 units and some for each value; what is not kept does not count. */
const largestEntry = 2 ** 22
const valueCost = 16

/**
 * Reads JSON piece by piece and gives after each what was found by then. Numbers that have more digits than a number can hold
 * are given as text.
 *
 * @throws SourceFault with line and column where it is no JSON, or a list is something else.
 */
export async function* readJson<List extends string>(
  file: SourceFile,
  selection: JsonSelection<List>,
): AsyncGenerator<JsonFound<List>> {
  let found: JsonFound<List>[] = []
  const lists = Object.entries<JsonList>(selection.lists) as [List, JsonList][]
  const isMany = lists.some(([, { path }]) => path === null)
  const tokenizer = new ExactTokenizer({ stringBufferSize: 2 ** 14, numberBufferSize: 64 })
  const parser = new TokenParser({
    paths: [
      ...lists.map(([, { path }]) => (path === null ? '$' : ['$', ...path, '*'].join('.'))),
      ...selection.scalars.map((name) => `$.${name}`),
    ],
    keepStack: false,
    ...(isMany ? { separator: '' } : {}),
  })
  const text = passingText()
  const sieve = sieveOf(lists, selection.scalars, (one) => found.push(one))
  let lastTokenEnd = 0

  tokenizer.onToken = (token) => {
    lastTokenEnd = text.written()
    try {
      parser.write({ ...token, value: sieve.taken(token.token, token.value) } as typeof token)
    } catch (error) {
      const place = text.placeOf(token.offset)
      if (error instanceof Refusal) throw new SourceFault(error.message, place)
      throw error instanceof TokenParserError ? notJson(place) : error
    }
  }
  parser.onValue = ({ value, key }) => sieve.emitted(value as JsonValue, key)

  for await (const piece of decoded(file.pieces())) {
    const bytes = text.next(isMany && sieve.isAtStart() ? withoutHashLine(piece, text.skip) : piece)
    try {
      tokenizer.write(bytes)
    } catch (error) {
      if (!(error instanceof TokenizerError)) throw error
      throw notJson(text.placeOf(text.startOfPiece() + offsetIn(error, bytes.length)))
    }
    if (text.written() - lastTokenEnd > longestWait)
      throw new SourceFault(
        'There is a text that does not end: no export has one so long.',
        text.placeOf(text.startOfPiece()),
      )
    yield* found
    found = []
  }
  if (text.isBlank()) throw new SourceFault('There is nothing in it.')
  try {
    tokenizer.end()
  } catch (error) {
    throw error instanceof TokenizerError ? cutOff(text.end()) : error
  }
  if (sieve.depth() > 0) throw cutOff(text.end())
  yield* found
}

/** What the keys in it are, down to those of entries; for telling of which system a file is. */
export type JsonOutline = {
  /** Such as `comments.*.id`, where the star is any entry of a list. */
  has: (path: string) => boolean
  /** Of a text or number at the top. */
  value: (name: string) => string | null
}

const outlineDepth = 4

/** Of the beginning of a file, which ends anywhere; of what is no JSON, what there is before that shows. */
export function outlineOf(beginning: string): JsonOutline {
  const paths = new Set<string>()
  const values = new Map<string, string>()
  const frames: Frame[] = []
  const tokenizer = new Tokenizer()
  tokenizer.onToken = ({ token, value }) => {
    const frame = frames.at(-1)
    if (follow(frames, token, value)) {
      if (frames.length <= outlineDepth) paths.add(frames.map(({ key }) => key ?? '*').join('.'))
    } else if (
      frames.length === 1 &&
      frame?.key != null &&
      (token === TokenType.STRING || token === TokenType.NUMBER)
    )
      values.set(frame.key, String(value))
  }
  try {
    tokenizer.write(/^\s*(?:#[^\n]*\n\s*)?[[{]/.test(beginning) ? beginning.replace(/^\s*#[^\n]*\n/, '') : '')
  } catch {
    // What it is read by says what is wrong with it.
  }
  return { has: (path) => paths.has(path), value: (name) => values.get(name) ?? null }
}

function fieldOf(entry: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(entry, name) ? entry[name] : undefined
}

/** Trimmed; `null` where there is none, or no text. */
export function textIn(entry: JsonObject, name: string): string | null {
  const text = plainText(fieldOf(entry, name))?.trim() ?? ''
  return text === '' ? null : text
}

/** As it stands, and an empty text where there is none; `null` where it is longer than any comment. */
export function contentIn(entry: JsonObject, name: string): string | null {
  const value = fieldOf(entry, name)
  return value === tooLong ? null : (plainText(value) ?? '')
}

/** As text or number, or wrapped as MongoDB's tools do; an empty text where there is none. */
export function idIn(entry: JsonObject, name: string): string {
  return plainText(unwrapped(fieldOf(entry, name)))?.trim() ?? ''
}

/** Also where it is written as text or number; `null` where it is neither true nor false. */
export function flagIn(entry: JsonObject, name: string): boolean | null {
  const value = unwrapped(fieldOf(entry, name))
  if (typeof value === 'boolean') return value
  const text = plainText(value)?.trim().toLowerCase()
  if (text === 'true' || text === '1') return true
  return text === 'false' || text === '0' ? false : null
}

/** Whether nothing is said there. */
export function isAbsent(entry: JsonObject, name: string): boolean {
  const value = fieldOf(entry, name)
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
}

/** A time as text, or wrapped as LeanCloud and MongoDB do; a number is of milliseconds. For `momentOf`. */
export function timeIn(entry: JsonObject, name: string): string | null {
  const value = fieldOf(entry, name)
  const inner = isObject(value) ? (fieldOf(value, 'iso') ?? fieldOf(value, '$date')) : value
  const plain = unwrapped(inner)
  const isDigits = typeof plain === 'string' && plain !== inner && /^-?\d+$/.test(plain)
  const ms = typeof plain === 'number' ? plain : isDigits ? Number(plain) : null
  if (ms === null) return typeof plain === 'string' ? plain : null
  // Of seconds it would be a time of 1970, when nothing was commented on.
  return Number.isInteger(ms) && Math.abs(ms) >= 1e11 && Math.abs(ms) < 1e14
    ? new Date(ms).toISOString()
    : null
}

/** Of the fields of which no comment here has any, those that say something. */
export function droppedIn(entry: JsonObject, kinds: Readonly<Record<string, Dropped>>): Dropped[] {
  const dropped = Object.entries(kinds).flatMap(([name, kind]) =>
    isSaid(unwrapped(fieldOf(entry, name))) ? [kind] : [],
  )
  return [...new Set(dropped)]
}

function isSaid(value: JsonValue | undefined): boolean {
  if (Array.isArray(value)) return value.length > 0
  if (typeof value === 'string') return !['', '0', 'false', 'null', 'undefined'].includes(value.trim())
  return value !== undefined && value !== null && value !== false && value !== 0
}

function plainText(value: JsonValue | undefined): string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : null
  return typeof value === 'string' ? value : null
}

/** `{ "$oid": … }`, `{ "$numberLong": … }` */
function unwrapped(value: JsonValue | undefined): JsonValue | undefined {
  if (!isObject(value)) return value
  return ['$oid', '$numberLong', '$numberInt', '$numberDouble']
    .map((name) => fieldOf(value, name))
    .find((inner) => inner !== undefined)
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

type Frame = { isList: boolean; key: string | null; awaitsKey: boolean }

/** Keeps up with what is open; answers whether this is a key. A list's `key` is `null`. */
function follow(frames: Frame[], token: TokenType, value: unknown): boolean {
  const frame = frames.at(-1)
  switch (token) {
    case TokenType.LEFT_BRACE:
    case TokenType.LEFT_BRACKET:
      frames.push({
        isList: token === TokenType.LEFT_BRACKET,
        key: null,
        awaitsKey: token === TokenType.LEFT_BRACE,
      })
      return false
    case TokenType.RIGHT_BRACE:
    case TokenType.RIGHT_BRACKET:
      frames.pop()
      return false
    case TokenType.COMMA:
      if (frame !== undefined) frame.awaitsKey = !frame.isList
      return false
    case TokenType.STRING:
      if (frame?.awaitsKey !== true) return false
      frame.key = String(value)
      frame.awaitsKey = false
      return true
    default:
      return false
  }
}

/** Why something is not taken that is JSON. */
class Refusal extends Error {}

/** Lets through to the parser what is wanted, and for all else a `true` that something was there. */
function sieveOf<List extends string>(
  lists: readonly (readonly [List, JsonList])[],
  scalars: readonly string[],
  found: (found: JsonFound<List>) => void,
) {
  const frames: Frame[] = []
  let isAtStart = true
  let entry: { list: List; fields: ReadonlySet<string>; depth: number; size: number } | null = null
  const fields = new Map(lists.map(([list, { fields: names }]) => [list, new Set(names)]))

  const isAt = (path: readonly string[]) =>
    frames.length === path.length && path.every((key, index) => frames[index]?.key === key)

  const isScalar = () => {
    const [top] = frames
    return (
      entry === null &&
      frames.length === 1 &&
      top !== undefined &&
      !top.isList &&
      scalars.includes(top.key ?? '')
    )
  }

  function begin(token: TokenType): void {
    if (opening.has(token) && isScalar())
      throw new Refusal(
        `There is a list or an object for ${frames[0]?.key}, where there has to be a text or a number.`,
      )
    for (const [list, { path }] of lists) {
      const isEntry =
        path === null
          ? frames.length === 0
          : frames.at(-1)?.isList === true &&
            frames.length === path.length + 1 &&
            path.every((key, index) => frames[index]?.key === key)
      if (isEntry) {
        entry = { list, fields: fields.get(list) ?? new Set(), depth: frames.length, size: 0 }
        return
      }
      if (path === null || !isAt(path) || (path.length > 0 && frames.at(-1)?.isList)) continue
      // Some programs write an empty list as null.
      if (token === TokenType.LEFT_BRACKET || token === TokenType.NULL) found({ kind: 'list', list })
      else
        throw new Refusal(
          `There is no list${path.length === 0 ? '' : ` of ${path.join('.')}`} where there has to be one.`,
        )
    }
  }

  function isWanted(): boolean {
    if (entry === null) return isScalar()
    const field = frames[entry.depth]
    return field === undefined || (!field.isList && entry.fields.has(field.key ?? ''))
  }

  return {
    isAtStart: () => isAtStart,
    depth: () => frames.length,
    /** What the parser is given for the value of this token. */
    taken(token: TokenType, value: unknown): unknown {
      isAtStart = false
      const isValue = !structure.has(token) && !(token === TokenType.STRING && frames.at(-1)?.awaitsKey)
      if (entry === null && (isValue || opening.has(token))) begin(token)
      const isKey = follow(frames, token, value)
      if (frames.length > deepest)
        throw new Refusal(`Lists and objects are nested more than ${deepest} deep: no export does that.`)
      if (!isKey && !isValue) return count(value, 0)
      if (isKey)
        return count(entry !== null && frames.length > entry.depth + 1 && !isWanted() ? '' : value, 1)
      if (!isWanted()) return count(nothings.has(value) ? value : true, 0)
      return typeof value === 'string' && value.length > longestText ? tooLong : count(value, 1)
    },
    emitted(value: JsonValue, key: unknown) {
      if (entry !== null) {
        found({ kind: 'entry', list: entry.list, entry: isObject(value) ? value : {} })
        entry = null
      } else if (isScalar()) found({ kind: 'scalar', name: String(key), value })
    },
  }

  function count<T>(value: T, weight: number): T {
    if (entry === null) return value
    entry.size += valueCost + (typeof value === 'string' ? value.length * weight : 0)
    if (entry.size > largestEntry)
      throw new Refusal('An entry of a list is larger than any comment could be.')
    return value
  }
}

/** What stands where nothing is said. */
const nothings = new Set<unknown>(['', null, false, 0])

const opening = new Set([TokenType.LEFT_BRACE, TokenType.LEFT_BRACKET])
const structure = new Set([
  ...opening,
  TokenType.RIGHT_BRACE,
  TokenType.RIGHT_BRACKET,
  TokenType.COLON,
  TokenType.COMMA,
])

/** The parser counts bytes of UTF-8 from where it began; people count lines and columns. */
function passingText() {
  const position = positionFrom()
  let piece = ''
  let bytes = Buffer.alloc(0)
  let start = 0
  let isBlank = true
  return {
    next(text: string): Buffer {
      position.pass(piece)
      start += bytes.length
      piece = text
      bytes = Buffer.from(text)
      isBlank &&= text.trim() === ''
      return bytes
    },
    /** Goes by, and is not given to the parser. */
    skip: (text: string) => position.pass(text),
    /** Of what was read so far. */
    end(): Place {
      const { line, column } = position.at()
      const at = positionFrom(line, column)
      at.pass(piece)
      return at.at()
    },
    isBlank: () => isBlank,
    startOfPiece: () => start,
    written: () => start + bytes.length,
    /** Of what began in an earlier piece, the beginning of this one. */
    placeOf(offset: number): Place {
      const { line, column } = position.at()
      const at = positionFrom(line, column)
      at.pass(bytes.subarray(0, Math.max(0, offset - start)).toString())
      return at.at()
    },
  }
}

function withoutHashLine(text: string, skip: (text: string) => void): string {
  const line = /^\s*#[^\n]*\n/.exec(text)?.[0] ?? ''
  skip(line)
  return text.slice(line.length)
}

/** The tokenizer tells in its words alone at which byte it stopped. */
function offsetIn(error: unknown, length: number): number {
  const at = error instanceof Error ? /chunk position "(\d+)"/.exec(error.message)?.[1] : undefined
  return at === undefined ? length : Number(at)
}

/** Ids may have more digits than a number can hold. */
class ExactTokenizer extends Tokenizer {
  protected override parseNumber(digits: string): number {
    const number = Number(digits)
    // What the parser does with it is to hand it on.
    return /^-?\d+$/.test(digits) && !Number.isSafeInteger(number) ? (digits as unknown as number) : number
  }
}

function notJson(place: Place): SourceFault {
  return new SourceFault('It is no well-formed JSON.', place)
}

function cutOff(place: Place): SourceFault {
  return new SourceFault('It is cut off: there is more open than closed at its end.', place)
}
