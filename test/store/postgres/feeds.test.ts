import t from 'tap'
import { publishedLastQuery } from '../../../src/store/feeds.ts'
import { PgDialect } from '../../../src/store/postgres/drizzle.ts'
import { articles, comments } from '../../../src/store/postgres/schema.ts'
import { ask, preparedDatabase } from '../../support/postgres.ts'
import { migrated } from '../../support/store.ts'

t.setTimeout(600_000)

t.test("the site's feed is read in the order of an index, and no further than it is long", async (t) => {
  const url = await preparedDatabase(t, migrated)
  await ask(
    url,
    `INSERT INTO articles (article_id, approved_count, revision) SELECT number, 0, 0 FROM generate_series(1, 50) number;
    INSERT INTO comments SELECT lpad(number::text, 9, '0'), number % 50 + 1, NULL,
      CASE WHEN number % 9 = 0 THEN 'rejected' ELSE 'approved' END, 1, 'Ada', 'a@b.org', 'text', 1, 1, 'hash', number, number
      FROM generate_series(1, 5000) number;
    ANALYZE`,
  )
  const { sql } = new PgDialect().sqlToQuery(publishedLastQuery(articles, comments))
  const rows = await ask(url, `EXPLAIN (ANALYZE, COSTS OFF) ${sql.replace('$1', '50')}`)
  const plan = rows.map((row) => String(Object.values(row)[0])).join('\n')
  t.match(plan, /Index Scan Backward using comments_by_decision on comments \(actual .*rows=50\./, plan)
  t.notMatch(plan, 'Seq Scan on comments')
})
