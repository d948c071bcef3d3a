/** The languages that a reader is answered in. */
export const languages = ['en', 'fr', 'de', 'es', 'it', 'pt', 'nl', 'ar'] as const
export type Language = (typeof languages)[number]

/** Which of them a tag of BCP 47 names: `pt` for `pt-BR`; null where it is none of them. */
export function languageOf(tag: string): Language | null {
  const [, first] = /^([a-z]+)(?:-[a-z0-9]{1,8})*$/.exec(tag.toLowerCase()) ?? []
  return languages.find((language) => language === first) ?? null
}

/** What a page in one of them may call its own: the tag with its region, where it has one; null where it is none of them. */
export function localeOf(tag: string): string | null {
  const language = languageOf(tag)
  return language !== null && /^[a-z]{2}-[a-z]{2}$/i.test(tag) ? tag : language
}

/** Which way a language is written, as `dir` in HTML has it. */
export function directionOf(tag: string): 'ltr' | 'rtl' {
  return languageOf(tag) === 'ar' ? 'rtl' : 'ltr'
}
