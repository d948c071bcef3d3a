import { createHash } from 'node:crypto'
import { type Kind, kinds, type Pages, type Row } from '../store/transfer.ts'
import { rowLine } from './transfer-format.ts'

/** What went into a database, kept so that it can be told whether it is what the database gives back. */
export type ReadBack = {
  /** Notes rows of the file, in its order. */
  note: (kind: Kind, rows: readonly Row[]) => void
  /** Reads all again; gives a sentence for each kind that is not as it was noted. */
  faultsIn: (pages: Pages, onRows: (count: number) => void) => Promise<string[]>
}

/**
 * Keeps a digest for each kind. The database may have tokens of its own, in between and in place of the file's: of those
 * the hashes are kept, and whether they are revoked.
 */
export function readBackOf(): ReadBack {
  const wanted = digests()
  const isRevoked = new Map<unknown, boolean>()

  async function wrongTokens(pages: Pages, onRows: (count: number) => void): Promise<string[]> {
    const missing = new Map(isRevoked)
    for await (const page of pages('token', null)) {
      for (const { hash, revokedAtMs } of page)
        if (missing.get(hash) === false || revokedAtMs !== null) missing.delete(hash)
      onRows(page.length)
    }
    return missing.size === 0
      ? []
      : [`Tokens of the file that are not there, or not revoked as they are in it: ${missing.size}.`]
  }

  return {
    note(kind, rows) {
      if (kind === 'token')
        for (const { hash, revokedAtMs } of rows) isRevoked.set(hash, revokedAtMs !== null)
      else for (const row of rows) wanted[kind].update(rowLine(kind, row))
    },
    async faultsIn(pages, onRows) {
      const faults = await wrongTokens(pages, onRows)
      const found = digests()
      for (const kind of kinds) {
        if (kind === 'token') continue
        for await (const page of pages(kind, null)) {
          for (const row of page) found[kind].update(rowLine(kind, row))
          onRows(page.length)
        }
        if (found[kind].digest('hex') !== wanted[kind].copy().digest('hex'))
          faults.push(`The ${names[kind]} that are stored are not those of the file.`)
      }
      return faults
    },
  }
}

const names = {
  article: 'articles',
  comment: 'comments',
  decision: 'decisions',
  idempotencyRecord: 'idempotency records',
}

function digests() {
  const digest = () => createHash('sha256')
  return { article: digest(), comment: digest(), decision: digest(), idempotencyRecord: digest() }
}
