import { setTimeout } from 'node:timers/promises'
import {
  type Added,
  type Begun,
  type Counts,
  importMark,
  type Kind,
  kinds,
  type Pages,
  pagesFrom,
  type Row,
  type Shape,
  type Source,
  settledTotals,
  shapeOf,
  type Target,
  unfinishedImport,
  wrongApprovedCounts,
  wrongCounts,
  wrongRelations,
} from '../transfer.ts'
import type { Database } from './database.ts'
import { faultOf } from './fault.ts'
import { articles, comments, decisions, idempotencyRecords, tokens } from './schema.ts'

const shapes: Record<Kind, Shape> = {
  token: shapeOf('token', tokens),
  article: shapeOf('article', articles),
  comment: shapeOf('comment', comments),
  decision: shapeOf('decision', decisions),
  idempotencyRecord: shapeOf('idempotencyRecord', idempotencyRecords),
}

/** How long one statement may take: to count a hundred million rows, at the most. */
const longestMs = 3_600_000

const faultsTold = 20

/** @throws Error where an import into the database has not ended. */
export async function refuseUnfinished(database: Pick<Database, 'query'>): Promise<void> {
  if ((await markIn(database.query)) !== null) throw new Error(unfinishedImport)
}

/** All that a database holds, read in one transaction. */
export async function postgresSource(database: Database): Promise<Source> {
  await refuseUnfinished(database)
  return {
    async read(use) {
      return patiently(
        database,
        async (query) =>
          use({
            counts: await countsIn(query),
            tokenTimes: await tokenTimesIn(query),
            pages: pagesIn(query),
          }),
        'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY',
      )
    },
    close: database.close,
  }
}

/** A database to fill, through one connection. */
export async function postgresTarget(database: Database): Promise<Target> {
  await patiently(database, async (query) => {
    await query({ text: "SELECT set_config('application_name', $1, false)", values: [importName] })
  })
  let number: number | null = null
  let isFaulty = false
  const isMine = async (query: Query, lock: 'FOR SHARE' | 'FOR UPDATE' = 'FOR SHARE') =>
    number !== null && (await markIn(query, lock)) === number

  return {
    async begin(fileNumber, resumes) {
      const begun = await patiently<Begun>(database, async (query) => {
        // Whoever begins at the same moment waits here, and then sees the mark.
        await query({ text: 'LOCK TABLE totals IN SHARE ROW EXCLUSIVE MODE' })
        const mark = await markIn(query)
        if (mark !== null && mark !== fileNumber) return 'another'
        if (mark !== null && !resumes) return 'broken-off'
        if (mark === null) {
          if (await isFilled(query)) return 'not-empty'
          await query({ text: 'INSERT INTO totals (name, value) VALUES ($1, $2)' }, [importMark, fileNumber])
        }
        number = fileNumber
        return 'begun'
      })
      // From now on none can start; one that runs already would show a part.
      return begun === 'begun' && (await isServed(database)) ? 'in-use' : begun
    },
    async add(kind, rows) {
      try {
        const work = async (query: Query): Promise<Added> => {
          if (!(await isMine(query))) return { kind: 'ended' }
          const input = JSON.stringify(rows.map((row) => inColumns(kind, row)))
          // First: it frees the name for another token of the file.
          if (kind === 'token') await query({ text: revokeText }, [input])
          const { rowCount } = await query({ text: insertText(kind) }, [input]).catch(undoOrphan)
          const count = rowCount ?? 0
          if (count === rows.length) return { kind: 'added', count }
          const [taken] = (await query({ text: takenText(kind) }, [input])).rows
          if (taken !== undefined) throw new Undone({ kind: 'taken', index: Number(taken.ordinal) - 1 })
          return { kind: 'added', count }
        }
        return await patiently(database, work, notSynced)
      } catch (error) {
        if (error instanceof Undone) return error.outcome
        throw error
      }
    },
    async finish(counts, check) {
      // The planner would otherwise take the tables for empty until the server looks at them by itself.
      await patiently(database, async (query) => {
        await query({ text: `ANALYZE ${kinds.map((kind) => shapes[kind].table).join()}` })
      })
      return patiently(database, async (query) => {
        // Who adds rows waits here, and then finds no mark.
        if (!(await isMine(query, 'FOR UPDATE'))) return ['Another process has ended this import.']
        const faults = [
          ...wrongCounts(await countsIn(query), counts, (kind) => shapes[kind].table),
          ...(await check(pagesIn(query))),
          ...(await miscountedArticles(query)),
          ...(await relationFaults(query)),
        ]
        isFaulty = faults.length > 0
        if (isFaulty) return faults
        await query({
          text: settledTotals,
        })
        await query({ text: 'DELETE FROM totals WHERE name = $1' }, [importMark])
        return []
      })
    },
    async abandon() {
      return patiently(database, async (query) => {
        if (!(await isMine(query))) return 'unmarked'
        if (isFaulty || (await isFilled(query))) return 'marked'
        await query({ text: 'DELETE FROM totals WHERE name = $1' }, [importMark])
        return 'unmarked'
      })
    },
    close: database.close,
  }
}

