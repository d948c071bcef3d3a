import { join } from 'node:path'
import t, { type Test } from 'tap'
import { articleIdBytes } from '../../src/domain/articles/article-id.ts'
import type { Comment, CommentAction } from '../../src/domain/comments/comment.ts'
import type { IdempotencyRecord } from '../../src/domain/comments/idempotency.ts'
import type { Place } from '../../src/domain/comments/list-order.ts'
import { decide } from '../../src/domain/moderation/decide.ts'
import type { Token } from '../../src/domain/tokens/token.ts'
import { openStore } from '../../src/store/open-store.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import type { Store } from '../../src/store/store.ts'
import { startApp } from '../support/app.ts'
import { someComment } from '../support/comments.ts'
import { ask, type Owner, oddDatabase } from '../support/postgres.ts'
import { closedWith, countsOf, emptyDatabase, logOf, migrated, postgresStoreAt } from '../support/store.ts'

/*
 * What two engines do each in its own way, without a word: compare and order texts, place nulls, take characters that are
 * none, hand out large numbers, meet a key that is there already, keep a moment. Each is done here on SQLite, on a PostgreSQL
 * whose text order is English and whose clock is Nepal's, and on one that is set up as oddly as an operator can.
 */

t.setTimeout(600_000)

type Opened = {
  store: Store
  /** Runs SQL that both dialects understand, behind the store's back. */
  sql: (text: string) => Promise<void>
}

/** Made once: each test gets it empty. */
async function oddly(owner: Owner): Promise<string> {
  const url = await oddDatabase(owner)
  await migrated(url)
  return url
}

const dialects: Record<string, (t: Test) => Promise<Opened>> = {
  async SQLite(t) {
    const file = join(t.testdir(), 'imprimatur.db')
    const store = closedWith(t, await openStore({ dialect: 'sqlite', file }))
    return {
      store,
      async sql(text) {
        const database = openDatabase(file)
        database.exec(text)
        database.close()
      },
    }
  },
  PostgreSQL: async (t) => onPostgres(t, await emptyDatabase(t)),
  'an odd PostgreSQL': async (t) => onPostgres(t, await emptyDatabase(t, oddly)),
}

