import { fileURLToPath } from 'node:url'
import { readMigrationFiles } from '../drizzle.ts'
import type { Database } from './database.ts'

const migrationsFolder = fileURLToPath(new URL('../../../migrations/postgres', import.meta.url))

/** Any number will do that no other application of the same database takes; `pg_locks` shows it. */
const advisoryLock = 1_768_976_993

/** An index over many millions of comments takes minutes, and every other replica waits for it. */
const longestMs = 3_600_000

/**
 * Brings the schema up to this version in one transaction, under an advisory lock: of several replicas that start at
 * once, one migrates and the others find it done. Drizzle's own migrator decides before it locks, hence these lines; the
 * table is the one that it and drizzle-kit use. `onNew` is called where there is none yet. Returns how many migrations were applied.
 *
 * @throws Error where the database was written by a newer version: to go on would be to guess at its meaning; and where it
 * cannot hold every character.
 */
export async function migrate(
  database: Database,
  folder: string = migrationsFolder,
  onNew: () => void = () => {},
): Promise<number> {
  const migrations = readMigrationFiles({ migrationsFolder: folder })
  return database.transaction(async (patientQuery) => {
    const query: Database['query'] = (statement, values) =>
      patientQuery({ ...statement, query_timeout: longestMs }, values)
    // Until the transaction ends: others may migrate for longer than a statement may take elsewhere.
    await query({
      text: "SELECT set_config('lock_timeout', $1, true), set_config('statement_timeout', $1, true)",
      values: [String(longestMs)],
    })
    await query({ text: 'SELECT pg_advisory_xact_lock($1)' }, [advisoryLock])
    const [settings] = (await query({ text: "SELECT current_setting('server_encoding') AS encoding" })).rows
    if (settings?.encoding !== 'UTF8') {
      throw new Error(
        `The database keeps its texts as ${settings?.encoding}, which does not know every character. It has to be created with ENCODING 'UTF8'.`,
      )
    }
    // Not `IF NOT EXISTS`: that asks for the right to create, which who only serves need not have.
    const [table] = (await query({ text: "SELECT to_regclass('__drizzle_migrations') AS name" })).rows
    if (table?.name === null) {
      onNew()
      await query({
        text: 'CREATE TABLE __drizzle_migrations (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint)',
      })
    }
    const { rows } = await query({ text: 'SELECT created_at FROM __drizzle_migrations' })
    const applied = new Set(rows.map((row) => Number(row.created_at)))
    const known = new Set(migrations.map((migration) => migration.folderMillis))
    if ([...applied].some((createdAt) => !known.has(createdAt))) {
      throw new Error(
        'The database was written by a newer version of Imprimatur. Start that version, or restore a backup that this one made.',
      )
    }
    const missing = migrations.filter((migration) => !applied.has(migration.folderMillis))
    for (const { sql, hash, folderMillis } of missing) {
      for (const statement of sql) await query({ text: statement })
      await query({ text: 'INSERT INTO __drizzle_migrations (hash, created_at) VALUES ($1, $2)' }, [
        hash,
        folderMillis,
      ])
    }
    return missing.length
  })
}