/** What tells this process from a service's in `pg_stat_activity`. */
const importName = 'imprimatur import'

/** For how long the server may still show a process that has ended. */
const lingerMs = 2_000

/** A service whose connections have just been broken, all at once, comes back at once, and tries again within a third of this. */
const absentMs = 1_500

const lookEveryMs = 100

async function isServed(database: Database): Promise<boolean> {
  const beganMs = performance.now()
  for (let absentSinceMs: number | null = null; ; ) {
    const isConnected = await patiently(database, async (query) => {
      const { rows } = await query({
        text: `SELECT 1 FROM pg_stat_activity
          WHERE datname = current_database() AND application_name = 'imprimatur' AND pid <> pg_backend_pid() LIMIT 1`,
      })
      return rows.length > 0
    })
    const nowMs = performance.now()
    if (isConnected) {
      if (nowMs - beganMs > lingerMs) return true
      absentSinceMs = null
    } else {
      absentSinceMs ??= nowMs
      if (nowMs - absentSinceMs >= absentMs) return false
    }
    await setTimeout(lookEveryMs)
  }
}

/** A crash of the server may undo the last batches, which then go in again; the last commit makes all before it durable. */
const notSynced = 'SET LOCAL synchronous_commit = off'

/** Undoes its transaction. */
class Undone extends Error {
  readonly outcome: Added

  constructor(outcome: Added) {
    super(outcome.kind)
    this.outcome = outcome
  }
}

/** SQLSTATE 23503: a foreign key is violated. */
function undoOrphan(error: unknown): never {
  throw (error as { code?: string }).code === '23503' ? new Undone({ kind: 'orphan' }) : error
}

type Query = Database['query']

/**
 * One transaction whose statements, and the time between them, may take long: the other side may be slow. The database's
 * errors are told in the Store's words; what `work` throws by itself stays what it is.
 */
async function patiently<T>(
  database: Database,
  work: (query: Query) => Promise<T>,
  first?: string,
): Promise<T> {
  const ofDatabase = new Set<unknown>()
  const own = new Set<unknown>()
  try {
    return await database.transaction(async (impatientQuery) => {
      const query: Query = async (statement, values) => {
        try {
          return await impatientQuery({ ...statement, query_timeout: longestMs }, values)
        } catch (error) {
          ofDatabase.add(error)
          throw error
        }
      }
      if (first !== undefined) await query({ text: first })
      await query({
        text: `SELECT set_config('statement_timeout', $1, true), set_config('lock_timeout', $1, true),
          set_config('idle_in_transaction_session_timeout', '0', true)`,
        values: [String(longestMs)],
      })
      try {
        return await work(query)
      } catch (error) {
        if (!ofDatabase.has(error)) own.add(error)
        throw error
      }
    })
  } catch (error) {
    throw own.has(error) ? error : faultOf(error)
  }
}

