import { setTimeout } from 'node:timers/promises'
import type { OpenOptions } from '../location.ts'
import type { PostgresLocation } from '../postgres-url.ts'
import type { Store } from '../store.ts'
import { type Database, openDatabase } from './database.ts'
import { faultOf, isWorthWaitingFor } from './fault.ts'
import { migrate } from './migrate.ts'
import { postgresStore } from './store.ts'
import { refuseUnfinished } from './transfer.ts'

/** How long between two attempts to reach a server. */
const retryMs = 500

export async function openPostgresStore(location: PostgresLocation, options: OpenOptions): Promise<Store> {
  return openPostgres(location, options, async (database) => {
    await refuseUnfinished(database)
    return postgresStore(database, options.onHearing)
  })
}

/** Waits for the server where it is not there yet, migrates, and opens what `use` makes of the database. */
export async function openPostgres<T>(
  location: PostgresLocation,
  { poolSize = 10, waitMs = 0, onWait = () => {}, onNew }: OpenOptions,
  use: (database: Database) => Promise<T>,
): Promise<T> {
  const database = openDatabase(location, poolSize)
  const deadlineMs = performance.now() + waitMs
  for (let waits = false; ; waits = true) {
    try {
      await migrate(database, undefined, onNew)
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
