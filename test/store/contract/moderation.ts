import type { Comment } from '../../../src/domain/comments/comment.ts'
import { decidedAbout, type Place } from '../../../src/domain/comments/list-order.ts'
import type { ListLog, Note } from '../../../src/store/moderation.ts'
import { someComment } from '../../support/comments.ts'
import { logOf } from '../../support/store.ts'
import { change, contract, list, publish, publishMany, submit } from './given.ts'

/** The part of moderation. */
export const moderationContract = contract((test) => {
  test('a comment that repeats another is known, whatever became of the first', async (t, store) => {
    const text = { body: 'Twice.', submittedAtMs: 1_700_000_000_000 }
    const reply = { ...text, parentId: someComment().id }
    const first = someComment(text)
    const others = [
      someComment({ ...text, body: 'Once.' }),
      someComment({ ...text, articleId: 'other' }),
      someComment({ ...text, author: { name: 'Ada', email: 'eve@example.org' } }),
      someComment(reply),
    ]
    const [second, third] = [
      someComment({ ...text, submittedAtMs: text.submittedAtMs + 60_000 }),
      someComment(reply),
    ]
    const late = someComment({ ...text, submittedAtMs: text.submittedAtMs + 120_001 })
    const all = [first, ...others, second, third, late]
    for (const comment of all) await submit(store, comment)
    const repeats = async () => [...(await store.findRepeats(all.map(({ id }) => id)))].sort()
    const expected = [
      [second.id, first.id],
      [third.id, others[3]?.id],
    ]
    t.same(await repeats(), expected)
    await store.commit([change(first, 'approve')])
    t.same(await repeats(), expected)
    await store.commit([change({ ...first, status: 'approved', version: 2 }, 'withdraw')])
    t.same(await repeats(), expected.slice(1), 'of what was withdrawn nothing is known any more')
    t.same([...(await store.findRepeats([]))], [])
  })

  test('what is decided is told with the decision that made it so, notes beside it', async (t, store) => {
    const [pending, decided, reopened] = [someComment(), someComment(), someComment()]
    for (const comment of [pending, decided, reopened]) await submit(store, comment)
    const approval = change(decided, 'approve')
    const first = change(reopened, 'reject')
    const second = change(first.after, 'reopen')
    for (const step of [approval, first, second]) t.equal(await store.commit([step]), 'committed')
    await store.addNote(note(decided, 'Mine.'))
    const ids = [pending.id, decided.id, reopened.id]
    const standing = await store.findStanding([...ids, someComment().id])
    t.same([...standing.keys()].sort(), ids.toSorted())
    t.same(standing.get(pending.id), { comment: pending, decision: null })
    t.same(standing.get(decided.id), {
      comment: approval.after,
      decision: { ...approval.decision, position: 1 },
    })
    t.same(standing.get(reopened.id), {
      comment: second.after,
      decision: { ...second.decision, position: 3 },
    })
    t.same(second.after, { ...reopened, version: 3 }, 'it waits as if nobody had decided')
    t.same(await store.findStanding([]), new Map())
    t.equal((await store.queue()).pending, 2)
  })

  test('a note is a line of the log under the version that is there, and nothing else', async (t, store) => {
    const comment = await publish(store, someComment({ articleId: 'a' }))
    const before = await store.listApproved({ articleId: 'a', order: 'oldest', limit: 1, after: null })
    const written = note(comment, 'Two\nlines, “quoted”.')
    const line = await store.addNote(written)
    t.same(line, {
      id: written.id,
      commentId: comment.id,
      articleId: 'a',
      action: 'note',
      version: 2,
      decidedBy: 'zoe',
      reason: null,
      reasonCode: null,
      note: written.text,
      decidedAtMs: written.writtenAtMs,
      rejectedWith: null,
      rejectedWithVersion: null,
      position: 2,
    })
    t.same(await store.findComment(comment.id), comment)
    t.same(await store.listApproved({ articleId: 'a', order: 'oldest', limit: 1, after: null }), before)
    t.equal(await store.addNote(note(someComment(), 'Of nobody.')), null)
    t.equal((await store.listLog(wholeLog)).length, 2, 'and takes no position')
    await store.commit([change(comment, 'erase')])
    t.match(
      (await store.listLog(wholeLog)).map(({ note }) => note),
      [null, written.text, null],
    )
    t.equal((await store.addNote(note(comment, 'Erased.')))?.position, 4)
  })

  test('the log has positions without a gap in the order of the commits, of all or of one', async (t, store) => {
    const comments = Array.from({ length: 12 }, () => someComment())
    for (const comment of comments) await submit(store, comment)
    await Promise.all([
      ...comments.slice(0, 6).map((comment) => store.commit([change(comment, 'approve')])),
      store.commit(comments.slice(6).map((comment) => change(comment, 'reject'))),
      // Nothing of this is written, and it takes no position.
      store.commit([change(someComment(), 'approve')]),
      ...comments.slice(0, 3).map((comment) => store.addNote(note(comment, 'Mine.'))),
    ])
    const lines = await store.listLog(wholeLog)
    t.same(
      lines.map(({ position }) => position),
      Array.from({ length: 15 }, (_, index) => index + 1),
    )
    const positions = async (more: Partial<typeof wholeLog>) =>
      (await store.listLog({ ...wholeLog, ...more })).map(({ position }) => position)
    t.same(await positions({ from: 13 }), [14, 15])
    t.same(await positions({ from: 3, limit: 2 }), [4, 5])
    t.same(await positions({ order: 'newest', from: 4 }), [3, 2, 1])
    t.same(
      await positions({ decidedBy: 'zoe' }),
      lines.flatMap(({ action, position }) => (action === 'note' ? [position] : [])),
    )
    const [first] = comments
    t.equal((await positions({ commentId: first?.id ?? '' })).length, 2)
    const bulk = lines.filter(({ action }) => action === 'reject').map(({ position }) => position)
    t.equal((bulk.at(-1) ?? 0) - (bulk[0] ?? 0), 5, 'what is committed together stands together')
  })

  test('what was given back counts as decided about once, so that replies below it are found', async (t, store) => {
    const root = await publish(store, someComment({ articleId: 'a' }))
    const middle = await publish(store, someComment({ articleId: 'a', parentId: root.id }))
    const leaf = await publish(store, someComment({ articleId: 'a', parentId: middle.id }))
    await store.commit([change(middle, 'reopen')])
    t.same(await store.approvedReplies(root.id, 10), { total: 1, comments: [leaf] })
    t.match(await list(store, 'a'), { approvedCount: 2, comments: [{ id: root.id }, { id: leaf.id }] })
  })

  test('nobody’s address is no address that two have in common', async (t, store) => {
    const text = { body: 'Twice.', submittedAtMs: 1_700_000_000_000 }
    const all = [null, null, 'ada@example.org', null].map((email) =>
      someComment({ ...text, author: { name: 'Ada', email } }),
    )
    for (const comment of all) await submit(store, comment)
    t.same([...(await store.findRepeats(all.map(({ id }) => id)))], [])
    const query = { status: 'pending', articleId: null, order: 'oldest', limit: 10, after: null } as const
    t.same((await store.listByStatus(query)).comments, all)
  })

  test('the moderation list has one status, of one article or of all', async (t, store) => {
    const [here, there, decided] = [
      someComment({ articleId: 'here' }),
      someComment({ articleId: 'there' }),
      someComment({ articleId: 'here' }),
    ]
    for (const comment of [here, there, decided]) await submit(store, comment)
    await store.commit([change(decided, 'reject')])
    const ids = async (
      status: Comment['status'],
      articleId: string | null,
      order: 'oldest' | 'newest' = 'oldest',
      after: string | null = null,
    ) => {
      const place = after === null ? null : { rank: null, id: after }
      const query = { status, articleId, order, limit: 10, after: place }
      return (await store.listByStatus(query)).comments.map(({ id }) => id)
    }
    t.same(await ids('pending', null), [here.id, there.id])
    t.same(await ids('pending', null, 'newest'), [there.id, here.id])
    t.same(await ids('pending', null, 'oldest', here.id), [there.id])
    t.same(await ids('pending', 'here'), [here.id])
    t.same(await ids('pending', 'here', 'newest', here.id), [])
    t.same(await ids('rejected', null), [decided.id])
    t.same(await ids('approved', 'here'), [])
  })

  test('what was decided last comes first, of one status or of all that moderators decide about', async (t, store) => {
    const comments = ['here', 'there', 'here', 'there', 'here'].map((articleId) => someComment({ articleId }))
    for (const comment of comments) await submit(store, comment)
    const [a, b, c, d, e] = comments as [Comment, Comment, Comment, Comment, Comment]
    const [approvedA, approvedC] = [change(a, 'approve', 30), change(c, 'approve', 10)]
    await store.commit([approvedA])
    await store.commit([approvedC])
    await store.commit([change(b, 'reject', 20)])
    await store.commit([change(d, 'withdraw', 40)])
    const decided = async (
      status: Comment['status'] | typeof decidedAbout,
      articleId: string | null = null,
      after: Place | null = null,
      limit = 10,
    ) => (await store.listByStatus({ status, order: 'decided', articleId, limit, after })).comments
    const ids = (list: readonly Comment[]) => list.map(({ id }) => id)
    t.same(ids(await decided(decidedAbout)), [a.id, b.id, c.id])
    t.same(ids(await decided(decidedAbout, null, null, 1)), [a.id])
    t.same(ids(await decided(decidedAbout, 'here')), [a.id, c.id])
    t.same(ids(await decided('approved')), [a.id, c.id])
    t.same(ids(await decided('rejected', 'here')), [])
    t.same(ids(await decided('withdrawn', 'there')), [d.id])
    t.same(ids(await decided('pending')), [], 'of what waits nothing was decided')
    const next = { rank: 30, id: a.id }
    t.same(ids(await decided(decidedAbout, null, next)), [b.id, c.id])
    t.same(ids(await decided('approved', 'here', next)), [c.id])

    const rejectedC = change(approvedC.after, 'reject', 50)
    await store.commit([rejectedC])
    t.same(await decided(decidedAbout, null, null, 2), [rejectedC.after, approvedA.after])
    // In one millisecond: by their ids.
    await store.commit([change(e, 'reject', 50)])
    t.same(ids(await decided('rejected')), [e.id, c.id, b.id])
    t.same(ids(await decided(decidedAbout, null, { rank: 50, id: e.id })), [c.id, a.id, b.id])
  })

  test('what went along with a rejection is told by it, as long as nobody has decided since', async (t, store) => {
    const [root] = (await publishMany(store, 1)) as [Comment]
    const replies = []
    for (let count = 0; count < 5; count++)
      replies.push(await publish(store, someComment({ parentId: root.id })))
    const [a, b, c, d, alone] = replies as [Comment, Comment, Comment, Comment, Comment]
    const rejection = change(root, 'reject')
    const along = [a, b, c, d].map((reply) => change(reply, 'reject', undefined, rejection.after))
    t.equal(await store.commit([rejection, ...along, change(alone, 'reject')]), 'committed')
    const ids = async (version: number, limit = 10) =>
      (await store.rejectedAlong(root.id, version, limit)).map(({ id }) => id)
    const [ofA, ofB, ofC, ofD] = along.map(({ after }) => after) as [Comment, Comment, Comment, Comment]
    t.same(await store.rejectedAlong(root.id, 3, 10), [ofA, ofB, ofC, ofD])
    t.same(await ids(3, 2), [a.id, b.id])
    t.same(await ids(2), [])
    t.same(await store.rejectedAlong(a.id, 3, 10), [])
    t.match((await logOf(store, a.id)).at(-1), { rejectedWith: root.id, rejectedWithVersion: 3 })
    t.match((await logOf(store, root.id)).at(-1), { rejectedWith: null, rejectedWithVersion: null })

    // One is approved and rejected again by itself, one withdrawn.
    const approvedB = change(ofB, 'approve')
    await store.commit([approvedB])
    await store.commit([change(approvedB.after, 'reject'), change(ofC, 'withdraw')])
    t.same(await ids(3), [a.id, d.id])
  })

  test('the replies below a comment are found at any depth, approved ones only', async (t, store) => {
    const [root, ...rest] = await publishMany(store, 1)
    t.same(rest, [])
    const child = await publish(store, someComment({ parentId: root?.id ?? '' }))
    const grandchild = await publish(store, someComment({ parentId: child.id }))
    await submit(store, someComment({ parentId: child.id }))
    await publish(store, someComment())
    t.same(
      (await store.approvedReplies(root?.id ?? '', 10)).comments.map(({ id }) => id),
      [child.id, grandchild.id],
    )
    t.same(
      (await store.approvedReplies(root?.id ?? '', 1)).comments.map(({ id }) => id),
      [child.id],
    )
    t.equal((await store.approvedReplies(root?.id ?? '', 0)).total, 2)
    await store.commit([change(child, 'reject')])
    t.equal((await store.approvedReplies(root?.id ?? '', 0)).total, 1)
    t.same(await store.approvedReplies(grandchild.id, 10), { total: 0, comments: [] })
  })
})

const wholeLog = {
  order: 'oldest',
  from: 0,
  limit: 100,
  decidedBy: null,
  commentId: null,
} as ListLog

function note({ id: commentId }: Comment, text: string): Note {
  return { id: someComment().id, commentId, text, writtenBy: 'zoe', writtenAtMs: 1_800_000_000_123 }
}
