import { refused } from '../../domain/refusal.ts'

export const articleNotFound = refused(
  'article-not-found',
  'Nobody has told of this article, nor commented on it.',
)

export const articleMoving = refused('article-moving', 'This article is being moved. Try again.', {
  retryAfterSeconds: 1,
})
