import { en, type Words } from './words-en.ts'
import { fr } from './words-fr.ts'

export type { Words }

/** By the tag of the page's language. */
export const languages = { en, fr } as const

export type Language = keyof typeof languages

/** As it is called by who reads it. */
export const ownNames: Record<Language, string> = { en: 'English', fr: 'Français' }

/** The first that the desk has: what the address says, what was chosen here before, what the browser asks for. */
export function languageOf(...wanted: readonly (string | null | undefined)[]): Language {
  for (const tag of wanted) {
    const [language = ''] = (tag ?? '').toLowerCase().split('-')
    if (isLanguage(language)) return language
  }
  return 'en'
}

export function isLanguage(tag: string): tag is Language {
  return Object.hasOwn(languages, tag)
}
