import type { Article } from '../../domain/articles/article.ts'
import type { PublishedComment } from '../../domain/comments/comment.ts'
import { isRanked, type ListOrder, type Place } from '../../domain/comments/list-order.ts'
import type { CommentStore } from '../../store/comments.ts'
import type { Deps } from '../deps.ts'
import { type Page, pageOf } from '../page.ts'

export type ListCommentsInput = { articleId: string; order: ListOrder; limit: number; cursor: Place | null }

export type ArticlePage = Page<PublishedComment> & {
  /** The article that answers for the id that was asked for. */
  article: Article
  /** In order of approval: behind it stands what is approved from now on. `null` where nothing was yet, or in any other order. */
  followCursor: Place | null
}

export async function listComments(
  { store }: Pick<Deps<CommentStore>, 'store'>,
  input: ListCommentsInput,
): Promise<ArticlePage> {
  const { articleId, order, limit, cursor } = input
  const placeOf = ({ id, publishedRevision }: PublishedComment): Place => ({
    id,
    rank: isRanked(order) ? publishedRevision : null,
  })
  const found = await store.listApproved({ articleId, order, limit: limit + 1, after: cursor })
  const page = pageOf(found.comments, limit, placeOf)
  const last = page.comments.at(-1)
  const end = last === undefined ? cursor : placeOf(last)
  return { article: found.article, ...page, followCursor: order === 'published' ? end : null }
}
