import { type Language, languageOf, languages } from '../domain/language.ts'
import { ar } from './ar.ts'
import { de } from './de.ts'
import { authorWords, faultWords, type OwnWords, pageWords, serverWords, type Words } from './en.ts'
import { es } from './es.ts'
import { fr } from './fr.ts'
import { it } from './it.ts'
import { nl } from './nl.ts'
import { pt } from './pt.ts'

export const en: Words = { ...serverWords, ...pageWords, ...authorWords, ...faultWords }

const known: Record<Language, Words> = { en, fr, de, es, it, pt, nl, ar }

/** The words of a language, by its tag, such as `pt` or `pt-BR`; English where it is none that we have. */
export function wordsIn(tag: string): Words {
  return known[languageOf(tag) ?? 'en']
}

/** The same, with a site's own words before ours. */
export function wordsWith(own: OwnWords): (tag: string) => Words {
  const merged = new Map(
    languages.map((language) => [language, { ...known[language], ...own[language] } as Words]),
  )
  return (tag) => merged.get(languageOf(tag) ?? 'en') ?? en
}
