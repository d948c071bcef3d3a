import { v7 as uuidv7 } from 'uuid'
import { articleName, seedStartMs } from './seed.ts'

/** How many words there are: those of several languages with names and slips. */
const vocabulary = 500_000
const readers = 400_000

/** A row of `comments`, of everyday texts: by Zipf's law the second word is half as frequent as the first, and so on. */
export type TextRow = {
  id: string
  article_id: string
  status: string
  version: number
  author_name: string
  author_email: string
  body: string
  submitted_at_ms: number
  published_at_ms: number | null
  published_revision: number | null
  decided_at_ms: number | null
  receipt_hash: string
}

/** The word of a rank, the most frequent being the first. */
export function wordOf(rank: number): string {
  const syllables = [
    'ba',
    'de',
    'fi',
    'go',
    'hu',
    'ka',
    'le',
    'mi',
    'no',
    'pu',
    'ra',
    'se',
    'ti',
    'vo',
    'wu',
    'za',
  ]
  let word = ''
  for (let left = rank; left > 0; left = Math.floor(left / syllables.length))
    word += syllables[left % syllables.length]
  return word
}

/** As many comments, oldest first: nine in ten approved, the last thousand pending, the others rejected. */
export function* textRows(comments: number): Generator<TextRow> {
  const random = numbers(1)
  const rank = (of: number) => Math.floor(of ** random())
  const articles = Math.max(1, Math.floor(comments / 100))
  for (let index = 0; index < comments; index++) {
    const ms = seedStartMs + index * 60
    const reader = rank(readers)
    const length = 3 + Math.floor(-40 * Math.log(1 - random() * 0.999))
    let body = wordOf(rank(vocabulary))
    for (let at = 1; at < length; at++) body += ` ${wordOf(rank(vocabulary))}`
    const isPending = index >= comments - 1_000
    const status = isPending ? 'pending' : random() < 0.9 ? 'approved' : 'rejected'
    yield {
      id: uuidv7({ msecs: ms }),
      article_id: articleName(Math.floor(random() * articles)),
      status,
      version: isPending ? 1 : 2,
      author_name: `${wordOf(reader)} ${wordOf(1 + (reader % 5_000))}`,
      author_email: `reader${reader}@example.org`,
      body,
      submitted_at_ms: ms,
      published_at_ms: status === 'approved' ? ms : null,
      published_revision: status === 'approved' ? index : null,
      decided_at_ms: isPending ? null : ms,
      receipt_hash: `hash-${index}`,
    }
  }
}

/** Numbers from 0 to 1, the same with the same seed. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
