/*
 * How the index of words keeps its lists: text that both databases hold alike. A word's ordinals are written as the distances
 * between them, each in digits of five bits, the least first; a sixth bit says that another follows. A block is lines of a word, a
 * space and its list, in the order of the words, with a line break before each and after the last.
 */

/**
 * `fromWord` is the beginning of its first word, as much of it as tells it from the last of the block before: it is the key of an
 * index, where a database may keep for long what was once a key.
 */
export type Block = { fromWord: string; entries: string }

/** A word's list while segments are merged: as text, with its last ordinal. */
export type Posting = { text: string; last: number }

/**
 * A block has no more characters: most are a page of SQLite's, and two of them one of PostgreSQL's, where they are kept in the table
 * itself (`SET STORAGE MAIN`). A list that is longer is not divided, and is a block of its own: whoever asks for one of the words beside
 * it would have to read it, in each segment, and it may be thirty times as long.
 */
const blockLength = 3_500

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const worth = new Uint8Array(128)
for (const [value, digit] of [...digits].entries()) worth[digit.charCodeAt(0)] = value

const bits = 5
const more = 1 << bits

/** What ordinals in upward order are written as, behind `before`. In no other order are they a list: what is behind would be lost. */
export function written(ordinals: Iterable<number>, before = -1): string {
  let text = ''
  let last = before
  for (const ordinal of ordinals) {
    if (ordinal <= last) throw new RangeError(`Ordinal ${ordinal} stands behind ${last}.`)
    text += number(ordinal - last - 1)
    last = ordinal
  }
  return text
}

/** The ordinals of a list that stands in a text from one place to another. */
export function read(text: string, from = 0, to = text.length): number[] {
  const ordinals: number[] = []
  let last = -1
  let value = 0
  let shift = 0
  for (let index = from; index < to; index++) {
    const digit = worth[text.charCodeAt(index)] ?? 0
    value |= (digit & (more - 1)) << shift
    if (digit >= more) {
      shift += bits
      continue
    }
    last += value + 1
    ordinals.push(last)
    value = 0
    shift = 0
  }
  return ordinals
}

/** The list with that of a later segment behind it, whose first comment has the ordinal `offset`. */
export function joined(before: Posting | undefined, text: string, offset: number): Posting {
  const last = offset + lastOf(text)
  if (before === undefined && offset === 0) return { text, last }
  let end = 0
  let first = 0
  for (let shift = 0; ; shift += bits) {
    const digit = worth[text.charCodeAt(end++)] ?? 0
    first |= (digit & (more - 1)) << shift
    if (digit < more) break
  }
  const { text: whole = '', last: lastBefore = -1 } = before ?? {}
  return { text: `${whole}${number(first + offset - lastBefore - 1)}${text.slice(end)}`, last }
}

function lastOf(text: string): number {
  let last = -1
  let value = 0
  let shift = 0
  for (let index = 0; index < text.length; index++) {
    const digit = worth[text.charCodeAt(index)] ?? 0
    value |= (digit & (more - 1)) << shift
    shift += bits
    if (digit >= more) continue
    last += value + 1
    value = 0
    shift = 0
  }
  return last
}

/** Blocks of words that come in order, each given away when it is full. */
export function blockMaker(give: (block: Block) => void): {
  add: (word: string, list: string) => void
  end: () => void
} {
  let from: string | null = null
  let last = ''
  let entries = ''
  const end = () => {
    if (from !== null) give({ fromWord: from, entries: `${entries}\n` })
    from = null
    entries = ''
  }
  return {
    add(word, list) {
      const line = `\n${word} ${list}`
      if (entries.length + line.length >= blockLength) end()
      from ??= beginningOf(word, (text) => byCodePoint(text, last) > 0)
      last = word
      entries += line
    },
    end,
  }
}

/** Words in the order of the database, that of the code points: a few thousand at a time. */
export function* inOrder(words: Iterable<string>): Generator<string[]> {
  const byFirst = new Map<number, string[]>()
  for (const word of words) {
    const first = word.codePointAt(0) ?? 0
    const known = byFirst.get(first)
    if (known === undefined) byFirst.set(first, [word])
    else known.push(word)
  }
  for (const [, some] of [...byFirst].sort(([one], [other]) => one - other)) {
    // Most often there is none beyond U+FFFF, and then it is JavaScript's own order, which is quick.
    yield some.some((word) => /[\ud800-\udfff]/.test(word)) ? some.sort(byCodePoint) : some.sort()
  }
}

/** The list of a word in a block, `null` where it is not there. */
export function listIn(entries: string, word: string): { from: number; to: number } | null {
  const at = entries.indexOf(`\n${word} `)
  if (at < 0) return null
  return { from: at + word.length + 2, to: entries.indexOf('\n', at + 1) }
}

/** The lists of all words that begin so. */
export function listsIn(entries: string, begun: string): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = []
  for (let at = entries.indexOf(`\n${begun}`); at >= 0; at = entries.indexOf(`\n${begun}`, at + 1))
    found.push({ from: entries.indexOf(' ', at) + 1, to: entries.indexOf('\n', at + 1) })
  return found
}

/** All words of a block with their lists. */
export function linesOf({ entries }: Pick<Block, 'entries'>): [word: string, list: string][] {
  return entries
    .slice(1, -1)
    .split('\n')
    .map((line) => {
      const space = line.indexOf(' ')
      return [line.slice(0, space), line.slice(space + 1)]
    })
}

/** A block without this comment in the lists of these words; `null` where nothing is left of it. */
export function without(block: Block, words: ReadonlySet<string>, ordinal: number): Block | null {
  const left = linesOf(block).flatMap(([word, list]): [string, string][] => {
    if (!words.has(word)) return [[word, list]]
    const others = read(list).filter((other) => other !== ordinal)
    return others.length === 0 ? [] : [[word, written(others)]]
  })
  const [first] = left
  if (first === undefined) return null
  return {
    fromWord: beginningOf(first[0], (text) => byCodePoint(text, block.fromWord) >= 0),
    entries: `${left.map(([word, list]) => `\n${word} ${list}`).join('')}\n`,
  }
}

/** The shortest that will do. */
function beginningOf(word: string, willDo: (text: string) => boolean): string {
  let text = ''
  for (const character of word) {
    text += character
    if (willDo(text)) break
  }
  return text
}

/** The ordinals that are in both, which are in upward order. */
export function inBoth(one: readonly number[], other: readonly number[]): number[] {
  const both: number[] = []
  let at = 0
  for (const ordinal of one) {
    while ((other[at] ?? Number.POSITIVE_INFINITY) < ordinal) at++
    if (other[at] === ordinal) both.push(ordinal)
  }
  return both
}

function number(value: number): string {
  let text = ''
  let left = value
  while (left >= more) {
    text += digits[(left & (more - 1)) | more]
    left >>>= bits
  }
  return text + digits[left]
}

/** JavaScript's own order is that of UTF-16 units, in which what is beyond U+FFFF stands too far in front. */
export function byCodePoint(one: string, other: string): number {
  const length = Math.min(one.length, other.length)
  for (let index = 0; index < length; index++) {
    const [a, b] = [one.charCodeAt(index), other.charCodeAt(index)]
    if (a !== b) return inOrderOfCodePoints(a) - inOrderOfCodePoints(b)
  }
  return one.length - other.length
}

/** Surrogates stand for what is behind all other units. */
function inOrderOfCodePoints(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}
