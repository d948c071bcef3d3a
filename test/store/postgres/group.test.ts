import t from 'tap'
import type { Submission } from '../../../src/store/comments.ts'
import { type Database, openDatabase } from '../../../src/store/postgres/database.ts'
import { submitGroup } from '../../../src/store/postgres/group.ts'
import { migrate } from '../../../src/store/postgres/migrate.ts'
import { parsePostgresUrl } from '../../../src/store/postgres-url.ts'
import { someComment } from '../../support/comments.ts'
import { freshDatabase, type Owner } from '../../support/postgres.ts'

async function migrated(t: Owner): Promise<Database> {
  const parsed = parsePostgresUrl(await freshDatabase(t))
  if (!parsed.ok) throw new Error(parsed.fault)
  const database = openDatabase(parsed.location, 2)
  t.teardown(() => database.close())
  await migrate(database)
  return database
}

function submission(keyHash: string | null, more: Partial<Submission['comment']> = {}): Submission {
  const comment = someComment(more)
  const idempotency =
    keyHash === null
      ? null
      : {
          keyHash,
          salt: 'salt',
          fingerprint: `of ${comment.id}`,
          commentId: comment.id,
          language: 'en',
          expiresAtMs: comment.submittedAtMs + 1_000,
        }
  return { comment, idempotency, maxPending: 0 }
}

/** What the tests ask of the comments that are there. */
async function idsIn({ query }: Database): Promise<string[]> {
  return (await query({ text: 'SELECT id FROM comments ORDER BY id' })).rows.map(({ id }) => id)
}

t.test('what is committed is acknowledged, though the question after it fails', async (t) => {
  const database = await migrated(t)
  const known = submission('known')
  await submitGroup(database.query, [known])
  const busy = Object.assign(new Error('canceling statement due to statement timeout'), { code: '57014' })
  const failing: Database['query'] = async (statement, values) => {
    if (statement.name === 'live_records') throw busy
    return database.query(statement, values)
  }
  const [again, fresh] = [submission('known'), submission(null)]
  t.same(await submitGroup(failing, [again, fresh]), [
    { ok: false, error: busy },
    { ok: true, value: { kind: 'committed' } },
  ])
  t.same(await idsIn(database), [known.comment.id, fresh.comment.id].sort())
})

t.test('a key whose record was removed in between is free', async (t) => {
  const database = await migrated(t)
  const first = submission('key')
  await submitGroup(database.query, [first])
  // As another replica does whose clock says that it has expired.
  const racing: Database['query'] = async (statement, values) => {
    if (statement.name === 'live_records') await database.query({ text: 'DELETE FROM idempotency_records' })
    return database.query(statement, values)
  }
  const second = submission('key')
  t.same(await submitGroup(racing, [second]), [{ ok: true, value: { kind: 'committed' } }])
  t.equal((await idsIn(database)).length, 2)
})

t.test('a group is sent again one by one only where its content was refused', async (t) => {
  const database = await migrated(t)
  for (const [code, times] of [
    ['23505', 3],
    ['22021', 3],
    ['57014', 1],
    ['EPROTO', 1],
    ['XX000', 1],
    ['', 1],
  ] as const) {
    let sent = 0
    const failing: Database['query'] = async () => {
      sent += 1
      throw Object.assign(new Error('refused'), { code })
    }
    const outcomes = await submitGroup(failing, [submission(null), submission(null)])
    t.equal(sent, times, code)
    t.ok(outcomes.every(({ ok }) => !ok))
  }
  t.same(await idsIn(database), [])
})

t.test('two of one key in a group are one comment', async (t) => {
  const database = await migrated(t)
  const [one, two, other] = [submission('key'), submission('key'), submission(null)]
  t.same(await submitGroup(database.query, [one, two, other]), [
    { ok: true, value: { kind: 'committed' } },
    { ok: true, value: { kind: 'replayed', record: one.idempotency } },
    { ok: true, value: { kind: 'committed' } },
  ])
  t.same(await idsIn(database), [one.comment.id, other.comment.id].sort())
})
