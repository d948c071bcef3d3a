import SqliteDatabase, { type Database } from 'better-sqlite3'
import { wrongApprovedCounts } from '../transfer.ts'
import { lookAt } from './ownership.ts'

/** What a copy holds, and what is wrong with it: nothing, where it may be relied on. */
export type Copy = { comments: number; faults: string[] }

/**
 * Copies a database as it is now, while others read and write it: nobody waits for that, and what is committed in the
 * meantime is not in the copy. `to` is an empty file or none yet; afterwards it needs no other beside it. The copy is
 * checked: its pages, its references, and the counts that are kept of its rows.
 *
 * @throws Error SQLite's, where one of the files cannot be read or written; a StoreFault where it is another program's.
 */
export async function copyDatabase(from: string, to: string): Promise<Copy> {
  lookAt(from)
  const source = new SqliteDatabase(from, { readonly: true, fileMustExist: true })
  try {
    // One snapshot for all of the copy: without it SQLite begins anew with every commit of another, and may never end.
    source.exec('BEGIN')
    source.prepare('SELECT count(*) FROM sqlite_schema').get()
    await source.backup(to)
  } finally {
    source.close()
  }
  return checkCopy(to)
}

function checkCopy(file: string): Copy {
  const copy = new SqliteDatabase(file, { fileMustExist: true })
  try {
    // The service sets it again. Until then the copy can be read where nothing can be written.
    copy.pragma('journal_mode = DELETE')
    const faults = [...pageFaults(copy), ...referenceFaults(copy)]
    return faults.length > 0
      ? { comments: 0, faults }
      : { comments: commentsIn(copy), faults: countFaults(copy) }
  } finally {
    copy.close()
  }
}

function pageFaults(copy: Database): string[] {
  const lines = copy.prepare<[], string>('PRAGMA integrity_check').pluck().all()
  return lines.filter((line) => line !== 'ok')
}

/** Rows that refer to what is not there, in a sentence for each two tables. */
export function referenceFaults(copy: Database): string[] {
  const rows = copy
    .prepare<[], { child: string; parent: string; count: number }>(
      'SELECT "table" AS child, parent, count(*) AS count FROM pragma_foreign_key_check GROUP BY child, parent',
    )
    .all()
  return rows.map(({ child, parent, count }) => `Rows of ${child} without their row of ${parent}: ${count}.`)
}

/** Counts that are kept of rows and are not those of the rows, a sentence for each. */
export function countFaults(copy: Database): string[] {
  const articles = copy.prepare<[], string>(wrongApprovedCounts).pluck().all()
  const pending = copy
    .prepare(
      "SELECT value = (SELECT count(*) FROM comments WHERE status = 'pending') FROM totals WHERE name = 'pending'",
    )
    .pluck()
    .get()
  return [
    ...articles.map((articleId) => `The count of approved comments of article ${articleId} is wrong.`),
    ...(pending === 1 ? [] : ['The count of pending comments is wrong.']),
  ]
}

function commentsIn(copy: Database): number {
  return copy.prepare<[], number>('SELECT count(*) FROM comments').pluck().get() ?? 0
}
