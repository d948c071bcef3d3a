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

/** Nothing to read in it: such a field counts as missing. */
export function isBlank(text: string): boolean {
  return text.trim() === ''
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
  return text.replaceAll(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
