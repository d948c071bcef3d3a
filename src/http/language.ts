import Negotiator from 'negotiator'
import { type Language, languages } from '../domain/language.ts'

/** The best of our languages for an `Accept-Language` header (RFC 9110, section 12.5.4), or the deployment's own. */
export function negotiateLanguage(acceptLanguage: string | undefined, fallback: Language): Language {
  if (acceptLanguage === undefined) return fallback
  const preferred = [fallback, ...languages.filter((language) => language !== fallback)]
  const best = new Negotiator({ headers: { 'accept-language': acceptLanguage } }).language(preferred)
  return preferred.find((language) => language === best) ?? fallback
}
