import { type Article, closesAtMs, isClosed, linkOf } from '../../../domain/articles/article.ts'
import type { RouteDeps } from '../../route.ts'
import { timestampOrNull } from '../../timestamp.ts'
import type { ArticleAnswer } from './answers.ts'

type PresentDeps = Pick<RouteDeps, 'closeAfterDays' | 'articleUrl' | 'clock'>

export function presentArticle(
  { closeAfterDays, articleUrl, clock }: PresentDeps,
  article: Article,
): ArticleAnswer {
  return {
    articleId: article.articleId,
    title: article.title,
    url: linkOf(article.articleId, article.url, articleUrl),
    publishedAt: timestampOrNull(article.publishedAtMs),
    closedAt: timestampOrNull(article.closedAtMs),
    closesAt: timestampOrNull(closesAtMs(article, closeAfterDays)),
    closed: isClosed(article, closeAfterDays, clock()),
    total: article.approvedCount,
  }
}
