/** The languages that a reader is answered in. */
export const languages = ['en', 'fr'] as const
export type Language = (typeof languages)[number]

/** Which of our languages a tag names (BCP 47): its own, or that of which it is a region's; `null` where it is none of ours. */
export function languageOf(tag: string): Language | null {
  const [primary = ''] = tag.toLowerCase().split('-')
  return languages.find((language) => language === primary) ?? null
}

/** What a page in our language may call its own: the tag itself, with a region or without (BCP 47), or else the language's. */
export function localeOf(tag: string): string | null {
  const language = languageOf(tag)
  return language !== null && /^[a-z]{2}-[a-z]{2}$/i.test(tag) ? tag : language
}

/** How its lines run. */
export function directionOf(locale: string): 'ltr' | 'rtl' {
  return /^ar\b/i.test(locale) ? 'rtl' : 'ltr'
}
