import { linkOf } from '../domain/articles/article.ts'
import type { ArticleStore } from '../store/articles.ts'
import type { Deps } from './deps.ts'

export type LinkDeps = Pick<Deps<Pick<ArticleStore, 'findArticles'>>, 'store'> & { articleUrl: string | null }

/** Where readers find the articles of these comments; `null` where that is not known. */
export async function articleLinks(
  { store, articleUrl }: LinkDeps,
  comments: readonly { articleId: string }[],
): Promise<(comment: { articleId: string }) => string | null> {
  const articles = await store.findArticles(comments.map(({ articleId }) => articleId))
  return ({ articleId }) => {
    const article = articles.get(articleId)
    return linkOf(article?.articleId ?? articleId, article?.url ?? null, articleUrl)
  }
}
