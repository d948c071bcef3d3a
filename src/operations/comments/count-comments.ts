import type { CommentStore } from '../../store/comments.ts'
import type { Deps } from '../deps.ts'

export type ArticleCount = { articleId: string; total: number }

/** One count for each distinct article, in the order they were first named; an article never heard of has 0. */
export async function countComments(
  { store }: Pick<Deps<CommentStore>, 'store'>,
  articleIds: readonly string[],
): Promise<ArticleCount[]> {
  const distinct = [...new Set(articleIds)]
  const counts = await store.countApproved(distinct)
  return distinct.map((articleId) => ({ articleId, total: counts.get(articleId) ?? 0 }))
}
