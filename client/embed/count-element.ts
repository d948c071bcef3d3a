import type { Counts } from '../../src/http/routes/comments/answers.ts'
import type { OwnWords, Plural } from '../../src/words/en.ts'

/** How each language has the count: put in where the script is bundled. */
declare const COUNT_WORDS: Readonly<Record<string, Plural>>

const script = import.meta.url

/** As many as one request may ask for. */
const most = 100

const waiting = new Set<ImprimaturCount>()

/** `<imprimatur-count article="…">`: how many comments an article has. What stands in it stays until that is known. */
export class ImprimaturCount extends HTMLElement {
  static readonly observedAttributes = ['article', 'api', 'lang', 'zero', 'number']

  connectedCallback(): void {
    this.attributeChangedCallback()
  }

  attributeChangedCallback(): void {
    if (!this.isConnected) return
    if (waiting.size === 0) requestAnimationFrame(ask)
    waiting.add(this)
  }

  get article(): string {
    return (this.getAttribute('article') ?? '').normalize()
  }

  get service(): string {
    return new URL(this.getAttribute('api') ?? new URL('..', script), location.href).href.replace(/\/+$/, '')
  }

  show(total: number): void {
    const language = this.closest<HTMLElement>('[lang]')?.lang || 'en'
    const locale = [language, 'en'].find((one) => COUNT_WORDS[primary(one)]) as string
    const number = new Intl.NumberFormat(locale).format(total)
    const zero = this.getAttribute('zero')
    const words = ownWords()[primary(locale)]?.comments ?? (COUNT_WORDS[primary(locale)] as Plural)
    const form = words[new Intl.PluralRules(locale).select(total)] ?? words.other
    this.textContent =
      total === 0 && zero !== null ? zero : this.hasAttribute('number') ? number : form.replace('{n}', number)
  }
}

const primary = (tag: string) => tag.slice(0, 2).toLowerCase()

function ownWords(): OwnWords {
  try {
    return JSON.parse(document.querySelector('script[data-imprimatur="words"]')?.textContent ?? '{}')
  } catch {
    return {}
  }
}

/** One request for each hundred articles of a service, in one order whatever the page's, so that a CDN has one answer for all. */
function ask(): void {
  const byService = new Map<string, ImprimaturCount[]>()
  for (const element of waiting)
    if (element.article) byService.set(element.service, [...(byService.get(element.service) ?? []), element])
  waiting.clear()
  for (const [service, elements] of byService) {
    const articles = [...new Set(elements.map(({ article }) => article))].sort()
    for (let at = 0; at < articles.length; at += most)
      fetch(
        `${service}/v1/counts?${new URLSearchParams(articles.slice(at, at + most).map((article) => ['articleId', article]))}`,
        { credentials: 'omit' },
      )
        .then((response) => response.json())
        .then(({ counts }: Counts) => {
          const totals = new Map(counts.map(({ articleId, total }) => [articleId, total]))
          for (const element of elements) {
            const total = totals.get(element.article)
            if (total !== undefined) element.show(total)
          }
        })
        .catch(() => {})
  }
}
