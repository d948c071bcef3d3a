import t from 'tap'
import { spawnParts } from '../support/files.ts'
import { allFiles, filesOfHttp, filesOverStores, pathsOf } from '../support/groups.ts'
import { startServer } from '../support/postgres.ts'
import { bareNode } from '../support/process.ts'

/*
 * The same requests get the same answers from the other database: the tests of test/http run again whose answers come from a
 * store, all of them on one server. What names SQLite in them stays on SQLite. What serves every route knows no store, and is held to
 * PostgreSQL's answers by test/property/caches and test/replicas: it runs again with `WHOLE=1`, as in `npm run test:long`.
 */
const files =
  process.env['WHOLE'] === '1'
    ? filesOverStores
    : filesOverStores.filter((file) => !file.startsWith('http/serving/'))

t.test('every route of a capability is among them', async (t) => {
  const routes = allFiles.filter((file) =>
    /^http\/routes\/(?:articles|comments|feeds|moderation)\//.test(file),
  )
  t.same(
    routes.filter((file) => !files.includes(file)),
    [],
  )
  t.ok(files.length > 20, `${files.length} of ${filesOfHttp.length} files`)
})

spawnParts(t, 'test/http on PostgreSQL', {
  files: pathsOf(files),
  parts: 2,
  node: bareNode,
  env: {
    TEST_STORE: 'postgres',
    TEST_DATABASE_URL: process.env['TEST_DATABASE_URL'] ?? (await startServer()).url(),
  },
})
