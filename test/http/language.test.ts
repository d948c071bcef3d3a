import t from 'tap'
import { languages } from '../../src/domain/language.ts'
import { negotiateLanguage } from '../../src/http/language.ts'

t.test("the reader's languages stand before the deployment's", async (t) => {
  t.equal(negotiateLanguage('fr-CA;q=0.3, ja', 'en'), 'fr')
  t.equal(negotiateLanguage('en-US', 'fr'), 'en')
  t.equal(negotiateLanguage('fr;q=0.5, en;q=0.5', 'en'), 'fr', 'of equals the one named first')
  t.equal(negotiateLanguage('nl, es', 'es'), 'nl')
  t.equal(negotiateLanguage('en, fr', 'fr'), 'en')
  t.equal(negotiateLanguage('ja', 'fr'), 'fr')
  t.equal(negotiateLanguage(undefined, 'fr'), 'fr')
})

t.test('each language is found, by its region too, whatever the deployment has', async (t) => {
  for (const language of languages) {
    for (const fallback of languages) {
      t.equal(negotiateLanguage(language, fallback), language)
      t.equal(negotiateLanguage(`ja, ${language}-XY;q=0.5, *;q=0.1`, fallback), language)
    }
  }
  const tags = ['pt-BR', 'de-AT,de;q=0.9,en;q=0.8', 'ar-EG', 'nl-BE', 'es-419', 'it-CH,de-CH;q=0.7']
  t.same(
    tags.map((tag) => negotiateLanguage(tag, 'en')),
    ['pt', 'de', 'ar', 'nl', 'es', 'it'],
  )
})
