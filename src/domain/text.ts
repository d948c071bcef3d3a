/** The number of Unicode code points, which is what a reader calls characters; `length` counts UTF-16 units. */
export function codePointLength(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}

/**
 * Text that every store can keep and give back as it was sent: no NUL (PostgreSQL refuses it) and no lone
 * surrogate (it has no UTF-8 form).
 */
export function isStorable(text: string): boolean {
  return !text.includes('\u0000') && text.isWellFormed()
}

/**
 * Nothing to see in it: such a field counts as missing. By Unicode's properties White_Space and
 * Default_Ignorable_Code_Point (UAX #44: zero-width characters, soft hyphens, Hangul fillers, variation selectors), the
 * controls, and the blank of Braille, U+2800, which has neither property.
 */
export function isBlank(text: string): boolean {
  return /^[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}\u2800]*$/u.test(text)
}

/** What a text is for: `line` stands beside others, as a name does; `prose` has line breaks of its own. */
export type TextKind = 'line' | 'prose'

export type TextFault = 'blank' | 'not-storable' | 'controls' | 'too-long'

/** Why this is no text of its kind; `maxLength` counts code points. `null` where it is one. */
export function textFault(text: string, kind: TextKind, maxLength: number): TextFault | null {
  if (!isStorable(text)) return 'not-storable'
  if (isBlank(text)) return 'blank'
  if (controls[kind].test(text)) return 'controls'
  return codePointLength(text) > maxLength ? 'too-long' : null
}

/** Lines end at CR, LF and NEL too, which are controls, and at the separators U+2028 and U+2029, which are none. */
const controls: Record<TextKind, RegExp> = {
  line: /[\p{Cc}\u2028\u2029]/u,
  prose: /(?![\t\n\r])\p{Cc}/u,
}

/** The text, with every word blotted out that looks like an e-mail address: it may be a reader's. */
export function withoutAddresses(text: string): string {
  return text.replaceAll(/[^\s"'`(),:;<>[\]\\/]+/g, (word) => (/[^@]@[^@]/.test(word) ? '[redacted]' : word))
}

/**
 * The text with each character written as `\uXXXX` that a terminal would obey and not show: the C1 controls, line and
 * paragraph separators, and what turns the direction of reading. In a JSON string that is the same value.
 */
export function withoutControls(text: string): string {
  return text.replaceAll(/[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, escaped)
}

/** The same for text that is in no JSON: the C0 controls too, line breaks among them. What is data takes one line, and shows. */
export function onOneLine(text: string): string {
  return withoutControls(text).replaceAll(/\p{Cc}/gu, escaped)
}

/** Each is made once: of one comment there may be ten thousand to write. */
const escapes = new Map<string, string>()

function escaped(character: string): string {
  const known = escapes.get(character)
  if (known !== undefined) return known
  const made = `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  escapes.set(character, made)
  return made
}
