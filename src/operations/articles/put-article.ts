import type { Article, ArticleDetails } from '../../domain/articles/article.ts'
import { accepted, type Outcome } from '../../domain/refusal.ts'
import type { ArticleStore } from '../../store/articles.ts'
import type { Deps } from '../deps.ts'
import { articleMoving } from './article-refusals.ts'

/** Each attempt asks anew which article answers for the id. */
const maxAttempts = 5

/** Writes what the site tells of an article, all of it: what is left out is not known any more. */
export async function putArticle(
  { store, clock }: Pick<Deps<ArticleStore>, 'store' | 'clock'>,
  articleId: string,
  details: ArticleDetails,
): Promise<Outcome<Article>> {
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const own = (await store.findArticle(articleId))?.articleId ?? articleId
    if ((await store.putArticle(own, details, clock())) === 'stale') continue
    const article = await store.findArticle(own)
    if (article !== null) return accepted(article)
  }
  return articleMoving
}
