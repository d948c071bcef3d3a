import { statSync } from 'node:fs'
import { type Config, readConfig } from '../config.ts'
import { onOneLine } from '../domain/text.ts'
import type { DatabaseLocation, OpenOptions } from '../store/location.ts'
import { nameOf, openStore } from '../store/open-store.ts'
import type { Store } from '../store/store.ts'
import { CommandError } from './command-error.ts'

export { CommandError }

/** What a command needs of the process; a test passes its own. */
export type Terminal = {
  /** Where the command is all that its process does. */
  pid?: number
  env: Readonly<Record<string, string | undefined>>
  stdin?: AsyncIterable<Buffer> & { isTTY?: boolean }
  /** `done` is called once the text is out, or with why it is not. */
  stdout: {
    write: (text: string, done?: (error?: Error | null) => void) => unknown
    on?: (event: 'error', listener: (error: Error) => void) => unknown
    isTTY?: boolean
    /** How wide a terminal is. */
    columns?: number
  }
  /** `isTTY`: somebody watches. */
  stderr: { write: (text: string) => unknown; isTTY?: boolean }
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
  options: { mayCreate?: boolean } = {},
): Promise<T> {
  return withLasting(terminal, openStore, use, options)
}

/** The same, with whatever `open` opens. */
export async function withLasting<O extends { close: () => Promise<void> }, T>(
  terminal: Terminal,
  open: Open<O>,
  use: (opened: O) => Promise<T>,
  { mayCreate = false }: { mayCreate?: boolean } = {},
): Promise<T> {
  const config = requireLasting(configOf(terminal), { mayCreate })
  const opened = await openOrExplain(open, config, terminal)
  try {
    return await use(opened)
  } finally {
    await opened.close()
  }
}

/** Refuses a database in memory, and one that is not there unless it may be made. */
export function requireLasting(config: Config, { mayCreate = false }: { mayCreate?: boolean }): Config {
  if (isInMemory(config.database)) {
    throw new CommandError([
      'DATABASE_URL says file::memory:, a database that ends with its process. This command needs one that stays.',
    ])
  }
  if (!mayCreate && config.database.dialect === 'sqlite' && isMissing(config.database.file)) {
    throw new CommandError([
      `There is no database at ${config.database.file}. Is this the service's folder? DATABASE_URL names another; imprimatur migrate makes a new one.`,
    ])
  }
  return config
}

/** An empty file is no database. */
function isMissing(file: string): boolean {
  return (statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0
}

export async function openStoreOrExplain(
  config: Config,
  terminal: Pick<Terminal, 'stderr'>,
  more: OpenOptions = {},
): Promise<Store> {
  return openOrExplain(openStore, config, terminal, more)
}

async function openOrExplain<O>(
  open: Open<O>,
  { database, databasePoolSize, databaseWaitSeconds }: Config,
  { stderr }: Pick<Terminal, 'stderr'>,
  more: OpenOptions = {},
): Promise<O> {
  try {
    return await open(database, {
      ...more,
      poolSize: databasePoolSize,
      waitMs: databaseWaitSeconds * 1_000,
      onWait: (error) =>
        stderr.write(
          `Waiting up to ${databaseWaitSeconds} seconds for the database ${nameOf(database)}: ${onOneLine(error.message)}\n`,
        ),
    })
  } catch (error) {
    throw new CommandError([`The database ${nameOf(database)} cannot be opened: ${(error as Error).message}`])
  }
}

type Open<O> = (location: DatabaseLocation, options: OpenOptions) => Promise<O>

export function isInMemory(database: DatabaseLocation): boolean {
  return database.dialect === 'sqlite' && database.file === ':memory:'
}
