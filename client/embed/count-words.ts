import { localeOf } from '../../src/domain/language.ts'
import { wordsOf } from './speech.ts'

/** A figure, and the words with its place in them, on a page that speaks another language than English or has words of its own. */
export async function say(tag: string, total: number): Promise<[string, string]> {
  const { locale, words } = await wordsOf(localeOf(tag) ?? 'en', null)
  const form = words.comments[new Intl.PluralRules(locale).select(total)] ?? words.comments.other
  return [new Intl.NumberFormat(locale).format(total), form]
}
