import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { openStore } from '../../../src/store/open-store.ts'
import { openDatabase } from '../../../src/store/sqlite/database.ts'
import { drizzle } from '../../../src/store/sqlite/drizzle.ts'
import { migrate } from '../../../src/store/sqlite/migrate.ts'
import { prepareReads } from '../../../src/store/sqlite/reads.ts'
import { numberedFirstVersion, rowsOfVersion } from '../../support/comments.ts'
import { imprimatur } from '../../support/process.ts'

const migrations = fileURLToPath(new URL('../../../migrations/sqlite', import.meta.url))

/** How many migrations there are. */
const ours = JSON.parse(readFileSync(join(migrations, 'meta', '_journal.json'), 'utf8')).entries.length

t.test('every table is STRICT', async (t) => {
  const database = openDatabase(':memory:')
  t.teardown(() => database.close())
  migrate(database)
  const tables = database
    .prepare(
      "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE '%sqlite%' AND name NOT LIKE '%drizzle%'",
    )
    .all()
  t.equal(tables.length, 13)
  for (const table of tables) t.match(table, { strict: 1 })
})

t.test('a commit is on disk before it is answered, and keys are held', async (t) => {
  const database = openDatabase(join(t.testdir(), 'imprimatur.db'))
  t.teardown(() => database.close())
  t.equal(database.pragma('journal_mode', { simple: true }), 'wal')
  t.equal(database.pragma('synchronous', { simple: true }), 2)
  t.equal(database.pragma('foreign_keys', { simple: true }), 1)
  t.equal(database.pragma('secure_delete', { simple: true }), 1)
})

t.test('the file and its folder are for the owner alone', async (t) => {
  const folder = join(t.testdir(), 'data')
  const store = await openStore({ dialect: 'sqlite', file: join(folder, 'imprimatur.db') })
  t.teardown(() => store.close())
  t.equal(statSync(folder).mode & 0o777, 0o700)
  for (const file of ['imprimatur.db', 'imprimatur.db-wal'])
    t.equal(statSync(join(folder, file)).mode & 0o777, 0o600, file)
})

t.test('migrations are applied once', async (t) => {
  const file = join(t.testdir(), 'imprimatur.db')
  for (const expected of [ours, 0]) {
    const database = openDatabase(file)
    t.equal(migrate(database), expected)
    database.close()
  }
})

t.test('a database of a newer version is refused, and left as it is', async (t) => {
  const file = join(t.testdir(), 'imprimatur.db')
  const newer = join(t.testdir({ migrations: {} }), 'migrations')
  cpSync(migrations, newer, { recursive: true })
  const journalFile = join(newer, 'meta', '_journal.json')
  const journal = JSON.parse(readFileSync(journalFile, 'utf8'))
  const last = journal.entries.at(-1)
  journal.entries.push({ ...last, idx: last.idx + 1, when: last.when + 1, tag: '9999_newer' })
  writeFileSync(journalFile, JSON.stringify(journal))
  writeFileSync(join(newer, '9999_newer.sql'), 'CREATE TABLE `newer` (`id` text) STRICT;')

  const database = openDatabase(file)
  t.equal(migrate(database, newer), ours + 1)
  database.close()
  await t.rejects(openStore({ dialect: 'sqlite', file }), {
    message: /written by a newer version of Imprimatur/,
  })
})

t.test('a migration that fails is undone as a whole', async (t) => {
  const folder = join(t.testdir({ migrations: {} }), 'migrations')
  cpSync(migrations, folder, { recursive: true })
  const [tag] = JSON.parse(readFileSync(join(folder, 'meta', '_journal.json'), 'utf8')).entries.map(
    (entry: { tag: string }) => entry.tag,
  )
  writeFileSync(
    join(folder, `${tag}.sql`),
    'CREATE TABLE `half` (`id` text) STRICT;\n--> statement-breakpoint\nnot SQL',
  )
  const database = openDatabase(':memory:')
  t.teardown(() => database.close())
  t.throws(() => migrate(database, folder), { message: /syntax error/ })
  t.same(database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all(), [])
})

