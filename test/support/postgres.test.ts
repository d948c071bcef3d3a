import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { text } from 'node:stream/consumers'
import { Client } from 'pg'
import t, { type Test } from 'tap'
import { freshDatabase, type PostgresServer, preparedDatabase, startServer } from './postgres.ts'
import { inStep, startCluster } from './postgres-cluster.ts'
import { until } from './until.ts'

t.test('a fresh database is empty, belongs to its test alone, and is gone after it', async (t) => {
  const urls: string[] = []
  await t.test('in the test', async (t) => {
    const [one, other] = [await freshDatabase(t), await freshDatabase(t)]
    urls.push(one, other)
    await ask(one, 'CREATE TABLE notes (id int)')
    t.same(await ask(one, 'SELECT id FROM notes'), [])
    await t.rejects(ask(other, 'SELECT id FROM notes'), { code: '42P01' })
    t.same(await ask(one, 'SHOW server_encoding'), [{ server_encoding: 'UTF8' }])
  })
  t.equal(urls.length, 2)
  for (const url of urls) await t.rejects(ask(url, 'SELECT 1'), { code: '3D000' })
})

t.test('a fresh database goes even while somebody is connected to it', async (t) => {
  let url = ''
  let lost: Promise<string[]> | undefined
  await t.test('in the test', async (t) => {
    url = await freshDatabase(t)
    lost = connectionLost(await connected(url))
  })
  t.match(await lost, [/due to administrator command/, /terminated/])
  await t.rejects(ask(url, 'SELECT 1'), { code: '3D000' })
})

t.test('a prepared database is filled once, and each test has its own copy', async (t) => {
  let times = 0
  const prepare = async (url: string) => {
    times += 1
    await ask(url, 'CREATE TABLE notes (id int); INSERT INTO notes VALUES (1)')
  }
  for (const test of ['one test', 'another test'])
    await t.test(test, async (t) => {
      const url = await preparedDatabase(t, prepare)
      await ask(url, 'INSERT INTO notes VALUES (2)')
      t.same(await ask(url, 'SELECT id FROM notes ORDER BY id'), [{ id: 1 }, { id: 2 }])
    })
  t.equal(times, 1)
})

t.test('a server orders text otherwise than bytes, and has a time zone of its own', async (t) => {
  const server = await startedServer(t)
  t.same(await server.query("SELECT 'a' < 'B' AS text, 'a' < 'B' COLLATE \"C\" AS bytes"), [
    { text: true, bytes: false },
  ])
  t.not((await server.query('SHOW timezone'))[0]?.['TimeZone'], 'UTC')
})

for (const how of ['SIGKILL', 'immediate', 'fast'] as const)
  t.test(`a server that was ended by ${how} starts again on its data, at the same URL`, async (t) => {
    const server = await startedServer(t)
    const url = server.url()
    await server.query('CREATE TABLE notes (id int)')
    await server.query('INSERT INTO notes VALUES (1)')
    const lost = connectionLost(await connected(url))
    const before = server.pid()
    await server.stop(how)
    await lost
    t.equal(server.pid(), undefined)
    await t.rejects(ask(url, 'SELECT 1'), { code: 'ECONNREFUSED' })
    await server.start()
    t.not(server.pid(), before)
    t.same(await ask(url, 'SELECT id FROM notes'), [{ id: 1 }])
  })

for (const [end, code] of Object.entries({
  'comes to its end': '',
  throws: 'throw new Error()',
  'is ended by SIGTERM': 'process.kill(process.pid, "SIGTERM")',
  'is ended by SIGKILL': 'process.kill(process.pid, "SIGKILL")',
}))
  t.test(`a process that ${end} leaves no server and no data behind`, async (t) => {
    const script = `
      import { startServer } from ${JSON.stringify(new URL('postgres.ts', import.meta.url))}
      const server = await startServer()
      process.stdout.write(JSON.stringify({ url: server.url(), folder: server.data }), () => { ${code} })`
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const { url, folder } = JSON.parse(await text(child.stdout))
    await until(() => (existsSync(dirname(folder)) ? undefined : true))
    await t.rejects(ask(url, 'SELECT 1'), { code: 'ECONNREFUSED' })
  })

