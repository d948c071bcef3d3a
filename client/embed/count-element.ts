import type { Counts } from '../../src/http/routes/comments/answers.ts'
import type { OwnWords, Plural, Words } from '../../src/words/en.ts'
import { partUrl, script } from './parts.ts'

/** How English has the count, put in where the script is bundled; other languages have a file each. */
declare const ENGLISH: Plural

/** As many as one request may ask for. */
const most = 100

const waiting = new Set<ImprimaturCount>()

/** `<imprimatur-count article="…">`: how many comments an article has. What stands in it stays until that is known. */
export class ImprimaturCount extends HTMLElement {
  static readonly observedAttributes = ['article', 'lang', 'zero', 'number']

  attributeChangedCallback(): void {
    this.connectedCallback()
  }

  connectedCallback(): void {
    // Those of one frame are asked for together.
    if (waiting.size === 0) requestAnimationFrame(ask)
    waiting.add(this)
  }
}

async function show(element: ImprimaturCount, total: number): Promise<void> {
  const [locale, forms] = await formsIn(element.closest<HTMLElement>('[lang]')?.lang || 'en')
  const number = new Intl.NumberFormat(locale).format(total)
  const form = element.hasAttribute('number')
    ? '{n}'
    : (forms[new Intl.PluralRules(locale).select(total)] ?? forms.other)
  element.textContent = (total === 0 && element.getAttribute('zero')) || form.replace('{n}', number)
}

/** The page's own words first; English where there are none of its language. */
async function formsIn(locale: string): Promise<[string, Plural]> {
  const language = locale.slice(0, 2)
  const own = document.querySelector('script[data-imprimatur=words]')?.textContent ?? '{}'
  try {
    const forms =
      (JSON.parse(own) as OwnWords)[language]?.comments ??
      (language === 'en' ? ENGLISH : ((await import(partUrl(`${language}.js`))) as Module).words.comments)
    return [locale, forms]
  } catch {
    return ['en', ENGLISH]
  }
}

type Module = { words: Words }

/** One request for each hundred articles, in one order whatever the page's, so that a CDN has one answer for all. */
function ask(): void {
  const byArticle = new Map<string, ImprimaturCount[]>()
  for (const element of waiting) {
    const article = element.getAttribute('article')?.normalize()
    if (article) byArticle.set(article, [...(byArticle.get(article) ?? []), element])
  }
  waiting.clear()
  const articles = [...byArticle.keys()].sort()
  while (articles.length > 0) {
    const query = articles.splice(0, most).map((article) => `articleId=${encodeURIComponent(article)}`)
    fetch(new URL(`../v1/counts?${query.join('&')}`, script), { credentials: 'omit' })
      .then((response) => response.json())
      .then(({ counts }: Counts) => {
        for (const { articleId, total } of counts)
          for (const element of byArticle.get(articleId) ?? []) void show(element, total)
      })
      // What stands there stays.
      .catch(() => {})
  }
}
