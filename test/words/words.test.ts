import t from 'tap'
import { languages } from '../../src/domain/language.ts'
import { wordsIn } from '../../src/words/words.ts'

t.test('each language has words of its own', async (t) => {
  t.equal(new Set(languages.map((language) => wordsIn(language).submitted)).size, languages.length)
})

t.test(
  'who is to be answered in a language that a later version no longer has is answered in English',
  async (t) => {
    t.equal(wordsIn('nl').submitted, wordsIn('en').submitted)
  },
)