t.test('a database of each version before is brought up, with all that it holds', async (t) => {
  const made = openDatabase(':memory:')
  t.teardown(() => made.close())
  migrate(made)
  const tables = ['articles', 'comments', 'decisions'] as const
  const conditionsOf = (database: typeof made) =>
    database
      .prepare<unknown[], string>("SELECT sql FROM sqlite_master WHERE type = 'table' ORDER BY name")
      .pluck()
      .all()
      .flatMap((sql) => sql.match(/CONSTRAINT.*CHECK.*/g) ?? [])
  const earlier = join(t.testdir({ migrations: {} }), 'migrations')
  for (let count = 1; count < ours; count++) {
    const database = openDatabase(':memory:')
    cpSync(migrations, earlier, { recursive: true })
    const journalFile = join(earlier, 'meta', '_journal.json')
    const journal = JSON.parse(readFileSync(journalFile, 'utf8'))
    writeFileSync(journalFile, JSON.stringify({ ...journal, entries: journal.entries.slice(0, count) }))
    t.equal(migrate(database, earlier), count)
    database.exec(rowsOfVersion(count))
    const rowsOf = (table: string) => database.prepare(`SELECT * FROM ${table} ORDER BY 1`).all() as object[]
    const before = tables.map(rowsOf)
    t.equal(migrate(database), ours - count)
    for (const [index, table] of tables.entries()) {
      const rows = rowsOf(table)
      t.match(rows, before[index], table)
      t.equal(rows.length, before[index]?.length)
    }
    t.equal(database.pragma('integrity_check', { simple: true }), 'ok')
    t.same(database.pragma('foreign_key_check'), [])
    t.same(conditionsOf(database), conditionsOf(made))
    // What numbers and counts came with the sixth; who wrote rows past the service after it has to count them.
    if (count < 6) t.same(database.prepare(numberedFirstVersion.sql).all(), numberedFirstVersion.rows)
    database.exec("UPDATE comments SET author_email = NULL WHERE id = 'c1'")
    t.throws(() => database.exec("UPDATE comments SET author_name = NULL WHERE id = 'c1'"), /CHECK/)
    t.throws(() => database.exec("UPDATE comments SET author_email = 'a' WHERE id = 'c3'"), /CHECK/)
    database.close()
  }
})

t.test('of several processes that start at once, one migrates and all succeed', async (t) => {
  const file = join(t.testdir(), 'imprimatur.db')
  const codes = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const child = spawn(...imprimatur(['migrate']), {
        env: { ...process.env, DATABASE_URL: `file:${file}` },
        stdio: 'ignore',
      })
      const [code] = await once(child, 'exit')
      return code
    }),
  )
  t.same(codes, [0, 0, 0, 0])
  const database = openDatabase(file)
  t.teardown(() => database.close())
  t.match(database.prepare('SELECT count(*) AS count FROM __drizzle_migrations').get(), { count: ours })
})

t.test('a public list is read from one index, and a queue in its order', async (t) => {
  const database = openDatabase(':memory:')
  t.teardown(() => database.close())
  migrate(database)
  const db = drizzle(database)
  const planOf = (query: { getQuery: () => { sql: string } }) =>
    database
      .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${query.getQuery().sql}`)
      .all(...Array.from(query.getQuery().sql.matchAll(/\?/g), () => null))
      .map(({ detail }) => detail)
  const reads = prepareReads(db)
  for (const order of ['oldest', 'newest'] as const) {
    t.same(
      planOf(reads.approved[order]).map((step) => step.replace(/ \(.*/, '')),
      ['SEARCH comments USING COVERING INDEX comments_public'],
    )
    t.same(
      planOf(reads.byStatus[order]).map((step) => step.replace(/ \(.*/, '')),
      ['SEARCH comments USING INDEX comments_by_status'],
    )
    t.same(
      planOf(reads.byStatusOfArticle[order]).map((step) => step.replace(/ \(.*/, '')),
      ['SEARCH comments USING INDEX comments_by_article'],
    )
  }
  for (const [index, read] of [
    ['comments_published', reads.approved.published],
    ['comments_published', reads.approved['last-published']],
    ['comments_by_decision', reads.byStatus.decided],
    ['comments_by_article_decision', reads.byStatusOfArticle.decided],
  ] as const)
    t.same(
      planOf(read).map((step) => step.replace(/ \(.*/, '')),
      [`SEARCH comments USING INDEX ${index}`],
    )
})
