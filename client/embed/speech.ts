import { languageOf, localeOf } from '../../src/domain/language.ts'
import { en, type OwnWords, type Words } from '../../src/words/en.ts'

/** The versioned names of the files of words, by language: put in where the script is bundled. */
declare const WORD_FILES: Readonly<Record<string, string>>

/** The tag of the language in which an element speaks: its own, the page's around it, or English; never the reader's. */
export function localeIn(element: Element): string {
  return localeOf(element.closest<HTMLElement>('[lang]')?.lang ?? '') ?? 'en'
}

const fetched = new Map<string, Promise<Words>>()

/** The words of a language, the page's own before ours: English is here, the others are fetched. */
export async function wordsOf(locale: string, script: string): Promise<Words> {
  const language = languageOf(locale) ?? 'en'
  let words = fetched.get(language)
  if (words === undefined) {
    const file = WORD_FILES[language]
    words =
      file === undefined
        ? Promise.resolve(en)
        : import(new URL(file, script).href).then(
            (module: { words: Words }) => module.words,
            // Better a word of another language than none.
            () => en,
          )
    fetched.set(language, words)
  }
  return { ...(await words), ...ownWordsOf(language) }
}

/** `<script type="application/json" data-imprimatur="words">{ "fr": { "send": "Publier" } }</script>` */
function ownWordsOf(language: string): Partial<Words> {
  const block = document.querySelector('script[data-imprimatur="words"]')
  if (block === null) return {}
  try {
    return (JSON.parse(block.textContent ?? '') as OwnWords)[language] ?? {}
  } catch {
    console.error('imprimatur: the words of this page are no JSON')
    return {}
  }
}