for (const [dialect, open] of Object.entries(dialects)) {
  const test = (what: string, run: (t: Test, opened: Opened) => Promise<void>) =>
    t.test(`${dialect}: ${what}`, async (t) => run(t, await open(t)))

  test('names, keys and articles are told apart by case, by accent and by normal form', async (t, {
    store,
  }) => {
    // The dotless i is the Turkish small letter of I, and é is written in two ways.
    const texts = ['marie', 'Marie', 'MARIE', 'marıe', 'mariè', 'marie\u0300', 'marie ', 'ﬁ', 'fi', 'ß', 'ss']
    for (const text of texts) {
      t.equal(await store.createToken(someToken(text)), 'created', text)
      t.equal(await store.createToken(someToken(text, { id: 'x', hash: 'x' })), 'name-taken', text)
      const comment = someComment({ articleId: text })
      const record = recordFor(comment, text)
      t.same(await submit(store, comment, { idempotency: record }), { kind: 'committed' }, text)
      t.same(await store.findIdempotencyRecord(text, 0), record, text)
      await act(store, comment, 'approve')
    }
    t.equal(await store.revokeToken('MARIE', 5), 'revoked')
    t.equal(await store.revokeToken('MARIE', 5), 'missing')
    for (const text of texts) {
      t.match(await store.findTokenByHash(`hash-${text}`), {
        name: text,
        revokedAtMs: text === 'MARIE' ? 5 : null,
      })
      t.equal((await approvedOf(store, text)).comments.length, 1, text)
      const kept = await store.listByStatus({ ...page, status: 'approved', articleId: text })
      t.same(
        kept.comments.map(({ articleId }) => articleId),
        [text],
      )
    }
    t.same(await countsOf(store, texts), texts.map((text) => [text, 1]).sort())
  })

  test('texts stand in the order of their bytes, whatever the language', async (t, { store }) => {
    const ids = ['-', '0', '10', '9', 'A', 'B', 'Z', '_', 'a', 'aa', 'b', 'i', 'z']
    for (const id of ids.toReversed()) {
      await act(store, await submitted(store, { id }), 'approve')
      await submitted(store, { id: `${id}.` })
      await store.createToken(someToken(id, { id }))
    }
    t.same(
      (await store.listTokens()).map(({ id }) => id),
      ids,
    )
    const lists = {
      approved: (query: Paging) => store.listApproved({ ...query, articleId: 'article' }),
      pending: (query: Paging) => store.listByStatus({ ...query, status: 'pending', articleId: null }),
      pendingHere: (query: Paging) =>
        store.listByStatus({ ...query, status: 'pending', articleId: 'article' }),
    }
    for (const [name, list] of Object.entries(lists)) {
      const all = name === 'approved' ? ids : ids.map((id) => `${id}.`)
      for (const order of ['oldest', 'newest'] as const) {
        const seen: string[] = []
        for (let after: Place | null = null; ; ) {
          const { comments }: { comments: { id: string }[] } = await list({ order, limit: 2, after })
          seen.push(...comments.map(({ id }) => id))
          const last = comments.at(-1)
          if (last === undefined) break
          after = { rank: null, id: last.id }
        }
        t.same(seen, order === 'oldest' ? all : all.toReversed(), `${name}, ${order}`)
      }
    }
  })

  test('what has no value stands where its id says', async (t, { store }) => {
    const root = await act(store, await submitted(store), 'approve')
    const comments: Comment[] = []
    for (const parentId of [null, root.id, null, root.id]) comments.push(await submitted(store, { parentId }))
    const ids = comments.map(({ id }) => id)
    for (const order of ['oldest', 'newest'] as const) {
      const { comments: waiting } = await store.listByStatus({
        ...page,
        status: 'pending',
        articleId: null,
        order,
      })
      t.same(
        waiting.map(({ id }) => id),
        order === 'oldest' ? ids : ids.toReversed(),
      )
      t.equal(waiting.filter(({ parentId }) => parentId === null).length, 2)
    }
    for (const [index, expiresAtMs] of [null, 5, null, 3].entries())
      await store.createToken(someToken(`t${index}`, { expiresAtMs, lastUsedAtMs: expiresAtMs }))
    t.same(
      (await store.listTokens()).map(({ expiresAtMs }) => expiresAtMs),
      [null, 5, null, 3],
    )
  })

  test('a page with nothing on it is empty, and its counts hold', async (t, { store }) => {
    const comment = await act(store, await submitted(store), 'approve')
    const waiting = await submitted(store)
    for (const order of ['oldest', 'newest'] as const) {
      const after = { rank: null, id: order === 'oldest' ? 'ffffffff' : '00000000' }
      t.match(await store.listApproved({ articleId: 'article', order, limit: 5, after }), {
        article: { approvedCount: 1, revision: decidedAtMs },
        comments: [],
      })
      t.same(await store.listByStatus({ status: 'pending', articleId: null, order, limit: 5, after }), {
        comments: [],
        pending: 1,
      })
    }
    t.same(await store.findWithDecisions(waiting.id, 5), { comment: waiting, decisions: [] })
    t.same(await store.approvedReplies(comment.id, 5), { total: 0, comments: [] })
    t.same(await approvedOf(store, 'never heard of'), { approvedCount: 0, revision: 0, comments: [] })
  })

  test('every text that is one comes back as it was', async (t, { store }) => {
    const texts = [
      ...[
        '\\u0000',
        '\\x00',
        '\\',
        '\\\\',
        "'",
        "''",
        '"',
        '$1',
        '$$',
        '%s',
        '?',
        ':a',
        '{"a":1}',
        '{a,b}',
        'NULL',
        '',
      ],
      ...[
        '\u0001',
        '\u007f',
        '\r\n',
        '\n\r',
        '\t',
        ' ',
        '\u00a0',
        '\ufeff',
        '\uffff',
        '\ufffd',
        '\ue000',
        '\u{10ffff}',
      ],
      ...[
        '👩‍👩‍👧‍👦',
        'e\u0301',
        'é',
        '\u202eabc',
        'שלום',
        'مرحبا',
        'Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢',
        'x'.repeat(10_000),
        '👍'.repeat(10_000),
      ],
    ]
    for (const text of texts) {
      const articleId = [...text].slice(0, articleIdBytes / 4).join('')
      const comment = await submitted(store, {
        articleId,
        author: { name: text, email: text },
        body: text,
        receiptHash: text,
      })
      t.same(await store.findComment(comment.id), comment)
      const { after, decision } = changeOf(comment, 'approve', text)
      t.equal(await store.commit([{ before: comment, after, decision }]), 'committed')
      t.match(await store.findWithDecisions(comment.id, 5), { comment: after, decisions: [decision] })
      t.match(await approvedOf(store, articleId), { comments: [{ authorName: text, body: text }] })
    }
  })

  test('no NUL and no half of a character gets as far as the store', async (t, { store }) => {
    const { call, submit, token } = await startApp(t, { store })
    const { id } = await submit('a')
    const headers = await token('moderate')
    const author = { name: 'Ada', email: 'ada@example.org' }
    const json = { 'content-type': 'application/json' }
    const statusOf = async (method: 'GET' | 'POST', url: string, value?: unknown) => {
      const own = url.startsWith('/v1/moderation') ? headers : {}
      const payload =
        value === undefined ? {} : { payload: JSON.stringify(value), headers: { ...own, ...json } }
      return (await call({ method, url, headers: own, ...payload })).statusCode
    }
    const comments = '/v1/articles/a/comments'
    for (const text of ['a\u0000b', '\u0000', 'a\ud800', '\udfff\ud800']) {
      t.equal(await statusOf('POST', comments, { author, body: text }), 400)
      t.equal(await statusOf('POST', comments, { author: { ...author, name: text }, body: 'x' }), 400)
      t.equal(
        await statusOf('POST', comments, { author: { ...author, email: `${text}@b.org` }, body: 'x' }),
        400,
      )
      t.equal(await statusOf('POST', `/v1/moderation/comments/${id}/reject`, { reason: text }), 400)
      t.equal(await statusOf('POST', `/v1/moderation/comments/${id}/approve`, { note: text }), 400)
      t.equal(
        await statusOf('POST', '/v1/moderation/decisions', {
          decisions: [{ commentId: id, verdict: 'reject', note: text }],
        }),
        400,
      )
    }
    for (const segment of ['%00', 'a%00', '%ED%A0%80', '%C0%80', '%FF']) {
      t.equal(await statusOf('GET', `/v1/articles/${segment}/comments`), 400, segment)
      t.equal(await statusOf('POST', `/v1/articles/${segment}/comments`, { author, body: 'x' }), 400, segment)
      t.equal(await statusOf('GET', `/v1/counts?articleId=${segment}`), 400, segment)
      t.equal(await statusOf('GET', `/v1/moderation/comments?articleId=${segment}`), 400, segment)
    }
    t.equal((await store.queue()).pending, 1)
  })

  test('counts beyond 32 bits are numbers, and go on from there', async (t, { store, sql }) => {
    const large = 3_000_000_000
    const [first, second] = [await submitted(store), await submitted(store)]
    const third = await act(store, await submitted(store), 'approve')
    await submitted(store, { parentId: third.id })
    await sql(`UPDATE articles SET approved_count = ${large}, revision = ${Number.MAX_SAFE_INTEGER - 10}`)
    await sql(`UPDATE totals SET value = ${large}`)
    t.match(await store.queue(), { pending: large })
    t.match(await store.listByStatus({ ...page, status: 'pending', articleId: null }), { pending: large })
    t.same(await countsOf(store, ['article']), [['article', large]])
    t.same(await submit(store, someComment(), { maxPending: large }), { kind: 'full' })
    t.same(await submit(store, someComment(), { maxPending: large + 1 }), { kind: 'committed' })
    await act(store, first, 'approve')
    await act(store, second, 'approve')
    const { approvedCount, revision } = await approvedOf(store, 'article')
    t.same(
      { approvedCount, revision, ...(await store.queue()) },
      {
        approvedCount: large + 2,
        revision: Number.MAX_SAFE_INTEGER - 8,
        pending: large - 1,
        oldestAtMs: (await store.listByStatus({ ...page, status: 'pending', articleId: null })).comments[0]
          ?.submittedAtMs,
      },
    )
  })

  test('what is counted is a number, too', async (t, { store }) => {
    const root = await act(store, await submitted(store), 'approve')
    await act(store, await submitted(store, { parentId: root.id }), 'approve')
    t.equal((await store.approvedReplies(root.id, 5)).total, 1)
    t.equal((await store.approvedReplies(root.id, 0)).total, 1)
    t.equal((await approvedOf(store, 'article')).approvedCount, 2)
    t.same((await store.findWithDecisions(root.id, 5))?.decisions[0]?.version, 2)
  })

  test('a key that is there already is a fault or an answer, never the other', async (t, { store }) => {
    const first = await submitted(store)
    const record = recordFor(first, 'key')
    await t.rejects(submit(store, first))
    await t.rejects(submit(store, first, { idempotency: record }))
    t.equal(await store.findIdempotencyRecord('key', 0), null, 'its key was not taken')

    const second = someComment()
    const own = recordFor(second, 'key')
    t.same(await submit(store, second, { idempotency: own }), { kind: 'committed' })
    t.same(await submit(store, second, { idempotency: own }), { kind: 'replayed', record: own })
    t.same(await submit(store, first, { idempotency: record }), { kind: 'replayed', record: own })

    const rivals = Array.from({ length: 5 }, () => someComment())
    const outcomes = await Promise.all(
      rivals.map((comment) => submit(store, comment, { idempotency: recordFor(comment, 'rivals') })),
    )
    t.same(outcomes.map(({ kind }) => kind).sort(), ['committed', ...Array(4).fill('replayed')])
    t.equal((await store.queue()).pending, 3)

    await store.createToken(someToken('marie'))
    await t.rejects(store.createToken(someToken('jeanne', { hash: 'hash-marie' })))
    await t.rejects(store.createToken(someToken('jeanne', { id: 'id-marie' })))
    t.equal(await store.createToken(someToken('marie', { id: 'x', hash: 'x' })), 'name-taken')
    t.equal((await store.listTokens()).length, 1)
  })

  test('a decision that is logged already is a fault, and leaves no trace', async (t, { store, sql }) => {
    const comment = await submitted(store)
    const approved = await act(store, comment, 'approve')
    await sql(`UPDATE comments SET version = 1 WHERE id = '${comment.id}'`)
    await t.rejects(store.commit([changeOf({ ...approved, version: 1 }, 'reject')]))
    t.match(await store.findComment(comment.id), { status: 'approved', version: 1 })
    t.equal((await logOf(store, comment.id)).length, 1)
    t.match(await approvedOf(store, 'article'), { approvedCount: 1, revision: decidedAtMs })
  })

  test('moments are kept to the millisecond, from the first to the last', async (t, { store }) => {
    // The year 9999, what needs 53 bits, the turn of an hour in spring, 1970, and a moment before it.
    const moments = [253_402_300_799_999, 2 ** 53 - 1, 1_774_746_000_001, 1, 0, -1]
    for (const atMs of moments) {
      const comment = await submitted(store, { submittedAtMs: atMs })
      t.equal((await store.findComment(comment.id))?.submittedAtMs, atMs)
      const { after, decision } = changeOf(comment, 'approve', null, atMs)
      await store.commit([{ before: comment, after, decision }])
      t.match(await store.findWithDecisions(comment.id, 1), { comment: after, decisions: [decision] })
      const token = someToken(`token ${atMs}`, { createdAtMs: atMs, expiresAtMs: atMs, lastUsedAtMs: atMs })
      await store.createToken(token)
      t.same(await store.findTokenByHash(token.hash), token)
    }
  })

  test('a record lives up to its millisecond and no longer', async (t, { store }) => {
    const expiresAtMs = 1_774_746_000_001
    const comment = someComment({ submittedAtMs: expiresAtMs - 1 })
    const record = { ...recordFor(comment, 'key'), expiresAtMs }
    await submit(store, comment, { idempotency: record })
    t.same(await store.findIdempotencyRecord('key', expiresAtMs - 1), record)
    t.equal(await store.findIdempotencyRecord('key', expiresAtMs), null)
    const before = someComment({ submittedAtMs: expiresAtMs - 1 })
    t.same(await submit(store, before, { idempotency: recordFor(before, 'key') }), {
      kind: 'replayed',
      record,
    })
    const after = someComment({ submittedAtMs: expiresAtMs })
    t.same(await submit(store, after, { idempotency: recordFor(after, 'key') }), { kind: 'committed' })
  })

  test('half a millisecond is refused, and not rounded', async (t, { store }) => {
    const comment = someComment({ submittedAtMs: 1_700_000_000_000.5 })
    await t.rejects(submit(store, comment))
    t.equal(await store.findComment(comment.id), null)
    await t.rejects(store.createToken(someToken('marie', { createdAtMs: 0.5 })))
    const kept = await submitted(store)
    await t.rejects(store.commit([changeOf(kept, 'approve', null, 0.5)]))
    t.same(await store.findComment(kept.id), kept)
  })

  test('one of many deciders commits, whatever the isolation', async (t, { store }) => {
    const [comment, other] = [await submitted(store), await submitted(store)]
    const changes = ['approve', 'reject', 'approve', 'reject', 'approve', 'reject'] as const
    const outcomes = await Promise.all([
      ...changes.map((action) => store.commit([changeOf(comment, action)])),
      ...changes.map((action) => store.commit([changeOf(other, action), changeOf(comment, action)])),
    ])
    t.equal(outcomes.filter((outcome) => outcome === 'committed').length, 1)
    t.equal((await logOf(store, comment.id)).length, 1)
  })

  test('a window of the shared counts is as long as it should be', async (t, { store }) => {
    const [first, second] = [await store.countHit('key', 60_000), await store.countHit('key', 60_000)]
    if (dialect === 'SQLite') {
      t.same([first, second], [null, null], 'one process counts for itself')
      return
    }
    t.same([first?.hits, second?.hits], [1, 2])
    for (const { resetsInMs = 0 } of [first ?? {}, second ?? {}])
      t.ok(resetsInMs > 30_000 && resetsInMs <= 60_000, `${resetsInMs} ms`)
    t.equal((await store.countHit('KEY', 60_000))?.hits, 1)
  })
}

