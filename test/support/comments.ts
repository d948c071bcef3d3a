import type { Comment, CommentStatus } from '../../src/domain/comments/comment.ts'

let count = 0

/** A comment unlike any other, in the given state; ids ascend in the order they are made. */
export function someComment(more: Partial<Comment> = {}): Comment {
  count += 1
  const status: CommentStatus = more.status ?? 'pending'
  return {
    id: `019aa5c1-3b7e-7c3a-9d55-${count.toString(16).padStart(12, '0')}`,
    articleId: 'article',
    parentId: null,
    status,
    version: 1,
    author: status === 'withdrawn' ? null : { name: 'Ada', email: 'ada@example.org' },
    body: status === 'withdrawn' ? null : 'A fine article.',
    submittedAtMs: 1_700_000_000_000 + count,
    publishedAtMs: status === 'approved' ? 1_700_000_000_500 + count : null,
    decidedAtMs: status === 'pending' ? null : 1_700_000_000_500 + count,
    receiptHash: `hash-${count}`,
    ...more,
  }
}
