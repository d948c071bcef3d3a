import type { Test } from 'tap'
import type { Decision } from '../../src/domain/comment.ts'
import { openStore } from '../../src/store/open-store.ts'
import { parsePostgresUrl } from '../../src/store/postgres-url.ts'
import type { Store } from '../../src/store/store.ts'
import { type Owner, preparedDatabase } from './postgres.ts'

/** An empty store of its own: SQLite in memory, or `postgres` where that is said, here or in the environment. */
export async function emptyStore(
  t: Owner,
  name: string = process.env['TEST_STORE'] ?? 'sqlite',
): Promise<Store> {
  if (name === 'sqlite') return openStore({ dialect: 'sqlite', file: ':memory:' })
  if (name === 'postgres') return postgresStoreAt(await preparedDatabase(t, migrated))
  throw new Error(`TEST_STORE is sqlite or postgres, not ${name}`)
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

/** A comment's log, oldest first. */
export async function logOf(store: Store, id: string, limit = 100): Promise<Decision[]> {
  return (await store.findWithDecisions(id, limit))?.decisions ?? []
}
