import type { Database } from 'better-sqlite3'
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3'
import { type Change, isPublic } from '../../domain/comment.ts'
import type { Token } from '../../domain/token.ts'
import { and, eq, isNull, sql } from '../drizzle.ts'
import { commentToRow, tokenToRow } from '../rows.ts'
import type { Submission, SubmitOutcome } from '../store.ts'
import { drizzle } from './drizzle.ts'
import { prepareReads } from './reads.ts'
import { articles, comments, decisions, idempotencyRecords, tokens, totals } from './schema.ts'

/** A write as a plain value, so that it can be sent to the thread that makes it. */
export type Command =
  | { kind: 'submit'; submission: Submission }
  | { kind: 'commit'; changes: readonly Change[] }
  | { kind: 'create-token'; token: Token }
  | { kind: 'create-first-token'; token: Token }
  | { kind: 'revoke-token'; name: string; revokedAtMs: number }
  | { kind: 'touch-token'; id: string; lastUsedAtMs: number }
  /** Writes what is there already: answers whether a write would be taken. */
  | { kind: 'probe' }

/** What each kind of command answers. */
export type CommandResult = {
  submit: SubmitOutcome
  commit: 'committed' | 'stale'
  'create-token': 'created' | 'name-taken'
  'create-first-token': 'created' | 'not-first'
  'revoke-token': 'revoked' | 'missing'
  'touch-token': 'touched'
  probe: 'writable'
}

/** Thrown by a commit to undo all of it; the group that runs the command answers `stale` in its place. */
export class StaleVersion extends Error {}

/**
 * Runs one command after the other on this connection, inside whatever transaction is open. A command that throws has
 * to be undone by who opened that.
 */
export function commandRunner(database: Database): (command: Command) => CommandResult[Command['kind']] {
  const db = drizzle(database)
  const reads = prepareReads(db)
  const writes = prepareWrites(db)

  function submit({ comment, idempotency, maxPending }: Submission): SubmitOutcome {
    if (idempotency !== null) {
      const { keyHash } = idempotency
      const record = reads.idempotencyRecord.get({ keyHash, nowMs: comment.submittedAtMs })
      if (record !== undefined) return { kind: 'replayed', record }
    }
    if (maxPending > 0 && (reads.pending.get()?.value ?? 0) >= maxPending) return { kind: 'full' }
    writes.addArticle.run({ articleId: comment.articleId })
    writes.addComment.run(commentToRow(comment))
    writes.movePending.run({ by: 1 })
    if (idempotency !== null) {
      writes.removeExpiredRecords.run({ nowMs: comment.submittedAtMs })
      writes.addIdempotencyRecord.run(idempotency)
    }
    return { kind: 'committed' }
  }

  function addToken(token: Token): 'created' {
    writes.addToken.run(tokenToRow(token))
    return 'created'
  }

  return (command) => {
    switch (command.kind) {
      case 'submit':
        return submit(command.submission)
      case 'commit':
        for (const change of command.changes) applyChange(writes, change)
        return 'committed'
      case 'create-token':
        return reads.activeTokenByName.get({ name: command.token.name }) === undefined
          ? addToken(command.token)
          : 'name-taken'
      case 'create-first-token':
        return reads.anyActiveToken.get() === undefined ? addToken(command.token) : 'not-first'
      case 'revoke-token':
        return writes.revokeToken.run(command).changes === 0 ? 'missing' : 'revoked'
      case 'touch-token':
        writes.touchToken.run(command)
        return 'touched'
      case 'probe':
        writes.movePending.run({ by: 0 })
        return 'writable'
    }
  }
}

function applyChange(writes: Writes, { before, after, decision }: Change): void {
  const { id, ...row } = commentToRow(after)
  const moved = writes.moveComment.run({ ...row, id, expectedVersion: before.version })
  if (moved.changes === 0) throw new StaleVersion()
  writes.addDecision.run(decision)
  const waitingBy = Number(after.status === 'pending') - Number(before.status === 'pending')
  if (waitingBy !== 0) writes.movePending.run({ by: waitingBy })
  const publicBy = Number(isPublic(after)) - Number(isPublic(before))
  if (publicBy !== 0) {
    writes.moveArticle.run({ articleId: after.articleId, by: publicBy, nowMs: decision.decidedAtMs })
  }
}

