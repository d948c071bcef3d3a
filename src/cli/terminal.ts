import { existsSync } from 'node:fs'
import { type Config, readConfig } from '../config.ts'
import { type DatabaseLocation, nameOf, openStore } from '../store/open-store.ts'
import type { Store } from '../store/store.ts'

/** What a command needs of the process; a test passes its own. */
export type Terminal = {
  env: Readonly<Record<string, string | undefined>>
  stdout: { write: (text: string) => unknown }
  stderr: { write: (text: string) => unknown }
}

/** Ends the command with exit code 1 and these sentences. */
export class CommandError extends Error {
  readonly lines: readonly string[]

  constructor(lines: readonly string[]) {
    super(lines.join('\n'))
    this.lines = lines
  }
}

export function configOf(terminal: Terminal): Config {
  const result = readConfig(terminal.env)
  if (result.ok) return result.config
  throw new CommandError([
    'Imprimatur cannot start with these settings:',
    ...result.faults.map((fault) => `  ${fault}`),
  ])
}

/**
 * Opens the configured store for the length of one command, which has to leave something behind. A token made in the
 * wrong folder, in a database of its own, would open nothing: only `mayCreate` makes one.
 */
export async function withStore<T>(
  terminal: Terminal,
  use: (store: Store) => Promise<T>,
  { mayCreate = false } = {},
): Promise<T> {
  const config = configOf(terminal)
  if (isInMemory(config.database)) {
    throw new CommandError([
      'DATABASE_URL says file::memory:, a database that ends with its process. This command needs one that stays.',
    ])
  }
  if (!mayCreate && config.database.dialect === 'sqlite' && !existsSync(config.database.file)) {
    throw new CommandError([
      `There is no database at ${config.database.file}. Is this the service's folder? DATABASE_URL names another; imprimatur migrate makes a new one.`,
    ])
  }
  const store = await openStoreOrExplain(config, terminal)
  try {
    return await use(store)
  } finally {
    await store.close()
  }
}

export async function openStoreOrExplain(
  { database, databasePoolSize, databaseWaitSeconds }: Config,
  { stderr }: Pick<Terminal, 'stderr'>,
  onDeath: (error: Error) => void = () => {},
): Promise<Store> {
  try {
    return await openStore(database, {
      onDeath,
      poolSize: databasePoolSize,
      waitMs: databaseWaitSeconds * 1_000,
      onWait: (error) =>
        stderr.write(
          `Waiting up to ${databaseWaitSeconds} seconds for the database ${nameOf(database)}: ${error.message}\n`,
        ),
    })
  } catch (error) {
    throw new CommandError([`The database ${nameOf(database)} cannot be opened: ${(error as Error).message}`])
  }
}

export function isInMemory(database: DatabaseLocation): boolean {
  return database.dialect === 'sqlite' && database.file === ':memory:'
}
