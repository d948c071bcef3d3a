import { stringify } from 'node:querystring'
import { languageOf } from '../../../domain/language.ts'

/** Where a thread's links lead: `base` is what the service's paths stand behind, as the reader's browser has it. */
export type ThreadLinks = {
  page: (query?: Readonly<Record<string, string>>) => string
  /** Where the form is sent: how the list is shown is nothing to it. */
  form: string
  feed: string
}

export function threadLinks(
  base: string,
  articleId: string,
  language: string,
  /** What is asked for in another way than by default, and holds on the pages to come. */
  kept: Readonly<Record<string, string>> = {},
): ThreadLinks {
  const id = encodeURIComponent(articleId)
  return {
    page: (query = {}) => `${base}/thread/${id}?${stringify({ lang: language, ...kept, ...query })}`,
    form: `${base}/thread/${id}?lang=${language}`,
    feed: `${base}/v1/articles/${id}/comments.atom?lang=${languageOf(language)}`,
  }
}
