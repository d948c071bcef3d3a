import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { startServer } from './support/postgres.ts'
import { bareNode } from './support/process.ts'

/*
 * The same requests get the same answers from the other database: the tests of test/http run again, whichever ask a
 * store, each file in a process of its own and all of them on one server. What names SQLite in them stays on SQLite.
 */

const folder = fileURLToPath(new URL('http/', import.meta.url))
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .sort()
/** What ends before any store is asked, and takes its time: a connection's turns, and headers that nobody reads. */
const beforeAnyStore = ['serving/long-headers.test.ts', 'serving/one-at-a-time.test.ts']
const overStores = files.filter(
  (file) =>
    /\b(?:startApp|emptyStore)\(/.test(readFileSync(folder + file, 'utf8')) && !beforeAnyStore.includes(file),
)

const timeoutSeconds = 300

t.jobs = availableParallelism()
t.setTimeout(files.length * timeoutSeconds * 1_000)

t.test('every route is among them', async (t) => {
  t.same(
    files.filter((file) => file.startsWith('routes/') && !overStores.includes(file)),
    [],
  )
  t.ok(overStores.length > 20, `${overStores.length} of ${files.length} files`)
})

const url = process.env['TEST_DATABASE_URL'] ?? (await startServer()).url()
for (const file of overStores) {
  // The argument becomes part of the names of a test's files, so that both runs of it can be under way at once.
  t.spawn('env', [...bareNode.slice(1), folder + file, 'on-postgres'], {
    name: `${relative(process.cwd(), folder + file)} on PostgreSQL`,
    env: {
      ...process.env,
      TEST_STORE: 'postgres',
      TEST_DATABASE_URL: url,
      TAP_TIMEOUT: String(timeoutSeconds),
    },
    timeout: timeoutSeconds * 1_000,
    buffered: true,
  })
}
