import fc from 'fast-check'
import type { Test } from 'tap'
import t from 'tap'
import type { Comment, CommentStatus } from '../../src/domain/comments/comment.ts'
import type { ThreadedComment } from '../../src/export/threads.ts'
import { someComment } from '../support/comments.ts'
import { rowsFor, threadsFor } from '../support/export.ts'

t.setTimeout(600_000)

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)

t.test('a number is made of the moment, grows with it, and is the same whatever is left out', async (t) => {
  const sameMs = { submittedAtMs: 1_700_000_000_000 }
  const comments = [
    someComment({ status: 'withdrawn', ...sameMs }),
    someComment({ status: 'approved', ...sameMs }),
    someComment({ status: 'rejected', ...sameMs }),
    someComment({ status: 'approved', submittedAtMs: 1_700_000_000_001 }),
  ]
  const all = await numbersOf(t, comments)
  t.same(
    all.map(({ number }) => number),
    [1_700_000_000_000_000, 1_700_000_000_000_001, 1_700_000_000_000_002, 1_700_000_000_001_000],
  )
  const approved = await numbersOf(t, comments, ['approved'])
  t.same(
    approved.map(({ number }) => number),
    [1_700_000_000_000_001, 1_700_000_000_001_000],
  )
})

t.test(
  'more comments of one millisecond than it has numbers, or later than numbers reach, get others',
  async (t) => {
    const crowd = Array.from({ length: 1_500 }, () => someComment({ submittedAtMs: 5 }))
    const late = [253_402_300_799_998, 253_402_300_799_999].map((submittedAtMs) =>
      someComment({ submittedAtMs }),
    )
    const numbers = (await numbersOf(t, [...crowd, someComment({ submittedAtMs: 6 }), ...late])).map(
      ({ number }) => number,
    )
    t.equal(new Set(numbers).size, 1_503)
    t.same(
      numbers,
      numbers.toSorted((one, other) => one - other),
    )
    t.ok(numbers.every(Number.isSafeInteger))
  },
)

t.test('a reply hangs on the nearest public comment above it', async (t) => {
  const root = someComment({ status: 'approved' })
  const rejected = someComment({ status: 'rejected', parentId: root.id })
  const withdrawn = someComment({ status: 'withdrawn', parentId: rejected.id })
  const reply = someComment({ status: 'approved', parentId: withdrawn.id })
  const waiting = someComment({ parentId: reply.id })
  const lost = someComment({ status: 'approved', parentId: '019aa5c1-3b7e-7c3a-9d55-ffffffffffff' })
  const all = [root, rejected, withdrawn, reply, waiting, lost]
  t.same(await parentsOf(t, all), [null, root.id, root.id, root.id, reply.id, null])
  t.same(await parentsOf(t, all, ['approved']), [null, root.id, null])
  t.same(
    await parentsOf(t, all, ['pending']),
    [null],
    'and on none where the public ones are not in the file',
  )
})

t.test('a parent of another article is none', async (t) => {
  const elsewhere = someComment({ status: 'approved', articleId: 'elsewhere' })
  const reply = someComment({ status: 'approved', parentId: elsewhere.id })
  t.same(await parentsOf(t, [elsewhere, reply]), [null, null])
})

t.test('a parent comes first, also where its clock was ahead', async (t) => {
  const [reply, parent, root, later] = [someComment(), someComment(), someComment(), someComment()]
  const all = [
    { ...reply, parentId: parent.id },
    { ...parent, parentId: root.id },
    root,
    { ...later, parentId: root.id },
  ].map((comment) => ({ ...comment, status: 'approved' as const, publishedAtMs: 1 }))
  const threaded = await numbersOf(t, all)
  t.same(
    threaded.map(({ id }) => id),
    [root.id, parent.id, reply.id, later.id],
  )
  t.same(await parentsOf(t, all), [parent.id, root.id, null, root.id])
})

t.test('a circle is cut at its first comment', async (t) => {
  const [own, one, two, under] = [someComment(), someComment(), someComment(), someComment()]
  const all = [
    { ...own, parentId: own.id },
    { ...one, parentId: two.id },
    { ...two, parentId: one.id },
    { ...under, parentId: two.id },
  ]
  t.same(
    await parentsOf(
      t,
      all.map((comment) => ({ ...comment, status: 'approved' as const })),
    ),
    [null, null, one.id, two.id],
  )
  t.same(
    await parentsOf(
      t,
      all.map((comment) => ({ ...comment, status: 'rejected' as const, publishedAtMs: null })),
    ),
    [null, null, null, null],
  )
})

