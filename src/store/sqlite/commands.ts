import type { Database, Statement } from 'better-sqlite3'
import { type Change, isPublic } from '../../domain/comments/comment.ts'
import type { Submission, SubmitOutcome } from '../comments.ts'
import { commentToRow, type IdempotencyRow, idempotencyRecordFromRow } from '../rows.ts'
import type { BuiltSql, WriteSql } from './write-sql.ts'

/** A write as a plain value, so that it can be sent to the thread that makes it. */
export type Command =
  | { kind: 'submit'; submission: Omit<Submission, 'unit'>; unit: BuiltUnit }
  | { kind: 'commit'; changes: readonly Change[]; unit: BuiltUnit }
  | { kind: 'unit'; unit: BuiltUnit }
  /** Writes, and leaves all as it was: answers whether a write would be taken. */
  | { kind: 'probe' }

/** What each kind of command answers. */
export type CommandResult = {
  submit: SubmitOutcome
  commit: 'committed' | 'stale'
  unit: 'committed' | 'stale'
  probe: 'writable'
}

/** Steps of a unit, as text and parameters. */
export type BuiltUnit = readonly BuiltStep[]
export type BuiltStep = {
  text: string
  /** It is run once for each. */
  parameters: readonly (readonly unknown[])[]
  /** Each time. */
  touches: number | null
}

/** Thrown by a commit to undo all of it; the group that runs the command answers `stale` in its place. */
export class StaleVersion extends Error {}

/**
 * Runs one command after the other on this connection, inside whatever transaction is open. A command that throws has
 * to be undone by who opened that.
 */
export function commandRunner(
  database: Database,
  sql: WriteSql,
): (command: Command) => CommandResult[Command['kind']] {
  const statements = prepareAll(database, sql)

  function submit({ comment, idempotency, maxPending }: Submission): SubmitOutcome {
    if (idempotency !== null) {
      const { keyHash } = idempotency
      const row = statements.idempotencyRecord.get({ keyHash, nowMs: comment.submittedAtMs })
      if (row !== undefined)
        return { kind: 'replayed', record: idempotencyRecordFromRow(row as IdempotencyRow) }
    }
    if (maxPending > 0 && Number(statements.pending.get()?.[0]) >= maxPending) return { kind: 'full' }
    const { articleId, submittedAtMs } = comment
    if (statements.movedTo.get({ articleId })?.[0] != null) return { kind: 'moved' }
    statements.addArticle.run({ articleId, submittedAtMs })
    statements.addComment.run(commentToRow(comment))
    statements.moveTotal.run({ name: 'pending', by: 1 })
    if (idempotency !== null) {
      // The one of this very key has expired, or it would have been answered; its place is needed now.
      statements.removeExpiredRecord.run(idempotency)
      statements.addIdempotencyRecord.run(idempotency)
    }
    return { kind: 'committed' }
  }

  const runUnit = unitRunner(database)

  return (command) => {
    switch (command.kind) {
      case 'submit': {
        const outcome = submit(command.submission)
        if (outcome.kind === 'committed') runUnit(command.unit)
        return outcome
      }
      case 'commit':
        for (const change of command.changes) applyChange(statements, change)
        runUnit(command.unit)
        return 'committed'
      case 'unit':
        runUnit(command.unit)
        return 'committed'
      case 'probe':
        // Where a statement changes nothing SQLite writes nothing, and would not meet a full disk.
        statements.moveTotal.run({ name: 'pending', by: 1 })
        statements.moveTotal.run({ name: 'pending', by: -1 })
        return 'writable'
    }
  }
}

function applyChange(statements: Statements, { before, after, decision }: Change): void {
  const { id, ...row } = commentToRow(after)
  const publicBy = Number(isPublic(after)) - Number(isPublic(before))
  const { articleId } = after
  const [revision] =
    (publicBy === 0
      ? null
      : statements.moveArticle.get({ articleId, by: publicBy, nowMs: decision.decidedAtMs })) ?? []
  const publishedRevision = isPublic(after) ? revision : null
  const moved = statements.moveComment.run({ ...row, id, publishedRevision, expectedVersion: before.version })
  if (moved.changes === 0) throw new StaleVersion()
  const [position] = statements.nextPosition.get() ?? []
  statements.addDecision.run({ ...decision, position })
  if (after.status === 'withdrawn') statements.forgetFingerprint.run({ id })
  if (after.status === before.status) return
  statements.moveTotal.run({ name: before.status, by: -1 })
  statements.moveTotal.run({ name: after.status, by: 1 })
}

/** As many statements are kept prepared, of which a unit has a few; they are told apart by their text. */
const unitStatementsKept = 200

function unitRunner(database: Database): (unit: BuiltUnit) => void {
  const prepared = new Map<string, Statement<unknown[]>>()

  function statementOf(text: string): Statement<unknown[]> {
    const known = prepared.get(text)
    if (known !== undefined) return known
    if (prepared.size >= unitStatementsKept) prepared.clear()
    const statement = database.prepare<unknown[]>(text)
    prepared.set(text, statement)
    return statement
  }

  return (unit) => {
    for (const { text, parameters, touches } of unit) {
      const statement = statementOf(text)
      for (const values of parameters) {
        const { changes } = statement.run(...values)
        if (touches !== null && changes !== touches) throw new StaleVersion()
      }
    }
  }
}

type Statements = Record<keyof WriteSql, PreparedSql>

type PreparedSql = {
  run: (values?: object) => { changes: number }
  /** The first row, its columns in the order in which the schema declares them. */
  get: (values?: object) => unknown[] | undefined
}

/** Prepared once: a query built on each call costs twice as much. */
function prepareAll(database: Database, sql: WriteSql): Statements {
  const prepared = Object.entries(sql).map(([name, built]) => [name, prepare(database, built)])
  // Each name keeps its statement.
  return Object.fromEntries(prepared) as Statements
}

function prepare(database: Database, { sql, parameters }: BuiltSql): PreparedSql {
  const statement = database.prepare<unknown[], unknown[]>(sql)
  if (statement.reader) statement.raw()
  const bind = (values: object) =>
    parameters.map((parameter) =>
      'name' in parameter ? Reflect.get(values, parameter.name) : parameter.value,
    )
  return {
    run: (values = {}) => statement.run(...bind(values)),
    get: (values = {}) => statement.get(...bind(values)),
  }
}
