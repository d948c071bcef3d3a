import type { Database, Statement } from 'better-sqlite3'
import { fillPlaceholders, getTableColumns, sql } from '../drizzle.ts'
import type { RowsStep, Unit, Units } from '../units.ts'
import type { BuiltStep, BuiltUnit } from './commands.ts'
import { SQLiteSyncDialect } from './drizzle.ts'

/** As many queries are kept prepared; they are told apart by their text. */
const queriesKept = 200

export type SqliteUnits = Units & { built: (unit: Unit | undefined) => BuiltUnit }

/** Queries on this connection and this thread; a unit is one command of the writer's. */
export function sqliteUnits(
  database: Database,
  commit: (unit: BuiltUnit) => Promise<'committed' | 'stale'>,
): SqliteUnits {
  const dialect = new SQLiteSyncDialect()
  const prepared = new Map<string, Statement<unknown[], unknown>>()

  function statementOf(text: string): Statement<unknown[], unknown> {
    const known = prepared.get(text)
    if (known !== undefined) return known
    if (prepared.size >= queriesKept) prepared.clear()
    const statement = database.prepare<unknown[], unknown>(text)
    prepared.set(text, statement)
    return statement
  }

  function built(unit: Unit | undefined): BuiltUnit {
    return (unit?.steps ?? []).map((step) => {
      if ('rows' in step) return builtOf(step)
      const { sql: text, params } = dialect.sqlToQuery(step.sql)
      return { text, parameters: [params], touches: step.touches }
    })
  }

  /** For one row after the other: to read them out of a JSON text takes SQLite three times as long. */
  function builtOf({ rows, like, sql: statement, touches }: RowsStep): BuiltStep {
    const columns = getTableColumns(like)
    const values = Object.keys(rows[0] ?? {}).map(
      (field) => sql`${sql.placeholder(field)} AS ${sql.identifier(columns[field]?.name ?? field)}`,
    )
    const { sql: text, params } = dialect.sqlToQuery(statement(sql`(SELECT ${sql.join(values, sql`, `)})`))
    return { text, parameters: rows.map((row) => fillPlaceholders(params, row)), touches }
  }

  return {
    async all<R>(query: Parameters<Units['all']>[0]) {
      const { sql: text, params } = dialect.sqlToQuery(query)
      // The query names what it gives.
      return statementOf(text).all(...params) as R[]
    },
    prepared<R>(query: Parameters<Units['all']>[0]) {
      const { sql: text, params } = dialect.sqlToQuery(query)
      const statement = database.prepare<unknown[], unknown>(text)
      // The query names what it gives.
      return async (values: Readonly<Record<string, unknown>>) =>
        statement.all(...fillPlaceholders(params, values)) as R[]
    },
    async commit(unit) {
      return commit(built(unit))
    },
    isOneOf(column, values) {
      return sql`${column} IN (SELECT value FROM json_each(${JSON.stringify(values)}))`
    },
    textRows(values) {
      return sql`json_each(${JSON.stringify(values)})`
    },
    lineIn: (text) => text,
    // Each is answered before the next, and nobody else has a turn in between.
    sideBySide: 1,
    nowMs: sql`CAST(unixepoch('subsec') * 1000 AS INTEGER)`,
    built,
  }
}
