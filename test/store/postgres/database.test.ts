import { readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { type Database, openDatabase } from '../../../src/store/postgres/database.ts'
import { faultOf } from '../../../src/store/postgres/fault.ts'
import { parsePostgresUrl } from '../../../src/store/postgres-url.ts'
import { startProxy } from '../../crash/postgres-proxy.ts'
import { freshDatabase, type Owner, startServer } from '../../support/postgres.ts'
import { until } from '../../support/until.ts'

t.setTimeout(600_000)

const fixture = (name: string) => fileURLToPath(new URL(`tls/${name}`, import.meta.url))

function open(t: Owner, url: string, poolSize = 2): Database {
  const parsed = parsePostgresUrl(url)
  if (!parsed.ok) throw new Error(parsed.fault)
  const database = openDatabase(parsed.location, poolSize)
  t.teardown(() => database.close())
  return database
}

/** What the Store would throw. */
function fault(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => new Error('it did not fail'),
    (error: unknown) => faultOf(error),
  )
}

t.test('TLS is what the URL says', async (t) => {
  const server = await startServer()
  t.teardown(() => server.remove())
  const key = server.write('server.key', readFileSync(fixture('server-key.pem'), 'utf8'))
  const certificate = server.write('server.crt', readFileSync(fixture('server.pem'), 'utf8'))
  await server.query(`ALTER SYSTEM SET ssl_cert_file = '${certificate}'`)
  await server.query(`ALTER SYSTEM SET ssl_key_file = '${key}'`)
  await server.query('ALTER SYSTEM SET ssl = on')
  await server.query('SELECT pg_reload_conf()')
  await until(async () => ((await server.query('SHOW ssl'))[0]?.['ssl'] === 'on' ? true : undefined))
  const usesTls = async (database: Database) => {
    const { rows } = await database.query({
      text: 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
    })
    return rows[0]?.ssl
  }
  const at = (parameters: string) => open(t, `${server.url()}?${parameters}`)

  t.equal(await usesTls(at('sslmode=disable')), false)
  t.equal(await usesTls(at('sslmode=no-verify')), true)
  t.equal(await usesTls(at(`sslmode=verify-full&sslrootcert=${fixture('authority.pem')}`)), true)
  const wrong = at(`sslmode=verify-full&sslrootcert=${fixture('another-authority.pem')}`)
  t.match(await fault(wrong.query({ text: 'SELECT 1' })), { message: /certificate|signature/ })

  await server.query('ALTER SYSTEM SET ssl = off')
  await server.query('SELECT pg_reload_conf()')
  const demanding = at(`sslmode=verify-full&sslrootcert=${fixture('authority.pem')}`)
  t.match(await fault(demanding.query({ text: 'SELECT 1' })), {
    code: 'STORE_FAILED',
    message: 'The server does not support SSL connections',
  })
})

t.test('the server bounds what a statement takes, and its wait for a lock', async (t) => {
  const database = open(t, await freshDatabase(t))
  const { rows } = await database.query({
    text: "SELECT name, setting::int AS ms FROM pg_settings WHERE name IN ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout') ORDER BY name",
  })
  t.same(rows, [
    { name: 'idle_in_transaction_session_timeout', ms: 5_000 },
    { name: 'lock_timeout', ms: 3_000 },
    { name: 'statement_timeout', ms: 5_000 },
  ])
  t.match(await fault(database.query({ text: 'SELECT pg_sleep(9)' })), { code: 'STORE_BUSY' })

  await database.query({ text: 'CREATE TABLE things (n int)' })
  const locked = Promise.withResolvers<void>()
  const done = Promise.withResolvers<void>()
  const holder = database.transaction(async (query) => {
    await query({ text: 'LOCK TABLE things' })
    locked.resolve()
    await done.promise
  })
  await locked.promise
  t.match(await fault(database.query({ text: 'INSERT INTO things VALUES (1)' })), { code: 'STORE_BUSY' })
  done.resolve()
  await holder
  await t.resolves(database.query({ text: 'INSERT INTO things VALUES (1)' }), 'the slot is free again')
})

t.test('who finds no free connection in time is told so', async (t) => {
  const database = open(t, await freshDatabase(t), 1)
  const taken = Promise.withResolvers<void>()
  const done = Promise.withResolvers<void>()
  const holder = database.transaction(async (query) => {
    await query({ text: 'SELECT 1' })
    taken.resolve()
    await done.promise
  })
  await taken.promise
  t.match(await fault(database.query({ text: 'SELECT 1' })), {
    code: 'STORE_BUSY',
    message: 'No connection was free in time.',
  })
  // Those that wait are kept in memory, so there is an end to that too.
  const waiting = Array.from({ length: 2_000 }, () => fault(database.query({ text: 'SELECT 1' })))
  t.match(await fault(database.query({ text: 'SELECT 1' })), {
    code: 'STORE_BUSY',
    message: 'Too many statements wait.',
  })
  done.resolve()
  await holder
  // On a busy machine the last of so many are not served in time either, and are told so as well.
  const [served, ...others] = await Promise.all(waiting)
  t.equal(served?.message, 'it did not fail')
  for (const { message } of others)
    if (message !== 'it did not fail') t.equal(message, 'No connection was free in time.')
})

