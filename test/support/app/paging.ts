import type { LightMyRequestResponse } from 'fastify'
import type { TestApp } from './app.ts'

export type Listed = { comments: { id: string }[]; nextCursor: string | null }

/** Every page from this one on, each found by the `Link` header of the one before. */
export async function pagesByLink(
  call: TestApp['call'],
  first: string,
  headers: Record<string, string> = {},
): Promise<{ url: string; page: Listed }[]> {
  const pages: { url: string; page: Listed }[] = []
  for (let url: string | undefined = first; url !== undefined; ) {
    const response: LightMyRequestResponse = await call({ url, headers })
    pages.push({ url, page: response.json() })
    url = /^<(\S+)>; rel="next"$/.exec(String(response.headers.link))?.[1]
  }
  return pages
}

/** Every page of this list, each found by the `nextCursor` of the one before. */
export async function pagesByCursor(
  call: TestApp['call'],
  list: string,
  headers: Record<string, string> = {},
): Promise<Listed[]> {
  const pages: Listed[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const response: LightMyRequestResponse = await call({
      url: cursor === '' ? list : `${list}&cursor=${cursor}`,
      headers,
    })
    const page: Listed = response.json()
    pages.push(page)
    cursor = page.nextCursor
  }
  return pages
}

export function idsOf(pages: readonly Listed[]): string[] {
  return pages.flatMap(({ comments }) => comments.map(({ id }) => id))
}
