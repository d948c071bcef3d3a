import type { Comment, CommentStatus } from '../../domain/comments/comment.ts'
import { decidedAbout, isRanked, type Place, type QueueOrder } from '../../domain/comments/list-order.ts'
import type { ArticleStore } from '../../store/articles.ts'
import type { ClaimStore } from '../../store/claims.ts'
import type { ModerationStore } from '../../store/moderation.ts'
import type { Deps } from '../deps.ts'
import { type Page, pageOf } from '../page.ts'
import { type Queued, queuedOf } from './queued.ts'

export type ListQueueInput = {
  /** `null`: what waits; or, in order of decision, what moderators have decided about. */
  status: CommentStatus | null
  articleId: string | null
  order: QueueOrder
  limit: number
  cursor: Place | null
}

/** `pending` is how many comments wait in all, whatever the filter. `queued` are those of the page. */
export type QueuePage = Page<Comment> & { pending: number; queued: Queued[] }

export async function listQueue(
  deps: Pick<
    Deps<ModerationStore & Pick<ClaimStore, 'findClaims'> & Pick<ArticleStore, 'findArticle'>>,
    'store'
  >,
  input: ListQueueInput,
): Promise<QueuePage> {
  const { store } = deps
  const { limit, cursor, articleId, status, order } = input
  // Of an id that was moved, the article that answers for it.
  const own = articleId === null ? null : ((await store.findArticle(articleId))?.articleId ?? articleId)
  const found = await store.listByStatus({
    ...(order === 'decided' && status === null
      ? { status: decidedAbout, order }
      : { status: status ?? 'pending', order }),
    articleId: own,
    limit: limit + 1,
    after: cursor,
  })
  const placeOf = ({ id, decidedAtMs }: Comment): Place => ({
    id,
    rank: isRanked(order) ? decidedAtMs : null,
  })
  const page = pageOf(found.comments, limit, placeOf)
  return { ...page, pending: found.pending, queued: await queuedOf(deps, page.comments) }
}