type Writes = ReturnType<typeof prepareWrites>

function prepareWrites(db: BetterSQLite3Database) {
  const value = (name: string) => sql`${sql.placeholder(name)}`
  return {
    addArticle: db
      .insert(articles)
      .values({ articleId: sql.placeholder('articleId'), approvedCount: 0, revision: 0 })
      .onConflictDoNothing()
      .prepare(),
    moveArticle: db
      .update(articles)
      .set({
        approvedCount: sql`${articles.approvedCount} + ${sql.placeholder('by')}`,
        revision: sql`max(${articles.revision} + 1, ${sql.placeholder('nowMs')})`,
      })
      .where(eq(articles.articleId, sql.placeholder('articleId')))
      .prepare(),
    addComment: db
      .insert(comments)
      .values({
        id: sql.placeholder('id'),
        articleId: sql.placeholder('articleId'),
        parentId: sql.placeholder('parentId'),
        status: sql.placeholder('status'),
        version: sql.placeholder('version'),
        authorName: sql.placeholder('authorName'),
        authorEmail: sql.placeholder('authorEmail'),
        body: sql.placeholder('body'),
        submittedAtMs: sql.placeholder('submittedAtMs'),
        publishedAtMs: sql.placeholder('publishedAtMs'),
        receiptHash: sql.placeholder('receiptHash'),
      })
      .prepare(),
    moveComment: db
      .update(comments)
      .set({
        status: value('status'),
        version: value('version'),
        authorName: value('authorName'),
        authorEmail: value('authorEmail'),
        body: value('body'),
        publishedAtMs: value('publishedAtMs'),
      })
      .where(
        and(eq(comments.id, sql.placeholder('id')), eq(comments.version, sql.placeholder('expectedVersion'))),
      )
      .prepare(),
    movePending: db
      .update(totals)
      .set({ value: sql`${totals.value} + ${sql.placeholder('by')}` })
      .where(eq(totals.name, 'pending'))
      .prepare(),
    addDecision: db
      .insert(decisions)
      .values({
        id: sql.placeholder('id'),
        commentId: sql.placeholder('commentId'),
        action: sql.placeholder('action'),
        version: sql.placeholder('version'),
        decidedBy: sql.placeholder('decidedBy'),
        reason: sql.placeholder('reason'),
        note: sql.placeholder('note'),
        decidedAtMs: sql.placeholder('decidedAtMs'),
      })
      .prepare(),
    addIdempotencyRecord: db
      .insert(idempotencyRecords)
      .values({
        keyHash: sql.placeholder('keyHash'),
        salt: sql.placeholder('salt'),
        fingerprint: sql.placeholder('fingerprint'),
        commentId: sql.placeholder('commentId'),
        language: sql.placeholder('language'),
        expiresAtMs: sql.placeholder('expiresAtMs'),
      })
      .prepare(),
    removeExpiredRecords: db
      .delete(idempotencyRecords)
      .where(sql`${idempotencyRecords.expiresAtMs} <= ${sql.placeholder('nowMs')}`)
      .prepare(),
    addToken: db
      .insert(tokens)
      .values({
        id: sql.placeholder('id'),
        name: sql.placeholder('name'),
        scopes: sql.placeholder('scopes'),
        hash: sql.placeholder('hash'),
        createdAtMs: sql.placeholder('createdAtMs'),
        expiresAtMs: sql.placeholder('expiresAtMs'),
        lastUsedAtMs: sql.placeholder('lastUsedAtMs'),
        revokedAtMs: sql.placeholder('revokedAtMs'),
      })
      .prepare(),
    revokeToken: db
      .update(tokens)
      .set({ revokedAtMs: value('revokedAtMs') })
      .where(and(eq(tokens.name, sql.placeholder('name')), isNull(tokens.revokedAtMs)))
      .prepare(),
    touchToken: db
      .update(tokens)
      .set({ lastUsedAtMs: value('lastUsedAtMs') })
      .where(eq(tokens.id, sql.placeholder('id')))
      .prepare(),
  }
}
