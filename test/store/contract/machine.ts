import { someComment } from '../../support/comments.ts'
import { contract, submit } from './given.ts'

/** The part of machine. */
export const machineContract = contract(
  (test) => {
    test('it is ready while it is open', async (t, store) => {
      await t.resolves(store.checkReady())
      const comment = someComment()
      const underWay = submit(store, comment)
      await store.close()
      t.same(await underWay, { kind: 'committed' })
      await t.rejects(store.checkReady())
      t.throws(() => store.currentRevision(comment.articleId))
    })
  },
  { alone: true },
)
