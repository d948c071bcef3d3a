import { setImmediate } from 'node:timers/promises'
import { withoutControls } from '../../domain/text.ts'

/** How many characters are written before others have their turn: some milliseconds, where each has to be escaped. */
const charactersAtOnce = 32_768

/** Ends in a newline, so that a shell's prompt starts on a line of its own; what a terminal would obey is escaped. */
export function json(body: unknown, indented = false): string {
  return `${written(body, indented)}\n`
}

/**
 * The same as bytes: Node would encode a string again, and slower, on its way out. A list of long comments is written a few at a
 * time, with a turn of the event loop in between: a hundred of them can be a million characters to escape.
 */
export async function jsonBytes(body: unknown, indented = false): Promise<Buffer> {
  if (!isObject(body) || weightOf(body) <= charactersAtOnce) return Buffer.from(json(body, indented))
  const [line, inner, colon] = indented ? ['\n  ', '\n    ', ': '] : ['', '', ':']
  const pieces: Buffer[] = []
  let text = '{'
  let separator = ''
  const flush = async () => {
    pieces.push(Buffer.from(text))
    text = ''
    await setImmediate()
  }
  for (const [name, value] of Object.entries(body)) {
    if (value === undefined) continue
    text += `${separator}${line}${written(name)}${colon}`
    separator = ','
    if (!Array.isArray(value) || value.length === 0) {
      text += written(value, indented).replaceAll('\n', line)
      continue
    }
    for (const [index, item] of value.entries()) {
      text += `${index === 0 ? '[' : ','}${inner}${written(item, indented).replaceAll('\n', inner)}`
      if (text.length > charactersAtOnce) await flush()
    }
    text += `${line}]`
  }
  await flush()
  return Buffer.concat([...pieces, Buffer.from(indented ? '\n}\n' : '}\n')])
}

function written(value: unknown, indented = false): string {
  return withoutControls(JSON.stringify(value, null, indented ? 2 : 0))
}

/** The characters of the texts in its lists: what is long in an answer is there. */
function weightOf(body: object): number {
  let weight = 0
  for (const list of Object.values(body)) {
    if (!Array.isArray(list)) continue
    for (const item of list) weight += charactersIn(item, 2)
  }
  return weight
}

function charactersIn(value: unknown, depth: number): number {
  if (typeof value === 'string') return value.length
  if (!isObject(value) || depth === 0) return 0
  let count = 0
  for (const name in value) count += charactersIn(Reflect.get(value, name), depth - 1)
  return count
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
