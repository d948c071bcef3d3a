import fc from 'fast-check'
import t from 'tap'
import { prose } from '../../src/page/prose.ts'
import type { Tree } from '../../src/page/tree.ts'
import { textOf } from '../support/html.ts'

const linksIn = (text: string) =>
  prose(text).flatMap((tree) => (typeof tree === 'string' ? [] : [tree.attributes['href']]))
const shown = (trees: readonly Tree[]) => trees.map(textOf).join('')

t.test('an address of the web is a link, which lends no rank and tells nobody where from', async (t) => {
  t.same(prose('See https://example.org/a?b=c#d, please.'), [
    'See ',
    {
      tag: 'a',
      attributes: { href: 'https://example.org/a?b=c#d', rel: 'nofollow ugc noopener noreferrer' },
      children: ['https://example.org/a?b=c#d'],
    },
    ', please.',
  ])
})

t.test(
  'what closes the sentence is no part of the address, but a bracket that was opened in it is',
  async (t) => {
    for (const [text, href] of [
      ['https://example.org/.', 'https://example.org/'],
      ['(https://example.org/a)', 'https://example.org/a'],
      ['(see https://example.org/a_(b))', 'https://example.org/a_(b)'],
      ['« https://example.org/a » !', 'https://example.org/a'],
      ['“https://example.org/a”…', 'https://example.org/a'],
      ['HTTPS://EXAMPLE.ORG/a', 'HTTPS://EXAMPLE.ORG/a'],
      ['http://例え.jp/漢字', 'http://例え.jp/漢字'],
      ['<https://example.org/a>', 'https://example.org/a'],
      ['https://example.org/a\u202egro.live', 'https://example.org/a'],
      ['https://example.org/a\u200bb', 'https://example.org/a'],
    ] as const)
      t.same(linksIn(text), [href], text)
  },
)

t.test('nothing else is one', async (t) => {
  for (const text of [
    'javascript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'ftp://example.org/',
    'mailto:ada@example.org',
    '//example.org/',
    'www.example.org',
    'https://',
    'https://...',
    'http://[1',
    'httpss://example.org',
    'java\nscript:https',
  ])
    t.same(
      prose(text).filter((tree) => typeof tree !== 'string'),
      [],
      text,
    )
})

t.test('all of the text is shown, whatever is in it', async () => {
  const pieces = fc.constantFrom(
    'https://',
    'http://a.b/',
    'x',
    ' ',
    '\n',
    '(',
    ')',
    '.',
    '…',
    '"',
    '\u202e',
    '漢',
    '🖋',
    '@',
    ':',
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
      const text = parts.join('')
      const trees = prose(text)
      return (
        shown(trees) === text &&
        trees.every((tree) => typeof tree === 'string' || /^https?:/.test(tree.attributes['href'] ?? ''))
      )
    }),
    { numRuns: 1_000 },
  )
})

t.test('no text takes longer than its length warrants', async (t) => {
  for (const piece of ['.', ')', 'https://', 'https://a', 'https://a)(', '(']) {
    const time = (length: number) => {
      const text = `https://a/${piece.repeat(length / piece.length)}a`
      return Math.min(
        ...Array.from({ length: 5 }, () => {
          const startMs = performance.now()
          prose(text)
          return performance.now() - startMs
        }),
      )
    }
    time(10_000)
    const [short, long] = [time(20_000), time(320_000)]
    // Sixteen times as long; where each mark is tried anew, 256 times.
    t.ok(long < 100 * short + 20, `${piece}: ${short.toFixed(2)} ms, then ${long.toFixed(2)} ms`)
  }
})
