import t from 'tap'
import { articleIdFault, normalizedArticleId } from '../../../src/domain/articles/article-id.ts'

t.test('what is the same to the eye is the same id', async (t) => {
  t.equal(normalizedArticleId('cafe\u0301'), 'caf\u00e9')
  t.equal(normalizedArticleId('\u1112\u1161\u11ab'), '\ud55c')
  t.equal(normalizedArticleId('\u212b'), '\u00c5')
  t.equal(normalizedArticleId('a/b?c=d'), 'a/b?c=d')
})

t.test('an id is one line, visible, without white space at an end', async (t) => {
  const table: [string, ReturnType<typeof articleIdFault>][] = [
    ['why-we-print', null],
    ['a b', null],
    ['\u200dx', null],
    ['', 'blank'],
    ['\u200b', 'blank'],
    [' a', 'space-at-an-end'],
    ['a\u2003', 'space-at-an-end'],
    ['a\tb', 'controls'],
    ['a\u2028b', 'controls'],
    ['a\u0000', 'not-storable'],
    ['a\ud800', 'not-storable'],
    ['.', 'dots'],
    ['..', 'dots'],
    ['...', null],
    ['\u{1f4f0}'.repeat(512), null],
    [`${'\u{1f4f0}'.repeat(512)}a`, 'too-long'],
    ['a'.repeat(2_048), null],
    ['a'.repeat(2_049), 'too-long'],
  ]
  for (const [id, fault] of table) t.equal(articleIdFault(id), fault, encodeURIComponent(id.toWellFormed()))
})
