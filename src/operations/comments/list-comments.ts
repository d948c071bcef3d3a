import type { PublishedComment } from '../../domain/comments/comment.ts'
import type { ListOrder } from '../../domain/comments/list-order.ts'
import type { Deps } from '../deps.ts'
import { pageOf } from '../page.ts'

export type ListCommentsInput = { articleId: string; order: ListOrder; limit: number; cursor: string | null }

export type ArticlePage = {
  articleId: string
  /** Of all the article's approved comments, not of this page. */
  total: number
  /** Moves with every visible change of the article. */
  revision: number
  comments: PublishedComment[]
  nextCursor: string | null
}

export async function listComments(
  { store }: Pick<Deps, 'store'>,
  input: ListCommentsInput,
): Promise<ArticlePage> {
  const { articleId, order, limit, cursor } = input
  const found = await store.listApproved({ articleId, order, limit: limit + 1, after: cursor })
  return { articleId, total: found.approvedCount, revision: found.revision, ...pageOf(found.comments, limit) }
}
