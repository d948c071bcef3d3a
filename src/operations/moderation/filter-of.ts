import type { CommentStatus } from '../../domain/comments/comment.ts'
import { type CommentFilter, type claimKinds, everyComment } from '../../domain/moderation/comment-filter.ts'
import { askedWords, namedComment } from '../../domain/moderation/search-words.ts'
import type { ArticleStore } from '../../store/articles.ts'
import type { CommentStore } from '../../store/comments.ts'
import type { Deps } from '../deps.ts'
import { answeringArticles } from './answering-articles.ts'

/** Which comments, as a moderator says it. `null` says nothing. */
export type Where = {
  /** Words, or a comment's id, or the link to it. */
  q: string | null
  statuses: readonly CommentStatus[] | null
  articleIds: readonly string[] | null
  articlePrefix: string | null
  /** A comment's id: those from the same address. */
  sameAuthorAs: string | null
  submittedFromMs: number | null
  submittedBeforeMs: number | null
  decidedBy: string | null
  reasonCode: string | null
  claim: (typeof claimKinds)[number] | null
}

/** What the store is asked for; `null` where nothing can match: no word in what was typed, nobody's address. */
export async function filterOf(
  { store }: Pick<Deps<Pick<CommentStore, 'findComment'> & Pick<ArticleStore, 'findArticles'>>, 'store'>,
  where: Where,
  moderator: string,
): Promise<CommentFilter | null> {
  const id = where.q === null ? null : namedComment(where.q)
  const words = where.q === null || id !== null ? null : askedWords(where.q)
  if (where.q !== null && id === null && words === null) return null
  let address: string | null = null
  if (where.sameAuthorAs !== null) {
    address = (await store.findComment(where.sameAuthorAs))?.author?.email ?? null
    if (address === null) return null
  }
  return {
    ...everyComment,
    ids: id === null ? null : [id],
    words,
    address,
    statuses: where.statuses,
    articleIds: where.articleIds === null ? null : await answeringArticles(store, where.articleIds),
    articlePrefix: where.articlePrefix,
    submittedFromMs: where.submittedFromMs,
    submittedBeforeMs: where.submittedBeforeMs,
    decidedBy: where.decidedBy === 'me' ? moderator : where.decidedBy,
    reasonCode: where.reasonCode,
    claim: where.claim === null ? null : { is: where.claim, holder: moderator },
  }
}
