import type { Article } from '../../domain/articles/article.ts'
import { accepted, type Outcome } from '../../domain/refusal.ts'
import type { ArticleStore } from '../../store/articles.ts'
import type { Deps } from '../deps.ts'
import { articleNotFound } from './article-refusals.ts'

/** The article of this id, or the one that answers for it. */
export async function viewArticle(
  { store }: Pick<Deps<ArticleStore>, 'store'>,
  articleId: string,
): Promise<Outcome<Article>> {
  const article = await store.findArticle(articleId)
  return article === null ? articleNotFound : accepted(article)
}
