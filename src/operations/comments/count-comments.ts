import type { Article } from '../../domain/articles/article.ts'
import type { CommentStore } from '../../store/comments.ts'
import type { Deps } from '../deps.ts'

/** `answering` is the article that is counted: another one where the id was moved. */
export type ArticleCount = {
  articleId: string
  total: number
  answering: Pick<Article, 'articleId' | 'revision'>
}

/** One count for each distinct article, in the order they were first named; an article never heard of has 0. */
export async function countComments(
  { store }: Pick<Deps<CommentStore>, 'store'>,
  articleIds: readonly string[],
): Promise<ArticleCount[]> {
  const distinct = [...new Set(articleIds)]
  const counted = await store.countApproved(distinct)
  return [...counted].map(([articleId, answering]) => ({
    articleId,
    total: answering.approvedCount,
    answering,
  }))
}
