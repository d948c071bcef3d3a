import { v7 as uuidv7 } from 'uuid'
import { openDatabase } from '../src/store/sqlite/database.ts'
import { migrate } from '../src/store/sqlite/migrate.ts'

/** How comments are spread over articles. */
export type Spread = {
  articles: number
  bigArticle: number
  bigArticleId: string
}

export const seedBody =
  'A comment of ordinary length, with an accent (é), "quotes" and a second sentence to fill the line. '
export const seedStartMs = Date.UTC(2026, 0, 1)

/** One article with a hundredth of them (100,000 at the most), the others over articles of about a hundred. */
export function spread(comments: number): Spread {
  const bigArticle = Math.max(100, Math.min(100_000, Math.floor(comments / 100)))
  const articles = Math.max(1, Math.floor((comments - bigArticle) / 100))
  return { articles, bigArticle, bigArticleId: 'big' }
}

/**
 * Fills a new file with approved comments. Straight into the tables and unsynced, since the service would take an hour.
 */
export function seedSqlite(file: string, comments: number): Spread {
  const database = openDatabase(file)
  migrate(database)
  database.pragma('synchronous = OFF')
  // Put back when all is in: an index built at once is the same index, an hour sooner.
  const indexes = database
    .prepare<[], { name: string; sql: string }>(
      "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
    )
    .all()
  for (const { name } of indexes) database.exec(`DROP INDEX ${name}`)
  const { articles, bigArticle, bigArticleId } = spread(comments)
  const addArticle = database.prepare(
    'INSERT INTO articles (article_id, approved_count, revision) VALUES (?, ?, ?)',
  )
  const addComment = database.prepare(
    `INSERT INTO comments (id, article_id, status, version, author_name, author_email, body, submitted_at_ms, published_at_ms, published_revision,
       decided_at_ms, receipt_hash)
     VALUES (?, ?, 'approved', 2, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  let added = 0
  const add = (articleId: string) => {
    added += 1
    const ms = seedStartMs + added
    addComment.run(
      uuidv7({ msecs: ms }),
      articleId,
      `Reader ${added % 997}`,
      `reader${added}@example.org`,
      seedBody,
      ms,
      ms,
      added,
      ms,
      `hash-${added}`,
    )
  }

  const inBatches = (count: number, articleOf: (index: number) => string) => {
    for (let from = 0; from < count; from += 20_000) {
      database.transaction(() => {
        for (let index = from; index < Math.min(count, from + 20_000); index++) add(articleOf(index))
      })()
    }
  }
  const others = comments - bigArticle
  database.transaction(() => {
    addArticle.run(bigArticleId, bigArticle, seedStartMs)
    for (let index = 0; index < articles; index++) {
      addArticle.run(
        articleName(index),
        Math.floor(others / articles) + (index < others % articles ? 1 : 0),
        seedStartMs,
      )
    }
  })()
  inBatches(others, (index) => articleName(index % articles))
  inBatches(bigArticle, () => bigArticleId)
  for (const { sql } of indexes) database.exec(sql)
  database.pragma('wal_checkpoint(TRUNCATE)')
  database.close()
  return { articles, bigArticle, bigArticleId }
}

export function articleName(index: number): string {
  return `article-${index}`
}
