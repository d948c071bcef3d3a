import { languageOf, localeOf } from '../../src/domain/language.ts'
import { type OwnWords, type PageWords, pageWords, type Words } from '../../src/words/en.ts'
import { partUrl } from './parts.ts'

/** The tag of the language in which an element speaks: its own, the page's around it, or English; never the reader's. */
export function localeIn(element: Element): string {
  return localeOf(element.closest<HTMLElement>('[lang]')?.lang ?? '') ?? 'en'
}

const fetched = new Map<string, Promise<PageWords & Partial<Words>>>()

/** The words of a language, the page's own before ours: English is here, the others are fetched. */
export async function wordsOf(locale: string): Promise<PageWords & Partial<Words>> {
  const language = languageOf(locale) ?? 'en'
  let words = fetched.get(language)
  if (words === undefined) {
    words =
      language === 'en'
        ? Promise.resolve(pageWords)
        : import(partUrl(`${language}.js`)).then(
            (module: { words: Words }) => module.words,
            // Better a word of another language than none.
            () => pageWords,
          )
    fetched.set(language, words)
  }
  return { ...(await words), ...ownWordsOf(language) }
}

/** `<script type="application/json" data-imprimatur="words">{ "fr": { "send": "Publier" } }</script>` */
function ownWordsOf(language: string): Partial<Words> {
  const block = document.querySelector('script[data-imprimatur=words]')
  if (block === null) return {}
  try {
    return (JSON.parse(block.textContent ?? '') as OwnWords)[language] ?? {}
  } catch {
    console.error('imprimatur: the words of this page are no JSON')
    return {}
  }
}