function pagesIn(query: Query): Pages {
  return (kind, from) => {
    const { table, columns, key } = shapes[kind]
    const fields = columns.map(
      ({ name, field, isNumber }) => `${name}${isNumber ? '::float8' : ''} AS "${field}"`,
    )
    const places = key.map((_, index) => `$${index + 2}`)
    const text = `SELECT ${fields} FROM ${table} WHERE (${key}) >= (${places}) ORDER BY ${key} LIMIT $1`
    const name = `export_${table}`
    return pagesFrom(
      kind,
      from,
      async (start, limit) => (await query({ name, text }, [limit, ...start])).rows,
    )
  }
}

function inColumns(kind: Kind, row: Row): Row {
  return Object.fromEntries(shapes[kind].columns.map(({ name, field }) => [name, row[field] ?? null]))
}

function insertText(kind: Kind): string {
  const { table, columns } = shapes[kind]
  const names = columns.map(({ name }) => name)
  return `INSERT INTO ${table} (${names}) SELECT ${names} FROM json_populate_recordset(NULL::${table}, $1::json)
    ON CONFLICT DO NOTHING`
}

const revokeText = `UPDATE tokens AS own SET revoked_at_ms = input.revoked_at_ms
  FROM json_populate_recordset(NULL::tokens, $1::json) AS input
  WHERE own.hash = input.hash AND own.revoked_at_ms IS NULL AND input.revoked_at_ms IS NOT NULL`

/** The first row of the input that is not there as it is in the input. */
function takenText(kind: Kind): string {
  const { table, key } = shapes[kind]
  const [same, isThere] =
    kind === 'token'
      ? ['own.hash = input.hash', 'own.hash IS NOT NULL']
      : [key.map((name) => `own.${name} = input.${name}`).join(' AND '), 'own IS NOT DISTINCT FROM input']
  return `SELECT element.ordinal FROM json_array_elements($1::json) WITH ORDINALITY AS element (value, ordinal)
    CROSS JOIN LATERAL json_populate_record(NULL::${table}, element.value) AS input
    LEFT JOIN ${table} AS own ON ${same}
    WHERE NOT (${isThere}) ORDER BY element.ordinal LIMIT 1`
}

async function markIn(query: Query, lock = ''): Promise<number | null> {
  const { rows } = await query({ text: `SELECT value FROM totals WHERE name = $1 ${lock}` }, [importMark])
  return rows[0] === undefined ? null : Number(rows[0].value)
}

/** What else there could be refers to an article. */
async function isFilled(query: Query): Promise<boolean> {
  return (await query({ text: 'SELECT 1 FROM articles LIMIT 1' })).rows.length > 0
}

async function countsIn(query: Query): Promise<Counts> {
  const counts: [Kind, number][] = []
  for (const kind of kinds) {
    const { rows } = await query({ text: `SELECT count(*) AS count FROM ${shapes[kind].table}` })
    counts.push([kind, Number(rows[0]?.count)])
  }
  // Of each kind there is a table.
  return Object.fromEntries(counts) as Counts
}

async function tokenTimesIn(query: Query): Promise<string> {
  const { rows } = await query({
    text: 'SELECT coalesce(sum(coalesce(last_used_at_ms, 0) + coalesce(revoked_at_ms, 0)), 0)::text AS times FROM tokens',
  })
  return String(rows[0]?.times)
}

async function miscountedArticles(query: Query): Promise<string[]> {
  const { rows } = await query({
    text: `${wrongApprovedCounts} LIMIT ${faultsTold}`,
  })
  return rows.map(({ article_id }) => `The count of approved comments of article ${article_id} is wrong.`)
}

async function relationFaults(query: Query): Promise<string[]> {
  const faults: string[] = []
  for (const { sql, sentence } of wrongRelations)
    faults.push(...(await query({ text: sql })).rows.map(({ id }) => sentence(id)))
  return faults
}
