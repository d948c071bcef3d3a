import { type Language, languages } from '../domain/language.ts'
import { en, type Words } from './en.ts'
import { fr } from './fr.ts'

export type { Words }

const known: Record<Language, Words> = { en, fr }

/** The words of a language; English where it is none that we have. */
export function wordsIn(language: string): Words {
  return known[languages.find((ours) => ours === language) ?? 'en']
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
