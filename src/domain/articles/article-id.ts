import { isBlank, isStorable } from '../text.ts'

/**
 * In UTF-8. A whole URL fits, whatever the language of its headline; and so does a row of PostgreSQL's indexes with the id in
 * it, which takes 2,704 bytes.
 */
export const articleIdBytes = 2_048

/**
 * How many characters of a URL one byte of an id may take: three, and nine where Unicode's form NFC makes one syllable of
 * Hangul (three bytes) of the three parts that a Mac's file names have (27 characters, percent-encoded).
 */
export const charactersPerByte = 9

/**
 * The id as it is kept and compared: in Unicode's normalization form C (UAX #15), so that what is the same to the eye is the
 * same article whichever system has typed it.
 */
export function normalizedArticleId(articleId: string): string {
  return articleId.normalize('NFC')
}

export type ArticleIdFault = 'blank' | 'not-storable' | 'controls' | 'space-at-an-end' | 'too-long' | 'dots'

/** Why a normalized id is none that an article can have; `null` where it is one. */
export function articleIdFault(articleId: string): ArticleIdFault | null {
  if (!isStorable(articleId)) return 'not-storable'
  if (isBlank(articleId)) return 'blank'
  if (/[\p{Cc}\u2028\u2029]/u.test(articleId)) return 'controls'
  if (/^\p{White_Space}|\p{White_Space}$/u.test(articleId)) return 'space-at-an-end'
  if (articleId === '.' || articleId === '..') return 'dots'
  // As short as most are, they need no counting; the core asks nothing of Node.js.
  if (articleId.length * 3 <= articleIdBytes) return null
  return new TextEncoder().encode(articleId).length > articleIdBytes ? 'too-long' : null
}
