import { randomBytes } from 'node:crypto'
import { someComment } from '../../support/comments.ts'
import { untilReady } from '../../support/store.ts'
import { contract, submit } from './given.ts'

/** Ten thousand characters, of which PostgreSQL can press little together. */
function unlikeAny(): string {
  return randomBytes(7_500).toString('base64')
}

/** The part of machine. */
export const machineContract = contract(
  (test) => {
    test('it tells how large it is', async (t, store) => {
      const before = await store.sizeBytes()
      t.ok(before > 0, `${before} bytes`)
      for (let count = 0; count < 100; count++) await submit(store, someComment({ body: unlikeAny() }))
      const grown = (await store.sizeBytes()) - before
      t.ok(grown >= 1_000_000, `${grown} bytes more`)
    })

    test('it is ready while it is open', async (t, store) => {
      await untilReady(store)
      const comment = someComment()
      const underWay = submit(store, comment)
      await store.close()
      t.same(await underWay, { kind: 'committed' })
      await t.rejects(store.checkReady())
      t.throws(() => store.currentRevisions([comment.articleId]))
    })
  },
  { alone: true },
)
