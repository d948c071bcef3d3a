import { type Article, linkOf } from '../../../domain/articles/article.ts'
import type { ListOrder } from '../../../domain/comments/list-order.ts'
import { directionOf } from '../../../domain/language.ts'
import { toHtml } from '../../../page/html.ts'
import { isolated, phrase } from '../../../page/phrase.ts'
import { type ThreadView, threadTree } from '../../../page/thread.ts'
import { type Branch, type Child, h } from '../../../page/tree.ts'
import type { Words } from '../../../words/en.ts'
import { pageLanguage } from '../../fields.ts'
import { htmlText } from '../../html-text.ts'
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
  return withDoctype(toHtml(documentTree(parts, ...shown)))
}

function withDoctype(html: string): string {
  return `<!doctype html>\n${html}\n`
}

function documentTree(parts: DocumentParts, ...shown: Child[]): Branch {
  const { language, title, scripts = [], feedHref, canonical, base = pageBase } = parts
  const style = (name: string) => h('link', { rel: 'stylesheet', href: `${base}/embed/${embedFile(name)}` })
  return h(
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
}

/** A thread as a page of its own, for who has no script, or follows a link from where there is none. */
export async function threadDocument(
  deps: Pick<RouteDeps, 'articleUrl' | 'wordsIn'>,
  article: Pick<Article, 'articleId' | 'title' | 'url' | 'approvedCount'>,
  view: ThreadView,
  order: ListOrder = 'oldest',
): Promise<string> {
  const { language } = view
  const words = deps.wordsIn(language)
  // Anybody may make up an id, and a whole URL is one: a page of ours leads where somebody of the site has looked.
  const isOurs = article.url !== null || article.approvedCount > 0 || !/^https?:/i.test(article.articleId)
  const href = isOurs ? linkOf(article.articleId, article.url, deps.articleUrl) : null
  const tree = documentTree(
    {
      language,
      title: [view.form.fault, titleOf(article.title, words)].filter((part) => part !== null).join(' · '),
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
    h(
      'imprimatur-comments',
      {
        article: article.articleId,
        lang: language,
        form: view.formAt === 'below' ? null : view.formAt,
        order: order === 'oldest' ? null : order,
      },
      focused(threadTree(view)),
    ),
  )
  return withDoctype(await htmlText(tree))
}

/** With the reader at the first field that is wrong: what was there when the page came is not read out as news. */
function focused(tree: Branch): Branch {
  const path = pathToWrong(tree)
  return path === null ? tree : at(path, tree)
}

function pathToWrong(tree: Branch): number[] | null {
  if ('aria-invalid' in tree.attributes) return []
  for (const [index, child] of tree.children.entries()) {
    const path = typeof child === 'string' || child.tag === 'ol' ? null : pathToWrong(child)
    if (path !== null) return [index, ...path]
  }
  return null
}

function at([next, ...path]: readonly number[], tree: Branch): Branch {
  if (next === undefined) return { ...tree, attributes: { ...tree.attributes, autofocus: '' } }
  return {
    ...tree,
    children: tree.children.map((child, index) =>
      index === next && typeof child !== 'string' ? at(path, child) : child,
    ),
  }
}

function titleOf(title: string | null, words: Words): string {
  if (title === null) return words.commentsOfSite
  return phrase(words.commentsOn, { title: isolated(title) }).join('')
}

/** What stands in place of a page that cannot be shown, in the language that was asked for, if it can be told. */
export function problemDocument(
  deps: Pick<RouteDeps, 'wordsIn' | 'defaultLanguage'>,
  url: string,
  textIn: (words: Words, language: string) => string,
): string {
  const asked = pageLanguage.safeParse(
    new URLSearchParams(url.replace(/^[^?]*/, '')).get('lang') ?? undefined,
  )
  const language = asked.data ?? deps.defaultLanguage
  const words = deps.wordsIn(language)
  return documentText(
    { language, title: words.commentsOfSite },
    h('p', { class: 'imprimatur-error', role: 'alert' }, textIn(words, language)),
  )
}
