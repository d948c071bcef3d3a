import t from 'tap'
import { canBeRepliedTo, commentStatuses, isPublic } from '../../../src/domain/comments/comment.ts'
import { someComment } from '../../support/comments.ts'

t.test(
  'a comment is public if and only if it is approved, and so can be replied to, in its own article',
  async (t) => {
    for (const status of commentStatuses) {
      const comment = someComment({ status, articleId: 'a' })
      t.equal(isPublic(comment), status === 'approved')
      t.equal(canBeRepliedTo(comment, 'a'), status === 'approved')
      t.equal(canBeRepliedTo(comment, 'b'), false)
    }
    t.equal(canBeRepliedTo(null, 'a'), false)
  },
)