t.test('what PostgreSQL cannot keep fails alone, and says nothing of itself', async (t) => {
  const { store } = await onPostgres(t, await emptyDatabase(t))
  for (const body of ['secret\u0000', 'secret\ud800']) {
    const good = [someComment(), someComment(), someComment()]
    const settled = await Promise.allSettled([
      submit(store, good[0]),
      submit(store, someComment({ body })),
      ...good.slice(1).map((comment) => submit(store, comment)),
    ])
    t.same(
      settled.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
    )
    const [, bad] = settled
    t.notMatch(String(bad?.status === 'rejected' && bad.reason), /secret/)
  }
  t.equal((await store.queue()).pending, 6)
})

t.test('the odd PostgreSQL is as odd as it is said to be', async (t) => {
  const [row] = await ask(
    await oddDatabase(t),
    `SELECT current_setting('TimeZone') AS zone, 'ä' < 'b' AS words, lower('I') AS lower,
      '2026-05-04 09:30'::timestamp::text AS moment, current_setting('transaction_isolation') AS isolation`,
  )
  t.same(row, {
    zone: 'America/St_Johns',
    words: true,
    lower: 'ı',
    moment: '04/05/2026 09:30:00',
    isolation: 'repeatable read',
  })
})

async function onPostgres(t: Test, url: string): Promise<Opened> {
  return {
    store: closedWith(t, await postgresStoreAt(url)),
    async sql(text) {
      await ask(url, text)
    },
  }
}

