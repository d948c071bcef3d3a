import type { Route } from '../../route.ts'
import { countComments } from './count-comments.ts'
import { listComments } from './list-comments.ts'
import { submitComment } from './submit-comment.ts'
import { viewOwnComment } from './view-own-comment.ts'
import { withdrawComment } from './withdraw-comment.ts'

export const commentRoutes: readonly Route[] = [
  listComments,
  submitComment,
  countComments,
  viewOwnComment,
  withdrawComment,
]
