import type { Comment } from '../../../src/domain/comments/comment.ts'
import { commentToRow } from '../../../src/store/rows.ts'
import type { Store } from '../../../src/store/store.ts'
import { moderated } from '../../support/additions.ts'
import { someComment } from '../../support/comments.ts'
import { change, contract, submit } from './given.ts'

const nowMs = 1_800_000_000_000

/** The part of moderators' numbers. */
export const summaryContract = contract((test) => {
  test('how many comments have each status is told, whatever became of them', async (t, store) => {
    t.same(await store.countByStatus(), { pending: 0, approved: 0, rejected: 0, withdrawn: 0 })
    const [a, b, c, d] = (await waiting(store, 5)) as [Comment, Comment, Comment, Comment]
    await store.commit([change(a, 'approve'), change(b, 'reject'), change(c, 'withdraw')])
    const approval = change(d, 'approve')
    await store.commit([approval])
    await store.commit([change(approval.after, 'reopen')])
    t.same(await store.countByStatus(), { pending: 2, approved: 1, rejected: 1, withdrawn: 1 })
  })

  test('what was decided since a moment is told once, at first and as the log goes on', async (t, store) => {
    const comments = await waiting(store, 6)
    const [a, b, c, d, e, f] = comments as [Comment, Comment, Comment, Comment, Comment, Comment]
    const at = async (sinceMs: number) =>
      (await store.decidedSince(sinceMs))
        .map(({ action, decidedAtMs, waitedMs }) => [action, decidedAtMs - nowMs, waitedMs !== null])
        .sort()
    t.same(await at(nowMs), [])
    await store.commit([change(a, 'approve', nowMs - 1)])
    const rejection = change(b, 'reject', nowMs)
    await store.commit([rejection])
    t.same(await at(nowMs), [['reject', 0, true]])
    await store.commit([change(rejection.after, 'approve', nowMs + 5), change(c, 'withdraw', nowMs + 6)])
    const later = [
      ['approve', 5, false],
      ['reject', 0, true],
      ['withdraw', 6, false],
    ]
    t.same(await at(nowMs), later)
    t.same(await at(nowMs), later, 'asked again')
    t.same(await at(nowMs - 1), [['approve', -1, true], ...later], 'and for longer')
    t.same(await at(nowMs + 6), [['withdraw', 6, false]])
    await Promise.all([
      ...[d, e, f].map(async (comment) => store.commit([change(comment, 'approve', nowMs + 7)])),
      ...[0, 1, 2].map(async () => store.decidedSince(nowMs + 6)),
    ])
    t.equal((await at(nowMs + 6)).length, 4, 'none is missed, and none is there twice, while it goes on')
    const [line] = await store.decidedSince(nowMs + 7)
    t.equal(line?.decidedBy, 'marie')
    t.ok([d, e, f].some(({ submittedAtMs }) => line?.waitedMs === nowMs + 7 - submittedAtMs))
  })

  test('thousands of decisions of one moment are all read, a page at a time', async (t, store) => {
    const many = async (count: number) => {
      const additions = Array.from({ length: count }, () => {
        const { comment, decisions } = moderated(someComment(), 'approve')
        const row = { ...commentToRow(comment), publishedRevision: null }
        return { comment: row, decisions: decisions.map((line) => ({ ...line, decidedAtMs: nowMs })) }
      })
      await store.addComments(additions, nowMs)
    }
    await many(2_500)
    t.equal((await store.decidedSince(nowMs)).length, 2_500)
    await many(1_000)
    const lines = await store.decidedSince(nowMs)
    t.equal(lines.length, 3_500)
    t.equal(new Set(lines.map(({ position }) => position)).size, 3_500)
  })

  test('how many came in an hour is told by their ids', async (t, store) => {
    const hour = 3_600_000
    const begin = Math.floor(nowMs / hour) * hour
    const idAt = (ms: number, nth: number) => {
      const hex = ms.toString(16).padStart(12, '0')
      return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${nth.toString(16).padStart(12, '0')}`
    }
    const moments = [begin - hour, begin - 1, begin, begin + hour - 1, begin + hour]
    for (const [nth, ms] of moments.entries()) await submit(store, someComment({ id: idAt(ms, nth) }))
    const hours = [begin - hour, begin, begin + hour]
    t.same(await store.arrivals(hours, nowMs), [2, 2, 1])
    await submit(store, someComment({ id: idAt(begin + hour, 9) }))
    t.same(await store.arrivals(hours, nowMs), [2, 2, 2])
    t.same(await store.arrivals([0], nowMs), [0])
  })
})

async function waiting(store: Store, count: number): Promise<Comment[]> {
  const comments = Array.from({ length: count }, () => someComment())
  for (const comment of comments) await submit(store, comment)
  return comments
}
