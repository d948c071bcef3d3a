import type { SQL, Table } from 'drizzle-orm'
import { getTableColumns, sql } from './drizzle.ts'

/*
 * What is not hot is written once for both databases: statements as Drizzle's dialect-neutral templates, over two verbs.
 * ADR 12 tells what a unit costs, and where the line to the hot writes is.
 */

/** One statement of a unit. `touches` is how many rows it must change; `null` is any number. */
export type Step = { sql: SQL; touches: number | null }

export type Unit = {
  steps: readonly Step[]
  /** Articles whose list the unit changes: other replicas are told of their new revisions. */
  visible?: readonly string[]
}

export type Units = {
  /** The rows of one query, their values by the names that it gives them; numbers as numbers. */
  all: <R>(query: SQL) => Promise<R[]>
  /** A query that is asked often, made once: `sql.placeholder(name)` stands for what each call gives. */
  prepared: <R>(query: SQL) => (values: Readonly<Record<string, unknown>>) => Promise<R[]>
  /**
   * Commits all statements or none, in their order, and each sees what those before it did. `stale`, and nothing written,
   * where one of them touched another number of rows than it must: compare-and-set. Resolves once it is durable.
   */
  commit: (unit: Unit) => Promise<'committed' | 'stale'>
  /** The moment in milliseconds, by the clock that all who share the database have. */
  nowMs: SQL
}

/** Each column under its field's name: what a row of the table is made of. */
export function columnsOf(table: Table): SQL {
  return sql.join(
    Object.entries(getTableColumns(table)).map(
      ([field, column]) => sql`${sql.identifier(column.name)} AS ${sql.identifier(field)}`,
    ),
    sql`, `,
  )
}

/** `INSERT` of one row; what it says of conflicts is for who calls to add. */
export function insertInto(table: Table, row: Readonly<Record<string, unknown>>): SQL {
  const columns = getTableColumns(table)
  const names = Object.keys(row).map((field) => sql.identifier(columns[field]?.name ?? field))
  const values = Object.values(row).map((value) => sql`${value}`)
  return sql`INSERT INTO ${table} (${sql.join(names, sql`, `)}) VALUES (${sql.join(values, sql`, `)})`
}
