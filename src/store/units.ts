import type { SQL, SQLWrapper, Table } from 'drizzle-orm'
import { getTableColumns, sql } from './drizzle.ts'

/*
 * What is not hot is written once for both databases: statements as Drizzle's dialect-neutral templates, over two verbs.
 * ADR 12 tells what a unit costs, and where the line to the hot writes is.
 */

/** One statement of a unit. `touches` is how many rows it must change; `null` is any number. */
export type Step = { sql: SQL; touches: number | null }

/**
 * One statement for each of many rows, which have the same fields, those of `like`'s columns. `sql` is given what stands for
 * the rows as a table; one database runs it for all of them, another for one after the other. `touches` is how many rows it
 * must change for each.
 */
export type RowsStep = {
  rows: readonly Values[]
  like: Table
  sql: (rows: SQL) => SQL
  touches: 1 | null
}

export type Values = Readonly<Record<string, string | number | null>>

export type Unit = {
  steps: readonly (Step | RowsStep)[]
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
  /** Whether the column has one of many texts; the text of the query is the same for any number of them. */
  isOneOf: (column: SQLWrapper, values: readonly string[]) => SQL
  /** Texts as a table, each in `value`; the text of the query is the same for any number of them. */
  textRows: (values: readonly string[]) => SQL
  /**
   * Of a text of many lines the one that begins so, with a line break before it and after it, or nothing of the kind; or the whole
   * text, where that is at hand for who asks.
   */
  lineIn: (text: SQL, begun: SQL) => SQL
  /** How many queries one caller may as well ask at once. */
  sideBySide: number
  /** The moment in milliseconds, by the clock that all who share the database have. */
  nowMs: SQL
}

/**
 * Each column under its field's name: what a row of the table is made of; of the table under another name, with that; and behind
 * `prefix` where the rows of several stand beside each other.
 */
export function columnsOf(table: Table, alias?: string, prefix = ''): SQL {
  const own = alias === undefined ? sql`` : sql`${sql.identifier(alias)}.`
  return sql.join(
    Object.entries(getTableColumns(table)).map(
      ([field, column]) => sql`${own}${sql.identifier(column.name)} AS ${sql.identifier(prefix + field)}`,
    ),
    sql`, `,
  )
}

/** `INSERT` of a step's rows; `computed` are further fields, for each row, which is called `input`. Those that are there stay. */
export function insertRows(
  table: Table,
  rows: readonly Values[],
  computed: Readonly<Record<string, SQL>> = {},
): RowsStep {
  const columns = getTableColumns(table)
  const nameOf = (field: string) => sql.identifier(columns[field]?.name ?? field)
  const given = Object.keys(rows[0] ?? {}).filter((field) => computed[field] === undefined)
  const names = [...given, ...Object.keys(computed)].map(nameOf)
  const values = [...given.map((field) => sql`input.${nameOf(field)}`), ...Object.values(computed)]
  return {
    rows,
    like: table,
    sql: (input) => sql`INSERT INTO ${table} (${sql.join(names, sql`, `)})
      SELECT ${sql.join(values, sql`, `)} FROM ${input} AS input WHERE TRUE ON CONFLICT DO NOTHING`,
    touches: 1,
  }
}

/** `INSERT` of one row; what it says of conflicts is for who calls to add. */
export function insertInto(table: Table, row: Readonly<Record<string, unknown>>): SQL {
  const columns = getTableColumns(table)
  const names = Object.keys(row).map((field) => sql.identifier(columns[field]?.name ?? field))
  const values = Object.values(row).map((value) => sql`${value}`)
  return sql`INSERT INTO ${table} (${sql.join(names, sql`, `)}) VALUES (${sql.join(values, sql`, `)})`
}
