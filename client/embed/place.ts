import { script } from './parts.ts'

/** A page's own address, where the article's id is it: as its author names it, or without what counts clicks. */
export function canonicalAddress(): string {
  const named = document.querySelector<HTMLLinkElement>('link[rel~="canonical"]')?.href
  if (named) return named
  const url = new URL(location.href)
  url.hash = ''
  for (const name of [...url.searchParams.keys()])
    if (/^(?:utm_|mc_|igshid$|ref_?src$)|(?:clid|braid)$/i.test(name)) url.searchParams.delete(name)
  return url.href
}

/** The article's id as an element names it. */
export function articleOf(element: Element): string {
  const article = element.getAttribute('article') ?? ''
  return article === 'canonical' ? canonicalAddress() : article.normalize('NFC')
}

/** Where the service is: where this script came from, unless the element says otherwise. */
export function serviceOf(element: Element): string {
  const api = element.getAttribute('api')
  return (api ? new URL(api, location.href) : new URL('..', script)).href.replace(/\/+$/, '')
}
