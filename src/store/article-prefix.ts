import type { AnyColumn, SQL, Table } from 'drizzle-orm'
import { sql } from './drizzle.ts'
import type { Units } from './units.ts'

/** Of more articles than that, a prefix is looked for among all comments. */
const mostArticles = 100

/** The articles whose ids begin so; `null` where they are too many to look into each. */
export async function articlesBegun(
  { all }: Pick<Units, 'all'>,
  articles: Table & Record<'articleId', AnyColumn>,
  prefix: string,
): Promise<string[] | null> {
  const found = await all<{ id: string }>(
    sql`SELECT ${articles.articleId} AS id FROM ${articles} WHERE ${beginsWith(articles.articleId, prefix)}
      ORDER BY ${articles.articleId} LIMIT ${mostArticles + 1}`,
  )
  return found.length > mostArticles ? null : found.map(({ id }) => id)
}

/** By bytes; nothing is behind the last of all code points. */
export function beginsWith(column: AnyColumn, prefix: string): SQL {
  return sql`${column} >= ${prefix} AND ${column} < ${`${prefix}\u{10ffff}`}`
}
