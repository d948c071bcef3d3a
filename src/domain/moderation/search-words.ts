import type { Author } from '../comments/comment.ts'

/*
 * What of a text can be found, and by what. Both databases are given these words and none of their own making, so that the
 * same question has the same answer on both.
 */

/** In UTF-16 units: of a longer word this is its beginning, where it stands and where it is asked for. */
const longestWord = 64

export type AskedWords = {
  /** All of them are to be there. */
  whole: readonly string[]
  /** The last that was typed may be the beginning of one; `null` where nothing can be behind it. */
  begun: string | null
}

type Searched = { author: Author | null; body: string | null }

/** The words of a comment's name, address and text, each once. */
export function commentWords({ author, body }: Searched): Set<string> {
  const words = new Set<string>()
  addWords(words, author?.name ?? '', true)
  addWords(words, author?.email ?? '', true)
  // In a text some of its signs end a word, as ' does.
  if (typeof author?.email === 'string') words.add(addressWord(author.email))
  addWords(words, body ?? '', true)
  return words
}

/** What somebody types who looks for a comment; `null` where there is no letter and no digit in it. */
export function askedWords(text: string): AskedWords | null {
  const words = new Set<string>()
  addWords(words, text, false)
  const all = [...words]
  // Behind a space or a stop the word is whole; so is what stands between other letters of a script without spaces.
  const last = /[\p{L}\p{N}\p{M}]$/u.test(text) ? all.at(-1) : undefined
  if (all.length === 0) return null
  if (last === undefined || last.length >= longestWord) return { whole: all, begun: null }
  return { whole: all.slice(0, -1), begun: last }
}

/** Whether a comment has all that is asked for: what an index says is looked at again in the text itself. */
export function holdsWords(comment: Searched, { whole, begun }: AskedWords): boolean {
  const words = commentWords(comment)
  if (!whole.every((word) => words.has(word))) return false
  if (begun === null || words.has(begun)) return true
  for (const word of words) if (word.startsWith(begun)) return true
  return false
}

/** An address as the one word that it is found by, beside those that it is made of, whatever signs are in it: ¨ is a space and a mark. */
export function addressWord(address: string): string {
  return cut(folded(address).replaceAll(/\s/g, ''))
}

/** A comment's id that somebody pasted, alone or at the end of the link to it. */
export function namedComment(text: string): string | null {
  const [, id] = /^(?:\S*#comment-)?([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/i.exec(text.trim()) ?? []
  return id?.toLowerCase() ?? null
}

/** `kept`: of what is kept, an address is found by its parts as well; who asks for the whole of one means just that. */
function addWords(words: Set<string>, text: string, kept: boolean): void {
  const normal = folded(text)
  for (const [found] of normal.matchAll(normal.includes('@') ? addressOrRun : runOfLetters)) {
    if (!found.includes('@')) addRun(words, found, kept)
    else {
      if (kept) for (const [run] of found.matchAll(runOfLetters)) addRun(words, run, kept)
      add(words, found, kept)
    }
  }
}

const runOfLetters = /[\p{L}\p{N}]+/gu
const addressOrRun =
  /[^\s@<>()[\]{},;:"'|/\\]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}.-]*[\p{L}\p{N}])?|[\p{L}\p{N}]+/gu

function addRun(words: Set<string>, run: string, kept: boolean): void {
  if (unspaced.test(run)) addUnspaced(words, run, kept)
  else add(words, run, kept)
}

function add(words: Set<string>, word: string, kept: boolean): void {
  const own = cut(word)
  // What was typed last is to be the last of all, also where it was typed before.
  if (!kept) words.delete(own)
  words.add(own)
}

/** Scripts that are written without spaces between words. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u
const runs =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u30fc\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+|[^\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u30fc\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+/gu

/**
 * Each two letters that stand beside each other are a word; of what is kept the last letter too, so that each letter begins one
 * and is found alone.
 */
function addUnspaced(words: Set<string>, text: string, kept: boolean): void {
  for (const [run] of text.matchAll(runs)) {
    if (!unspaced.test(run)) {
      add(words, run, kept)
      continue
    }
    const letters = [...run]
    for (let index = 1; index < letters.length; index++)
      add(words, `${letters[index - 1]}${letters[index]}`, kept)
    const last = letters.at(-1)
    if (last !== undefined && (kept || letters.length === 1)) add(words, last, kept)
  }
}

function cut(word: string): string {
  return word.length <= longestWord ? word : word.slice(0, longestWord).toWellFormed()
}

/** Letters that are one with others for who types, and which Unicode does not take apart. */
const alike: Record<string, string> = {
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ł: 'l',
  ŧ: 't',
  þ: 'th',
  ς: 'σ',
}

/**
 * Without case and accents. By way of the capitals, of which there are fewer: ß is ss, and Turkish i of every kind is one. The
 * marks that make another kana of a kana stay, as they make another letter.
 */
function folded(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII, which most texts are made of.
  if (/^[\x00-\x7f]*$/.test(text)) return text.toLowerCase()
  return text
    .normalize('NFKD')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/(?![\u3099\u309a])\p{M}/gu, '')
    .replaceAll(/[æœøđðħłŧþς]/g, (letter) => alike[letter] ?? letter)
    .normalize('NFC')
}
