import type { AnyColumn, SQL, Table } from 'drizzle-orm'
import type { Article, ArticleDetails } from '../domain/articles/article.ts'
import { sql } from './drizzle.ts'
import { columnsOf, insertInto, type Step, type Units } from './units.ts'

export interface ArticleStore {
  /** The article of this id, or the one that answers for it since it was moved; `null` where it was never heard of. */
  findArticle(articleId: string): Promise<Article | null>

  /** The same for many ids, by the id that was asked for; those never heard of are left out. */
  findArticles(articleIds: readonly string[]): Promise<Map<string, Article>>

  /** Articles in order of their ids, from behind one on; ids that were moved are not among them. */
  listArticles(after: string, limit: number): Promise<Article[]>

  /**
   * Writes what the site tells of an article, which is made where it is new, and moves its revision. `stale`, and nothing
   * written, where the id was moved.
   */
  putArticle(articleId: string, details: ArticleDetails, nowMs: number): Promise<'committed' | 'stale'>

  /**
   * Lets `to` answer for `from` from now on: for its comments, its count, and the ids that were moved to it before. Both
   * revisions move. `from` has to be known; `to` is made where it is not, with what is known of `from`. Its comments, but for
   * the first few, go over by `moveSome`, and until then the lists of `to` read both. `stale`, and nothing written, where one
   * of them was moved, other than `to` to `from`, or where comments are being moved to one of them.
   */
  beginMove(from: string, to: string, nowMs: number): Promise<'committed' | 'stale'>

  /** Moves some of the comments that are left under `from` to `to`, and ends the move after the last. */
  moveSome(from: string, to: string, nowMs: number): Promise<'more' | 'moved'>

  /** Moves that have begun and not ended. */
  movesUnderWay(): Promise<{ from: string; to: string }[]>
}

/** How many comments one commit takes over: some tens of milliseconds, in which no other write is made. */
export const commentsMovedAtOnce = 500

