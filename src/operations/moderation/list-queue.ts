import type { Comment, CommentStatus } from '../../domain/comments/comment.ts'
import type { ListOrder } from '../../domain/comments/list-order.ts'
import type { ArticleStore } from '../../store/articles.ts'
import type { ModerationStore } from '../../store/moderation.ts'
import type { Deps } from '../deps.ts'
import { type Page, pageOf } from '../page.ts'

export type ListQueueInput = {
  status: CommentStatus
  articleId: string | null
  order: ListOrder
  limit: number
  cursor: string | null
}

/**
 * `pending` is how many comments wait in all, whatever the filter. `repeats` has, for each pending comment of the page that
 * repeats an earlier one, the id of that.
 */
export type QueuePage = Page<Comment> & { pending: number; repeats: Map<string, string> }

export async function listQueue(
  { store }: Pick<Deps<ModerationStore & Pick<ArticleStore, 'findArticle'>>, 'store'>,
  input: ListQueueInput,
): Promise<QueuePage> {
  const { limit, cursor, articleId, ...query } = input
  // Of an id that was moved, the article that answers for it.
  const own = articleId === null ? null : ((await store.findArticle(articleId))?.articleId ?? articleId)
  const found = await store.listByStatus({ ...query, articleId: own, limit: limit + 1, after: cursor })
  const page = pageOf(found.comments, limit)
  const pendingIds = page.comments.filter((comment) => comment.status === 'pending').map(({ id }) => id)
  return { ...page, pending: found.pending, repeats: await store.findRepeats(pendingIds) }
}
