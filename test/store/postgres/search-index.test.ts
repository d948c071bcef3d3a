import { Client } from 'pg'
import t from 'tap'
import { openDatabase } from '../../../src/store/postgres/database.ts'
import { postgresStore } from '../../../src/store/postgres/store.ts'
import { parsePostgresUrl } from '../../../src/store/postgres-url.ts'
import { someComment } from '../../support/comments.ts'
import { ask, preparedDatabase } from '../../support/postgres.ts'
import { migrated, postgresStoreAt } from '../../support/store.ts'
import { until } from '../../support/until.ts'
import { change, submit } from '../contract/given.ts'

t.test('what is left of no segment is cleared, and not what becomes one at that moment', async (t) => {
  const url = await preparedDatabase(t, migrated)
  const store = await postgresStoreAt(url)
  t.teardown(() => store.close())
  await ask(url, `INSERT INTO search_blocks (segment, from_word, entries) VALUES (1, 'a', E'\\na A\\n')`)
  const client = new Client({ connectionString: url })
  await client.connect()
  t.teardown(() => client.end())
  await client.query('BEGIN')
  await client.query(`UPDATE search_state SET sealed = 1`)
  let isOver = false
  const indexing = store.indexSome(4_000_000_000_000).finally(() => {
    isOver = true
  })
  await until(async () => {
    const waiting = await ask(
      url,
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    )
    return isOver || waiting.length > 0 ? true : undefined
  })
  await client.query('COMMIT')
  await indexing
  const rows = 'SELECT segment FROM search_blocks ORDER BY segment'
  t.same(await ask(url, rows), [{ segment: 1 }])
  await ask(url, `INSERT INTO search_blocks (segment, from_word, entries) VALUES (2, 'a', E'\\na A\\n')`)
  await store.indexSome(4_000_000_000_000)
  t.same(await ask(url, rows), [{ segment: 1 }])
})

t.test('an erasure is as many statements however many words there are', async (t) => {
  const parsed = parsePostgresUrl(await preparedDatabase(t, migrated))
  if (!parsed.ok) throw new Error(parsed.fault)
  const database = openDatabase(parsed.location, 4)
  let statements = 0
  const store = postgresStore({
    ...database,
    transaction: (run) =>
      database.transaction((query) =>
        run(async (...given) => {
          statements += 1
          return query(...given)
        }),
      ),
  })
  t.teardown(() => store.close())
  const wordsOf = (number: number, many: number) =>
    Array.from({ length: many }, (_, index) => `${index.toString(36)}-something${number}x${index}`).join(' ')
  const comments = Array.from({ length: 20 }, (_, index) => someComment({ body: wordsOf(index, 300) }))
  const few = someComment({ body: 'Fine.' })
  for (const comment of [...comments, few]) await submit(store, comment)
  while ((await store.indexSome(4_000_000_000_000, 1)) === 'more');
  const counts = []
  for (const comment of [few, comments[7] ?? few]) {
    statements = 0
    t.equal(await store.commit([change(comment, 'withdraw')]), 'committed')
    counts.push(statements)
  }
  t.equal(counts[0], counts[1])
})
