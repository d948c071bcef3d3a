import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import type { DatabaseLocation } from '../src/store/location.ts'
import { openDatabase } from '../src/store/postgres/database.ts'
import { migrate } from '../src/store/postgres/migrate.ts'
import { nameOfPostgres } from '../src/store/postgres-url.ts'
import { startServer } from '../test/support/postgres.ts'
import { type Databases, indexFew } from './databases.ts'
import { someComment } from './requests.ts'
import { seedBody, seedStartMs, spread } from './seed.ts'

export type PostgresDatabases = Databases & {
  /** The server, and whether it makes what it acknowledges durable. */
  name: string
  /** Drops what was made, and ends the server where it was started here. */
  end: () => Promise<void>
}

/**
 * Databases of their own on the server of this URL, which names one where it may make and drop others; without a URL on
 * a server that is started for it, durable, with the settings that PostgreSQL ships, and gone with this process.
 */
export async function postgresDatabases(givenUrl: string | undefined): Promise<PostgresDatabases> {
  const server = givenUrl === undefined ? await startServer({ durable: true }) : undefined
  const adminUrl = givenUrl ?? server?.url() ?? ''
  const made = new Map<string, Promise<unknown>>()

  async function create(): Promise<string> {
    const name = `imprimatur_bench_${randomBytes(8).toString('hex')}`
    const creation = ask(adminUrl, `CREATE DATABASE ${name} TEMPLATE template0`)
    made.set(name, creation)
    await creation
    return urlOf(name)
  }

  async function drop(name: string): Promise<void> {
    await ask(adminUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    made.delete(name)
  }

  function urlOf(name: string): string {
    const url = new URL(adminUrl)
    url.pathname = `/${name}`
    return url.href
  }

  const [settings] = await ask(
    adminUrl,
    `SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync,
      current_setting('synchronous_commit') AS commit, current_setting('shared_buffers') AS buffers`,
  )
  const at = server === undefined ? nameOfPostgres(locationOf(adminUrl)) : 'started for this'

  return {
    name: `PostgreSQL ${settings?.['version']} (${at}), fsync=${settings?.['fsync']}, synchronous_commit=${settings?.['commit']}, shared_buffers=${settings?.['buffers']}`,
    async seed(comments) {
      const url = await create()
      const seeded = await seedPostgres(url, comments)
      await indexFew(locationOf(url), comments)
      return { url, ...seeded, discard: () => drop(nameIn(url)) }
    },
    async empty() {
      return locationOf(await create())
    },
    async oneByOne(seconds) {
      const url = await create()
      const rate = await oneByOne(url, seconds)
      await drop(nameIn(url))
      return rate
    },
    async end() {
      if (server !== undefined) return server.remove()
      await Promise.allSettled(made.values())
      for (const name of [...made.keys()]) await drop(name)
    },
  }
}

/** One insert under way at a time, prepared, one round trip and one commit each: the best that one connection can do. */
async function oneByOne(url: string, seconds: number): Promise<number> {
  return withClient(url, async (client) => {
    await client.query(`
      CREATE TABLE articles (article_id text COLLATE "C" PRIMARY KEY);
      CREATE TABLE comments (id text COLLATE "C" PRIMARY KEY, article_id text COLLATE "C", status text, name text,
        email text, body text, at bigint, receipt text);
      CREATE INDEX by_article ON comments (article_id, status, id);
      CREATE INDEX by_status ON comments (status, id)`)
    const startMs = performance.now()
    let inserted = 0
    while (performance.now() < startMs + seconds * 1_000) {
      const { id, articleId, author, body, submittedAtMs, receiptHash } = someComment()
      await client.query({
        name: 'insert',
        text: `WITH article AS (INSERT INTO articles VALUES ($2) ON CONFLICT DO NOTHING)
          INSERT INTO comments VALUES ($1, $2, 'pending', $3, $4, $5, $6, $7)`,
        values: [id, articleId, author?.name, author?.email, body, submittedAtMs, receiptHash],
      })
      inserted += 1
    }
    return inserted / ((performance.now() - startMs) / 1_000)
  })
}

const atOnce = 100_000

/** The same comments as in a file of SQLite, made by the server itself: a million of them take half a minute. */
async function seedPostgres(url: string, comments: number) {
  const database = openDatabase(locationOf(url), 1)
  await migrate(database)
  await database.close()
  const { articles, bigArticle, bigArticleId } = spread(comments)
  const others = comments - bigArticle
  await withClient(url, async (client) => {
    await client.query('SET synchronous_commit = off')
    // Put back when all is in: an index built at once is the same index, sooner.
    const { rows: indexes } = await client.query<{ name: string; definition: string }>(
      `SELECT indexname AS name, indexdef AS definition FROM pg_indexes
        WHERE tablename = 'comments' AND indexname <> 'comments_pkey'`,
    )
    for (const { name } of indexes) await client.query(`DROP INDEX ${name}`)
    await client.query(
      `INSERT INTO articles (article_id, approved_count, revision) SELECT 'article-' || index, $2::int / $1::int + (index < $2::int % $1::int)::int, $3::bigint
        FROM generate_series(0, $1::int - 1) index`,
      [articles, others, seedStartMs],
    )
    await client.query('INSERT INTO articles (article_id, approved_count, revision) VALUES ($1, $2, $3)', [
      bigArticleId,
      bigArticle,
      seedStartMs,
    ])
    for (let from = 1; from <= comments; from += atOnce) {
      await client.query(
        `INSERT INTO comments (id, article_id, status, version, author_name, author_email, body, submitted_at_ms,
          published_at_ms, published_revision, decided_at_ms, receipt_hash)
        SELECT
          regexp_replace(lpad(to_hex(ms), 12, '0') || '7' || substr(random, 1, 3) || '8' || substr(random, 4, 15),
            '^(.{8})(.{4})(.{4})(.{4})(.{12})$', '\\1-\\2-\\3-\\4-\\5'),
          CASE WHEN number > $3::int THEN $4 ELSE 'article-' || (number - 1) % $5::int END,
          'approved', 2, 'Reader ' || number % 997, 'reader' || number || '@example.org', $6, ms, ms, number, ms, 'hash-' || number
        FROM generate_series($1::int, $2::int) number, LATERAL (SELECT $7::bigint + number AS ms, md5(number::text) AS random) made
        ORDER BY number`,
        [from, Math.min(comments, from + atOnce - 1), others, bigArticleId, articles, seedBody, seedStartMs],
      )
    }
    for (const { definition } of indexes) await client.query(definition)
    // Not of the others: once they are known to be empty, plans are made for that.
    await client.query('VACUUM (ANALYZE) articles, comments')
    // So that none comes while it is measured. Not everybody may.
    await client.query('CHECKPOINT').catch(() => {})
  })
  return { articles, bigArticle, bigArticleId }
}

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  return withClient(url, async (client) => (await client.query(sql)).rows)
}

/** An index over many millions of comments takes minutes. */
const longestMs = 1_800_000

async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    query_timeout: longestMs,
  })
  // Where the server goes away, the query under way says so.
  client.on('error', () => {})
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

function locationOf(url: string): DatabaseLocation & { dialect: 'postgres' } {
  return { dialect: 'postgres', urls: [url] }
}

function nameIn(url: string): string {
  return new URL(url).pathname.slice(1)
}
