import { commentLimits } from '../domain/comments/comment.ts'
import type { FaultWords } from '../words/en.ts'
import { type FormField, formFields } from './form.ts'
import { numbered } from './phrase.ts'

/** What the API finds wrong with a field, in a reader's words. `code` is one of docs/problems.md. */
export function fieldFault(name: FormField, code: string, words: FaultWords, language: string): string {
  switch (code) {
    case 'required':
    case 'blank':
      return words.required
    case 'too-long':
      return numbered(words.tooLong, commentLimits[name], language)
    case 'not-an-email':
      return words.notAnEmail
    case 'holds-the-address':
      return words.holdsTheAddress
    case 'controls':
    case 'not-storable':
      return words.notStorable
    default:
      return words.invalid
  }
}

/** Why a comment was not taken, for its author. `code` ends a problem's `type`. */
export function refusalText(code: string, words: FaultWords): string {
  switch (code) {
    case 'invalid-request':
      return words.correct
    case 'parent-not-available':
      return words.parentGone
    case 'article-closed':
      return words.closed
    case 'too-many-requests':
      return words.tooMany
    case 'queue-full':
      return words.full
    case 'looks-automated':
      return words.looksAutomated
    default:
      return words.notSent
  }
}

/** The field that a pointer of the API is about; `null` where it is none that a reader fills in. */
export function fieldAt(pointer: string): FormField | null {
  return formFields.find((name) => pointer === `/${name}` || pointer === `/author/${name}`) ?? null
}
