import type { SQL, Table } from 'drizzle-orm'
import type { PublishedComment } from '../domain/comments/comment.ts'
import type { FeedArticle, FeedComment } from '../domain/feeds/feed.ts'
import { sql } from './drizzle.ts'
import type { Units } from './units.ts'

/** What is read of all articles together. */
export interface FeedStore {
  /**
   * The comments of all articles that were published last, the last of them first, each with the article that answers for
   * it, as they stand at one moment.
   */
  listPublishedLast(limit: number): Promise<FeedComment[]>
}

export function feedStore(
  { prepared }: Pick<Units, 'prepared'>,
  articles: Table,
  comments: Table,
): FeedStore {
  const publishedLast = prepared<PublishedComment & FeedArticle>(publishedLastQuery(articles, comments))
  return {
    async listPublishedLast(limit) {
      const rows = await publishedLast({ limit })
      return rows.map(({ articleId, title, url, ...comment }) => ({
        comment,
        article: { articleId, title, url },
      }))
    },
  }
}

/**
 * An approval is the last decision about what is approved, so the moment of that one is the moment of publication, and the
 * index of decisions serves. A comment may still lie under an id for which another article answers.
 */
export function publishedLastQuery(articles: Table, comments: Table): SQL {
  return sql`
    SELECT page.id AS ${sql.identifier('id')}, page.parent_id AS ${sql.identifier('parentId')},
      page.author_name AS ${sql.identifier('authorName')}, page.body AS ${sql.identifier('body')},
      page.submitted_at_ms AS ${sql.identifier('submittedAtMs')}, page.published_at_ms AS ${sql.identifier('publishedAtMs')},
      page.published_revision AS ${sql.identifier('publishedRevision')},
      answering.article_id AS ${sql.identifier('articleId')}, answering.title AS ${sql.identifier('title')},
      answering.url AS ${sql.identifier('url')}
    FROM (
      SELECT * FROM ${comments} WHERE status = 'approved' AND decided_at_ms IS NOT NULL
      ORDER BY decided_at_ms DESC, id DESC LIMIT ${sql.placeholder('limit')}
    ) AS page
    JOIN ${articles} AS own ON own.article_id = page.article_id
    JOIN ${articles} AS answering ON answering.article_id = coalesce(own.moved_to, own.article_id)
    ORDER BY page.decided_at_ms DESC, page.id DESC`
}
