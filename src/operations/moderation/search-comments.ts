import type { Comment } from '../../domain/comments/comment.ts'
import { everyComment, type SearchOrder } from '../../domain/moderation/comment-filter.ts'
import { namedComment } from '../../domain/moderation/search-words.ts'
import type { ArticleStore } from '../../store/articles.ts'
import type { CommentStore } from '../../store/comments.ts'
import type { SearchStore } from '../../store/search.ts'
import type { Deps } from '../deps.ts'
import { filterOf, type Where } from './filter-of.ts'

export type SearchInput = {
  where: Where
  moderator: string
  order: SearchOrder
  limit: number
  cursor: string | null
}

export type SearchDeps = Pick<
  Deps<Pick<CommentStore, 'findComment'> & Pick<ArticleStore, 'findArticles'> & SearchStore>,
  'store'
>

/** A page of the comments that match by now. One whose id was pasted is found whatever else is asked for. */
export async function searchComments(
  deps: SearchDeps,
  { where, moderator, order, limit, cursor }: SearchInput,
): Promise<{ comments: Comment[]; nextCursor: string | null }> {
  const id = where.q === null ? null : namedComment(where.q)
  const filter = id === null ? await filterOf(deps, where, moderator) : { ...everyComment, ids: [id] }
  if (filter === null) return { comments: [], nextCursor: null }
  const { comments, next } = await deps.store.search({ filter, order, after: cursor, limit })
  return { comments, nextCursor: next }
}
