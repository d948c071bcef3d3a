/** The languages that a reader is answered in. */
export const languages = ['en', 'fr'] as const
export type Language = (typeof languages)[number]

/** Which of our languages a tag names (BCP 47): its own, or that of which it is a region's; `null` where it is none of ours. */
export function languageOf(tag: string): Language | null {
  const [primary = ''] = tag.toLowerCase().split('-')
  return languages.find((language) => language === primary) ?? null
}

/** How its lines run. */
export function directionOf(language: Language): 'ltr' | 'rtl' {
  return (language as string) === 'ar' ? 'rtl' : 'ltr'
}
