import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import type { Config } from '../config.ts'
import { tokenState } from '../domain/tokens/token.ts'
import { hashSecret } from '../operations/secrets.ts'
import type { PublishedSecret } from '../operations/tokens/create-token.ts'
import type { Store } from '../store/store.ts'
import { CommandError, isInMemory } from './terminal.ts'

/**
 * Beside the database, and of another name for each one there: of two in one folder neither takes the other's. That of a
 * PostgreSQL is where the default database would be. A database in memory has no place of its own, and neither has its token.
 */
export function tokenFileFor({ database }: Pick<Config, 'database'>): string {
  if (database.dialect === 'postgres') return join('data', 'postgres.moderator-token')
  if (isInMemory(database)) return join(tmpdir(), `imprimatur-moderator-token-${process.pid}`)
  return join(dirname(database.file), nameBeside(basename(database.file)))
}

function nameBeside(database: string): string {
  if (database === 'imprimatur.db') return 'moderator-token'
  return database.endsWith('.db')
    ? `${database.slice(0, -'.db'.length)}.moderator-token`
    : `${database}-moderator-token`
}

/** For its owner alone. Beside a database in a file it is there already; where it is gone, something is wrong. */
export async function makeFolderOf(file: string): Promise<void> {
  await naming(file, () => mkdir(dirname(file), { recursive: true, mode: 0o700 }))
}

/** Readable by the owner alone, and in its place only once the token is valid. */
export async function writeSecret(file: string, secret: string): Promise<PublishedSecret> {
  // In a container every process has the same id, and one that was killed may have left its draft.
  const draft = `${file}.${randomUUID()}`
  const discard = () => naming(draft, () => rm(draft, { force: true }))
  try {
    await naming(file, () => writeFile(draft, `${secret}\n`, { mode: 0o600, flag: 'wx', flush: true }))
  } catch (error) {
    await discard()
    throw error
  }
  const keep = () =>
    naming(file, async () => {
      // Another start may have put it in its place already.
      if (!(await renameUnlessGone(draft, file)) && (await secretIn(file)) !== secret)
        throw new Error('its draft has disappeared.')
    })
  return { keep, discard }
}

/** To a file that was not there, and is nobody's link: for its owner alone from the first byte on. */
export async function writeNewFile(file: string, secret: string): Promise<Pick<PublishedSecret, 'discard'>> {
  const discard = () => rm(file, { force: true })
  try {
    await writeFile(file, `${secret}\n`, { mode: 0o600, flag: 'wx', flush: true })
    return { discard }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'EEXIST')
      throw new CommandError([`${file} exists. Choose another name, or remove it first. No token was made.`])
    // Where it could not be made there is nothing to remove, nor a right to.
    await discard().catch(() => {})
    throw new CommandError([`${file} cannot be written: ${message}. No token was made.`])
  }
}

/** Puts the draft in its place that a start left which was killed after its token had become valid. */
export async function keepDraftInForce(store: Pick<Store, 'findTokenByHash'>, file: string): Promise<void> {
  const folder = dirname(file)
  const names = await naming(file, () => readdir(folder))
  for (const draft of names.filter((name) => isDraft(name, file)).map((name) => join(folder, name))) {
    // Of several starts at once one puts it in its place; which one is all the same.
    const secret = await naming(draft, () => unlessGone(() => secretIn(draft)))
    if (secret && (await isInForce(store, secret))) await naming(file, () => renameUnlessGone(draft, file))
  }
}

/** Whether whoever reads the file holds a token of this database. A file that cannot be read opens nothing. */
export async function opens(file: string, store: Pick<Store, 'findTokenByHash'>): Promise<boolean> {
  const secret = await secretIn(file).catch(() => null)
  return secret !== null && isInForce(store, secret)
}

async function isInForce(store: Pick<Store, 'findTokenByHash'>, secret: string): Promise<boolean> {
  const token = await store.findTokenByHash(hashSecret(secret))
  return token !== null && tokenState(token, Date.now()) === 'active'
}

async function secretIn(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trim()
}

/** What an operator puts beside the file is none of it. */
function isDraft(name: string, file: string): boolean {
  return name.startsWith(`${basename(file)}.`) && /\.[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/.test(name)
}

async function renameUnlessGone(from: string, to: string): Promise<boolean> {
  return (await unlessGone(async () => rename(from, to).then(() => true))) ?? false
}

async function unlessGone<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return null
  }
}

/** The system's faults in a sentence: a full disk, a folder in the way, a file of somebody else's. */
async function naming<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw new CommandError([
      `The file of the first moderator's token, ${file}, cannot be used: ${(error as Error).message}`,
    ])
  }
}
