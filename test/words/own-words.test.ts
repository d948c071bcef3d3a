import t from 'tap'
import { languages } from '../../src/domain/language.ts'
import { isOwnWords, ownWordsFaults } from '../../src/words/own-words.ts'
import { wordsIn, wordsWith } from '../../src/words/words.ts'

t.test('all of our own words would be taken as a site’s', async (t) => {
  t.same(ownWordsFaults(Object.fromEntries(languages.map((language) => [language, wordsIn(language)]))), [])
  t.same(ownWordsFaults({}), [])
  t.same(ownWordsFaults({ en: {} }), [])
})

t.test('whatever else is none', async (t) => {
  for (const own of [null, [], 'en', 7, { EN: {} }, { 'fr-CA': {} }, { en: null }, { en: [] }, { en: 'x' }])
    t.equal(isOwnWords(own), false, JSON.stringify(own))
  for (const words of [
    { toString: 'x' },
    { send: null },
    { send: { other: 'x' } },
    { comments: 'x' },
    { comments: {} },
    { comments: { one: 'x' } },
    { comments: { other: 'x', some: 'x' } },
    { comments: { other: 7 } },
    JSON.parse('{"__proto__":"x"}'),
  ])
    t.equal(ownWordsFaults({ en: words }).length, 1, JSON.stringify(words))
  t.equal(ownWordsFaults(JSON.parse('{"__proto__":{}}')).length, 1)
})

t.test('they stand before ours, in their own language alone', async (t) => {
  const words = wordsWith({ en: { send: 'Off it goes' } })
  t.equal(words('en').send, 'Off it goes')
  t.equal(words('en-GB').send, 'Off it goes')
  t.equal(words('ja').send, 'Off it goes')
  t.equal(words('en').reply, wordsIn('en').reply)
  t.same(words('fr'), wordsIn('fr'))
  t.not(wordsIn('en').send, 'Off it goes')
})
