import t from 'tap'
import { negotiateLanguage } from '../../src/http/language.ts'

t.test("the reader's languages stand before the deployment's", async (t) => {
  t.equal(negotiateLanguage('fr-CA;q=0.3, de', 'en'), 'fr')
  t.equal(negotiateLanguage('en-US', 'fr'), 'en')
  t.equal(negotiateLanguage('fr;q=0.5, en;q=0.5', 'en'), 'fr', 'of equals the one named first')
  t.equal(negotiateLanguage('en, fr', 'fr'), 'en')
  t.equal(negotiateLanguage('de', 'fr'), 'fr')
  t.equal(negotiateLanguage(undefined, 'fr'), 'fr')
})
