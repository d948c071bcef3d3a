import { setTimeout } from 'node:timers/promises'
import type { Hearing } from './postgres/changes.ts'
import type { Database } from './postgres/database.ts'
import { nameOfPostgres, type PostgresLocation } from './postgres-url.ts'
import { type Copy, copyDatabase } from './sqlite/backup.ts'
import { openDatabase } from './sqlite/database.ts'
import { migrate } from './sqlite/migrate.ts'
import { sqliteStore } from './sqlite/store.ts'
import { refuseUnfinished, sqliteSource, sqliteTarget } from './sqlite/transfer.ts'
import { directWriter, threadWriter } from './sqlite/writer.ts'
import type { Store } from './store.ts'
import type { Source, Target } from './transfer.ts'

export type { Hearing }

export type SqliteLocation = { dialect: 'sqlite'; file: string }

/** Where the comments are kept, as `DATABASE_URL` says. */
export type DatabaseLocation = SqliteLocation | PostgresLocation

export type OpenOptions = {
  /** Called where the store can never work again, and the process had better end. */
  onDeath?: (error: Error) => void
  /** How many connections a PostgreSQL gets from this process, beside the one that listens. */
  poolSize?: number
  /** How long a server is waited for that cannot be reached, or is not ready yet. */
  waitMs?: number
  /** Called once with why it is waited for. */
  onWait?: (error: Error) => void
  /** Called when it is known whether other replicas' changes are heard of as they happen, and when that becomes otherwise. */
  onHearing?: (hearing: Hearing) => void
}

/**
 * Opens the store and brings its schema up to this version. The only place that tells one dialect from another.
 *
 * @throws Error where an import into it has not ended: a part must not be taken for the whole.
 */
export async function openStore(location: DatabaseLocation, options: OpenOptions = {}): Promise<Store> {
  return location.dialect === 'sqlite'
    ? openSqliteStore(location, options)
    : openPostgresStore(location, options)
}

function openSqliteStore({ file }: SqliteLocation, { onDeath = () => {} }: OpenOptions): Store {
  const database = openDatabase(file)
  try {
    migrate(database)
    refuseUnfinished(database)
    if (file === ':memory:') return sqliteStore(database, directWriter(database))
    database.pragma('query_only = ON')
    return sqliteStore(database, threadWriter(database, file, onDeath))
  } catch (error) {
    database.close()
    throw error
  }
}

/** How long between two attempts to reach a server. */
const retryMs = 500

async function openPostgresStore(location: PostgresLocation, options: OpenOptions): Promise<Store> {
  const [{ postgresStore }, { refuseUnfinished }] = await Promise.all([
    import('./postgres/store.ts'),
    import('./postgres/transfer.ts'),
  ])
  return openPostgres(location, options, async (database) => {
    await refuseUnfinished(database)
    return postgresStore(database, options.onHearing)
  })
}

/** Its modules are loaded here, so that a service on SQLite neither waits for them nor keeps them. */
async function openPostgres<T>(
  location: PostgresLocation,
  { poolSize = 10, waitMs = 0, onWait = () => {} }: OpenOptions,
  use: (database: Database) => Promise<T>,
): Promise<T> {
  const [{ openDatabase }, { migrate }, { faultOf, isWorthWaitingFor }] = await Promise.all([
    import('./postgres/database.ts'),
    import('./postgres/migrate.ts'),
    import('./postgres/fault.ts'),
  ])
  const database = openDatabase(location, poolSize)
  const deadlineMs = performance.now() + waitMs
  for (let waits = false; ; waits = true) {
    try {
      await migrate(database)
      return await use(database)
    } catch (error) {
      if (!isWorthWaitingFor(error) || performance.now() >= deadlineMs) {
        await database.close()
        throw faultOf(error)
      }
      if (!waits) onWait(faultOf(error))
      await setTimeout(retryMs)
    }
  }
}

/** Opens what an export reads from, brought up to this version like any other. */
export async function openSource(location: DatabaseLocation, options: OpenOptions = {}): Promise<Source> {
  if (location.dialect === 'sqlite') return sqliteSource(location.file)
  const { postgresSource } = await import('./postgres/transfer.ts')
  return openPostgres(location, options, postgresSource)
}

/** Opens what an import fills, made and brought up to this version where it is not yet. */
export async function openTarget(location: DatabaseLocation, options: OpenOptions = {}): Promise<Target> {
  if (location.dialect === 'sqlite') return sqliteTarget(location.file)
  const { postgresTarget } = await import('./postgres/transfer.ts')
  return openPostgres(location, { ...options, poolSize: 1 }, postgresTarget)
}

/** Copies all that the store holds to a file, while it is written to or not, and tells whether the copy is sound. */
export async function copyStore({ file }: SqliteLocation, to: string): Promise<Copy> {
  return copyDatabase(file, to)
}

/** Fit for a log and for a terminal: no user, no password. */
export function nameOf(location: DatabaseLocation): string {
  return location.dialect === 'sqlite' ? location.file : nameOfPostgres(location)
}
