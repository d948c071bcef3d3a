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

/**
 * The words with what stands for each `{name}` in them. Of what is put in, nothing turns the direction of the rest, and where
 * anything is written from right to left each part keeps to itself (UAX #9, section 2.4).
 */
export function filled(words: string, values: Readonly<Record<string, string>>): string {
  const parts = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value.replaceAll(turns, '')]),
  )
  const isMixed = [words, ...Object.values(parts)].some((part) => fromRightToLeft.test(part))
  return words.replaceAll(/\{(\w+)\}/g, (place, name: string) => {
    const part = parts[name]
    if (part === undefined) return place
    return isMixed ? `\u2068${part}\u2069` : part
  })
}

/** Embeddings, overrides and isolates, and what ends them. */
const turns = /[\u202a-\u202e\u2066-\u2069]/g

/** Hebrew, Arabic and their kin, in the blocks that Unicode keeps for such scripts, and the marks of that direction. */
const fromRightToLeft =
  /[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u
