import { Client } from 'pg'
import t from 'tap'
import { someComment } from '../../support/comments.ts'
import { ask, preparedDatabase } from '../../support/postgres.ts'
import { migrated, postgresStoreAt } from '../../support/store.ts'
import { until } from '../../support/until.ts'
import { change, submit } from '../contract/given.ts'

/* SQLite's files are read for it in sqlite/erasure.test.ts; here the rows, since VACUUM is what takes them out of the files. */

t.test('what was withdrawn is in no row of the index of words, and the vacuum goes over those', async (t) => {
  const url = await preparedDatabase(t, migrated)
  const store = await postgresStoreAt(url)
  t.teardown(() => store.close())
  const comment = someComment({ author: { name: 'Ada', email: 'marked@example.org' } })
  const other = someComment()
  for (const one of [comment, other]) await submit(store, one)
  while ((await store.indexSome(4_000_000_000_000, 1)) === 'more');
  const rows = `SELECT count(*)::int AS rows FROM search_blocks WHERE entries LIKE '%marked%' OR from_word LIKE '%marked%'`
  t.same(await ask(url, rows), [{ rows: 1 }])
  t.equal(await store.commit([change(comment, 'withdraw')]), 'committed')
  t.same(await ask(url, rows), [{ rows: 0 }])
  await store.vacuumErased(new AbortController().signal)
  const [free] = await ask(
    url,
    `SELECT count(*)::int AS dead FROM pg_class WHERE relname = 'search_blocks' AND relallvisible > 0`,
  )
  t.same(free, { dead: 1 }, 'its pages are known to hold nothing else')
})

t.test('a stop does not wait for a vacuum that others hold up', async (t) => {
  const url = await preparedDatabase(t, migrated)
  const store = await postgresStoreAt(url)
  t.teardown(() => store.close())
  const other = new Client(url)
  await other.connect()
  t.teardown(() => other.end())
  await other.query('BEGIN; LOCK TABLE comments IN SHARE MODE')
  const stopping = new AbortController()
  const vacuuming = store.vacuumErased(stopping.signal)
  await until(async () => {
    const [waits] = await ask(
      url,
      "SELECT FROM pg_stat_activity WHERE query LIKE 'VACUUM%' AND wait_event_type = 'Lock'",
    )
    return waits
  })
  stopping.abort()
  await t.rejects(vacuuming, { message: /Connection terminated/ })
  await t.rejects(store.vacuumErased(stopping.signal), { message: /aborted/ }, 'and none begins then')
})
