import t from 'tap'
import { everyComment } from '../../src/domain/moderation/comment-filter.ts'
import { askedWords } from '../../src/domain/moderation/search-words.ts'
import { indexComments } from '../../src/jobs/index-comments.ts'
import { someComment } from '../support/comments.ts'
import { testDeps } from '../support/store.ts'

const never = new AbortController().signal

t.test('takes in what there is, a step at a time, until all of it is in', async (t) => {
  const deps = await testDeps(t)
  const comment = someComment()
  await deps.store.submit({ comment, idempotency: null, maxPending: 0 })
  const later = { ...deps, clock: () => 4_000_000_000_000 }
  t.equal(await indexComments.step(later, never), 'more', 'where it begins')
  t.equal(await indexComments.step(later, never), 'more', 'what was there')
  t.equal(await indexComments.step(later, never), 'done')
  const filter = { ...everyComment, words: askedWords('fine') }
  const { comments } = await deps.store.search({ filter, order: 'newest', after: null, limit: 1 })
  t.same(comments, [comment])
})
