import { createHash } from 'node:crypto'
import type { SQL } from 'drizzle-orm'
import pg from 'pg'
import { fillPlaceholders, getTableColumns, sql } from '../drizzle.ts'
import type { RowsStep, Unit, Units } from '../units.ts'
import { type Changes, changeChannel } from './changes.ts'
import type { Database, Statement } from './database.ts'
import { PgDialect } from './drizzle.ts'

/** As many statements get a name, under which each session keeps them prepared; they are told apart by their text. */
const namesKept = 200

export type PostgresUnits = Units & {
  /** Runs a unit's statements inside a transaction of somebody else's. */
  within: (query: Database['query'], unit: Unit) => Promise<void>
  /** One transaction that is undone, and answers `stale`, where `work` throws `Stale`. */
  transaction: (work: (query: Database['query']) => Promise<void>) => Promise<'committed' | 'stale'>
}

/** Undoes its transaction: a statement touched another number of rows than it must. */
export class Stale extends Error {}

/** Queries one by one; a unit is one transaction on one connection, through a pooler too. */
export function postgresUnits(database: Database, changes: Pick<Changes, 'learn'>): PostgresUnits {
  const dialect = new PgDialect()
  const names = new Map<string, string>()

  function nameOf(text: string): string {
    const known = names.get(text)
    if (known !== undefined) return known
    if (names.size >= namesKept) names.clear()
    const name = `unit_${createHash('sha256').update(text).digest('base64url').slice(0, 16)}`
    names.set(text, name)
    return name
  }

  const transaction: PostgresUnits['transaction'] = async (work) => {
    try {
      await database.transaction(work)
      return 'committed'
    } catch (error) {
      if (error instanceof Stale) return 'stale'
      throw error
    }
  }

  const within: PostgresUnits['within'] = async (query, { steps }) => {
    for (const step of steps) {
      const { sql: text, params } = dialect.sqlToQuery('rows' in step ? step.sql(rowsOf(step)) : step.sql)
      const touches = 'rows' in step && step.touches !== null ? step.rows.length : step.touches
      const { rowCount } = await query({ name: nameOf(text), text }, params)
      if (touches !== null && rowCount !== touches) throw new Stale()
    }
  }

  return {
    async all<R>(query: Parameters<Units['all']>[0]) {
      const { sql: text, params } = dialect.sqlToQuery(query)
      const { rows } = await database.query({ name: nameOf(text), text, types: numbersAsNumbers }, params)
      // The query names what it gives.
      return rows as R[]
    },
    prepared<R>(query: Parameters<Units['all']>[0]) {
      const { sql: text, params } = dialect.sqlToQuery(query)
      const statement = { name: nameOf(text), text, types: numbersAsNumbers }
      return async (values: Readonly<Record<string, unknown>>) => {
        const { rows } = await database.query(statement, fillPlaceholders(params, values))
        // The query names what it gives.
        return rows as R[]
      }
    },
    async commit(unit) {
      const startedMs = performance.now()
      let revisions: RevisionRow[] = []
      const outcome = await transaction(async (query) => {
        await within(query, unit)
        revisions = await tell(query, unit.visible ?? [])
      })
      if (outcome === 'committed')
        for (const { article_id, revision } of revisions)
          changes.learn(article_id, Number(revision), startedMs)
      return outcome
    },
    isOneOf(column, values) {
      return sql`${column} = ANY (ARRAY(SELECT json_array_elements_text(${JSON.stringify(values)}::json)))`
    },
    textRows(values) {
      return sql`json_array_elements_text(${JSON.stringify(values)}::json)`
    },
    // Some hundred of them for one search: to send the texts takes twice as long. What counts characters (strpos, substr) takes longer still.
    lineIn(text, begun) {
      const begins = sql`E'\\n' || ${begun}`
      return sql`${begins} || split_part(split_part(${text}, ${begins}, 2), E'\\n', 1) || E'\\n'`
    },
    // The server has a process for each connection; one caller is not to take the whole pool.
    sideBySide: 2,
    nowMs: sql`(extract(epoch FROM clock_timestamp()) * 1000)::bigint`,
    within,
    transaction,
  }
}

/** All of them at once, as one parameter. */
function rowsOf({ rows, like }: RowsStep): SQL {
  const columns = getTableColumns(like)
  const named = rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([field, value]) => [columns[field]?.name ?? field, value])),
  )
  return sql`json_populate_recordset(NULL::${like}, ${JSON.stringify(named)}::json)`
}

/** With the commit, all replicas hear of the new revisions. */
async function tell(query: Database['query'], articleIds: readonly string[]): Promise<RevisionRow[]> {
  if (articleIds.length === 0) return []
  const { rows } = await query(
    {
      text: `SELECT article_id, revision, pg_notify('${changeChannel}', revision || ' ' || article_id)
        FROM articles WHERE article_id = ANY($1)`,
    },
    [articleIds],
  )
  return rows as RevisionRow[]
}

/** SQL's 64-bit integers come as texts; none that the store keeps is beyond 2 ** 53. */
const numbersAsNumbers: NonNullable<Statement['types']> = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format),
}

type RevisionRow = { article_id: string; revision: string }
