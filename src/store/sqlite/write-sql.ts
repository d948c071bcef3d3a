import type { Database } from 'better-sqlite3'
import { and, eq, is, Param, Placeholder, sql } from '../drizzle.ts'
import { drizzle } from './drizzle.ts'
import { liveRecord, pendingCount } from './reads.ts'
import { articles, comments, decisions, idempotencyRecords, totals } from './schema.ts'

/** A statement as Drizzle built it: its text, and for each parameter in turn a value or the name of one. */
export type BuiltSql = { sql: string; parameters: ({ name: string } | { value: string | number | null })[] }

/**
 * Every statement that the commands run, built by Drizzle on the main thread and sent to the writer's as text: a second
 * Drizzle there would take 100 ms to load and 30 MB to keep.
 */
export type WriteSql = Record<keyof ReturnType<typeof buildStatements>, BuiltSql>

export function writeSql(database: Database): WriteSql {
  const built = Object.entries(buildStatements(database)).map(([name, statement]) => [
    name,
    textOf(statement.toSQL()),
  ])
  // Each name keeps its statement.
  return Object.fromEntries(built) as WriteSql
}

function textOf({ sql, params }: { sql: string; params: unknown[] }): BuiltSql {
  return { sql, parameters: params.map(parameterOf) }
}

/** Drizzle leaves a placeholder as it is, or as the value of the column's parameter that it stands for. */
function parameterOf(parameter: unknown): BuiltSql['parameters'][number] {
  const inner = is(parameter, Param) ? parameter.value : parameter
  return is(inner, Placeholder) ? { name: inner.name } : { value: inner as string | number | null }
}

function buildStatements(database: Database) {
  const db = drizzle(database)
  const value = (name: string) => sql`${sql.placeholder(name)}`
  return {
    pending: pendingCount(db),
    idempotencyRecord: liveRecord(db),
    movedTo: db
      .select({ movedTo: articles.movedTo })
      .from(articles)
      .where(eq(articles.articleId, sql.placeholder('articleId'))),
    addArticle: db
      .insert(articles)
      .values({
        articleId: sql.placeholder('articleId'),
        approvedCount: 0,
        revision: 0,
        firstCommentAtMs: sql.placeholder('submittedAtMs'),
      })
      .onConflictDoUpdate({
        target: articles.articleId,
        set: { firstCommentAtMs: sql`excluded.first_comment_at_ms` },
        // Where there is nothing to set, nothing is written.
        setWhere: sql`${articles.firstCommentAtMs} IS NULL`,
      }),
    moveArticle: db
      .update(articles)
      .set({
        approvedCount: sql`${articles.approvedCount} + ${sql.placeholder('by')}`,
        revision: sql`max(${articles.revision} + 1, ${sql.placeholder('nowMs')})`,
      })
      // A comment may still lie under an id for which another article answers.
      .where(
        sql`${articles.articleId} = coalesce(
          (SELECT own.moved_to FROM articles AS own WHERE own.article_id = ${sql.placeholder('articleId')}),
          ${sql.placeholder('articleId')}
        )`,
      )
      .returning({ revision: articles.revision }),
    addComment: db.insert(comments).values({
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
    }),
    moveComment: db
      .update(comments)
      .set({
        status: value('status'),
        version: value('version'),
        authorName: value('authorName'),
        authorEmail: value('authorEmail'),
        body: value('body'),
        publishedAtMs: value('publishedAtMs'),
        publishedRevision: value('publishedRevision'),
        decidedAtMs: value('decidedAtMs'),
      })
      .where(
        and(
          eq(comments.id, sql.placeholder('id')),
          eq(comments.version, sql.placeholder('expectedVersion')),
          // Another one where it was moved in the meantime: whose count changes would not be known.
          eq(comments.articleId, sql.placeholder('articleId')),
        ),
      ),
    moveTotal: db
      .update(totals)
      .set({ value: sql`${totals.value} + ${sql.placeholder('by')}` })
      .where(eq(totals.name, sql.placeholder('name'))),
    nextPosition: db
      .update(totals)
      .set({ value: sql`${totals.value} + 1` })
      .where(eq(totals.name, 'decisions'))
      .returning({ value: totals.value }),
    addDecision: db.insert(decisions).values({
      id: sql.placeholder('id'),
      commentId: sql.placeholder('commentId'),
      action: sql.placeholder('action'),
      version: sql.placeholder('version'),
      decidedBy: sql.placeholder('decidedBy'),
      reason: sql.placeholder('reason'),
      note: sql.placeholder('note'),
      decidedAtMs: sql.placeholder('decidedAtMs'),
      rejectedWith: sql.placeholder('rejectedWith'),
      rejectedWithVersion: sql.placeholder('rejectedWithVersion'),
      reasonCode: sql.placeholder('reasonCode'),
      position: sql.placeholder('position'),
    }),
    addIdempotencyRecord: db.insert(idempotencyRecords).values({
      keyHash: sql.placeholder('keyHash'),
      salt: sql.placeholder('salt'),
      fingerprint: sql.placeholder('fingerprint'),
      commentId: sql.placeholder('commentId'),
      language: sql.placeholder('language'),
      expiresAtMs: sql.placeholder('expiresAtMs'),
    }),
    forgetFingerprint: db
      .update(idempotencyRecords)
      .set({ fingerprint: '' })
      .where(eq(idempotencyRecords.commentId, sql.placeholder('id'))),
    removeExpiredRecord: db
      .delete(idempotencyRecords)
      .where(eq(idempotencyRecords.keyHash, sql.placeholder('keyHash'))),
  }
}
