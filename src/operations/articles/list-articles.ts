import type { Article } from '../../domain/articles/article.ts'
import type { ArticleStore } from '../../store/articles.ts'
import type { Deps } from '../deps.ts'

export type ListArticlesInput = { limit: number; after: string | null }

/** `nextAfter` is the last id of the page, where there is a next one. */
export type ArticleList = { articles: Article[]; nextAfter: string | null }

export async function listArticles(
  { store }: Pick<Deps<ArticleStore>, 'store'>,
  { limit, after }: ListArticlesInput,
): Promise<ArticleList> {
  const found = await store.listArticles(after ?? '', limit + 1)
  const articles = found.slice(0, limit)
  return { articles, nextAfter: found.length > limit ? (articles.at(-1)?.articleId ?? null) : null }
}
