import type { Database } from 'better-sqlite3'
import { StoreFault } from '../store-fault.ts'
import {
  type Added,
  type Counts,
  importMark,
  type Kind,
  keyOf,
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
  wrongCounts,
  wrongRelations,
} from '../transfer.ts'
import { countFaults, referenceFaults } from './backup.ts'
import { openAlone, openDatabase, syncAll } from './database.ts'
import { faultCodeOf } from './group.ts'
import { migrate } from './migrate.ts'
import { articles, comments, decisions, idempotencyRecords, tokens } from './schema.ts'

const shapes: Record<Kind, Shape> = {
  token: shapeOf('token', tokens),
  article: shapeOf('article', articles),
  comment: shapeOf('comment', comments),
  decision: shapeOf('decision', decisions),
  idempotencyRecord: shapeOf('idempotencyRecord', idempotencyRecords),
}

/** @throws Error where an import into the database has not ended. */
export function refuseUnfinished(database: Database): void {
  if (markIn(database) !== null) throw new Error(unfinishedImport)
}

/** All that a file holds, read through a connection of its own. */
export function sqliteSource(file: string): Source {
  const database = openDatabase(file)
  return opened(database, () => {
    migrate(database)
    refuseUnfinished(database)
    database.pragma('query_only = ON')
    return {
      async read(use) {
        database.exec('BEGIN')
        try {
          return await use({
            ...inOwnWords(() => ({ counts: countsIn(database), tokenTimes: tokenTimesIn(database) })),
            pages: pagesIn(database),
          })
        } finally {
          database.exec('ROLLBACK')
        }
      },
      async close() {
        database.close()
      },
    }
  })
}

/**
 * A file to fill, made where it is missing. Nobody else can open it meanwhile, and it is refused where somebody has it open:
 * a service that runs would not notice what is put in.
 */
export function sqliteTarget(file: string): Target {
  const prepared = openDatabase(file)
  opened(prepared, () => migrate(prepared))
  prepared.close()
  const database = openAlone(file)
  return opened(database, () => targetIn(database))
}

function targetIn(database: Database): Target {
  const adders = Object.fromEntries(kinds.map((kind) => [kind, adderOf(database, kind)])) as Record<
    Kind,
    ReturnType<typeof adderOf>
  >
  const setMark = database.prepare('INSERT INTO totals (name, value) VALUES (?, ?)')
  const removeMark = database.prepare('DELETE FROM totals WHERE name = ?')
  const indexes = indexesToBuild()
  let number: number | null = null
  let isFaulty = false

  /** What `work` did is undone where it answers something else than what is wanted. */
  const atomic = <T>(work: () => T, isWanted: (result: T) => boolean = () => true): T =>
    inOwnWords(() => {
      database.exec('BEGIN IMMEDIATE')
      try {
        const result = work()
        database.exec(isWanted(result) ? 'COMMIT' : 'ROLLBACK')
        return result
      } finally {
        if (database.inTransaction) database.exec('ROLLBACK')
      }
    })

  return {
    async begin(fileNumber, resumes) {
      return atomic(() => {
        const mark = markIn(database)
        if (mark !== null && mark !== fileNumber) return 'another'
        if (mark !== null && !resumes) return 'broken-off'
        if (mark === null) {
          if (isFilled(database)) return 'not-empty'
          setMark.run(importMark, fileNumber)
          for (const { name } of indexes) database.exec(`DROP INDEX IF EXISTS ${name}`)
        }
        number = fileNumber
        return 'begun'
      })
    },
    async add(kind, rows) {
      return atomic(
        () => (markIn(database) === number ? adders[kind](rows) : { kind: 'ended' }),
        (added) => added.kind === 'added',
      )
    },
    async finish(counts, check) {
      // Nobody else can open the file, so what is read stays as it is until the mark is gone.
      const wrongRows = await check(pagesIn(database))
      syncAll(database)
      return atomic(
        () => {
          for (const { sql } of indexes) database.exec(sql)
          database.exec(settledTotals)
          const faults = [
            ...wrongCounts(countsIn(database), counts, (kind) => shapes[kind].table),
            ...wrongRows,
            ...referenceFaults(database),
            ...countFaults(database),
            ...relationFaults(database),
          ]
          removeMark.run(importMark)
          isFaulty = faults.length > 0
          return faults
        },
        (faults) => faults.length === 0,
      )
    },
    async abandon() {
      return atomic(() => {
        if (number === null || markIn(database) !== number) return 'unmarked'
        if (isFaulty || isFilled(database)) return 'marked'
        for (const { sql } of indexes) database.exec(sql)
        removeMark.run(importMark)
        return 'unmarked'
      })
    },
    async close() {
      database.close()
    },
  }
}

