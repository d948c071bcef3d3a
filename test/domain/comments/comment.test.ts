import t from 'tap'
import {
  canBeRepliedTo,
  commentStatuses,
  isImportName,
  isPublic,
} from '../../../src/domain/comments/comment.ts'
import { isTokenName } from '../../../src/domain/tokens/token.ts'
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

t.test('an import has a name that no token can have', async (t) => {
  for (const name of ['import:disqus', 'import:wordpress', 'import:v3-2', `import:${'a'.repeat(93)}`]) {
    t.ok(isImportName(name), name)
    t.notOk(isTokenName(name), name)
  }
  const others = [
    'import',
    'import:',
    'import: a',
    'import:a b',
    'import:a:b',
    'import:é',
    'import:a\n',
    ' import:a',
  ]
  for (const name of [...others, 'Import:a', 'reimport:a', 'marie', '', `import:${'a'.repeat(94)}`])
    t.notOk(isImportName(name), JSON.stringify(name))
})
