import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { Pool } from 'pg'
import type { Test } from 'tap'
import type { Decision } from '../../../src/domain/comments/comment.ts'
import { openStore } from '../../../src/store/open-store.ts'
import { parsePostgresUrl } from '../../../src/store/postgres-url.ts'
import { configured, openDatabase } from '../../../src/store/sqlite/database.ts'
import { migrate } from '../../../src/store/sqlite/migrate.ts'
import { sqliteStore } from '../../../src/store/sqlite/store.ts'
import { directWriter } from '../../../src/store/sqlite/writer.ts'
import type { Store } from '../../../src/store/store.ts'
import { type Owner, preparedDatabase } from '../postgres/databases.ts'
import { until } from '../until.ts'

/** An empty store of its own: SQLite in memory, or `postgres` where that is said, here or in the environment. */
export async function emptyStore(
  t: Owner,
  name: string = process.env['TEST_STORE'] ?? 'sqlite',
): Promise<Store> {
  if (name === 'sqlite') return storeInMemory()
  if (name === 'postgres') return postgresStoreAt(await emptyDatabase(t))
  throw new Error(`TEST_STORE is sqlite or postgres, not ${name}`)
}

/** What the migrations make of a database in memory, made once: a third of the time that a store takes to open. */
let image: Buffer | undefined

export function storeInMemory(): Store {
  image ??= imageOfOurSchema()
  const database = configured(new SqliteDatabase(image))
  return sqliteStore(database, directWriter(database))
}

function imageOfOurSchema(): Buffer {
  const database = openDatabase(':memory:')
  migrate(database)
  const made = database.serialize()
  database.close()
  return made
}

/** A SQLite database in a folder of its own for this test, with the schema and nothing in it. */
export function emptyFile(t: Test): string {
  const file = join(t.testdir(), 'imprimatur.db')
  image ??= imageOfOurSchema()
  writeFileSync(file, image)
  return file
}

/** Those of tests that have ended, by how they were made. Hundreds of tests need one: a new one costs a tenth of a second, of which this saves most. */
const usedDatabases = new Map<MakeDatabase, { url: string; pool: Pool }[]>()

type MakeDatabase = (owner: Owner) => Promise<string>

const ofOurSchema: MakeDatabase = (owner) => preparedDatabase(owner, migrated)

/** The URL of a PostgreSQL with the schema and nothing in it, which `make` has made for this test or for one before. */
export async function emptyDatabase(t: Owner, make: MakeDatabase = ofOurSchema): Promise<string> {
  const known = usedDatabases.get(make) ?? []
  usedDatabases.set(make, known)
  const used = known.pop() ?? (await newDatabase(make))
  await used.pool.query(Object.values(emptying).join(';'))
  t.teardown(() => known.push(used))
  return used.url
}

async function newDatabase(make: MakeDatabase): Promise<{ url: string; pool: Pool }> {
  // It is used again by others, so that it belongs to the whole file.
  const url = await make((await import('tap')).t)
  const pool = new Pool({ connectionString: url, max: 1, allowExitOnIdle: true, idleTimeoutMillis: 0 })
  // The database is dropped at the end with its connections.
  pool.on('error', () => {})
  return { url, pool }
}

/** What makes each table as the migrations left it; who refers to another comes before it. */
const emptying: { [Table in keyof typeof import('../../../src/store/postgres/schema.ts')]: string } = {
  decisions: 'DELETE FROM decisions',
  idempotencyRecords: 'DELETE FROM idempotency_records',
  comments: 'DELETE FROM comments',
  articles: 'DELETE FROM articles',
  leases: 'DELETE FROM leases',
  totals: 'UPDATE totals SET value = 0',
  tokens: 'DELETE FROM tokens',
  claims: 'DELETE FROM claims',
  requestCounts: 'DELETE FROM request_counts',
  searchState: "UPDATE search_state SET sealed = 0, erased = 0, high = '', low = ''",
  searchSegments: 'DELETE FROM search_segments',
  searchBlocks: 'DELETE FROM search_blocks',
  searchIds: 'DELETE FROM search_ids',
  searchLate: 'DELETE FROM search_late',
}

/** The store at a URL; few connections will do for one test. */
export async function postgresStoreAt(url: string): Promise<Store> {
  const parsed = parsePostgresUrl(url)
  if (!parsed.ok) throw new Error(parsed.fault)
  return openStore(parsed.location, { poolSize: 4 })
}

/** Leaves a database with its schema and nothing in it. */
export async function migrated(url: string): Promise<void> {
  await (await postgresStoreAt(url)).close()
}

/** Closes the store when the test ends, unless the test did. */
export function closedWith(t: Test, store: Store): Store {
  let closed: Promise<void> | undefined
  const close = () => {
    closed ??= store.close()
    return closed
  }
  t.teardown(close)
  return { ...store, close }
}

/** Its own probe gives up after two seconds, in which a busy machine may have had other things to do. */
export async function untilReady(store: Store): Promise<void> {
  await until(() =>
    store.checkReady().then(
      () => true,
      () => undefined,
    ),
  )
}

/** The counts alone, in the order of the ids. */
export async function countsOf(store: Store, articleIds: readonly string[]): Promise<[string, number][]> {
  const counted = [...(await store.countApproved(articleIds))]
  return counted.map(([id, { approvedCount }]): [string, number] => [id, approvedCount]).sort()
}

/** A comment's log, oldest first. */
export async function logOf(store: Store, id: string, limit = 100): Promise<Decision[]> {
  const lines = (await store.findWithDecisions(id, limit))?.decisions ?? []
  return lines.map(({ position: _, ...decision }) => decision)
}
