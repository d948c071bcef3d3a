import { linkOf } from '../../../domain/articles/article.ts'
import { directionOf } from '../../../domain/language.ts'
import { toHtml } from '../../../page/html.ts'
import { isolated, phrase } from '../../../page/phrase.ts'
import { type ThreadView, threadTree } from '../../../page/thread.ts'
import { type Child, h } from '../../../page/tree.ts'
import type { Words } from '../../../words/en.ts'
import type { RouteDeps } from '../../route.ts'
import { embedFile } from './embed-files.ts'

/** From a page of ours to the service's other paths: whatever path a proxy puts before them. */
export const pageBase = '..'

export type DocumentParts = {
  language: string
  title: string
  /** Without it no script is loaded. */
  scripts?: readonly string[]
  feedHref?: string
  /** Of a page that search engines are to pass over: the article's own is what they should find. */
  canonical?: string | null
  base?: string
}

/** A whole page around something to show. */
export function documentText(parts: DocumentParts, ...shown: Child[]): string {
  const { language, title, scripts = [], feedHref, canonical, base = pageBase } = parts
  const style = (name: string) => h('link', { rel: 'stylesheet', href: `${base}/embed/${embedFile(name)}` })
  const html = h(
    'html',
    { lang: language, dir: directionOf(language) },
    h(
      'head',
      {},
      h('meta', { charset: 'utf-8' }),
      h('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
      h('meta', { name: 'color-scheme', content: 'light dark' }),
      h('title', {}, title),
      style('page.css'),
      style('comments.css'),
      scripts.map((name) => h('script', { type: 'module', src: `${base}/embed/${embedFile(name)}` })),
      feedHref !== undefined &&
        h('link', { rel: 'alternate', type: 'application/atom+xml', href: feedHref, title }),
      canonical !== undefined && canonical !== null && h('link', { rel: 'canonical', href: canonical }),
    ),
    h('body', {}, h('main', {}, ...shown)),
  )
  return `<!doctype html>\n${toHtml(html)}\n`
}

/** A thread as a page of its own, for who has no script, or follows a link from where there is none. */
export function threadDocument(
  deps: Pick<RouteDeps, 'articleUrl' | 'wordsIn'>,
  article: { articleId: string; title: string | null; url: string | null },
  view: ThreadView,
): string {
  const { language } = view
  const words = deps.wordsIn(language)
  const href = linkOf(article.articleId, article.url, deps.articleUrl)
  return documentText(
    {
      language,
      title: titleOf(article.title, words),
      scripts: ['comments.js'],
      canonical: href,
      ...(view.feedHref !== null && { feedHref: view.feedHref }),
    },
    href !== null &&
      h('p', { class: 'back' }, h('a', { href }, h('bdi', {}, article.title ?? words.backToArticle))),
    h(
      'h1',
      {},
      article.title === null
        ? words.commentsOfSite
        : phrase(words.commentsOn, { title: h('bdi', {}, article.title) }),
    ),
    h('imprimatur-comments', { article: article.articleId, lang: language }, threadTree(view)),
  )
}

function titleOf(title: string | null, words: Words): string {
  if (title === null) return words.commentsOfSite
  return phrase(words.commentsOn, { title: isolated(title) }).join('')
}

/** What stands in place of a page that cannot be shown. */
export function problemDocument(deps: Pick<RouteDeps, 'wordsIn' | 'defaultLanguage'>, text: string): string {
  const language = deps.defaultLanguage
  const words = deps.wordsIn(language)
  return documentText(
    { language, title: words.commentsOfSite },
    h('p', { class: 'imprimatur-error', role: 'alert' }, text),
  )
}
