import type { Database } from 'better-sqlite3'
import { inArray } from '../drizzle.ts'
import { edge } from '../predicates.ts'
import { commentFromRow, tokenFromRow } from '../rows.ts'
import type { ListApproved, Store } from '../store.ts'
import { drizzle } from './drizzle.ts'
import { prepareReads } from './reads.ts'
import { articles } from './schema.ts'
import type { Writer } from './writer.ts'

/** How long an answer to "are you ready?" holds: it costs a sync, and anybody may ask. */
const readinessMs = 1_000

/** How long the writer may take to say that it would write; past that another process holds the file. */
const probeTimeoutMs = 2_000

/** The Store over one SQLite file: reads on this connection and this thread, writes by the writer. */
export function sqliteStore(database: Database, writer: Writer): Store {
  const db = drizzle(database)
  const reads = prepareReads(db)
  let readiness: { promise: Promise<void>; untilMs: number } | null = null

  const listApproved = database.transaction((query: ListApproved) => {
    const article = reads.article.get({ articleId: query.articleId })
    const rows =
      article === undefined
        ? []
        : reads.approved[query.order].all({
            articleId: query.articleId,
            after: query.after ?? edge(query.order),
            limit: query.limit,
          })
    return {
      approvedCount: article?.approvedCount ?? 0,
      revision: article?.revision ?? 0,
      comments: rows.map(commentFromRow),
    }
  })

  async function probe(): Promise<void> {
    reads.pending.get()
    const timeout = Promise.withResolvers<never>()
    const timer = setTimeout(() => timeout.reject(new Error('The writer does not answer.')), probeTimeoutMs)
    try {
      await Promise.race([writer.run({ kind: 'probe' }), timeout.promise])
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    async submit(submission) {
      return writer.run({ kind: 'submit', submission })
    },
    async findIdempotencyRecord(keyHash, nowMs) {
      return reads.idempotencyRecord.get({ keyHash, nowMs }) ?? null
    },
    async commit(changes) {
      return writer.run({ kind: 'commit', changes })
    },
    async findComment(id) {
      const row = reads.comment.get({ id })
      return row === undefined ? null : commentFromRow(row)
    },
    async listDecisions(commentId, limit) {
      return reads.decisions.all({ commentId, limit }).reverse()
    },
    async listApproved(query) {
      return listApproved(query)
    },
    async countApproved(articleIds) {
      // Not prepared: its number of parameters varies. One statement for all, by primary key.
      const rows = db
        .select({ articleId: articles.articleId, approvedCount: articles.approvedCount })
        .from(articles)
        .where(inArray(articles.articleId, [...articleIds]))
        .all()
      return new Map(rows.map((row) => [row.articleId, row.approvedCount]))
    },
    async listByStatus({ articleId, order, ...query }) {
      const parameters = { ...query, after: query.after ?? edge(order) }
      const rows =
        articleId === null
          ? reads.byStatus[order].all(parameters)
          : reads.byStatusOfArticle[order].all({ ...parameters, articleId })
      return rows.map(commentFromRow)
    },
    async listApprovedReplies(commentId, limit) {
      return reads.approvedReplies.all({ commentId, limit }).map(commentFromRow)
    },
    async countApprovedReplies(commentId) {
      return reads.approvedReplyCount.get({ commentId })?.count ?? 0
    },
    async queue() {
      return {
        pending: reads.pending.get()?.value ?? 0,
        oldestAtMs: reads.oldestPending.get()?.submittedAtMs ?? null,
      }
    },
    async createToken(token) {
      return writer.run({ kind: 'create-token', token })
    },
    async createFirstToken(token) {
      return writer.run({ kind: 'create-first-token', token })
    },
    async findTokenByHash(hash) {
      const row = reads.tokenByHash.get({ hash })
      return row === undefined ? null : tokenFromRow(row)
    },
    async listTokens() {
      return reads.tokens.all().map(tokenFromRow)
    },
    async revokeToken(name, revokedAtMs) {
      return writer.run({ kind: 'revoke-token', name, revokedAtMs })
    },
    async touchToken(id, lastUsedAtMs) {
      await writer.run({ kind: 'touch-token', id, lastUsedAtMs })
    },
    async checkReady() {
      const nowMs = performance.now()
      if (readiness === null || readiness.untilMs <= nowMs) {
        readiness = { promise: probe(), untilMs: nowMs + readinessMs }
      }
      return readiness.promise
    },
    async close() {
      readiness = null
      await writer.close()
      database.close()
    },
  }
}
