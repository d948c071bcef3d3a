import type { PublishedComment } from '../../../src/domain/comments/comment.ts'
import type { ListOrder, Place } from '../../../src/domain/comments/list-order.ts'
import { someComment } from '../../support/comments.ts'
import { countsOf, logOf } from '../../support/store.ts'
import { change, contract, heard, idempotencyFor, list, publishMany, submit } from './given.ts'

/** The part of comments. */
export const commentsContract = contract((test) => {
  test('a submitted comment comes back as it was, and waits', async (t, store) => {
    const comment = someComment({
      body: 'Ligne une\nligne deux 👍\t<b>"\'\\',
      articleId: 'https://example.org/à?b=c#d',
    })
    t.same(await submit(store, comment), { kind: 'committed' })
    t.same(await store.findComment(comment.id), comment)
    t.same(await store.queue(), { pending: 1, oldestAtMs: comment.submittedAtMs })
    t.equal(await store.findComment(someComment().id), null)
  })

  test('a full queue takes no more, and says so', async (t, store) => {
    const [first, second, third] = [someComment(), someComment(), someComment()]
    await submit(store, first)
    t.same(await submit(store, second, { maxPending: 1 }), { kind: 'full' })
    t.equal(await store.findComment(second.id), null)
    t.same(await store.queue(), { pending: 1, oldestAtMs: first.submittedAtMs })
    await store.commit([change(first, 'reject')])
    t.same(await submit(store, third, { maxPending: 1 }), { kind: 'committed' })
  })

  test('a duplicate id is a fault and leaves no trace', async (t, store) => {
    const comment = someComment()
    await submit(store, comment)
    await t.rejects(submit(store, { ...comment, articleId: 'another', body: 'again' }))
    t.same(await store.findComment(comment.id), comment)
    t.equal((await store.queue()).pending, 1)
  })

  test('a live idempotency record answers for its key, and nothing is written', async (t, store) => {
    const first = someComment()
    const record = idempotencyFor(first)
    await submit(store, first, { idempotency: record })
    t.same(await store.findIdempotencyRecord(record.keyHash, record.expiresAtMs - 1), record)
    t.equal(await store.findIdempotencyRecord('another', 0), null)

    const second = someComment()
    const replayed = await submit(store, second, { idempotency: idempotencyFor(second) })
    t.same(replayed, { kind: 'replayed', record })
    t.equal(await store.findComment(second.id), null)
    t.equal((await store.queue()).pending, 1)
  })

  test('a replay is answered even where the queue is full', async (t, store) => {
    const first = someComment()
    const record = idempotencyFor(first)
    await submit(store, first, { idempotency: record })
    const again = await submit(store, someComment(), { idempotency: record, maxPending: 1 })
    t.same(again, { kind: 'replayed', record })
  })

  test('an expired record is no record, and a new one takes its place', async (t, store) => {
    const first = someComment()
    const record = idempotencyFor(first)
    await submit(store, first, { idempotency: record })
    t.equal(await store.findIdempotencyRecord(record.keyHash, record.expiresAtMs), null)
    const later = someComment({ submittedAtMs: record.expiresAtMs })
    const laterRecord = { ...idempotencyFor(later), salt: 'new' }
    t.same(await submit(store, later, { idempotency: laterRecord }), { kind: 'committed' })
    t.same(await store.findIdempotencyRecord(record.keyHash, later.submittedAtMs), laterRecord)
  })

  test('a decision moves state, log, count and revision together', async (t, store) => {
    const comment = someComment()
    await submit(store, comment)
    const approval = change(comment, 'approve', 5_000)
    t.equal(await store.commit([approval]), 'committed')
    t.same(await store.findComment(comment.id), approval.after)
    t.same(await logOf(store, comment.id, 10), [approval.decision])
    const { approvedCount, revision, comments } = await list(store, comment.articleId)
    t.same(
      { approvedCount, revision, ids: comments.map(({ id }) => id) },
      { approvedCount: 1, revision: 5_000, ids: [comment.id] },
    )
    t.same(await store.queue(), { pending: 0, oldestAtMs: null })
  })

  test('a revision only grows, though the clock goes back', async (t, store) => {
    const comment = someComment()
    await submit(store, comment)
    const approval = change(comment, 'approve', 5_000)
    const rejection = change(approval.after, 'reject', 1_000)
    await store.commit([approval])
    await store.commit([rejection])
    t.match(await list(store, comment.articleId), { approvedCount: 0, revision: 5_001, comments: [] })
    t.same(await logOf(store, comment.id, 10), [approval.decision, rejection.decision])
    t.same(await logOf(store, comment.id, 1), [rejection.decision])
  })

  test('what may have changed is told without waiting, once the article was read', async (t, store) => {
    const comment = someComment()
    const { articleId } = comment
    const before = await heard(store)
    t.equal((await list(store, articleId)).revision, 0)
    t.equal(store.currentRevisions([articleId])[0], 0)
    await submit(store, comment)
    t.equal(store.currentRevisions([articleId])[0], 0)
    await store.commit([change(comment, 'approve', 5_000)])
    t.not(store.changeStamp(), before)
    t.equal(store.currentRevisions([articleId])[0], 5_000)
  })

  test('what is not visible moves no revision', async (t, store) => {
    const comment = someComment()
    await submit(store, comment)
    await store.commit([change(comment, 'reject')])
    t.same(await list(store, comment.articleId), { approvedCount: 0, revision: 0, comments: [] })
  })

  test('a stale change changes nothing', async (t, store) => {
    const comment = someComment()
    await submit(store, comment)
    const approval = change(comment, 'approve')
    await store.commit([approval])
    t.equal(await store.commit([change(comment, 'reject')]), 'stale')
    t.same(await store.findComment(comment.id), approval.after)
    t.same(await logOf(store, comment.id, 10), [approval.decision])
    t.equal(await store.commit([change(someComment(), 'reject')]), 'stale')
  })

  test('of several changes all are committed or none', async (t, store) => {
    const [one, two] = [someComment(), someComment()]
    await submit(store, one)
    await submit(store, two)
    const stale = change({ ...two, version: 9 }, 'approve')
    t.equal(await store.commit([change(one, 'approve'), stale]), 'stale')
    t.same(await store.findComment(one.id), one)
    t.same(await logOf(store, one.id, 10), [])
    t.match(await list(store, one.articleId), { approvedCount: 0, revision: 0 })
    t.equal((await store.queue()).pending, 2)

    t.equal(await store.commit([change(one, 'approve'), change(two, 'approve')]), 'committed')
    t.match(await list(store, one.articleId), { approvedCount: 2 })
    t.equal((await store.queue()).pending, 0)
  })

  test('of many deciders about one version exactly one commits', async (t, store) => {
    const comment = someComment()
    await submit(store, comment)
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        store.commit([change(comment, index % 2 === 0 ? 'approve' : 'reject')]),
      ),
    )
    t.equal(outcomes.filter((outcome) => outcome === 'committed').length, 1)
    t.equal((await logOf(store, comment.id, 100)).length, 1)
  })

  test('an address that is not known stays unknown, whatever is decided', async (t, store) => {
    const comment = someComment({ author: { name: 'Ada', email: null } })
    t.same(await submit(store, comment), { kind: 'committed' })
    t.same(await store.findComment(comment.id), comment)
    const approval = change(comment, 'approve')
    const rejection = change(approval.after, 'reject')
    for (const made of [approval, rejection, change(rejection.after, 'approve')]) {
      t.equal(await store.commit([made]), 'committed')
      t.same(await store.findComment(comment.id), made.after)
      t.same(made.after.author, { name: 'Ada', email: null })
    }
    t.match(await list(store, comment.articleId), { approvedCount: 1, comments: [{ authorName: 'Ada' }] })
    const [published] = await store.listPublishedLast(10)
    t.match(published?.comment, { id: comment.id, authorName: 'Ada' })
    const approved = await store.findComment(comment.id)
    if (approved === null) throw new Error('It is not there.')
    t.equal(await store.commit([change(approved, 'withdraw')]), 'committed')
    t.match(await store.findComment(comment.id), { status: 'withdrawn', author: null, body: null })
    t.match(await list(store, comment.articleId), { approvedCount: 0, comments: [] })
  })

  test('withdrawal erases text and address', async (t, store) => {
    const comment = someComment()
    await submit(store, comment)
    const approval = change(comment, 'approve')
    await store.commit([approval])
    await store.commit([change(approval.after, 'withdraw')])
    t.match(await store.findComment(comment.id), {
      status: 'withdrawn',
      author: null,
      body: null,
      version: 3,
    })
    t.match(await list(store, comment.articleId), { approvedCount: 0, comments: [] })
  })

  test('withdrawal erases the digest of the text as well', async (t, store) => {
    const [comment, other] = [someComment(), someComment()]
    const record = idempotencyFor(comment)
    const otherRecord = { ...idempotencyFor(other), keyHash: 'another' }
    await submit(store, comment, { idempotency: record })
    await submit(store, other, { idempotency: otherRecord })
    await store.commit([change(comment, 'withdraw')])
    t.same(await store.findIdempotencyRecord(record.keyHash, 0), { ...record, fingerprint: '' })
    t.same(await store.findIdempotencyRecord(otherRecord.keyHash, 0), otherRecord)
  })

  test('pages go on behind their cursor, in both orders, without gap or repeat', async (t, store) => {
    const approved = await publishMany(store, 7)
    await submit(store, someComment())
    const ids = approved.map(({ id }) => id)
    for (const order of ['oldest', 'newest'] as const) {
      const seen: string[] = []
      let after: Place | null = null
      do {
        const page: PublishedComment[] = (
          await store.listApproved({ articleId: 'article', order, limit: 3, after })
        ).comments
        seen.push(...page.map(({ id }) => id))
        after = page.length === 3 ? { rank: null, id: page.at(-1)?.id ?? '' } : null
      } while (after !== null)
      t.same(seen, order === 'oldest' ? ids : ids.toReversed())
    }
  })

  test('what is approved later stands behind what was read, whatever the clocks say', async (t, store) => {
    const comments = Array.from({ length: 7 }, () => someComment())
    for (const comment of comments) await submit(store, comment)
    const [a, b, c, d, e, f, g] = comments.map(({ id }) => id)
    const byId = new Map(comments.map((comment) => [comment.id, comment]))
    const approve = async (id: string | undefined, atMs: number) => {
      const comment = byId.get(id ?? '')
      if (comment === undefined) throw new Error('There is no such comment.')
      const approval = change(comment, 'approve', atMs)
      t.equal(await store.commit([approval]), 'committed')
      byId.set(comment.id, approval.after)
    }
    const behind = async (after: Place | null, order: ListOrder = 'published', limit = 100) =>
      (await store.listApproved({ articleId: 'article', order, limit, after })).comments
    const placeOf = ({ id, publishedRevision }: PublishedComment): Place => ({ id, rank: publishedRevision })
    // The clock of another replica is behind, or goes back; two decide in one millisecond.
    await approve(g, 5_000)
    await approve(b, 4_000)
    await approve(f, 4_000)
    await approve(c, 4_000)
    const read = await behind(null)
    t.same(ids(read), [g, b, f, c])
    t.same(ids(await behind(null, 'last-published')), [c, f, b, g])
    t.same(ids(await behind(null, 'last-published', 1)), [c])
    const [, second, , last] = read.map(placeOf)
    t.same(await behind(last ?? null), [])
    t.same(ids(await behind(second ?? null)), [f, c])
    t.same(ids(await behind(second ?? null, 'last-published')), [g])

    await approve(a, 3_000)
    const rejection = change(byId.get(b ?? '') ?? someComment(), 'reject', 3_000)
    await store.commit([rejection])
    byId.set(rejection.after.id, rejection.after)
    await approve(d, 9_000)
    await approve(b, 3_000)
    t.same(ids(await behind(last ?? null)), [a, d, b], 'the approval that stands gives the place')
    t.same(ids(await behind(second ?? null)), [f, c, a, d, b])
    t.same(ids(await behind(null)), [g, f, c, a, d, b])
    t.same(ids(await behind(null, 'oldest')), [a, b, c, d, f, g], 'no other order has moved')
    const both = [
      change(byId.get(e ?? '') ?? someComment(), 'approve', 1),
      change(rejection.after, 'approve', 1),
    ]
    t.equal(await store.commit(both), 'stale')
    t.same(ids(await behind(null)), [g, f, c, a, d, b])
  })

  test('articles are told apart to the letter', async (t, store) => {
    const articleIds = ['a', 'A', 'ä', 'a\u0308', 'a ', 'b%2F', '\u{1f4f0}']
    for (const articleId of articleIds) {
      const comment = someComment({ articleId })
      await submit(store, comment)
      await store.commit([change(comment, 'approve')])
    }
    for (const articleId of articleIds) t.equal((await list(store, articleId)).approvedCount, 1, articleId)
    t.same(
      await countsOf(store, [...articleIds, 'unheard of']),
      [...articleIds.map((articleId) => [articleId, 1]), ['unheard of', 0]].sort(),
    )
    t.same(await countsOf(store, []), [])
  })

  test('counts come with the revisions that they hold for, in the order asked for', async (t, store) => {
    await heard(store)
    const [one, other] = [someComment({ articleId: 'one' }), someComment({ articleId: 'other' })]
    await submit(store, one)
    await submit(store, other)
    await store.commit([change(one, 'approve', 5_000)])
    const articleIds = ['unheard of', 'other', 'one']
    const counted = await store.countApproved(articleIds)
    t.same(
      [...counted],
      [
        ['unheard of', { articleId: 'unheard of', revision: 0, approvedCount: 0 }],
        ['other', { articleId: 'other', revision: 0, approvedCount: 0 }],
        ['one', { articleId: 'one', revision: 5_000, approvedCount: 1 }],
      ],
    )
    t.same(store.currentRevisions(articleIds), [0, 0, 5_000])
    t.same(store.currentRevisions(['one', 'other', 'one']), [5_000, 0, 5_000], 'each as often as it is named')
    t.same(store.currentRevisions([]), [])
    await store.commit([change(other, 'approve', 6_000)])
    const first = someComment({ articleId: 'unheard of' })
    await submit(store, first)
    await store.commit([change(first, 'approve', 7_000)])
    t.same(store.currentRevisions(articleIds), [7_000, 6_000, 5_000])
  })

  test('a count of a moved id holds for as long as the revision of who answers for it', async (t, store) => {
    await heard(store)
    const comment = someComment({ articleId: 'old' })
    await submit(store, comment)
    await store.commit([change(comment, 'approve', 5_000)])
    const answering = async () => (await store.countApproved(['old'])).get('old')
    const before = await answering()
    t.same(before, { articleId: 'old', revision: 5_000, approvedCount: 1 })
    await store.beginMove('old', 'new', 6_000)
    t.not(store.currentRevisions(['old'])[0], before?.revision)
    await store.moveSome('old', 'new', 6_000)
    const moved = await answering()
    t.match(moved, { articleId: 'new', approvedCount: 1 })
    t.same(store.currentRevisions(['new']), [moved?.revision])
    await store.beginMove('new', 'newest', 7_000)
    t.not(store.currentRevisions(['new'])[0], moved?.revision)
    await store.moveSome('new', 'newest', 7_000)
    t.match(await answering(), { articleId: 'newest', approvedCount: 1 })
  })

  test('many submissions at once are all there, once', async (t, store) => {
    const many = Array.from({ length: 200 }, (_, index) => someComment({ articleId: `article-${index % 7}` }))
    const outcomes = await Promise.all(many.map((comment) => submit(store, comment)))
    t.ok(outcomes.every(({ kind }) => kind === 'committed'))
    t.equal((await store.queue()).pending, 200)
    const { comments: rows, pending } = await store.listByStatus({
      status: 'pending',
      articleId: null,
      order: 'oldest',
      limit: 1_000,
      after: null,
    })
    t.same(rows, many)
    t.equal(pending, 200)
  })

  test('one bad submission among many fails alone', async (t, store) => {
    const [good, bad, fine] = [someComment(), someComment(), someComment()]
    await submit(store, bad)
    const settled = await Promise.allSettled([submit(store, good), submit(store, bad), submit(store, fine)])
    t.same(
      settled.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    )
    t.same(await store.findComment(good.id), good)
    t.same(await store.findComment(fine.id), fine)
    t.equal((await store.queue()).pending, 3)
  })
})

function ids(comments: readonly { id: string }[]): string[] {
  return comments.map(({ id }) => id)
}
