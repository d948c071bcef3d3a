import Negotiator from 'negotiator'
import { type Language, languages } from '../domain/language.ts'

/** What a reader is told after submitting, in the languages that we have. */
const thanks = {
  en: 'Thank you for your comment. It will appear once a moderator has approved it.',
  fr: 'Merci pour votre commentaire. Il sera visible prochainement sous réserve de validation.',
} as const satisfies Record<Language, string>

/** The best of our languages for an `Accept-Language` header (RFC 9110, section 12.5.4), or the deployment's own. */
export function negotiateLanguage(acceptLanguage: string | undefined, fallback: Language): Language {
  if (acceptLanguage === undefined) return fallback
  const preferred = [fallback, ...languages.filter((language) => language !== fallback)]
  const negotiator = new Negotiator({ headers: { 'accept-language': acceptLanguage } })
  return preferred.find((language) => language === negotiator.language(preferred)) ?? fallback
}

export function thanksIn(language: string): string {
  return thanks[languages.find((known) => known === language) ?? 'en']
}
