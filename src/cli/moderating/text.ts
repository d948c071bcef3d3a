import stringWidth from 'string-width'
import wrapAnsi from 'wrap-ansi'
import { onOneLine } from '../../domain/text.ts'

/*
 * What readers wrote, for a terminal: nothing in it is obeyed, and it takes the columns that it seems to. All that is shown of a
 * comment, of an answer or of an argument goes through `lineOf` or `proseOf`.
 */

/** One line, whatever is in it; line breaks become blanks, other controls show as `\uXXXX`. */
export function lineOf(text: string): string {
  return onOneLine(text.replaceAll(/[ \t\r\n\u2028\u2029]+/g, ' ').trim())
}

/** Its own lines, each no wider than that. */
export function proseOf(text: string, columns: number): string[] {
  return text
    .split(/\r\n|[\r\n\u2028\u2029]/)
    .map((line) => onOneLine(line.replaceAll('\t', '    ')))
    .flatMap((line) => wrapped(line, Math.max(1, columns)))
}

/** All lines but the first stand in, so that none can be taken for another's first. */
export function hangingOf(text: string, columns: number): string[] {
  return proseOf(text, columns - 2).map((line, index) => `${index === 0 ? '' : '  '}${line}`.trimEnd())
}

/** The blank at which it broke is at the end of neither line. */
function wrapped(line: string, columns: number): string[] {
  const [first = '', ...others] = wrapAnsi(line, columns, { hard: true, trim: false }).split('\n')
  return [first, ...others.map((other) => other.replace(/^ /, ''))].map((one) => cut(one, columns))
}

export function widthOf(text: string): number {
  return stringWidth(text)
}

/** At most so many columns; what is left out shows as `…`. */
export function cut(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  let [kept, width] = ['', 0]
  for (const { segment } of graphemes().segment(text)) {
    const own = widthOf(segment)
    if (width + own > columns - 1) break
    kept += segment
    width += own
  }
  return columns < 1 ? '' : `${kept}…`
}

export function padded(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)))
}

/** How long ago, as short as a column is. */
export function ageOf(time: string, nowMs: number): string {
  const seconds = Math.max(0, Math.floor((nowMs - Date.parse(time)) / 1_000))
  return durationOf(seconds)
}

export function durationOf(seconds: number): string {
  for (const [unit, length] of units)
    if (seconds >= 2 * length) return `${Math.floor(seconds / length)} ${unit}`
  return `${Math.floor(seconds)} s`
}

const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
] as const

/** To make one takes longer than to use it. */
let segmenter: Intl.Segmenter | undefined

function graphemes(): Intl.Segmenter {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' })
  return segmenter
}
