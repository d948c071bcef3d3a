import type { OpenOptions, SqliteLocation } from '../location.ts'
import type { Store } from '../store.ts'
import { openDatabase } from './database.ts'
import { migrate } from './migrate.ts'
import { sqliteStore } from './store.ts'
import { refuseUnfinished } from './transfer.ts'
import { directWriter, threadWriter } from './writer.ts'

export function openSqliteStore({ file }: SqliteLocation, { onDeath = () => {}, onNew }: OpenOptions): Store {
  const database = openDatabase(file, onNew)
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
