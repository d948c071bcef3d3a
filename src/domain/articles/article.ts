import { lastMomentMs } from '../moment.ts'

/** What a site tells of its article; whatever is `null` is not known. */
export type ArticleDetails = {
  title: string | null
  /** Where its readers find it. */
  url: string | null
  publishedAtMs: number | null
  /** From when on it takes no more comments; said so, it holds whatever the deployment's own rule is. */
  closedAtMs: number | null
}

export type Article = ArticleDetails & {
  articleId: string
  approvedCount: number
  /** Moves with every visible change of the article or of its list. */
  revision: number
  /** When its first comment was submitted; `null` while it has none. */
  firstCommentAtMs: number | null
  /** The article that answers for this id since it was moved; then nothing else of it counts. */
  movedTo: string | null
  /** The id whose comments are being moved here, in steps that no reader sees. */
  movingFrom: string | null
}

/** Lengths in Unicode code points. */
export const articleLimits = { title: 300, url: 2_000 } as const

/**
 * A whole URL as a link has it. No other scheme, since readers follow it; nobody's name and password before its host, since all
 * of them see it.
 */
export function isArticleUrl(text: string): boolean {
  return wholeUrl.test(text) && text.isWellFormed() && URL.canParse(text)
}

const wholeUrl = /^https?:\/\/[^\s<>"\\^`{|}\p{Cc}/?#@]+(?:[/?#][^\s<>"\\^`{|}\p{Cc}]*)?$/iu

/** How many days after its publication an article closes by itself; `null` is never. */
export type CloseAfterDays = number | null

const dayMs = 86_400_000

/**
 * From when on the article takes no comments: as it was told, or so many days after its publication, or else after its first
 * comment. `null` where that is not known yet, or never.
 */
export function closesAtMs(
  article: Pick<Article, 'closedAtMs' | 'publishedAtMs' | 'firstCommentAtMs'>,
  closeAfterDays: CloseAfterDays,
): number | null {
  if (article.closedAtMs !== null) return article.closedAtMs
  const startMs = article.publishedAtMs ?? article.firstCommentAtMs
  if (startMs === null || closeAfterDays === null) return null
  return Math.min(startMs + closeAfterDays * dayMs, lastMomentMs)
}

/**
 * Until when what is known of the article's closing holds: then it closes. `null` where it holds until its revision moves.
 * A first comment moves none, so without one it is not taken to hold for longer than the article could stay open after it.
 */
export function closingHoldsUntilMs(
  article: Pick<Article, 'closedAtMs' | 'publishedAtMs' | 'firstCommentAtMs'>,
  closeAfterDays: CloseAfterDays,
  nowMs: number,
): number | null {
  const closesMs = closesAtMs(article, closeAfterDays)
  if (closesMs !== null) return closesMs <= nowMs ? null : closesMs
  return closeAfterDays === null ? null : nowMs + closeAfterDays * dayMs
}

export function isClosed(
  article: Pick<Article, 'closedAtMs' | 'publishedAtMs' | 'firstCommentAtMs'>,
  closeAfterDays: CloseAfterDays,
  nowMs: number,
): boolean {
  const closesMs = closesAtMs(article, closeAfterDays)
  return closesMs !== null && closesMs <= nowMs
}

/** Stands for the article's id in the template of its URL. */
export const articleIdPlace = '{articleId}'

/** Where readers find the article: as it was told, or by the deployment's template; `null` where neither is known. */
export function linkOf(articleId: string, url: string | null, template: string | null): string | null {
  if (url !== null) return url
  if (template === null) return null
  // In a path a slash stays one: an id that has some is a path, or a whole URL, itself.
  const inPath = encodeURIComponent(articleId).replaceAll('%2F', '/')
  return /^https?:\/\//i.test(articleId) ? articleId : template.replaceAll(articleIdPlace, inPath)
}

/** What `URL` lets pass and no URL has (RFC 3986, 2.1): a `%` that encodes nothing; behind the host, such a sign (3.3 to 3.5). */
const loosePercent = /%(?![0-9a-f]{2})/gi
const notBehindHost = /["<>\\^`{|}[\]]/g

/**
 * Where a comment stands on its article's page, or with `null` the page itself, in the characters that a URL has (RFC 3986); an
 * id that is a whole URL may have others. `null` where the article has no link, or one that leads nowhere.
 */
export function commentLinkOf(link: string | null, commentId: string | null): string | null {
  const url = link === null ? null : URL.parse(link)
  if (url === null) return null
  if (commentId !== null) url.hash = `comment-${commentId}`
  const href = url.href.replaceAll(loosePercent, encodeURIComponent)
  const hostEnds = href.indexOf('/', href.indexOf('//') + 2)
  const [page = '', ...fragment] = href
    .slice(hostEnds)
    .replaceAll(notBehindHost, encodeURIComponent)
    .split('#')
  // A fragment has no `#` in it, which `URL` lets pass too.
  const behindHost = fragment.length === 0 ? page : `${page}#${fragment.join('%23')}`
  return href.slice(0, hostEnds) + behindHost
}
