/** What somebody may send as a name or a comment, to draw over what stands beside it or to turn it round. */
export const hostileTexts = {
  'marks above': `e${'\u0301'.repeat(80)} e${'\u0302'.repeat(80)}`,
  'marks below': `e${'\u0323'.repeat(80)}`,
  'marks above and below, with nothing before them': `\u0309${'\u0309\u0323'.repeat(40)}`,
  'a direction that is left open': 'Eve\u202e',
  'an isolate that is left open': 'Eve\u2067',
  'an embedding that is closed twice': 'Eve\u202b\u202c\u202c\u2069\u2069',
  'another direction': '\u0639\u0631\u0628\u064a',
  'a long word': 'x'.repeat(90),
  'no-break spaces': `a${'\u00a0'.repeat(90)}b`,
  'one wide letter': '\ufdfd'.repeat(30),
  markup: '</p></bdi></li><style>*{display:none}</style><script>document.body.remove()</script>',
  'line breaks': 'one\ntwo\n\n\n\nthree',
}

/** As a name is: one line. */
export function lineOf(text: string): string {
  return text.replaceAll(/\s+/g, ' ').slice(0, 100)
}
