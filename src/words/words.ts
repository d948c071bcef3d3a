import { type Language, languages } from '../domain/language.ts'
import { en, type Words } from './en.ts'
import { fr } from './fr.ts'

const known: Record<Language, Words> = { en, fr }

/** The words of a language; English where it is none that we have. */
export function wordsIn(language: string): Words {
  return known[languages.find((ours) => ours === language) ?? 'en']
}