type Paging = { order: 'oldest' | 'newest'; limit: number; after: Place | null }

const page: Paging = { order: 'oldest', limit: 100, after: null }

const decidedAtMs = 1_800_000_000_000

async function submitted(store: Store, more: Partial<Comment> = {}): Promise<Comment> {
  const comment = someComment(more)
  await submit(store, comment)
  return comment
}

function submit(
  store: Store,
  comment: Comment = someComment(),
  more: { idempotency?: IdempotencyRecord; maxPending?: number } = {},
) {
  return store.submit({ comment, idempotency: null, maxPending: 0, ...more })
}

async function act(store: Store, comment: Comment, action: CommentAction): Promise<Comment> {
  const change = changeOf(comment, action)
  const outcome = await store.commit([change])
  if (outcome !== 'committed') throw new Error(outcome)
  return change.after
}

function changeOf(comment: Comment, action: CommentAction, note: string | null = null, atMs = decidedAtMs) {
  const decided = decide(comment, {
    action,
    decisionId: `decision-${comment.id}-${comment.version + 1}`,
    decidedBy: 'marie',
    reason: note,
    reasonCode: null,
    note,
    along: null,
    decidedAtMs: atMs,
  })
  if (decided.kind !== 'changed') throw new Error(decided.kind)
  return decided.change
}

async function approvedOf(store: Store, articleId: string) {
  const { article, comments } = await store.listApproved({ ...page, articleId })
  return { approvedCount: article.approvedCount, revision: article.revision, comments }
}

function recordFor(comment: Comment, keyHash: string): IdempotencyRecord {
  return {
    keyHash,
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