/** All of it but what each submission asks, which each database finds in its own way. */
export function articleStore(
  { all, commit }: Units,
  articles: Table & Record<keyof Article, AnyColumn>,
  comments: Table & Record<'id' | 'articleId', AnyColumn>,
): Omit<ArticleStore, 'findArticle' | 'findArticles'> {
  const everyArticle = sql`SELECT ${columnsOf(articles)} FROM ${articles}`
  const withId = (articleId: string | SQL) => sql`${articles.articleId} = ${articleId}`

  const takeOver = (from: string, to: string, when: SQL = sql`TRUE`): Step => ({
    sql: sql`UPDATE ${comments} SET article_id = ${to} WHERE ${comments.id} IN (
      SELECT ${comments.id} FROM ${comments} WHERE ${comments.articleId} = ${from} LIMIT ${commentsMovedAtOnce}
    ) AND ${comments.articleId} = ${from} AND ${when}`,
    touches: null,
  })

  /** Adds to the count of `to` what is counted under `from`, which has none afterwards. */
  const takeCount = (from: string, to: string, more: SQL, when: SQL, nowMs: number): Step[] => [
    {
      sql: sql`UPDATE ${articles} SET
        approved_count = approved_count + (SELECT other.approved_count FROM ${articles} AS other WHERE other.article_id = ${from}),
        revision = ${laterRevision(articles, nowMs)}, ${more} WHERE ${withId(to)} AND ${when}`,
      touches: 1,
    },
    { sql: sql`UPDATE ${articles} SET approved_count = 0 WHERE ${withId(from)}`, touches: 1 },
  ]

  return {
    async listArticles(after, limit) {
      return all(
        sql`${everyArticle} WHERE ${articles.articleId} > ${after} AND ${articles.movedTo} IS NULL
          ORDER BY ${articles.articleId} LIMIT ${limit}`,
      )
    },
    async putArticle(articleId, details, nowMs) {
      const row = { articleId, approvedCount: 0, revision: nowMs, ...details }
      const put = sql`${insertInto(articles, row)} ON CONFLICT (article_id) DO UPDATE SET
        title = excluded.title, url = excluded.url, published_at_ms = excluded.published_at_ms,
        closed_at_ms = excluded.closed_at_ms, revision = ${laterRevision(articles, nowMs)}
        WHERE ${articles.movedTo} IS NULL`
      return commit({ steps: [{ sql: put, touches: 1 }], visible: [articleId] })
    },
    async beginMove(from, to, nowMs) {
      const heir = sql`INSERT INTO ${articles} (article_id, approved_count, revision, title, url, published_at_ms,
          closed_at_ms, first_comment_at_ms)
        SELECT CAST(${to} AS text), 0, revision, title, url, published_at_ms, closed_at_ms, first_comment_at_ms
        FROM ${articles} WHERE ${withId(from)} ON CONFLICT DO NOTHING`
      const leave = sql`UPDATE ${articles} SET moved_to = ${to}, revision = ${laterRevision(articles, nowMs)}
        WHERE ${withId(from)} AND moved_to IS NULL AND moving_from IS NULL`
      const first = sql`first_comment_at_ms = CASE WHEN first_comment_at_ms IS NULL OR first_comment_at_ms > (${firstOf(from)})
        THEN (${firstOf(from)}) ELSE first_comment_at_ms END`
      const later = sql`revision = CASE WHEN revision < (${revisionOf(from)}) THEN (${revisionOf(from)}) ELSE revision END`
      return commit({
        steps: [
          { sql: heir, touches: null },
          // Comments before articles, as every other write takes its locks.
          takeOver(from, to),
          { sql: leave, touches: 1 },
          // Who knows an earlier answer of `from` must not take one of `to` for it.
          { sql: sql`UPDATE ${articles} SET ${later}, ${first} WHERE ${withId(to)}`, touches: 1 },
          ...takeCount(
            from,
            to,
            sql`moved_to = NULL, moving_from = ${from}`,
            sql`moving_from IS NULL AND (moved_to IS NULL OR moved_to = ${from})`,
            nowMs,
          ),
          {
            sql: sql`UPDATE ${articles} SET moved_to = ${to} WHERE ${articles.movedTo} = ${from}`,
            touches: null,
          },
        ],
        visible: [from, to],
      })
    },
    async moveSome(from, to, nowMs) {
      // Another may have ended the move since, and begun one that leads back.
      const goesOn = sql`EXISTS (SELECT 1 FROM ${articles} WHERE ${withId(to)} AND moving_from = ${from})`
      await commit({ steps: [takeOver(from, to, goesOn)] })
      const left = await all(
        sql`SELECT 1 AS one FROM ${comments} WHERE ${comments.articleId} = ${from} AND ${goesOn} LIMIT 1`,
      )
      if (left.length > 0) return 'more'
      // A decision that was under way when the move began may have been counted under `from` still.
      await commit({
        steps: takeCount(from, to, sql`moving_from = NULL`, sql`moving_from = ${from}`, nowMs),
        visible: [to],
      })
      return 'moved'
    },
    async movesUnderWay() {
      return all(
        sql`SELECT moving_from AS ${sql.identifier('from')}, ${articles.articleId} AS ${sql.identifier('to')}
          FROM ${articles} WHERE moving_from IS NOT NULL`,
      )
    },
  }

  function firstOf(articleId: string): SQL {
    return sql`SELECT other.first_comment_at_ms FROM ${articles} AS other WHERE other.article_id = ${articleId}`
  }

  function revisionOf(articleId: string): SQL {
    return sql`SELECT other.revision FROM ${articles} AS other WHERE other.article_id = ${articleId}`
  }
}

/** As the hot writes have it: the next number, or the moment where that is later. */
export function laterRevision({ revision }: Record<'revision', AnyColumn>, nowMs: number): SQL {
  return sql`CASE WHEN ${revision} >= ${nowMs} THEN ${revision} + 1 ELSE ${nowMs} END`
}