/**
 * The indexes that no import needs, as the migrations make them. Of a database that is filled they are built at the end:
 * kept row by row they cost hours where they outgrow the memory.
 */
function indexesToBuild(): { name: string; sql: string }[] {
  const model = openDatabase(':memory:')
  migrate(model)
  const indexes = model
    .prepare<[], { name: string; sql: string }>(
      "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name <> 'tokens'",
    )
    .all()
  model.close()
  return indexes
}

function adderOf(database: Database, kind: Kind): (rows: readonly Row[]) => Added {
  const { table, columns, key } = shapes[kind]
  const names = columns.map(({ name }) => name)
  const insert = database.prepare(
    `INSERT INTO ${table} (${names}) VALUES (${names.map(() => '?')}) ON CONFLICT DO NOTHING`,
  )
  const found = kind === 'token' ? ['hash'] : names
  const select = database.prepare(
    `SELECT 1 FROM ${table} WHERE ${kind === 'token' ? 'true' : `(${key}) = (${key.map(() => '?')})`}
    AND ${found.map((name) => `${name} IS ?`).join(' AND ')}`,
  )
  const isThere = (row: Row) =>
    kind === 'token'
      ? select.get(row['hash'])
      : select.get(...keyOf(kind, row), ...columns.map(({ field }) => row[field]))

  const revoke = database.prepare(
    'UPDATE tokens SET revoked_at_ms = ? WHERE hash = ? AND revoked_at_ms IS NULL',
  )

  return (rows) => {
    let count = 0
    // First: it frees the name for another token of the file.
    if (kind === 'token')
      for (const { revokedAtMs, hash } of rows) if (revokedAtMs !== null) revoke.run(revokedAtMs, hash)
    try {
      for (const [index, row] of rows.entries()) {
        const { changes } = insert.run(...columns.map(({ field }) => row[field]))
        if (changes === 0 && isThere(row) === undefined) return { kind: 'taken', index }
        count += changes
      }
    } catch (error) {
      if ((error as { code?: string }).code === 'SQLITE_CONSTRAINT_FOREIGNKEY') return { kind: 'orphan' }
      throw error
    }
    return { kind: 'added', count }
  }
}

function pagesIn(database: Database): Pages {
  return (kind, from) => {
    const { table, columns, key } = shapes[kind]
    const places = key.map(() => '?')
    const select = database.prepare<unknown[], Row>(
      `SELECT ${columns.map(({ name, field }) => `${name} AS "${field}"`).join()} FROM ${table}
      WHERE (${key}) >= (${places}) ORDER BY ${key} LIMIT ?`,
    )
    return pagesFrom(kind, from, async (start, limit) => inOwnWords(() => select.all(...start, limit)))
  }
}

function markIn(database: Database): number | null {
  return (
    database.prepare<[string], number>('SELECT value FROM totals WHERE name = ?').pluck().get(importMark) ??
    null
  )
}

/** What else there could be refers to an article. */
function isFilled(database: Database): boolean {
  return database.prepare('SELECT 1 FROM articles LIMIT 1').get() !== undefined
}

function relationFaults(database: Database): string[] {
  return wrongRelations.flatMap(({ sql, sentence }) => database.prepare(sql).pluck().all().map(sentence))
}

function countsIn(database: Database): Counts {
  const counts = kinds.map((kind) => [
    kind,
    database.prepare(`SELECT count(*) FROM ${shapes[kind].table}`).pluck().get(),
  ])
  // Of each kind there is a table.
  return Object.fromEntries(counts) as Counts
}

function tokenTimesIn(database: Database): string {
  const times = database
    .prepare(
      'SELECT CAST(coalesce(sum(coalesce(last_used_at_ms, 0) + coalesce(revoked_at_ms, 0)), 0) AS TEXT) FROM tokens',
    )
    .pluck()
    .get()
  return String(times)
}

/** Closes the database where what it is opened for cannot be done. */
function opened<T>(database: Database, work: () => T): T {
  try {
    return work()
  } catch (error) {
    database.close()
    throw error
  }
}

function inOwnWords<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    const code = faultCodeOf(error)
    throw code === null ? error : new StoreFault(code, (error as Error).message)
  }
}
