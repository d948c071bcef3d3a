import type { Test } from 'tap'
import t from 'tap'
import type { Change, Comment, PublishedComment } from '../../src/domain/comments/comment.ts'
import type { IdempotencyRecord } from '../../src/domain/comments/idempotency.ts'
import { decide } from '../../src/domain/moderation/decide.ts'
import type { Token } from '../../src/domain/tokens/token.ts'
import type { Store } from '../../src/store/store.ts'
import { someComment } from '../support/comments.ts'
import { logOf } from '../support/store.ts'
import { until } from '../support/until.ts'

/** What every Store promises. `open` gives an empty one, which closes with the test. */
export function storeContract(name: string, open: (t: Test) => Promise<Store>): void {
  const test = (what: string, run: (t: Test, store: Store) => Promise<void>) =>
    t.test(`${name}: ${what}`, async (t) => run(t, await open(t)))

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

  test('expired records are removed a few at a time', async (t, store) => {
    const expiresAtMs = 2_000_000_000_000
    const old = Array.from({ length: 5 }, () => someComment())
    for (const comment of old) {
      await submit(store, comment, {
        idempotency: { ...idempotencyFor(comment), keyHash: comment.id, expiresAtMs },
      })
    }
    const kept = async () => {
      const found = await Promise.all(old.map(({ id }) => store.findIdempotencyRecord(id, 0)))
      return found.filter((record) => record !== null).length
    }
    t.equal(await store.removeExpiredRecords(expiresAtMs - 1, 3), false)
    t.equal(await kept(), 5, 'none has expired')
    t.equal(await store.removeExpiredRecords(expiresAtMs, 3), true)
    t.equal(await kept(), 2)
    t.equal(await store.removeExpiredRecords(expiresAtMs, 3), false)
    t.equal(await kept(), 0)
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
    // A store that hears of changes by others needs a moment until it does.
    const before = await until(() => {
      const stamp = store.changeStamp()
      return stamp === store.changeStamp() ? stamp : undefined
    })
    t.equal((await list(store, articleId)).revision, 0)
    t.equal(store.currentRevision(articleId), 0)
    await submit(store, comment)
    t.equal(store.currentRevision(articleId), 0)
    await store.commit([change(comment, 'approve', 5_000)])
    t.not(store.changeStamp(), before)
    t.equal(store.currentRevision(articleId), 5_000)
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
      let after: string | null = null
      do {
        const page: PublishedComment[] = (
          await store.listApproved({ articleId: 'article', order, limit: 3, after })
        ).comments
        seen.push(...page.map(({ id }) => id))
        after = page.length === 3 ? (page.at(-1)?.id ?? null) : null
      } while (after !== null)
      t.same(seen, order === 'oldest' ? ids : ids.toReversed())
    }
  })

  test('articles are told apart to the letter', async (t, store) => {
    const articleIds = ['a', 'A', 'ä', 'a\u0308', 'a ', 'b%2F', '\u{1f4f0}']
    for (const articleId of articleIds) {
      const comment = someComment({ articleId })
      await submit(store, comment)
      await store.commit([change(comment, 'approve')])
    }
    for (const articleId of articleIds) t.equal((await list(store, articleId)).approvedCount, 1, articleId)
    const counts = await store.countApproved([...articleIds, 'unheard of'])
    t.same([...counts].sort(), articleIds.map((articleId) => [articleId, 1]).sort())
    t.equal((await store.countApproved([])).size, 0)
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
    ) =>
      (await store.listByStatus({ status, articleId, order, limit: 10, after })).comments.map(({ id }) => id)
    t.same(await ids('pending', null), [here.id, there.id])
    t.same(await ids('pending', null, 'newest'), [there.id, here.id])
    t.same(await ids('pending', null, 'oldest', here.id), [there.id])
    t.same(await ids('pending', 'here'), [here.id])
    t.same(await ids('pending', 'here', 'newest', here.id), [])
    t.same(await ids('rejected', null), [decided.id])
    t.same(await ids('approved', 'here'), [])
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

  test('tokens are found by hash, listed, touched and revoked', async (t, store) => {
    const marie = someToken('marie', { scopes: ['moderate', 'admin'], expiresAtMs: 9 })
    t.equal(await store.createToken(marie), 'created')
    t.equal(await store.createToken(someToken('marie', { id: 'other', hash: 'other' })), 'name-taken')
    t.same(await store.findTokenByHash(marie.hash), marie)
    t.equal(await store.findTokenByHash('unknown'), null)
    await store.touchToken(marie.id, 77)
    t.equal((await store.findTokenByHash(marie.hash))?.lastUsedAtMs, 77)
    t.equal(await store.revokeToken('marie', 88), 'revoked')
    t.equal(await store.revokeToken('marie', 99), 'missing')
    t.equal((await store.findTokenByHash(marie.hash))?.revokedAtMs, 88)
    t.equal(await store.createToken(someToken('marie', { id: 'second', hash: 'second' })), 'created')
    t.same(
      (await store.listTokens()).map(({ id, revokedAtMs }) => [id, revokedAtMs]),
      [
        [marie.id, 88],
        ['second', null],
      ],
    )
  })

  test('a token that several replicas make at the same moment is made once', async (t, store) => {
    for (let round = 0; round < 20; round++) {
      const makes = Array.from({ length: 5 }, (_, index) =>
        store.createToken(someToken(`token ${round}`, { id: `${round} ${index}`, hash: `hash ${round}` })),
      )
      t.same((await Promise.all(makes)).sort(), ['created', ...Array.from({ length: 4 }, () => 'name-taken')])
    }
    t.equal((await store.listTokens()).length, 20)
  })

  test('a first token is made once, and again when all are revoked', async (t, store) => {
    const outcomes = await Promise.all(
      ['a', 'b', 'c'].map((id) => store.createFirstToken(someToken(id, { id, hash: id }))),
    )
    t.same(outcomes.sort(), ['created', 'not-first', 'not-first'])
    const [first] = await store.listTokens()
    await store.revokeToken(first?.name ?? '', 1)
    t.equal(await store.createFirstToken(someToken('d', { id: 'd', hash: 'd' })), 'created')
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

  test('it is ready while it is open', async (t, store) => {
    await t.resolves(store.checkReady())
    const comment = someComment()
    const underWay = submit(store, comment)
    await store.close()
    t.same(await underWay, { kind: 'committed' })
    await t.rejects(store.checkReady())
    t.throws(() => store.currentRevision(comment.articleId))
  })
}

function submit(
  store: Store,
  comment: Comment,
  more: { idempotency?: IdempotencyRecord; maxPending?: number } = {},
) {
  return store.submit({ comment, idempotency: null, maxPending: 0, ...more })
}

function change(
  comment: Comment,
  action: 'approve' | 'reject' | 'withdraw',
  decidedAtMs = 1_800_000_000_000,
): Change {
  const decided = decide(comment, {
    action,
    decisionId: `decision-${comment.id}-${comment.version + 1}`,
    decidedBy: action === 'withdraw' ? null : 'marie',
    reason: 'because',
    note: null,
    decidedAtMs,
  })
  if (decided.kind !== 'changed') throw new Error(decided.kind)
  return decided.change
}

async function publish(store: Store, comment: Comment): Promise<Comment> {
  await submit(store, comment)
  const approval = change(comment, 'approve')
  await store.commit([approval])
  return approval.after
}

async function publishMany(store: Store, count: number): Promise<Comment[]> {
  const published: Comment[] = []
  for (let index = 0; index < count; index++) published.push(await publish(store, someComment()))
  return published
}

async function list(store: Store, articleId: string) {
  const { article, comments } = await store.listApproved({
    articleId,
    order: 'oldest',
    limit: 100,
    after: null,
  })
  return { approvedCount: article.approvedCount, revision: article.revision, comments }
}

function idempotencyFor(comment: Comment): IdempotencyRecord {
  return {
    keyHash: 'key',
    salt: 'salt',
    fingerprint: 'fingerprint',
    commentId: comment.id,
    language: 'fr',
    expiresAtMs: comment.submittedAtMs + 1_000,
  }
}

function someToken(name: string, more: Partial<Token> = {}): Token {
  return {
    id: `id-${name}`,
    name,
    scopes: ['moderate'],
    hash: `hash-${name}`,
    createdAtMs: 1,
    expiresAtMs: null,
    lastUsedAtMs: null,
    revokedAtMs: null,
    ...more,
  }
}
