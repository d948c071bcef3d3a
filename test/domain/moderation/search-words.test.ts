import t from 'tap'
import {
  addressWord,
  askedWords,
  commentWords,
  holdsWords,
  namedComment,
} from '../../../src/domain/moderation/search-words.ts'

const words = (body: string) => [...commentWords({ author: null, body })]

t.test('words are letters and digits, without case and accents', async (t) => {
  t.strictSame(words("L'Été, déjà: ÇA va? 42 №7"), ['l', 'ete', 'deja', 'ca', 'va', '42', 'no7'])
  t.strictSame(words('Straße STRASSE İstanbul ıstanbul'), ['strasse', 'istanbul'])
  t.strictSame(words('ΟΔΟΣ οδος οδοσ'), ['οδοσ'])
  t.strictSame(words('Łódź œuvre Ærø þing ﬁne Ａ１'), ['lodz', 'oeuvre', 'aero', 'thing', 'fine', 'a1'])
  t.strictSame(words('ёлка й'), ['елка', 'и'])
  t.strictSame(words('한국어'), ['한국어'], 'as it is typed')
  t.strictSame(words('!!! …'), [])
})

t.test('an address is a word, and each of its parts is one', async (t) => {
  t.strictSame(words('To Ada.L@Example.org.'), ['to', 'ada', 'l', 'example', 'org', 'ada.l@example.org'])
  t.equal(addressWord('Ada.L@Example.org'), 'ada.l@example.org')
  t.strictSame(askedWords('ada.l@exa'), { whole: [], begun: 'ada.l@exa' })
  t.strictSame(askedWords('ada.l@example.org me'), { whole: ['ada.l@example.org'], begun: 'me' })
})

t.test('the address of an author is a word whatever signs are in it', async (t) => {
  for (const email of [
    "o'brien@example.org",
    'a/b|c{d}@example.org',
    'a¨b@example.org',
    '東京@example.org',
  ]) {
    const kept = commentWords({ author: { name: 'Ada', email }, body: '' })
    t.equal(kept.has(addressWord(email)), true, email)
    for (const word of kept) t.notMatch(word, /\s/)
  }
  t.equal(commentWords({ author: { name: 'Ada', email: null }, body: '' }).size, 1)
})

t.test('of a script without spaces each part is found', async (t) => {
  const comment = { author: null, body: '東京都ではスマートフォンが' }
  for (const text of ['東京', '京都', '東京都', '都', 'スマート', 'ート', 'で', 'が'])
    t.equal(holdsWords(comment, askedWords(text) ?? { whole: [text], begun: null }), true, text)
  t.equal(holdsWords(comment, askedWords('東都') ?? { whole: [], begun: null }), false)
  t.strictSame(words('がか'), ['がか', 'か'], 'marks of kana make other letters')
  t.strictSame(words('abc東京1'), ['abc', '東京', '京', '1'], 'and what stands beside it in another')
})

t.test(
  'the last word asked for may be the beginning of one, unless something stands behind it',
  async (t) => {
    t.strictSame(askedWords('foo bar foo'), { whole: ['bar'], begun: 'foo' })
    t.strictSame(askedWords('foo bar '), { whole: ['foo', 'bar'], begun: null })
    t.equal(askedWords('?! '), null)
    const comment = { author: { name: 'Zoë', email: null }, body: 'Subscription' }
    t.equal(holdsWords(comment, { whole: ['zoe'], begun: 'subs' }), true)
    t.equal(holdsWords(comment, { whole: ['subs'], begun: null }), false)
  },
)

t.test('of a long word the beginning is enough', async (t) => {
  const long = 'x'.repeat(9_000)
  t.strictSame(words(long), ['x'.repeat(64)])
  t.strictSame(askedWords(long), { whole: ['x'.repeat(64)], begun: null })
  t.equal(words(`${'x'.repeat(63)}𐌰𐌰`)[0]?.isWellFormed(), true)
})

t.test('what makes an address takes no longer with many of its signs', async (t) => {
  const startMs = performance.now()
  for (const sign of ['!', '.', '@', 'a@', 'a.', '-@-'])
    commentWords({ author: null, body: `a@b${sign.repeat(10_000 / sign.length)}` })
  t.equal(performance.now() - startMs < 2_000, true)
})

t.test('a pasted id, or the link to it, names a comment', async (t) => {
  const id = '019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11'
  t.equal(namedComment(` ${id.toUpperCase()} `), id)
  t.equal(namedComment(`https://www.example.org/a?b=c#comment-${id}`), id)
  t.equal(namedComment(`#comment-${id}`), id)
  t.equal(namedComment(`see ${id}`), null)
  t.equal(namedComment(id.slice(1)), null)
})
