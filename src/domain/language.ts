/** The languages that a reader is answered in. */
export const languages = ['en', 'fr', 'de', 'es', 'it', 'pt', 'nl', 'ar'] as const
export type Language = (typeof languages)[number]

/** Which of them a tag of BCP 47 names: `pt` for `pt-BR`; null where it is none of them. */
export function languageOf(tag: string): Language | null {
  const [, first] = /^([a-z]+)(?:-[a-z0-9]{1,8})*$/.exec(tag.toLowerCase()) ?? []
  return languages.find((language) => language === first) ?? null
}

/** Which way a language is written, as `dir` in HTML has it. */
export function directionOf(language: Language): 'ltr' | 'rtl' {
  return language === 'ar' ? 'rtl' : 'ltr'
}
