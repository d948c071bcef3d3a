import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { text } from 'node:stream/consumers'
import { Client } from 'pg'
import t from 'tap'
import { until } from '../until.ts'
import { freshDatabase, preparedDatabase } from './databases.ts'
import { startServer } from './server.ts'

t.setTimeout(600_000)

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

t.test('a server of its own', async (t) => {
  const server = await startServer()
  t.teardown(() => server.remove())
  const url = server.url()

  await t.test('orders text otherwise than bytes, and has a time zone of its own', async (t) => {
    t.same(await server.query("SELECT 'a' < 'B' AS text, 'a' < 'B' COLLATE \"C\" AS bytes"), [
      { text: true, bytes: false },
    ])
    t.not((await server.query('SHOW timezone'))[0]?.['TimeZone'], 'UTC')
  })

  await t.test('takes the databases of a process whose TEST_DATABASE_URL names it', async (t) => {
    const made = await run(
      `import t from 'tap'
      t.test('in the test', async (t) => {
        t.comment('made', await freshDatabase(t))
        t.comment('made', await preparedDatabase(t, async () => {}))
      })`,
      { TEST_DATABASE_URL: url },
    )
    const origin = url.slice(0, url.lastIndexOf('/'))
    t.same(
      [...made.matchAll(/made (\S+)\/test_/g)].map(([, origin]) => origin),
      [origin, origin],
    )
    t.same(await server.query("SELECT datname FROM pg_database WHERE datname LIKE 'test%'"), [])
  })

  await server.query('CREATE TABLE notes (id int)')
  for (const [id, how] of (['SIGKILL', 'immediate', 'fast'] as const).entries())
    await t.test(`starts again on its data, at the same URL, after ${how}`, async (t) => {
      await server.query('INSERT INTO notes VALUES ($1)', [id])
      const lost = connectionLost(await connected(url))
      const before = server.pid()
      await server.stop(how)
      await lost
      t.equal(server.pid(), undefined)
      await t.rejects(ask(url, 'SELECT 1'), { code: 'ECONNREFUSED' })
      await server.start()
      t.not(server.pid(), before)
      t.equal((await ask(url, 'SELECT id FROM notes')).length, id + 1)
    })
})

for (const [end, code] of Object.entries({
  'comes to its end': '',
  'is ended by SIGTERM': 'process.kill(process.pid, "SIGTERM")',
  'is ended by SIGKILL': 'process.kill(process.pid, "SIGKILL")',
}))
  t.test(`a process that ${end} leaves no server and no data behind`, async (t) => {
    const { url, data } = JSON.parse(
      await run(`
        const server = await startServer()
        process.stdout.write(JSON.stringify({ url: server.url(), data: server.data }), () => { ${code} })`),
    )
    await until(() => (existsSync(dirname(data)) ? undefined : true))
    await t.rejects(ask(url, 'SELECT 1'), { code: 'ECONNREFUSED' })
  })

/** Runs the script in a process of its own, however that ends; gives what it wrote. */
async function run(script: string, env: Record<string, string> = {}): Promise<string> {
  const from = JSON.stringify(new URL('../postgres.ts', import.meta.url))
  const imports = `import { freshDatabase, preparedDatabase, startServer } from ${from}\n`
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', imports + script], {
    env: { ...process.env, ...env },
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return text(child.stdout)
}

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
