import type { Article } from '../../domain/articles/article.ts'
import type { PublishedComment } from '../../domain/comments/comment.ts'
import type { ListOrder } from '../../domain/comments/list-order.ts'
import type { CommentStore } from '../../store/comments.ts'
import type { Deps } from '../deps.ts'
import { pageOf } from '../page.ts'

export type ListCommentsInput = { articleId: string; order: ListOrder; limit: number; cursor: string | null }

export type ArticlePage = {
  /** The article that answers for the id that was asked for. */
  article: Article
  comments: PublishedComment[]
  nextCursor: string | null
}

export async function listComments(
  { store }: Pick<Deps<CommentStore>, 'store'>,
  input: ListCommentsInput,
): Promise<ArticlePage> {
  const { articleId, order, limit, cursor } = input
  const found = await store.listApproved({ articleId, order, limit: limit + 1, after: cursor })
  return { article: found.article, ...pageOf(found.comments, limit) }
}
