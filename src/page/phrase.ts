import type { Plural } from '../words/en.ts'
import { type Child, flat, type Tree } from './tree.ts'

/** A sentence with something put in where its name stands in braces: `phrase('Reply to {name}', { name: … })`. */
export function phrase(sentence: string, parts: Readonly<Record<string, Child>>): Tree[] {
  return flat(
    sentence.split(/\{(\w+)\}/).map((piece, index) => (index % 2 === 0 ? piece : (parts[piece] ?? ''))),
  )
}

/** A number with its noun, as the language has it; the digits are the language's too. */
export function numbered(forms: Plural, n: number, language: string): string {
  const form = forms[new Intl.PluralRules(language).select(n)] ?? forms.other
  return form.replace('{n}', new Intl.NumberFormat(language).format(n))
}

/** A reader's text inside of a sentence that has no elements, such as an attribute: its direction ends with it (UAX #9). */
export function isolated(text: string): string {
  return `\u2068${text}\u2069`
}
