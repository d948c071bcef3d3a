import t from 'tap'
import { spawnParts } from '../support/files.ts'
import { allFiles, filesOfHttp, filesOverStores, pathsOf } from '../support/groups.ts'
import { startServer } from '../support/postgres.ts'

/*
 * The same requests get the same answers from the other database: the tests of test/http run again whose answers come from a
 * store, all of them on one server. What names SQLite in them stays on SQLite. What serves every route knows no store, and is held to
 * PostgreSQL's answers by test/property/caches and test/replicas: it runs again with `WHOLE=1`, as in `npm run test:long`. Of the
 * others every other file has its turn, tomorrow those that have not today (`TURN=0` or `1`): what each store gives is held to the
 * store's contract, and random sequences of calls to the same answers from both (test/property/both-stores), in each run.
 */
const isWhole = process.env['WHOLE'] === '1'
const files = isWhole ? filesOverStores : filesOverStores.filter((file) => !file.startsWith('http/serving/'))
const turn = Number(process.env['TURN'] ?? Math.floor(Date.now() / 86_400_000)) % 2
const inTurn = isWhole ? files : files.filter((_, index) => index % 2 === turn)

t.test(`every route of a capability is among them (TURN=${turn})`, async (t) => {
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
  files: pathsOf(inTurn),
  parts: { counted: 0, others: 2 },
  env: {
    TEST_STORE: 'postgres',
    TEST_DATABASE_URL: process.env['TEST_DATABASE_URL'] ?? (await startServer()).url(),
  },
})
