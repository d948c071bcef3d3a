import { languageOf, localeOf } from '../../src/domain/language.ts'
import { type OwnWords, type PageWords, pageWords, type Words } from '../../src/words/en.ts'
import { partUrl } from './parts.ts'

/** The tag of the language in which an element speaks: its own, the page's around it, or English; never the reader's. */
export function localeIn(element: Element): string {
  return localeOf(element.closest<HTMLElement>('[lang]')?.lang ?? '') ?? 'en'
}

/** The words of a language as the element needs them; those that a page does not need are there where it has them. */
export type Speech = { locale: string; words: PageWords & Partial<Words> }

const fetched = new Map<string, Promise<Partial<Words>>>()

/**
 * The words for a tag: the page's own before the service's before ours. English is here, the others are fetched; where that
 * fails, better English than none, and the next who asks tries again.
 */
export async function wordsOf(tag: string, ofService: Partial<Words> | null): Promise<Speech> {
  const language = languageOf(tag) ?? 'en'
  let words: Partial<Words> = {}
  if (language !== 'en')
    try {
      const file = fetched.get(language) ?? import(partUrl(`${language}.js`)).then((module) => module.words)
      fetched.set(language, file)
      words = await file
    } catch {
      fetched.delete(language)
      tag = 'en'
    }
  // The service says it itself, in its own words.
  return {
    locale: tag,
    words: {
      ...pageWords,
      ...words,
      submitted: undefined,
      ...ofService,
      ...ownWordsOf(language),
    } as Speech['words'],
  }
}

/** `<script type="application/json" data-imprimatur="words">{ "fr": { "send": "Publier" } }</script>` */
function ownWordsOf(language: string): Partial<Words> {
  const block = document.querySelector('script[data-imprimatur=words]')
  try {
    return (JSON.parse(block?.textContent ?? '{}') as OwnWords)[language] ?? {}
  } catch (error) {
    console.error(error)
    return {}
  }
}
