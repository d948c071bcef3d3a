import { Client } from 'pg'
import type { DatabaseLocation } from '../src/store/location.ts'
import { openStore } from '../src/store/open-store.ts'
import { openDatabase } from '../src/store/sqlite/database.ts'
import { type TextRow, textRows } from './texts.ts'

const atOnce = 5_000

/** Fills an empty database with comments of everyday texts: straight into the tables and unsynced; articles first. */
export async function seedTexts(location: DatabaseLocation, comments: number): Promise<void> {
  await (await openStore(location)).close()
  if (location.dialect === 'sqlite') seedSqlite(location.file, comments)
  else await seedPostgres(location.urls[0] ?? '', comments)
}

const columns = [
  'id',
  'article_id',
  'status',
  'version',
  'author_name',
  'author_email',
  'body',
  'submitted_at_ms',
  'published_at_ms',
  'published_revision',
  'decided_at_ms',
  'receipt_hash',
] as const satisfies readonly (keyof TextRow)[]

const settledTotals = `UPDATE totals SET value = (SELECT count(*) FROM comments WHERE status = totals.name)
  WHERE name IN ('pending', 'approved', 'rejected')`

function seedSqlite(file: string, comments: number): void {
  const database = openDatabase(file)
  database.pragma('synchronous = OFF')
  database.pragma('foreign_keys = OFF')
  const indexes = database
    .prepare<[], { name: string; sql: string }>(
      "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'comments' AND sql IS NOT NULL",
    )
    .all()
  // Put back when all is in: an index built at once is the same index, sooner.
  for (const { name } of indexes) database.exec(`DROP INDEX ${name}`)
  const add = database.prepare(
    `INSERT INTO comments (${columns.join()}) VALUES (${columns.map(() => '?').join()})`,
  )
  database.exec('BEGIN')
  for (const row of textRows(comments)) add.run(...columns.map((column) => row[column]))
  database.exec(
    `INSERT INTO articles (article_id, approved_count, revision)
      SELECT article_id, sum(status = 'approved'), max(submitted_at_ms) FROM comments GROUP BY article_id`,
  )
  database.exec(settledTotals)
  database.exec('COMMIT')
  for (const { sql } of indexes) database.exec(sql)
  database.pragma('wal_checkpoint(TRUNCATE)')
  database.close()
}

async function seedPostgres(url: string, comments: number): Promise<void> {
  const client = new Client({ connectionString: url, query_timeout: 1_800_000 })
  await client.connect()
  try {
    await client.query("SET synchronous_commit = off; SET session_replication_role = 'replica'")
    const { rows: indexes } = await client.query<{ name: string; definition: string }>(
      `SELECT indexname AS name, indexdef AS definition FROM pg_indexes
        WHERE tablename = 'comments' AND indexname <> 'comments_pkey'`,
    )
    for (const { name } of indexes) await client.query(`DROP INDEX ${name}`)
    let some: TextRow[] = []
    const flush = async () => {
      const list = columns.join()
      await client.query(
        `INSERT INTO comments (${list}) SELECT ${list} FROM json_populate_recordset(NULL::comments, $1::json)`,
        [JSON.stringify(some)],
      )
      some = []
    }
    for (const row of textRows(comments)) {
      some.push(row)
      if (some.length === atOnce) await flush()
    }
    await flush()
    await client.query(
      `INSERT INTO articles (article_id, approved_count, revision)
        SELECT article_id, count(*) FILTER (WHERE status = 'approved'), max(submitted_at_ms) FROM comments GROUP BY article_id`,
    )
    await client.query(settledTotals)
    for (const { definition } of indexes) await client.query(definition)
    await client.query('VACUUM (ANALYZE) articles, comments')
    await client.query('CHECKPOINT').catch(() => {})
  } finally {
    await client.end()
  }
}
