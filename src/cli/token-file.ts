import { randomUUID } from 'node:crypto'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import type { Config } from '../config.ts'
import { tokenState } from '../domain/token.ts'
import type { PublishedSecret } from '../operations/ensure-moderator-token.ts'
import { hashSecret } from '../operations/secrets.ts'
import type { Store } from '../store/store.ts'

/** Beside the database; a database in memory has no place of its own, and neither has its token. */
export function tokenFileFor({ database }: Pick<Config, 'database'>): string {
  return database.file === ':memory:'
    ? join(tmpdir(), `imprimatur-moderator-token-${process.pid}`)
    : join(dirname(database.file), 'moderator-token')
}

/** Readable by the owner alone, and in its place only once the token is valid. */
export async function writeSecret(file: string, secret: string): Promise<PublishedSecret> {
  // In a container every process has the same id, and one that was killed may have left its draft.
  const draft = `${file}.${randomUUID()}`
  await writeFile(draft, `${secret}\n`, { mode: 0o600, flag: 'wx', flush: true })
  return { keep: () => renameUnlessGone(draft, file), discard: () => rm(draft) }
}

/** Puts the draft in its place that a start left which was killed after its token had become valid. */
export async function keepDraftInForce(store: Pick<Store, 'findTokenByHash'>, file: string): Promise<void> {
  const folder = dirname(file)
  const drafts = (await readdir(folder)).filter((name) => name.startsWith(`${basename(file)}.`))
  for (const name of drafts) {
    const draft = join(folder, name)
    const token = await store.findTokenByHash(hashSecret((await readFile(draft, 'utf8')).trim()))
    if (token !== null && tokenState(token, Date.now()) === 'active') await renameUnlessGone(draft, file)
  }
}

/** Of several starts at once one puts it in its place; which one is all the same. */
async function renameUnlessGone(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
