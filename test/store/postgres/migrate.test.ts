import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { is, Placeholder } from 'drizzle-orm'
import t, { type Test } from 'tap'
import {
  type ListOrder,
  listOrders,
  type QueueOrder,
  queueOrders,
} from '../../../src/domain/comments/list-order.ts'
import { type Database, openDatabase } from '../../../src/store/postgres/database.ts'
import { drizzle } from '../../../src/store/postgres/drizzle.ts'
import { migrate } from '../../../src/store/postgres/migrate.ts'
import { prepareReads } from '../../../src/store/postgres/reads.ts'
import { parsePostgresUrl } from '../../../src/store/postgres-url.ts'
import { placeParameters } from '../../../src/store/predicates.ts'
import { numberedFirstVersion, rowsOfVersion, someComment } from '../../support/comments.ts'
import { ask, freshDatabase, oddDatabase, preparedDatabase } from '../../support/postgres.ts'
import { imprimatur } from '../../support/process.ts'
import { migrated, postgresStoreAt } from '../../support/store.ts'
import { until } from '../../support/until.ts'

t.setTimeout(600_000)

const migrations = fileURLToPath(new URL('../../../migrations/postgres', import.meta.url))

/** How many migrations there are. */
const ours = JSON.parse(readFileSync(join(migrations, 'meta', '_journal.json'), 'utf8')).entries.length

t.test('migrations are applied once', async (t) => {
  const url = await freshDatabase(t)
  for (const expected of [ours, 0]) t.equal(await migrate(databaseAt(t, url)), expected)
  t.same(await ask(url, 'SELECT count(*)::int AS count FROM __drizzle_migrations'), [{ count: ours }])
})

for (const [name, databaseOf] of Object.entries({ 'an empty': freshDatabase, 'an odd': oddDatabase })) {
  t.test(
    `of eight replicas that start at once on ${name} database, one migrates and all succeed`,
    async (t) => {
      const url = await databaseOf(t)
      const replicas = Array.from({ length: 8 }, () => databaseAt(t, url))
      const applied = await Promise.all(replicas.map((database) => migrate(database)))
      t.same(applied.sort(), [0, 0, 0, 0, 0, 0, 0, ours])
      t.same(
        await ask(url, 'SELECT name, value::int FROM totals ORDER BY name'),
        ['approved', 'claims', 'decisions', 'pending', 'rejected', 'withdrawn'].map((name) => ({
          name,
          value: 0,
        })),
      )
    },
  )
}

t.test('of several processes that start at once, one migrates and all succeed', async (t) => {
  const url = await freshDatabase(t)
  const codes = await Promise.all(
    Array.from({ length: 3 }, async () => {
      const child = spawn(...imprimatur(['migrate']), {
        env: { ...process.env, DATABASE_URL: url },
        stdio: 'ignore',
      })
      const [code] = await once(child, 'exit')
      return code
    }),
  )
  t.same(codes, [0, 0, 0])
  t.same(await ask(url, 'SELECT count(*)::int AS count FROM __drizzle_migrations'), [{ count: ours }])
})

t.test('a replica waits for one that migrates, however long that takes', async (t) => {
  const url = await freshDatabase(t)
  const [slow, waiting] = [databaseAt(t, url), databaseAt(t, url)]
  const locked = Promise.withResolvers<void>()
  const done = Promise.withResolvers<void>()
  const underWay = slow.transaction(async (query) => {
    // The lock of src/store/postgres/migrate.ts.
    await query({ text: 'SELECT pg_advisory_xact_lock(1768976993)' })
    locked.resolve()
    await done.promise
  })
  await locked.promise
  let applied: number | undefined
  const migrating = migrate(waiting).then((count) => {
    applied = count
  })
  const waits = "SELECT count(*)::int AS count FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
  await until(async () => ((await ask(url, waits))[0]?.['count'] === 1 ? true : undefined))
  t.equal(applied, undefined)
  done.resolve()
  await Promise.all([underWay, migrating])
  t.equal(applied, ours)
})

