/** The languages that a reader is answered in. */
export const languages = ['en', 'fr'] as const
export type Language = (typeof languages)[number]
