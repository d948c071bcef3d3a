import type { PublishedComment } from '../../../domain/comments/comment.ts'
import type { OwnComment as OwnCommentFound } from '../../../operations/comments/own-comment.ts'
import { timestamp, timestampOrNull } from '../../timestamp.ts'
import type { OwnComment, PublicComment } from './answers.ts'

/*
 * Domain → what anybody, and the author, may see. Nothing else makes the wire form of a comment for them, so nothing else
 * can let an address out.
 */

export function presentPublic(comment: PublishedComment): PublicComment {
  return {
    id: comment.id,
    parentId: comment.parentId,
    author: { name: comment.authorName },
    body: comment.body,
    submittedAt: timestamp(comment.submittedAtMs),
    publishedAt: timestamp(comment.publishedAtMs),
  }
}

/** For its author: no address either, since a receipt may be shown to somebody who helps. */
export function presentOwn({ comment, reason }: OwnCommentFound, articleUrl: string | null): OwnComment {
  return {
    id: comment.id,
    articleId: comment.articleId,
    articleUrl,
    parentId: comment.parentId,
    status: comment.status,
    author: comment.author === null ? null : { name: comment.author.name },
    body: comment.body,
    reason,
    submittedAt: timestamp(comment.submittedAtMs),
    publishedAt: timestampOrNull(comment.publishedAtMs),
  }
}