t.test('a database of a newer version is refused, and left as it is', async (t) => {
  const url = await freshDatabase(t)
  const newer = copyOfMigrations(t)
  const journalFile = join(newer, 'meta', '_journal.json')
  const journal = JSON.parse(readFileSync(journalFile, 'utf8'))
  const last = journal.entries.at(-1)
  journal.entries.push({ ...last, idx: last.idx + 1, when: last.when + 1, tag: '9999_newer' })
  writeFileSync(journalFile, JSON.stringify(journal))
  writeFileSync(join(newer, '9999_newer.sql'), 'CREATE TABLE newer (id text);')

  t.equal(await migrate(databaseAt(t, url), newer), ours + 1)
  await t.rejects(postgresStoreAt(url), { message: /written by a newer version of Imprimatur/ })
  t.same(await ask(url, 'SELECT count(*)::int AS count FROM __drizzle_migrations'), [{ count: ours + 1 }])
  t.same(await ask(url, 'SELECT count(*)::int AS count FROM newer'), [{ count: 0 }])
})

t.test('a database that cannot hold every character is refused, and left as it is', async (t) => {
  for (const encoding of ['LATIN1', 'SQL_ASCII']) {
    const url = await oddDatabase(t, `LOCALE_PROVIDER libc LOCALE 'C' ENCODING '${encoding}'`)
    await t.rejects(postgresStoreAt(url), {
      message: new RegExp(`keeps its texts as ${encoding}, .* created with ENCODING 'UTF8'`),
    })
    t.same(await ask(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"), [])
  }
})

t.test('who may read and write, but create nothing, can serve what an owner has migrated', async (t) => {
  const url = await freshDatabase(t)
  const role = `serving_${randomBytes(8).toString('hex')}`
  await ask(
    url,
    `CREATE ROLE ${role} LOGIN PASSWORD 'serving';
    ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${role}`,
  )
  t.teardown(() => ask(url, `DROP OWNED BY ${role}; DROP ROLE ${role}`))
  const serving = new URL(url)
  serving.username = role
  serving.password = 'serving'
  await t.rejects(postgresStoreAt(serving.href), { message: /permission denied/ })
  t.equal(await migrate(databaseAt(t, url)), ours)

  const store = await postgresStoreAt(serving.href)
  const times = { createdAtMs: 1, expiresAtMs: null, lastUsedAtMs: null, revokedAtMs: null }
  const token = { id: 'a', name: 'marie', scopes: ['moderate'], hash: 'a', ...times } as const
  t.equal(await store.createFirstToken(token), 'created')
  t.same(await store.submit({ comment: someComment(), idempotency: null, maxPending: 1 }), {
    kind: 'committed',
  })
  t.equal((await store.countHit('submissions 127.0.0.1', 60_000))?.hits, 1)
  await store.close()
})

t.test('a migration that fails is undone as a whole', async (t) => {
  const url = await freshDatabase(t)
  const folder = copyOfMigrations(t)
  const [first] = JSON.parse(readFileSync(join(folder, 'meta', '_journal.json'), 'utf8')).entries
  writeFileSync(
    join(folder, `${first.tag}.sql`),
    'CREATE TABLE half (id text);\n--> statement-breakpoint\nnot SQL',
  )
  await t.rejects(migrate(databaseAt(t, url), folder), { message: /syntax error/ })
  t.same(await ask(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"), [])
  t.equal(await migrate(databaseAt(t, url)), ours)
})

t.test('a database of each version before is brought up, with all that it holds', async (t) => {
  const made = await preparedDatabase(t, migrated)
  const tables = ['articles', 'comments', 'decisions'] as const
  const conditionsOf = (url: string) =>
    ask(
      url,
      `SELECT conname, convalidated, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace ORDER BY conname`,
    )
  for (let count = 1; count < ours; count++) {
    const url = await freshDatabase(t)
    const earlier = copyOfMigrations(t)
    const journalFile = join(earlier, 'meta', '_journal.json')
    const journal = JSON.parse(readFileSync(journalFile, 'utf8'))
    writeFileSync(journalFile, JSON.stringify({ ...journal, entries: journal.entries.slice(0, count) }))
    t.equal(await migrate(databaseAt(t, url), earlier), count)
    await ask(url, rowsOfVersion(count))
    const rows = () => Promise.all(tables.map((table) => ask(url, `SELECT * FROM ${table} ORDER BY 1`)))
    const before = await rows()
    t.equal(await migrate(databaseAt(t, url)), ours - count)
    for (const [index, after] of (await rows()).entries()) {
      t.match(after, before[index], tables[index] ?? '')
      t.equal(after.length, before[index]?.length)
    }
    t.same(await conditionsOf(url), await conditionsOf(made))
    const numbered = await ask(url, numberedFirstVersion.sql)
    // What numbers and counts came with the sixth; who wrote rows past the service after it has to count them.
    if (count < 6)
      t.same(
        numbered.map((row) => ({ ...row, value: Number(row['value']) })),
        numberedFirstVersion.rows,
      )
    await ask(url, "UPDATE comments SET author_email = NULL WHERE id = 'c1'")
    await t.rejects(ask(url, "UPDATE comments SET author_name = NULL WHERE id = 'c1'"), /check constraint/)
    await t.rejects(ask(url, "UPDATE comments SET author_email = 'a' WHERE id = 'c3'"), /check constraint/)
  }
})

t.test('a public list and a queue are read from an index of their own', async (t) => {
  const url = await preparedDatabase(t, migrated)
  await ask(
    url,
    `INSERT INTO articles (article_id, approved_count, revision) SELECT number, 0, 0 FROM generate_series(1, 50) number;
    INSERT INTO articles (article_id, approved_count, revision) VALUES ('busy', 0, 0);
    INSERT INTO comments SELECT lpad(number::text, 9, '0'), number % 50 + 1, NULL,
      CASE WHEN number > 4900 THEN 'pending' WHEN number % 9 = 0 THEN 'rejected' ELSE 'approved' END, 1, 'Ada', 'a@b.org', 'text', 1, 1, 'hash', number, number
      FROM generate_series(1, 5000) number;
    INSERT INTO comments SELECT lpad(number::text, 9, '0'), 'busy', NULL, 'pending', 1, 'Ada', 'a@b.org', 'text', 1, 1, 'hash', number, number
      FROM generate_series(5001, 5400) number;
    ANALYZE`,
  )
  const database = databaseAt(t, url)
  const reads = prepareReads(drizzle({ client: database as never }))
  const values = new Map<string, unknown>([
    ['status', 'pending'],
    ['limit', 20],
  ])
  const planOf = async (
    read: { getQuery: () => { sql: string; params: unknown[] } },
    order: ListOrder | QueueOrder,
  ) => {
    const { sql, params } = read.getQuery()
    // Where few comments wait, to put them in order costs less than to read them in it.
    const articleId = read === reads.byStatusOfArticle[order as QueueOrder] ? 'busy' : '1'
    const named = new Map([
      ...values,
      ['articleId', articleId],
      ...Object.entries(placeParameters(null, order)),
    ])
    const { rows } = await database.query(
      { text: `EXPLAIN ${sql}` },
      params.map((param) => (is(param, Placeholder) ? named.get(param.name) : param)),
    )
    return rows.map((row) => String(row['QUERY PLAN'])).join('\n')
  }
  for (const [index, order, read] of [
    ...listOrders.map((order) => {
      const index = order === 'oldest' || order === 'newest' ? 'comments_public' : 'comments_published'
      return [index, order, reads.approved[order]] as const
    }),
    ...queueOrders.flatMap((order) => {
      const [ofAll, ofArticle] =
        order === 'decided'
          ? ['comments_by_decision', 'comments_by_article_decision']
          : ['comments_by_status', 'comments_by_article']
      return [
        [ofAll, order, reads.byStatus[order]],
        [ofArticle, order, reads.byStatusOfArticle[order]],
      ] as const
    }),
    ['comments_by_decision', 'decided', reads.decidedAbout] as const,
    ['comments_by_article_decision', 'decided', reads.decidedAboutOfArticle] as const,
  ]) {
    const plan = await planOf(read, order)
    t.match(plan, new RegExp(`Index Scan.* ${index}\\b`), plan)
    t.notMatch(plan, 'Seq Scan on comments')
    t.notMatch(plan, /Bitmap/, 'no more than a page is read and put in order')
  }
})

function databaseAt(t: Test, url: string): Database {
  const parsed = parsePostgresUrl(url)
  if (!parsed.ok) throw new Error(parsed.fault)
  const database = openDatabase(parsed.location, 2)
  t.teardown(() => database.close())
  return database
}

function copyOfMigrations(t: Test): string {
  const folder = join(t.testdir({ migrations: {} }), 'migrations')
  cpSync(migrations, folder, { recursive: true })
  return folder
}
