import type { Article } from '../../domain/articles/article.ts'
import type { PublishedComment } from '../../domain/comments/comment.ts'
import { feedLength } from '../../domain/feeds/feed.ts'
import type { CommentStore } from '../../store/comments.ts'
import type { Deps } from '../deps.ts'

/** The comments of an article that were published last, the last of them first, and the article that answers for the id. */
export async function readArticleFeed(
  { store }: Pick<Deps<CommentStore>, 'store'>,
  articleId: string,
): Promise<{ article: Article; comments: PublishedComment[] }> {
  return store.listApproved({ articleId, order: 'last-published', limit: feedLength, after: null })
}
