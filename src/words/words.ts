import { type Language, languageOf, languages } from '../domain/language.ts'
import { en, type OwnWords, type Words } from './en.ts'
import { fr } from './fr.ts'

const known: Record<Language, Words> = { en, fr }

/** The words of a language; English where it is none that we have. */
export function wordsIn(language: string): Words {
  return known[languageAmong(language)]
}

/** The same, with a site's own words before ours. */
export function wordsWith(own: OwnWords): (language: string) => Words {
  const merged = new Map(
    languages.map((language) => [language, { ...known[language], ...own[language] } as Words]),
  )
  return (language) => merged.get(languageAmong(language)) ?? en
}

function languageAmong(tag: string): Language {
  return languageOf(tag) ?? 'en'
}
