import type { DatabaseLocation, OpenOptions, SqliteLocation } from './location.ts'
import { nameOfPostgres } from './postgres-url.ts'
import type { Copy } from './sqlite/backup.ts'
import type { Store } from './store.ts'
import type { Source, Target } from './transfer.ts'

/**
 * Opens the store and brings its schema up to this version. This file alone tells one dialect from another, and loads the
 * modules of the one that is asked for: nobody waits for the other's, or keeps them.
 *
 * @throws Error where an import into it has not ended: a part must not be taken for the whole.
 */
export async function openStore(location: DatabaseLocation, options: OpenOptions = {}): Promise<Store> {
  if (location.dialect === 'sqlite') {
    const { openSqliteStore } = await import('./sqlite/open.ts')
    return openSqliteStore(location, options)
  }
  const { openPostgresStore } = await import('./postgres/open.ts')
  return openPostgresStore(location, options)
}

/** Opens what an export reads from, brought up to this version like any other. */
export async function openSource(location: DatabaseLocation, options: OpenOptions = {}): Promise<Source> {
  if (location.dialect === 'sqlite') {
    const { sqliteSource } = await import('./sqlite/transfer.ts')
    return sqliteSource(location.file)
  }
  const { openPostgres } = await import('./postgres/open.ts')
  const { postgresSource } = await import('./postgres/transfer.ts')
  return openPostgres(location, options, postgresSource)
}

/** Opens what an import fills, made and brought up to this version where it is not yet. */
export async function openTarget(location: DatabaseLocation, options: OpenOptions = {}): Promise<Target> {
  if (location.dialect === 'sqlite') {
    const { sqliteTarget } = await import('./sqlite/transfer.ts')
    return sqliteTarget(location.file)
  }
  const { openPostgres } = await import('./postgres/open.ts')
  const { postgresTarget } = await import('./postgres/transfer.ts')
  return openPostgres(location, { ...options, poolSize: 1 }, postgresTarget)
}

/** Copies all that the store holds to a file, while it is written to or not, and tells whether the copy is sound. */
export async function copyStore({ file }: SqliteLocation, to: string): Promise<Copy> {
  const { copyDatabase } = await import('./sqlite/backup.ts')
  return copyDatabase(file, to)
}

/** Fit for a log and for a terminal: no user, no password. */
export function nameOf(location: DatabaseLocation): string {
  return location.dialect === 'sqlite' ? location.file : nameOfPostgres(location)
}
