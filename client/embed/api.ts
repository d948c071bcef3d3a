import type { PublicComment } from '../../src/http/routes/comments/answers.ts'

/** One page of an article's list. */
export type List = {
  articleId: string
  closed: boolean
  total: number
  comments: PublicComment[]
  nextCursor: string | null
}

export type Problem = { type: string; errors?: { pointer: string; code: string }[] }

/** What the service said no to; without a problem it said nothing at all. */
export class Refused extends Error {
  readonly problem: Problem | null

  constructor(problem: Problem | null) {
    super(problem?.type ?? 'unreachable')
    this.problem = problem
  }
}

/** The code that ends a problem's type. */
export function codeOf(problem: Problem | null): string {
  return problem?.type.split(':').at(-1) ?? 'unreachable'
}

export async function call<T>(url: string, init: RequestInit = {}): Promise<T> {
  let response: Response
  try {
    response = await fetch(url, {
      ...init,
      credentials: 'omit',
      referrerPolicy: 'strict-origin-when-cross-origin',
    })
  } catch {
    throw new Refused(null)
  }
  const body: unknown = await response.json().catch(() => null)
  if (response.ok && body !== null) return body as T
  throw new Refused(isProblem(body) ? body : null)
}

function isProblem(body: unknown): body is Problem {
  return typeof (body as Problem | null)?.type === 'string'
}

/** A page's own address, where the article's id is it: as its author names it, or without what counts clicks. */
export function canonicalAddress(): string {
  const named = document.querySelector<HTMLLinkElement>('link[rel~="canonical"]')?.href
  if (named) return named
  const url = new URL(location.href)
  url.hash = ''
  for (const name of [...url.searchParams.keys()])
    if (/^(?:utm_\w+|mc_[ce]id|[a-z]{0,3}clid|gbraid|wbraid|igshid|ref_?src)$/i.test(name))
      url.searchParams.delete(name)
  return url.href
}

/** The article's id as an element names it. */
export function articleOf(element: Element): string {
  const article = element.getAttribute('article') ?? ''
  return article === 'canonical' ? canonicalAddress() : article.normalize('NFC')
}

/** Where the service is: where this script came from, unless the element says otherwise. */
export function serviceOf(element: Element, script: string): string {
  const api = element.getAttribute('api')
  return (api ? new URL(api, location.href) : new URL('..', script)).href.replace(/\/+$/, '')
}
