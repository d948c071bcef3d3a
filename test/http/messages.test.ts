import t from 'tap'
import { languages } from '../../src/domain/language.ts'
import { negotiateLanguage, thanksIn } from '../../src/http/messages.ts'

t.test('each language has a sentence of its own', async (t) => {
  t.equal(new Set(languages.map(thanksIn)).size, languages.length)
})

t.test('a language that a later version no longer has is answered in English', async (t) => {
  t.equal(thanksIn('nl'), thanksIn('en'))
})

t.test("the reader's languages stand before the deployment's", async (t) => {
  t.equal(negotiateLanguage('fr-CA;q=0.3, de', 'en'), 'fr')
  t.equal(negotiateLanguage('en-US', 'fr'), 'en')
  t.equal(negotiateLanguage('fr;q=0.5, en;q=0.5', 'en'), 'fr', 'of equals the one named first')
  t.equal(negotiateLanguage('en, fr', 'fr'), 'en')
  t.equal(negotiateLanguage('de', 'fr'), 'fr')
  t.equal(negotiateLanguage(undefined, 'fr'), 'fr')
})
