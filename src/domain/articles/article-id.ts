import { commentLimits } from '../comments/comment.ts'
import { codePointLength, isBlank, isStorable } from '../text.ts'

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
  return codePointLength(articleId) > commentLimits.articleId ? 'too-long' : null
}
