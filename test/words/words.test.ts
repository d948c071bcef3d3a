import t from 'tap'
import { languages } from '../../src/domain/language.ts'
import { en } from '../../src/words/en.ts'
import { filled, wordsIn } from '../../src/words/words.ts'

t.test('each language has words of its own', async (t) => {
  t.equal(new Set(languages.map((language) => wordsIn(language).submitted)).size, languages.length)
})

t.test(
  'who is to be answered in a language that a later version no longer has is answered in English',
  async (t) => {
    t.equal(wordsIn('nl').submitted, wordsIn('en').submitted)
  },
)

t.test('each language has the same places to fill in the same words', async (t) => {
  const placesIn = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort()
  for (const language of languages)
    for (const [key, text] of Object.entries(en) as [keyof typeof en, string][])
      t.same(placesIn(wordsIn(language)[key]), placesIn(text), `${language} ${key}`)
})

t.test('what is put in is not looked through for more places', async (t) => {
  t.equal(filled('{name} on {title}', { name: '{title}', title: '$& {name}' }), '{title} on $& {name}')
  t.equal(filled('{name} on {title}', { name: 'Ada' }), 'Ada on {title}')
})

t.test('what runs from right to left keeps to itself, and nothing turns what stands beside it', async (t) => {
  const title = (name: string, words = '{name} on {title}') => filled(words, { name, title: 'Why' })
  for (const name of ['עדה', 'آدا', '\u07ca', '\u{10d00}', '\u{1e900}', 'a\u200fb'])
    t.equal(title(name), `\u2068${name}\u2069 on \u2068Why\u2069`)
  for (const turn of '\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069')
    t.equal(title(`A${turn}da`), 'Ada on Why')
  t.equal(title('Ada', '{name} على {title}'), '\u2068Ada\u2069 على \u2068Why\u2069')
})
