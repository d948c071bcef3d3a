import fc from 'fast-check'

/** Halves of pairs, which are no characters. */
const [firstHalf, halves] = [0xd800, 0x800]

/**
 * Any character of Unicode. fast-check's own unit of this kind (`binary`) makes a table of all of them first, which takes seconds
 * in each process.
 */
export const anyCharacter = fc.integer({ min: 0, max: 0x10ffff - halves }).map(
  (number) => String.fromCodePoint(number < firstHalf ? number : number + halves),
  (text) => {
    const number = typeof text === 'string' ? (text.codePointAt(0) ?? 0) : -1
    if (number < 0 || text !== String.fromCodePoint(number)) throw new Error('this is no character')
    return number < firstHalf ? number : number - halves
  },
)
