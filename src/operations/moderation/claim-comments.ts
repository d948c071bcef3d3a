import type { ArticleStore } from '../../store/articles.ts'
import type { ClaimFilter, ClaimStore } from '../../store/claims.ts'
import type { ModerationStore } from '../../store/moderation.ts'
import type { Deps } from '../deps.ts'
import { answeringArticles } from './answering-articles.ts'
import { type Queued, queuedOf } from './queued.ts'

export type ClaimInput = {
  by: string
  limit: number
  seconds: number
  order: 'oldest' | 'newest'
  where: ClaimFilter
}

export type ClaimDeps = Deps<ClaimStore & ModerationStore & Pick<ArticleStore, 'findArticles'>>

/** Takes pending comments that nobody else looks at; `untilMs` is when these claims end, unless they are renewed. */
export async function claimComments(
  deps: ClaimDeps,
  { by, limit, seconds, order, where }: ClaimInput,
): Promise<{ queued: Queued[]; untilMs: number }> {
  const { store, newId, clock } = deps
  const forMs = 1_000 * seconds
  const claimed = await store.claim({
    call: newId(),
    by,
    forMs,
    limit,
    order,
    where: {
      ...where,
      articleIds: where.articleIds === null ? null : await answeringArticles(store, where.articleIds),
    },
  })
  const untilMs = claimed[0]?.untilMs ?? clock() + forMs
  const queued = await queuedOf(
    deps,
    claimed.map(({ comment }) => comment),
  )
  return { queued: queued.map((one) => ({ ...one, claim: { by, untilMs } })), untilMs }
}
