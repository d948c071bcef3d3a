import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { Client } from 'pg'
import type { Test } from 'tap'
import t from 'tap'
import { startServer } from '../support/postgres.ts'
import { startService } from '../support/process.ts'
import { clientOf, type Submission, unlimited, unlimitedAt } from './client.ts'
import { faultsOf, newLedger } from './ledger.ts'
import { newDatabase } from './postgres-service.ts'
import { readPostgresState } from './postgres-state.ts'
import { recorder } from './recorder.ts'
import { readState, type State } from './state.ts'

/** Each does to a database what a crash must not do, and says what the comparison has to find. */
const damages: { sql: string; found: RegExp }[] = [
  { sql: "DELETE FROM comments WHERE body = 'pending'", found: /^acknowledged comment .* is missing/ },
  { sql: "UPDATE comments SET body = 'other' WHERE body = 'pending'", found: /is not as it was sent/ },
  { sql: "UPDATE comments SET author_email = 'x' WHERE body = 'pending'", found: /is not as it was sent/ },
  {
    sql: `INSERT INTO comments SELECT 'copy', article_id, parent_id, status, version, author_name, author_email, body, submitted_at_ms, published_at_ms, receipt_hash, NULL, NULL FROM comments WHERE body = 'pending'`,
    found: /^comment copy was never sent, or is there twice/,
  },
  {
    sql: "UPDATE comments SET status = 'approved' WHERE body = 'pending'",
    found: /is not what its log says/,
  },
  { sql: "UPDATE comments SET version = 2 WHERE body = 'pending'", found: /is not what its log says/ },
  { sql: "DELETE FROM decisions WHERE note = 'note 0'", found: /^decision note 0 .* is not in the log/ },
  {
    sql: "DELETE FROM decisions WHERE note = 'note 2' AND version = 3",
    found: /^decision note 2 rejected 1/,
  },
  {
    sql: "UPDATE decisions SET reason = 'x' WHERE note = 'note 0'",
    found: /^the log has what nobody decided/,
  },
  { sql: "UPDATE decisions SET version = 9 WHERE note = 'note 0'", found: /is not what its log says/ },
  { sql: "DELETE FROM decisions WHERE action = 'withdraw'", found: /is not what its log says/ },
  { sql: "UPDATE decisions SET action = 'withdraw' WHERE note = 'note 0'", found: /^nobody withdrew/ },
  {
    sql: "UPDATE totals SET value = value + 1 WHERE name = 'pending'",
    found: /are pending, and the total says/,
  },
  { sql: 'UPDATE decisions SET position = position + 100', found: /have .* positions up to/ },
  { sql: 'UPDATE articles SET approved_count = approved_count + 1', found: /^article .* has \d approved/ },
  { sql: 'UPDATE articles SET revision = 0', found: /^article .* has \d approved/ },
  { sql: "DELETE FROM articles WHERE article_id = 'article'", found: /^article article is missing/ },
  { sql: "UPDATE comments SET article_id = 'nowhere' WHERE body = 'pending'", found: /^foreign key: / },
]

t.setTimeout(600_000)

for (const [name, place] of Object.entries({ SQLite: sqlitePlace, PostgreSQL: postgresPlace }))
  t.test(`a database that differs from what was acknowledged is found out (${name})`, async (t) => {
    const { env, read, readDamaged } = await place(t)
    const ledger = newLedger()
    const service = await startService(t, env)
    const record = recorder(clientOf(service.origin), ledger)
    const send = async (body: string, parentId: string | null = null) => {
      const answer = await record.submit(submission(body, parentId))
      return JSON.parse(answer?.body ?? '')
    }
    await send('pending')
    const parent = await send('parent')
    await record.decide(parent.id, 'approve')
    const reply = await send('reply', parent.id)
    await record.decideMany([{ commentId: reply.id, action: 'approve' }])
    await record.decide(parent.id, 'reject', { withReplies: true })
    const third = await send('approved')
    await record.decide(third.id, 'approve')
    await record.decide(third.id, 'approve')
    const withdrawn = await send('withdrawn')
    await record.withdraw(withdrawn.id, withdrawn.receipt)
    await service.stop()
    t.same(faultsOf(await read(), ledger), [])

    for (const { sql, found } of damages) {
      const faults = faultsOf(await readDamaged(sql), ledger)
      t.ok(
        faults.some((fault) => found.test(fault)),
        `${sql}: ${faults}`,
      )
    }
  })

