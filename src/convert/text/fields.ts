import { decodeHTMLStrict } from 'entities'
import { commentLimits } from '../../domain/comments/comment.ts'
import { emailPattern } from '../../domain/comments/email-address.ts'
import { codePointLength, isBlank } from '../../domain/text.ts'

/** Of a name or title in which its system has HTML. Without its semicolon an entity is none: `R&regan`. */
export function withEntitiesRead(text: string): string {
  return decodeHTMLStrict(text)
}

/** On one line; `null` where there is nothing to see. Where a source has HTML in it, its reader has decoded that. How long it may be is not looked at. */
export function nameOf(text: string | null | undefined): string | null {
  const name = withoutUnstorable(text ?? '')
    .replaceAll(/[\s\u2028\u2029]+/g, ' ')
    .replaceAll(/\p{Cc}/gu, '')
    .trim()
  return isBlank(name) ? null : name
}

/** Whether one of its words is an e-mail address. */
export function showsAddress(name: string): boolean {
  return name.split(/[\s<>()"',;]+/).some((word) => emailOf(word) !== null)
}

/** `null` where there is none, or what is no address: none is made up. */
export function emailOf(text: string | null | undefined): string | null {
  const email = text?.trim() ?? ''
  return codePointLength(email) <= commentLimits.email && emailPattern.test(email) ? email : null
}

/** Lines end with a line feed alone; what no text has is taken out; `null` where nothing is to be seen. */
export function bodyOf(text: string): string | null {
  const body = withoutUnstorable(text)
    .replaceAll(/\r\n?|\u0085/g, '\n')
    .replaceAll(/(?![\t\n])\p{Cc}/gu, '')
    .replace(/^(?:[^\S\n]*\n)+/, '')
    .trimEnd()
  return isBlank(body) ? null : body
}

/** NUL, and halves of characters, which no UTF-8 has. */
function withoutUnstorable(text: string): string {
  return text.replaceAll(/[\0\p{Cs}]/gu, '')
}
