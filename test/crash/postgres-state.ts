import { Client } from 'pg'
import type { DecisionRow, State } from './state.ts'

/** The same of a PostgreSQL, as it is at one moment; `damage` is what the server itself finds wrong with its files. */
export async function readPostgresState(url: string): Promise<State> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('CREATE EXTENSION IF NOT EXISTS amcheck')
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
    return await stateOf(client)
  } finally {
    await client.end()
  }
}

async function stateOf(client: Client): Promise<State> {
  const all = async <Row>(sql: string) => (await client.query(sql)).rows as Row[]
  return {
    comments: await all(
      `SELECT id, article_id AS "articleId", parent_id AS "parentId", status, version, author_name AS "authorName",
        author_email AS "authorEmail", body, submitted_at_ms::float8 AS "submittedAtMs",
        published_at_ms::float8 AS "publishedAtMs", receipt_hash AS "receiptHash" FROM comments`,
    ),
    decisions: await all<DecisionRow>(
      `SELECT comment_id AS "commentId", version, action, decided_by AS "decidedBy", reason, note,
        decided_at_ms::float8 AS "decidedAtMs", position::float8 FROM decisions`,
    ),
    articles: await all(
      `SELECT article_id AS "articleId", approved_count::float8 AS "approvedCount", revision::float8 FROM articles`,
    ),
    totals: await all("SELECT name, value::float8 FROM totals WHERE name <> 'claims'"),
    damage: [
      ...(await all<{ line: string }>(orphans)).map(({ line }) => `foreign key: ${line}`),
      ...(await all<{ msg: string }>(heapDamage)).map(({ msg }) => `heap: ${msg}`),
      ...(await indexDamage(client)),
    ],
  }
}

const orphans = `
  SELECT 'comment ' || id AS line FROM comments WHERE article_id NOT IN (SELECT article_id FROM articles)
  UNION ALL
  SELECT 'decision ' || comment_id FROM decisions WHERE comment_id NOT IN (SELECT id FROM comments)
  UNION ALL
  SELECT 'record ' || key_hash FROM idempotency_records WHERE comment_id NOT IN (SELECT id FROM comments)`

const ours = "relnamespace = 'public'::regnamespace AND relpersistence = 'p'"

const heapDamage = `
  SELECT relname || ': ' || found.msg AS msg
  FROM pg_class, verify_heapam(pg_class.oid) AS found WHERE relkind = 'r' AND ${ours}`

/** Each row has to be in each index of its table, and nothing else. */
async function indexDamage(client: Client): Promise<string[]> {
  try {
    await client.query(`SELECT bt_index_check(oid, true) FROM pg_class WHERE relkind = 'i' AND ${ours}`)
    return []
  } catch (error) {
    return [`index: ${(error as Error).message}`]
  }
}
