import type { Counts } from '../../src/http/routes/comments/answers.ts'
import type * as CountWords from './count-words.ts'
import { script } from './parts.ts'

/** How English has the count, and what the file for others is called: put in where the script is bundled. */
declare const ENGLISH: { one: string; other: string }
declare const COUNT_WORDS: string

/** In characters, and one more article: nginx takes a request line of 8,192 bytes unless it is told otherwise. */
const longest = 5_000

const waiting = new Set<ImprimaturCount>()

/** `<imprimatur-count article="…">`: how many comments an article has. What stands in it stays until that is known. */
export class ImprimaturCount extends HTMLElement {
  static readonly observedAttributes = ['article', 'lang', 'zero', 'number']

  attributeChangedCallback(): void {
    if (this.isConnected) this.connectedCallback()
  }

  connectedCallback(): void {
    // Those of one frame are asked for together.
    if (waiting.size === 0) requestAnimationFrame(ask)
    waiting.add(this)
  }
}

async function show(element: ImprimaturCount, total: number): Promise<void> {
  const tag = element.closest<HTMLElement>('[lang]')?.lang ?? 'en'
  let figure = total.toLocaleString('en')
  let form = ENGLISH[total === 1 ? 'one' : 'other']
  // English is here; who needs more loads it.
  if (!/^en\b/i.test(tag) || document.querySelector('script[data-imprimatur=words]'))
    try {
      const file: typeof CountWords = await import(new URL(COUNT_WORDS, script).href)
      ;[figure, form] = await file.say(tag, total)
    } catch {}
  element.textContent =
    (!total && element.getAttribute('zero')) ||
    (element.hasAttribute('number') ? figure : form.replace('{n}', figure))
}

/** One request for each hundred articles, in one order whatever the page's, so that a CDN has one answer for all. */
function ask(): void {
  const byArticle = new Map<string, ImprimaturCount[]>()
  for (const element of waiting) {
    const article = articleOf(element)
    if (article) byArticle.set(article, [...(byArticle.get(article) ?? []), element])
  }
  waiting.clear()
  let pairs: string[] = []
  for (const article of [...byArticle.keys()].sort()) {
    pairs.push(`articleId=${encodeURIComponent(article)}`)
    if (pairs.length === 100 || pairs.join().length > longest) pairs = request(pairs, byArticle)
  }
  request(pairs, byArticle)
}

function request(pairs: string[], byArticle: ReadonlyMap<string, ImprimaturCount[]>): [] {
  if (pairs[0])
    fetch(new URL(`../v1/counts?${pairs.join('&')}`, script), { credentials: 'omit' })
      .then((response) => response.json())
      .then(({ counts }: Counts) => {
        // Meanwhile it may be about another one.
        for (const { articleId, total } of counts)
          for (const element of byArticle.get(articleId) ?? [])
            if (articleOf(element) === articleId) void show(element, total)
      })
      // What stands there stays.
      .catch(() => {})
  return []
}

function articleOf(element: ImprimaturCount): string {
  return (element.getAttribute('article') ?? '').trim().normalize()
}