t.test('TEST_DATABASE_URL names the server to make databases on', async (t) => {
  const server = await startedServer(t)
  const script = `
    import t from 'tap'
    import { freshDatabase, preparedDatabase } from ${JSON.stringify(new URL('postgres.ts', import.meta.url))}
    t.test('in the test', async (t) => {
      t.comment('made', await freshDatabase(t))
      t.comment('made', await preparedDatabase(t, async () => {}))
    })`
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    env: { ...process.env, TEST_DATABASE_URL: server.url() },
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const made = [...(await text(child.stdout)).matchAll(/made (\S+)\/test_/g)].map(([, origin]) => origin)
  t.same(made, [new URL(server.url()).href.replace(/\/postgres$/, ''), made[0]])
  t.same(
    await server.query("SELECT datname FROM pg_database WHERE datname LIKE 'test%'"),
    [],
    'also what was copied is gone',
  )
})

t.test('what the primary acknowledged is on the promoted standby', async (t) => {
  const { primary, standby, failOver } = await startedCluster(t)
  await primary.query('CREATE TABLE notes (id int)')
  const acknowledged: number[] = []
  const writer = await connected(primary.url())
  const lost = connectionLost(writer)
  const writing = (async () => {
    for (let id = 0; ; id += 1) {
      await writer.query('INSERT INTO notes VALUES ($1)', [id])
      acknowledged.push(id)
    }
  })()
  await Promise.all([t.rejects(writing), until(() => acknowledged[50]).then(failOver), lost])
  const there = (await standby.query('SELECT id FROM notes')).map(({ id }) => id)
  t.same(
    acknowledged.filter((id) => !there.includes(id)),
    [],
  )
  t.ok(there.length >= acknowledged.length)
  await standby.query('INSERT INTO notes VALUES (-1)')
  t.same(await standby.query('SELECT id FROM notes WHERE id < 0'), [{ id: -1 }])
})

t.test('a primary acknowledges nothing while its standby is away', async (t) => {
  const { primary, standby } = await startedCluster(t)
  await primary.query('CREATE TABLE notes (id int)')
  await standby.stop()
  let acknowledged = false
  const insert = primary.query('INSERT INTO notes VALUES (1)').then(() => {
    acknowledged = true
  })
  await until(async () => {
    const waiting = await primary.query("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
    return waiting.length === 1 ? true : undefined
  })
  t.equal(acknowledged, false)
  await standby.start()
  await inStep(primary)
  await insert
  t.same(await primary.query('SELECT id FROM notes'), [{ id: 1 }])
})

t.test('the URL of both names the primary first, then the standby', async (t) => {
  const { primary, standby, url } = await startedCluster(t)
  const [, first, second] =
    /:(\d+),127\.0\.0\.1:(\d+)\/notes\?target_session_attrs=read-write$/.exec(url('notes')) ?? []
  t.same([first, second], [String(primary.port), String(standby.port)])
  await t.rejects(standby.query('CREATE TABLE notes (id int)'), { code: '25006' })
})

async function ask(connectionString: string, sql: string): Promise<unknown[]> {
  const client = await connected(connectionString)
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

async function connected(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString })
  await client.connect()
  return client
}

/** What it hears of until it is over. */
async function connectionLost(client: Client): Promise<string[]> {
  const heard: string[] = []
  client.on('error', ({ message }) => heard.push(message))
  return new Promise((resolve) => client.once('end', () => resolve(heard)))
}

async function startedServer(t: Test): Promise<PostgresServer> {
  const server = await startServer()
  t.teardown(() => server.remove())
  return server
}

async function startedCluster(t: Test) {
  const cluster = await startCluster()
  t.teardown(() => cluster.remove())
  return cluster
}
