import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import type { Test } from 'tap'
import t from 'tap'
import { startCluster, startServer } from '../support/postgres.ts'
import { countLinesIn, spawnService } from '../support/process.ts'
import { until } from '../support/until.ts'
import { unlimitedAt } from './client.ts'
import { newDatabase } from './postgres-service.ts'

/* What a start meets whose PostgreSQL is not there, not ready, or not its own. */

t.setTimeout(600_000)

t.test('a server that is away is waited for, which is said once, and by no secret name', async (t) => {
  const server = await startServer()
  t.teardown(() => server.remove())
  const url = await newDatabase(server)
  await server.stop()
  const service = spawnService(t, unlimitedAt(url))
  await until(() => (service.stderr() === '' ? undefined : true))
  // Long enough for a second attempt, which takes place each half second.
  const askedAgain = await countedConnections(t, server.port, 2)
  await askedAgain.close()
  const { host, pathname } = new URL(url)
  const waits = `Waiting up to 30 seconds for the database postgres://${host}${pathname}: `
  t.equal(service.stderr().split(waits).length, 2, service.stderr())
  t.equal(service.stderr().trimEnd().split('\n').length, 1)
  await server.start()
  await service.listening
  t.equal(service.stderr().split('Waiting').length, 2)
  t.notMatch(service.stderr() + service.stdout(), server.password)
  t.equal(await service.stop(), 0)
})

t.test('a server that stays away ends the start', async (t) => {
  countLinesIn(t)
  const { port, close } = await countedConnections(t, 0, 0)
  await close()
  for (const host of [`127.0.0.1:${port}`, 'nowhere.invalid', `127.0.0.1:${port},nowhere.invalid`]) {
    const url = `postgres://somebody:very-secret@${host}/comments`
    const { code, stderr } = await endOf(t, url, { DATABASE_WAIT_SECONDS: '1' })
    t.equal(code, 1)
    const name = `the database postgres://${host}/comments`.replaceAll('.', '\\.')
    t.match(
      stderr,
      new RegExp(`^Waiting up to 1 seconds for ${name}: .+\nT${name.slice(1)} cannot be opened: .+\n$`),
    )
    t.notMatch(stderr, /secret|somebody/)
  }
  const { stderr } = await endOf(t, `postgres://a:b@127.0.0.1:${port}/c`, { DATABASE_WAIT_SECONDS: '0' })
  t.match(stderr, /^The database postgres:\/\/127\.0\.0\.1:\d+\/c cannot be opened: .*ECONNREFUSED.*\n$/)
})

t.test('a server that takes no writes is none to start on', async (t) => {
  const { primary, standby, remove } = await startCluster()
  t.teardown(() => remove())
  const name = new URL(await newDatabase(primary)).pathname.slice(1)
  await t.test('a standby', async (t) => {
    await until(async () => ((await holds(standby.query, name)) ? true : undefined))
    const { code, stderr } = await endOf(t, standby.url(name), { DATABASE_WAIT_SECONDS: '1' })
    t.equal(code, 1)
    t.match(stderr, /cannot be opened: The server is a standby, or takes no writes\.\n$/)
  })
  await t.test('a database that is set to be read only', async (t) => {
    await primary.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`)
    const { code, stderr } = await endOf(t, primary.url(name), { DATABASE_WAIT_SECONDS: '1' })
    t.equal(code, 1)
    t.match(stderr, /cannot be opened: The server is a standby, or takes no writes\.\n$/)
  })
})

t.test('what waiting would not mend ends the start at once', async (t) => {
  const server = await startServer()
  t.teardown(() => server.remove())
  const url = await newDatabase(server)
  const change = (part: 'username' | 'password' | 'pathname', value: string) => {
    const changed = new URL(url)
    changed[part] = value
    return changed.href
  }
  await server.query("CREATE ROLE guest LOGIN PASSWORD 'guest-password'")
  const guest = new URL(change('username', 'guest'))
  guest.password = 'guest-password'
  const cases: Record<string, [url: string, said: RegExp]> = {
    'a wrong password': [change('password', 'wrong-password'), /password authentication failed/],
    'no such user': [change('username', 'nobody-here'), /password authentication failed/],
    'no such database': [change('pathname', '/nothing'), /database "nothing" does not exist/],
    'no permission': [guest.href, /permission denied/],
  }
  for (const [name, [url, said]] of Object.entries(cases))
    await t.test(name, async (t) => {
      const { code, stderr } = await endOf(t, url, { DATABASE_WAIT_SECONDS: '20' })
      t.equal(code, 1)
      t.match(stderr, said)
      t.match(stderr, /^The database postgres:\/\/127\.0\.0\.1:\d+\/\w+ cannot be opened: .+\n$/)
      t.notMatch(stderr, /wrong-password|guest-password/)
      t.notMatch(stderr, server.password)
    })
})

t.test('a server without TLS is refused where the URL asks for it', async (t) => {
  const server = await startServer()
  t.teardown(() => server.remove())
  const url = `${await newDatabase(server)}?sslmode=verify-full`
  const { code, stderr } = await endOf(t, url, { DATABASE_WAIT_SECONDS: '0' })
  t.equal(code, 1)
  t.match(stderr, /^The database .+ cannot be opened: The server does not support SSL connections\n$/)
})

async function endOf(
  t: Test,
  url: string,
  env: Record<string, string>,
): Promise<{ code: number | null; stderr: string }> {
  const service = spawnService(t, { ...unlimitedAt(url), ...env })
  const code = await service.ended
  return { code, stderr: service.stderr() }
}

async function holds(
  query: (sql: string, values?: unknown[]) => Promise<unknown[]>,
  database: string,
): Promise<boolean> {
  return (await query('SELECT FROM pg_database WHERE datname = $1', [database])).length === 1
}

/** Listens until it was connected to so often, and hangs up each time. */
async function countedConnections(
  t: Test,
  port: number,
  wanted: number,
): Promise<{ port: number; close: () => Promise<void> }> {
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    socket.destroy()
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  await until(() => (connections >= wanted ? true : undefined))
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close()
      await once(server, 'close')
    },
  }
}
