import { openDatabase } from './sqlite/database.ts'
import { migrate } from './sqlite/migrate.ts'
import { sqliteStore } from './sqlite/store.ts'
import type { Store } from './store.ts'

/** Where the comments are kept, as `DATABASE_URL` says. */
export type DatabaseLocation = { dialect: 'sqlite'; file: string }

/** Opens the store and brings its schema up to this version. The only place that tells one dialect from another. */
export async function openStore(location: DatabaseLocation): Promise<Store> {
  const database = openDatabase(location.file)
  try {
    migrate(database)
  } catch (error) {
    database.close()
    throw error
  }
  return sqliteStore(database)
}
