import type { Table } from 'drizzle-orm'
import { getTableColumns, getTableName } from './drizzle.ts'

/*
 * What a store gives to carry all that it holds elsewhere, and takes to be filled with it: rows as every dialect has
 * them, named by the fields of its schema.
 */

/** What is carried, in the order in which it goes: first what may be refused, then what others refer to. */
export const kinds = ['token', 'article', 'comment', 'decision', 'idempotencyRecord'] as const
export type Kind = (typeof kinds)[number]

export type Row = Readonly<Record<string, string | number | null>>

/** The fields that tell one row from all others of its kind, and give the order in which they go: that of their bytes. */
const keyFields = {
  token: ['id'],
  article: ['articleId'],
  comment: ['id'],
  decision: ['commentId', 'position'],
  idempotencyRecord: ['keyHash'],
} as const satisfies Record<Kind, readonly string[]>

export type Key = readonly (string | number)[]

export function keyOf(kind: Kind, row: Row): Key {
  return keyFields[kind].map((field) => row[field] ?? '')
}

export type Counts = Record<Kind, number>

/** Where all is read from. */
export type Source = {
  /** Gives what is there at one moment, for as long as `use` takes, while others write. */
  read: <T>(use: (snapshot: Snapshot) => Promise<T>) => Promise<T>
  close: () => Promise<void>
}

export type Snapshot = {
  counts: Counts
  /**
   * Is another one where a token was used or revoked. Together with the counts it tells two snapshots apart: a comment that
   * changes has a decision more.
   */
  tokenTimes: string
  pages: Pages
}

/** The rows of a kind from this key on, it included, or all of them, a page at a time. */
export type Pages = (kind: Kind, from: Key | null) => AsyncIterable<Row[]>

/** Where all is put: a database without comments, which nobody can serve until all is in and checked. */
export type Target = {
  /**
   * Marks the database as being filled from the file of this number. Answers `not-empty`, and does nothing, where it has
   * articles; `broken-off` where an import of this file has not ended and `resumes` is false; `another` where one of
   * another file has not ended; `in-use` where a service has the database open, and did so before the mark was there.
   */
  begin: (fileNumber: number, resumes: boolean) => Promise<Begun>
  /**
   * Adds rows of one kind, all or none, and leaves alone those that are there already and the same. A token that is there
   * under its hash stays as it is; but where this one is revoked and that one is not, it is revoked at the same time.
   */
  add: (kind: Kind, rows: readonly Row[]) => Promise<Added>
  /**
   * Checks all that is there against these counts, and lets `check` read it back. Without a fault the mark is taken away;
   * nothing can come in between, and nobody can have been served before.
   */
  finish: (counts: Counts, check: (pages: Pages) => Promise<string[]>) => Promise<string[]>
  /**
   * Takes the mark of this import away where nothing but tokens went in; `marked` where more did, or where `finish` has found
   * a fault.
   */
  abandon: () => Promise<'unmarked' | 'marked'>
  close: () => Promise<void>
}

export type Begun = 'begun' | 'not-empty' | 'broken-off' | 'another' | 'in-use'

export type Added =
  | { kind: 'added'; count: number }
  /** This row of the batch is there already, and another one. */
  | { kind: 'taken'; index: number }
  /** A row of the batch refers to one that is not there. */
  | { kind: 'orphan' }
  /** The mark is gone: another process has ended the import. */
  | { kind: 'ended' }

/** The row of `totals` that marks a database as being filled; its value is the file's number. */
export const importMark = 'import'

export const unfinishedImport =
  'An import into it has not ended. Go on with imprimatur import FILE --resume, or start with an empty database.'

/** How many rows are read, or written, at a time: at the most 40 MB of them. */
export const pageRows = 1_000

/** Pages from what reads at most so many rows, from a key on: the last is where the next page starts. */
export async function* pagesFrom(
  kind: Kind,
  from: Key | null,
  read: (from: Key, limit: number) => Promise<Row[]>,
): AsyncGenerator<Row[]> {
  let start: Key | null = from ?? (kind === 'decision' ? ['', 0] : [''])
  while (start !== null) {
    const rows: Row[] = await read(start, pageRows + 1)
    const next: Row | undefined = rows[pageRows]
    yield rows.slice(0, pageRows)
    start = next === undefined ? null : keyOf(kind, next)
  }
}

/** How a kind is kept: the names of its table, its columns and the fields that they are. */
export type Shape = {
  table: string
  columns: { field: string; name: string; isNumber: boolean }[]
  key: string[]
}

export function shapeOf(kind: Kind, table: Table): Shape {
  const columns = Object.entries(getTableColumns(table)).map(([field, { name, dataType }]) => ({
    field,
    name,
    isNumber: dataType === 'number',
  }))
  const isKey = (field: string) => keyFields[kind].some((key) => key === field)
  return {
    table: getTableName(table),
    columns,
    key: columns.filter(({ field }) => isKey(field)).map(({ name }) => name),
  }
}

/** The faults that counts show, in words; of tokens some may have been there before. */
export function wrongCounts(found: Counts, wanted: Counts, nameOf: (kind: Kind) => string): string[] {
  return kinds
    .filter((kind) => (kind === 'token' ? found[kind] < wanted[kind] : found[kind] !== wanted[kind]))
    .map((kind) => `Rows of ${nameOf(kind)}: ${found[kind]}, and ${wanted[kind]} were to be there.`)
}

/**
 * What each line alone does not show, as a query for what is wrong and the sentence for each: from there on a decision would
 * take a version that is there, and a look for an article would go round for ever or end at none.
 */
export const wrongRelations: readonly { sql: string; sentence: (id: unknown) => string }[] = [
  {
    sql: `SELECT DISTINCT comment_id AS id FROM decisions JOIN comments ON comments.id = comment_id
      WHERE decisions.version > comments.version ORDER BY id LIMIT 20`,
    sentence: (id) => `The comment ${id} has a decision of a later version than its own.`,
  },
  {
    sql: `SELECT own.article_id AS id FROM articles AS own LEFT JOIN articles AS heir ON heir.article_id = own.moved_to
      WHERE own.moved_to IS NOT NULL AND (heir.article_id IS NULL OR heir.moved_to IS NOT NULL)
      ORDER BY id LIMIT 20`,
    sentence: (id) => `The article ${id} was moved to one that does not answer for it.`,
  },
]

/** The ids of articles whose count is not that of their comments. While one is moved to another, both are counted as one. */
export const wrongApprovedCounts = `
SELECT coalesce(moved_to, article_id) AS article_id FROM articles LEFT JOIN (
  SELECT article_id, count(*) AS approved FROM comments WHERE status = 'approved' GROUP BY article_id
) AS counted USING (article_id)
GROUP BY 1 HAVING sum(approved_count) <> sum(coalesce(approved, 0))`

/** What is counted of all that was put in, for the rows of `totals`. */
export const settledTotals = `
UPDATE totals SET value = CASE name
  WHEN 'decisions' THEN (SELECT coalesce(max(position), 0) FROM decisions)
  ELSE (SELECT count(*) FROM comments WHERE status = totals.name)
END WHERE name IN ('decisions', 'pending', 'approved', 'rejected', 'withdrawn')`
