import { type Copy, copyDatabase } from './sqlite/backup.ts'
import { openDatabase } from './sqlite/database.ts'
import { migrate } from './sqlite/migrate.ts'
import { sqliteStore } from './sqlite/store.ts'
import { directWriter, threadWriter } from './sqlite/writer.ts'
import type { Store } from './store.ts'

/** Where the comments are kept, as `DATABASE_URL` says. */
export type DatabaseLocation = { dialect: 'sqlite'; file: string }

/**
 * Opens the store and brings its schema up to this version. The only place that tells one dialect from another.
 * `onDeath` is called where the store can never work again, and the process had better end.
 */
export async function openStore(
  { file }: DatabaseLocation,
  onDeath: (error: Error) => void = () => {},
): Promise<Store> {
  const database = openDatabase(file)
  try {
    migrate(database)
    if (file === ':memory:') return sqliteStore(database, directWriter(database))
    database.pragma('query_only = ON')
    return sqliteStore(database, threadWriter(database, file, onDeath))
  } catch (error) {
    database.close()
    throw error
  }
}

/** Copies all that the store holds to a file, while it is written to or not, and tells whether the copy is sound. */
export async function copyStore({ file }: DatabaseLocation, to: string): Promise<Copy> {
  return copyDatabase(file, to)
}
