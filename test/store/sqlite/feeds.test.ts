import t from 'tap'
import { publishedLastQuery } from '../../../src/store/feeds.ts'
import { openDatabase } from '../../../src/store/sqlite/database.ts'
import { SQLiteSyncDialect } from '../../../src/store/sqlite/drizzle.ts'
import { migrate } from '../../../src/store/sqlite/migrate.ts'
import { articles, comments } from '../../../src/store/sqlite/schema.ts'

t.test("the site's feed is read in the order of an index, and no further than it is long", async (t) => {
  const database = openDatabase(':memory:')
  t.teardown(() => database.close())
  migrate(database)
  const { sql } = new SQLiteSyncDialect().sqlToQuery(publishedLastQuery(articles, comments))
  const plan = database.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(50)
  t.same(
    plan.map(({ detail }) => detail.replace(/ \(.*/, '')),
    [
      'CO-ROUTINE page',
      'SEARCH comments USING INDEX comments_by_decision',
      'SCAN page',
      'SEARCH own USING INDEX sqlite_autoindex_articles_1',
      'SEARCH answering USING INDEX sqlite_autoindex_articles_1',
    ],
  )
})
