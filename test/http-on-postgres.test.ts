import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { spawnParts, testsOf } from './support/files.ts'
import { startServer } from './support/postgres.ts'
import { bareNode } from './support/process.ts'

/*
 * The same requests get the same answers from the other database: the tests of test/http run again, whichever ask a
 * store, all of them on one server. What names SQLite in them stays on SQLite.
 */

const folder = fileURLToPath(new URL('http/', import.meta.url))
const files = testsOf(folder)
/** What ends before any store is asked, and takes its time: a connection's turns, and headers that nobody reads. */
const beforeAnyStore = ['serving/long-headers.test.ts', 'serving/one-at-a-time.test.ts']
const overStores = files.filter(
  (file) =>
    /\b(?:startApp|emptyStore)\(/.test(readFileSync(folder + file, 'utf8')) && !beforeAnyStore.includes(file),
)

t.test('every route is among them', async (t) => {
  t.same(
    files.filter((file) => file.startsWith('routes/') && !overStores.includes(file)),
    [],
  )
  t.ok(overStores.length > 20, `${overStores.length} of ${files.length} files`)
})

spawnParts(t, 'test/http on PostgreSQL', {
  files: overStores.map((file) => folder + file),
  parts: 2,
  node: bareNode,
  env: {
    TEST_STORE: 'postgres',
    TEST_DATABASE_URL: process.env['TEST_DATABASE_URL'] ?? (await startServer()).url(),
  },
})
