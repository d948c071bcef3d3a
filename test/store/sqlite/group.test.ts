import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import type { Test } from 'tap'
import t from 'tap'
import type { Comment } from '../../../src/domain/comments/comment.ts'
import { decide } from '../../../src/domain/moderation/decide.ts'
import type { Command } from '../../../src/store/sqlite/commands.ts'
import { openDatabase } from '../../../src/store/sqlite/database.ts'
import { errorOf, groupRunner, type Settled } from '../../../src/store/sqlite/group.ts'
import { migrate } from '../../../src/store/sqlite/migrate.ts'
import { writeSql } from '../../../src/store/sqlite/write-sql.ts'
import { StoreFault } from '../../../src/store/store-fault.ts'
import { someComment } from '../../support/comments.ts'

t.test('one bad row among many fails alone, and leaves no trace', async (t) => {
  const { database, run } = openGroup(t)
  const [there, first, last] = [someComment(), someComment(), someComment()]
  run([submit(there)])
  const bad = { ...someComment({ articleId: 'another' }), id: there.id }
  const settled = run([submit(first), submit(bad), submit(last)])
  t.match(settled, [
    { ok: true, value: { kind: 'committed' } },
    { ok: false, code: null, message: /UNIQUE constraint failed: comments.id/ },
    { ok: true, value: { kind: 'committed' } },
  ])
  t.same(contentOf(database), {
    comments: [there.id, first.id, last.id],
    articles: ['article'],
    decisions: 0,
    pending: 3,
  })
})

t.test('a stale decision among others is undone alone, as a whole', async (t) => {
  const { database, run } = openGroup(t)
  const [one, two] = [someComment(), someComment()]
  run([submit(one), submit(two)])
  const settled = run([
    { kind: 'commit', changes: [approval(one), approval({ ...two, version: 7 })], unit: [] },
    { kind: 'commit', changes: [approval(two)], unit: [] },
  ])
  t.same(settled, [
    { ok: true, value: 'stale' },
    { ok: true, value: 'committed' },
  ])
  t.match(contentOf(database), { decisions: 1, pending: 1 })
  t.same(database.prepare("SELECT id FROM comments WHERE status = 'approved'").pluck().all(), [two.id])
})

t.test('a full disk undoes the transaction: all of the group fail, nothing is half there', async (t) => {
  const { database, run } = openGroup(t)
  const there = someComment()
  run([submit(there)])
  const before = contentOf(database)
  const pages = Number(database.pragma('page_count', { simple: true }))
  database.pragma(`max_page_count = ${pages + 10}`)

  const small = [submit(someComment({ articleId: 'small' })), submit(someComment({ articleId: 'small' }))]
  const large = Array.from({ length: 20 }, () => submit(someComment({ body: 'x'.repeat(10_000) })))
  const settled = run([...small, ...large])
  t.equal(settled.length, 22)
  for (const one of settled) t.match(one, { ok: false, code: 'STORE_FULL', message: /full/ })
  t.notOk(database.inTransaction)
  t.same(contentOf(database), before)

  t.same(run(small), [
    { ok: true, value: { kind: 'committed' } },
    { ok: true, value: { kind: 'committed' } },
  ])
  database.pragma('max_page_count = 1000000')
  t.ok(run(large).every(({ ok }) => ok))
  t.match(contentOf(database), { pending: 23 })
})

t.test('a database that another connection has locked fails all of the group as busy', async (t) => {
  const { database, file, run } = openGroup(t)
  database.pragma('busy_timeout = 0')
  const other = openDatabase(file)
  t.teardown(() => other.close())
  other.exec('BEGIN IMMEDIATE')
  const commands = [submit(someComment()), submit(someComment())]
  for (const one of run(commands)) t.match(one, { ok: false, code: 'STORE_BUSY', message: /locked/ })
  other.exec('ROLLBACK')
  t.match(contentOf(database), { comments: [], pending: 0 })
  t.ok(run(commands).every(({ ok }) => ok))
})

t.test('a connection that may not write says so, and nothing is there', async (t) => {
  const { database, run } = openGroup(t)
  database.pragma('query_only = ON')
  t.match(run([submit(someComment()), { kind: 'probe' }]), [
    { ok: false, code: 'STORE_READ_ONLY' },
    { ok: false, code: 'STORE_READ_ONLY' },
  ])
  t.notOk(database.inTransaction)
  t.match(contentOf(database), { comments: [], pending: 0 })
  database.pragma('query_only = OFF')
  t.same(run([{ kind: 'probe' }]), [{ ok: true, value: 'writable' }])
})

t.test('what is committed to a file that is no longer in its place is not acknowledged', async (t) => {
  const moved = new StoreFault('STORE_FAILED', 'The file was moved.')
  let checks = 0
  const { database, run } = openGroup(t, () => {
    checks += 1
    if (checks !== 2) throw moved
  })
  const failed = { ok: false, code: 'STORE_FAILED', message: moved.message }
  t.same(run([submit(someComment())]), [failed])
  t.match(contentOf(database), { pending: 0 }, 'nothing is even begun where it was moved before')
  t.same(run([submit(someComment()), submit(someComment())]), [failed, failed])
  t.equal(checks, 3)
})

t.test('a probe truly writes, and leaves all as it was', async (t) => {
  const { database, file, run } = openGroup(t)
  run([submit(someComment())])
  const before = contentOf(database)
  const other = openDatabase(file)
  t.teardown(() => other.close())
  const version = other.pragma('data_version', { simple: true })
  t.same(run([{ kind: 'probe' }]), [{ ok: true, value: 'writable' }])
  t.not(other.pragma('data_version', { simple: true }), version)
  t.same(contentOf(database), before)
})

t.test('a fault keeps its code on the way to the caller; what is no fault is a plain error', async (t) => {
  const fault = errorOf({ ok: false, code: 'STORE_FULL', message: 'full' })
  t.type(fault, StoreFault)
  t.match(fault, { name: 'StoreFault', code: 'STORE_FULL', message: 'full' })
  const bug = errorOf({ ok: false, code: null, message: 'no such column' })
  t.notOk(bug instanceof StoreFault)
  t.match(bug, { message: 'no such column' })
})

type Group = { database: Database; file: string; run: (commands: readonly Command[]) => Settled[] }

function openGroup(t: Test, checkInPlace?: () => void): Group {
  const file = join(t.testdir(), 'imprimatur.db')
  const database = openDatabase(file)
  t.teardown(() => database.close())
  migrate(database)
  return { database, file, run: groupRunner(database, writeSql(database), checkInPlace) }
}

function submit(comment: Comment): Command {
  return { kind: 'submit', submission: { comment, idempotency: null, maxPending: 0 }, unit: [] }
}

function approval(comment: Comment) {
  const decided = decide(comment, {
    action: 'approve',
    decisionId: `decision-${comment.id}-${comment.version}`,
    decidedBy: 'marie',
    reason: null,
    reasonCode: null,
    note: null,
    along: null,
    decidedAtMs: 1_800_000_000_000,
  })
  if (decided.kind !== 'changed') throw new Error(decided.kind)
  return decided.change
}

function contentOf(database: Database) {
  const all = (sql: string) => database.prepare(sql).pluck().all()
  return {
    comments: all('SELECT id FROM comments ORDER BY id'),
    articles: all('SELECT article_id FROM articles ORDER BY article_id'),
    decisions: Number(all('SELECT count(*) FROM decisions')[0]),
    pending: Number(all("SELECT value FROM totals WHERE name = 'pending'")[0]),
  }
}
