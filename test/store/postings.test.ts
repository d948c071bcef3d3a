import t from 'tap'
import {
  type Block,
  blockMaker,
  byCodePoint,
  inBoth,
  inOrder,
  joined,
  linesOf,
  listIn,
  listsIn,
  read,
  without,
  written,
} from '../../src/store/postings.ts'

t.test('ordinals are read as they were written', async (t) => {
  for (const ordinals of [[], [0], [0, 1, 2], [31, 32, 33], [5, 1_000, 65_535], [1_048_576]])
    t.strictSame(read(written(ordinals)), ordinals)
})

t.test('what is in no upward order is not written', async (t) => {
  for (const ordinals of [[1, 1], [2, 1], [-1]]) t.throws(() => written(ordinals), RangeError)
})

t.test('lists of several segments join into one', async (t) => {
  const parts = [[0, 7], [3], [0, 31, 4_095]]
  let list: { text: string; last: number } | undefined
  for (const [index, part] of parts.entries()) list = joined(list, written(part), index * 4_096)
  t.strictSame(read(list?.text ?? ''), [0, 7, 4_099, 8_192, 8_223, 12_287])
  t.equal(list?.last, 12_287)
  t.strictSame(read(joined(undefined, written([2]), 10).text), [12], 'also where the first have none')
})

t.test(
  'words are in the order of their code points, and blocks begin by what tells them apart',
  async (t) => {
    const words = ['b', 'a', '𐌰', '\uf900', '\u{20000}', 'ab', '東']
    const sorted = [...inOrder(words)].flat()
    t.strictSame(sorted, ['a', 'ab', 'b', '東', '\uf900', '𐌰', '\u{20000}'])
    t.strictSame(words.toSorted(byCodePoint), sorted)
    const blocks: Block[] = []
    const { add, end } = blockMaker((block) => blocks.push(block))
    const long = 'A'.repeat(5_000)
    for (const word of ['alpha', 'alphabet', 'beta']) add(word, long)
    end()
    t.strictSame(
      blocks.map(({ fromWord }) => fromWord),
      ['a', 'alphab', 'b'],
    )
  },
)

t.test('a word and all that begin so are found in a block, and nothing else', async (t) => {
  const blocks: Block[] = []
  const { add, end } = blockMaker((block) => blocks.push(block))
  for (const [index, word] of ['ab', 'abc', 'b'].entries()) add(word, written([index, index + 5]))
  end()
  const [{ entries } = { entries: '' }] = blocks
  const of = (place: { from: number; to: number } | null) =>
    place === null ? null : read(entries, place.from, place.to)
  t.strictSame(of(listIn(entries, 'abc')), [1, 6])
  t.strictSame(of(listIn(entries, 'b')), [2, 7])
  t.equal(listIn(entries, 'a'), null)
  t.strictSame(listsIn(entries, 'ab').map(of), [
    [0, 5],
    [1, 6],
  ])
  t.strictSame(inBoth([0, 1, 5, 6], [1, 2, 6]), [1, 6])
})

t.test('what is taken out leaves nothing of itself', async (t) => {
  const block = { fromWord: 'al', entries: '\nalone A\nboth AA\nother A\n' }
  const left = without(block, new Set(['alone', 'both']), 0)
  t.strictSame(left, { fromWord: 'b', entries: '\nboth B\nother A\n' })
  t.strictSame(linesOf(left ?? block), [
    ['both', 'B'],
    ['other', 'A'],
  ])
  t.equal(without({ fromWord: 'a', entries: '\nalone A\n' }, new Set(['alone']), 0), null)
})