t.test('PostgreSQL says where an index misses a row', async (t) => {
  const { env, read, readDamaged } = await postgresPlace(t)
  const service = await startService(t, env)
  t.match(await clientOf(service.origin).submit(submission('one')), { statusCode: 202 })
  await service.stop()
  t.same((await read()).damage, [])
  const ready = (value: boolean) =>
    `UPDATE pg_index SET indisready = ${value} WHERE indexrelid = 'comments_by_article'::regclass`
  const { damage } = await readDamaged(
    `${ready(false)}; UPDATE comments SET article_id = 'other'`,
    ready(true),
  )
  t.match(damage, [/^foreign key: comment/, /^index: heap tuple .* lacks matching index tuple/])
})

t.test('what was sent and not acknowledged may be there whole and once, or not at all', async (t) => {
  const file = join(t.testdir(), 'imprimatur.db')
  const ledger = newLedger()
  const service = await startService(t, unlimited(file))
  const client = clientOf(service.origin)
  const [there, absent] = [submission('there'), submission('absent')]
  await client.submit(there)
  await service.stop()
  for (const sent of [there, absent]) {
    ledger.submissions.set(sent.idempotencyKey, { ...sent, acknowledgement: null })
  }
  t.same(faultsOf(readState(file), ledger), [])

  ledger.submissions.set(there.idempotencyKey, {
    ...there,
    author: { name: 'Another', email: there.author.email },
    acknowledgement: null,
  })
  t.match(faultsOf(readState(file), ledger), [/^unacknowledged comment .* is half there/])
  ledger.submissions.delete(there.idempotencyKey)
  t.match(faultsOf(readState(file), ledger), [/was never sent/])
})

function submission(body: string, parentId: string | null = null): Submission {
  return {
    idempotencyKey: `key of ${body}`,
    articleId: 'article',
    parentId,
    author: { name: 'Ada', email: 'ada@example.org' },
    body,
  }
}

/** Where a service keeps its comments, and what is read of it past the service. */
type Place = {
  env: Record<string, string>
  read: () => State | Promise<State>
  /** Of a copy to which this was done, each in a transaction of its own. */
  readDamaged: (...statements: string[]) => State | Promise<State>
}

function sqlitePlace(t: Test): Place {
  const folder = t.testdir()
  const file = join(folder, 'imprimatur.db')
  let copies = 0
  return {
    env: unlimited(file),
    read: () => readState(file),
    readDamaged(...statements) {
      copies += 1
      const damaged = join(folder, `${copies}.db`)
      copyFileSync(file, damaged)
      const database = new SqliteDatabase(damaged)
      database.pragma('foreign_keys = OFF')
      for (const sql of statements) t.ok(database.prepare(sql).run().changes > 0, sql)
      database.close()
      return readState(damaged)
    },
  }
}

async function postgresPlace(t: Test): Promise<Place> {
  const server = await startServer()
  t.teardown(() => server.remove())
  const url = await newDatabase(server)
  return {
    env: unlimitedAt(url),
    read: () => readPostgresState(url),
    async readDamaged(...statements) {
      const damaged = await newDatabase(server, new URL(url).pathname.slice(1))
      const client = new Client({ connectionString: damaged })
      await client.connect()
      // Foreign keys are triggers, and a replica has none.
      await client.query('SET session_replication_role = replica')
      for (const sql of statements) {
        const results = [await client.query(sql)].flat()
        t.ok(
          results.every(({ rowCount }) => (rowCount ?? 0) > 0),
          sql,
        )
      }
      await client.end()
      return readPostgresState(damaged)
    },
  }
}