t.test('a chain of twenty thousand replies, the last first, is walked through', async (t) => {
  const chain = Array.from({ length: 20_000 }, () => someComment({ status: 'approved' }))
  const all = chain.map((comment, index) => ({ ...comment, parentId: chain[index + 1]?.id ?? null }))
  const threaded = await numbersOf(t, all)
  t.equal(threaded.length, 20_000)
  t.equal(threaded[0]?.id, chain.at(-1)?.id)
  t.equal(threaded.at(-1)?.id, chain[0]?.id)
})

t.test(
  'comments stand under the article that answers for theirs, also while it is being moved',
  async (t) => {
    const old = someComment({ status: 'approved', articleId: 'old' })
    const rows = rowsFor(
      [
        old,
        someComment({ status: 'approved', articleId: 'new', parentId: old.id }),
        someComment({ articleId: 'other' }),
      ],
      [
        { articleId: 'old', movedTo: 'new', title: 'Old' },
        { articleId: 'new', movingFrom: 'old', title: 'New', closedAtMs: 1, publishedAtMs: 7 },
        { articleId: 'without comments' },
      ],
    )
    const threads = await threadsFor(t, rows, ['approved'])
    t.match(
      [...threads.articles()],
      [
        {
          number: 1,
          articleId: 'new',
          title: 'New',
          publishedAtMs: 7,
          isClosed: true,
          firstCommentAtMs: old.submittedAtMs,
        },
      ],
    )
    t.equal([...threads.articles()].length, threads.articleCount)
    t.equal([...threads.comments(1)].length, 2)
    t.match(threads, { taken: { approved: 2, pending: 0 }, leftOut: { pending: 1 } })
    t.throws(() => threads.article(9), /no article of the number 9/)
  },
)

t.test(`parents are before their replies, numbers apart, and nothing is lost (SEED=${seed})`, async (t) => {
  t.comment(`SEED=${seed}`)
  const shape = fc.array(
    fc.record({
      parent: fc.option(fc.nat(30), { nil: null }),
      status: fc.constantFrom<CommentStatus>('approved', 'approved', 'pending', 'rejected', 'withdrawn'),
      at: fc.integer({ min: 1_700_000_000_000, max: 1_700_000_000_020 }),
      article: fc.constantFrom('a', 'b'),
    }),
    { maxLength: 30 },
  )
  await fc.assert(
    fc.asyncProperty(shape, async (shapes) => {
      const made = shapes.map(({ status, at, article }) =>
        someComment({ status, submittedAtMs: at, articleId: article }),
      )
      const comments = made.map((comment, index) => ({
        ...comment,
        parentId: made[shapes[index]?.parent ?? -1]?.id ?? null,
      }))
      const threaded = await numbersOf(t, comments)
      const ids = threaded.map(({ id }) => id)
      const seen = new Set<number>()
      const areFine = threaded.every(({ number, parentNumber }) => {
        const isFine = !seen.has(number) && (parentNumber === null || seen.has(parentNumber))
        seen.add(number)
        return isFine
      })
      return areFine && ids.toSorted().join() === comments.map(({ id }) => id).join()
    }),
    { seed, numRuns: 100 },
  )
})

async function numbersOf(
  t: Test,
  comments: readonly Comment[],
  statuses?: readonly CommentStatus[],
): Promise<ThreadedComment[]> {
  const threads = await threadsFor(t, rowsFor(comments), statuses)
  const threaded = [...threads.comments()]
  threads.close()
  return threaded
}

/** The ids of their parents, in the order of the comments' own ids. */
async function parentsOf(t: Test, comments: readonly Comment[], statuses?: readonly CommentStatus[]) {
  const threaded = await numbersOf(t, comments, statuses)
  const ids = new Map(threaded.map(({ number, id }) => [number, id]))
  return threaded
    .toSorted((one, other) => (one.id < other.id ? -1 : 1))
    .map(({ parentNumber }) => (parentNumber === null ? null : ids.get(parentNumber)))
}
