import t from 'tap'
import { directionOf, languageOf, languages } from '../../src/domain/language.ts'

t.test('a tag names its language, whatever follows and however it is written', async (t) => {
  for (const language of languages) {
    t.equal(languageOf(language), language)
    t.equal(languageOf(language.toUpperCase()), language)
  }
  t.same(['pt-BR', 'de-AT', 'ar-EG', 'nl-BE', 'es-419', 'EN-gb', 'fr-Latn-CA-x-a'].map(languageOf), [
    ...['pt', 'de', 'ar', 'nl', 'es', 'en', 'fr'],
  ])
})

t.test('what names none of them is none', async (t) => {
  for (const tag of ['', 'ja', 'arq', 'e', '*', 'pt_BR', 'pt-', '-pt', ' pt', 'pt\n', 'constructor'])
    t.equal(languageOf(tag), null, tag)
})

t.test('Arabic alone is written from right to left', async (t) => {
  t.same(
    languages.filter((language) => directionOf(language) === 'rtl'),
    ['ar'],
  )
})
