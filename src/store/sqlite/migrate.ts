import { fileURLToPath } from 'node:url'
import type { Database } from 'better-sqlite3'
import { readMigrationFiles } from '../drizzle.ts'
import { applicationId, sign } from './ownership.ts'

const migrationsFolder = fileURLToPath(new URL('../../../migrations/sqlite', import.meta.url))

/**
 * Brings the schema up to this version, under the database's write lock: of several processes that start at once,
 * one migrates and the others find it done. Drizzle's own migrator decides before it locks, hence these lines; the
 * table is the one that it and drizzle-kit use. Returns how many migrations were applied.
 *
 * @throws Error where the database was written by a newer version: to go on would be to guess at its meaning.
 */
export function migrate(database: Database, folder: string = migrationsFolder): number {
  const migrations = readMigrationFiles({ migrationsFolder: folder })
  const apply = database.transaction(() => {
    database.exec(
      'CREATE TABLE IF NOT EXISTS __drizzle_migrations (id INTEGER PRIMARY KEY, hash TEXT NOT NULL, created_at NUMERIC)',
    )
    const rows = database
      .prepare('SELECT hash, created_at FROM __drizzle_migrations')
      .all() as AppliedMigration[]
    const known = new Set(migrations.map((migration) => migration.folderMillis))
    if (rows.some((row) => !known.has(Number(row.created_at)))) {
      throw new Error(
        'The database was written by a newer version of Imprimatur. Start that version, or restore a backup that this one made.',
      )
    }
    const applied = new Set(rows.map((row) => Number(row.created_at)))
    const missing = migrations.filter((migration) => !applied.has(migration.folderMillis))
    // Of a file that is older than the mark.
    if (database.pragma('application_id', { simple: true }) !== applicationId) sign(database)
    const record = database.prepare('INSERT INTO __drizzle_migrations (hash, created_at) VALUES (?, ?)')
    for (const migration of missing) {
      for (const statement of migration.sql) database.exec(statement)
      record.run(migration.hash, migration.folderMillis)
    }
    return missing.length
  })
  return apply.immediate()
}

type AppliedMigration = { hash: string; created_at: number }