t.test('of several hosts the one is found that can be written to', async (t) => {
  const url = new URL(await freshDatabase(t))
  const closed = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => closed.once('listening', resolve))
  const address = closed.address()
  const deadPort = typeof address === 'object' ? address?.port : 0
  await new Promise((resolve) => closed.close(resolve))
  const dead = `127.0.0.1:${deadPort}`
  const both = `postgres://${url.username}:${url.password}@${dead},${url.host}${url.pathname}`
  const database = open(t, both)
  await t.resolves(database.query({ text: 'SELECT 1' }))
  const connection = await database.connect()
  t.equal(connection.isCurrent(), true)
  t.equal(connection.direct, true)
  await connection.client.end()

  const none = open(t, `postgres://${dead},${dead}/nowhere`)
  t.match(await fault(none.query({ text: 'SELECT 1' })), { code: 'STORE_FAILED', message: /ECONNREFUSED/ })
  t.match(await fault(none.connect()), { code: 'STORE_FAILED', message: /ECONNREFUSED/ })
})

t.test('a server that only reads is none', async (t) => {
  const url = await freshDatabase(t)
  const owner = open(t, url)
  const name = new URL(url).pathname.slice(1)
  await owner.query({ text: `ALTER DATABASE ${name} SET default_transaction_read_only = on` })
  const database = open(t, url)
  t.match(await fault(database.query({ text: 'SELECT 1' })), { code: 'STORE_READ_ONLY' })
})

t.test('a transaction is undone as a whole, and its connection goes on', async (t) => {
  const database = open(t, await freshDatabase(t), 1)
  await database.query({ text: 'CREATE TABLE things (n int PRIMARY KEY)' })
  await t.rejects(
    database.transaction(async (query) => {
      await query({ text: 'INSERT INTO things VALUES (1)' })
      throw new Error('changed its mind')
    }),
    { message: 'changed its mind' },
  )
  const duplicate = await fault(
    database.transaction(async (query) => {
      await query({ text: 'INSERT INTO things VALUES (1)' })
      await query({ text: 'INSERT INTO things VALUES (1)' })
    }),
  )
  t.match(duplicate.message, /duplicate key .*\(SQLSTATE 23505\)/)
  t.same((await database.query({ text: 'SELECT FROM things' })).rowCount, 0)
})

t.test('statements that lock each other out are run again, and both are done', async (t) => {
  const database = open(t, await freshDatabase(t))
  await database.query({ text: 'CREATE TABLE things (n int PRIMARY KEY, hits int)' })
  await database.query({ text: 'INSERT INTO things VALUES (1, 0), (2, 0)' })
  const both = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const
  const hit = (first: 0 | 1) =>
    database.transaction(async (query) => {
      const second = first === 0 ? 1 : 0
      await query({ text: 'UPDATE things SET hits = hits + 1 WHERE n = $1' }, [first + 1])
      both[first].resolve()
      await both[second].promise
      await query({ text: 'UPDATE things SET hits = hits + 1 WHERE n = $1' }, [second + 1])
    })
  await Promise.all([hit(0), hit(1)])
  t.same((await database.query({ text: 'SELECT hits FROM things' })).rows, [{ hits: 2 }, { hits: 2 }])
})

t.test('a connection ends, though the other side says no goodbye', async (t) => {
  const url = await freshDatabase(t)
  const proxy = await startProxy(t, Number(new URL(url).port))
  const database = open(t, proxy.through(url))
  const connection = await database.connect()
  await database.query({ text: 'SELECT 1' })
  proxy.silence(true)
  const startedMs = performance.now()
  await Promise.all([connection.client.end(), database.close()])
  t.ok(performance.now() - startedMs < 4_000)
})

t.test('a server that asks for a password which is not given is no longer connected to', async (t) => {
  const url = new URL(await freshDatabase(t))
  const proxy = await startProxy(t, Number(url.port))
  url.password = ''
  const database = open(t, proxy.through(url.href))
  t.match(await fault(database.query({ text: 'SELECT 1' })), {
    message: 'The server asks for a password, and none is given.',
  })
  await t.rejects(database.connect(), { message: /client password must be a string/ })
  await until(() => (proxy.connections() === 0 ? true : undefined))
})

t.test('the files of TLS are read once', async (t) => {
  const folder = t.testdir({ 'authority.pem': readFileSync(fixture('authority.pem'), 'utf8') })
  const file = join(folder, 'authority.pem')
  const url = `${await freshDatabase(t)}?sslmode=verify-full&sslrootcert=${file}`
  const database = open(t, url)
  rmSync(file)
  // The server has no TLS, which is found out only by a client that could be made.
  t.match(await fault(database.query({ text: 'SELECT 1' })), { message: /does not support SSL/ })
  t.throws(() => open(t, url), { code: 'ENOENT' })
})

t.test('after its end nothing is asked any more', async (t) => {
  const database = open(t, await freshDatabase(t))
  const underWay = database.query({ text: 'SELECT 1 AS one' })
  await database.close()
  t.match((await underWay).rows, [{ one: 1 }])
  t.match(await fault(database.query({ text: 'SELECT 1' })), { code: 'STORE_CLOSED' })
})
