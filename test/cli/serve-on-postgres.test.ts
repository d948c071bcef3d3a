import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ask, freshDatabase } from '../support/postgres.ts'
import { countLines, startService } from '../support/process.ts'
import { until } from '../support/until.ts'

t.setTimeout(600_000)
countLines()

t.test('a first start on PostgreSQL leaves the token where the default database would be', async (t) => {
  const folder = t.testdir()
  const env = { DATABASE_URL: await freshDatabase(t) }
  const first = await startService(t, env, inFolder(folder))
  const file = join(folder, 'data', 'postgres.moderator-token')
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.equal(statSync(join(folder, 'data')).mode & 0o777, 0o700)
  t.match(first.stderr(), 'cat data/postgres.moderator-token')
  const secret = readFileSync(file, 'utf8').trim()
  const statusAt = async (origin: string) => {
    const headers = { authorization: `Bearer ${secret}` }
    return (await fetch(`${origin}/v1/moderation/comments`, { headers })).status
  }
  t.equal(await statusAt(first.origin), 200)
  await until(() =>
    first.stdout().includes('lists are kept until another replica tells') ? true : undefined,
  )

  // The second replica has a folder of its own, and needs no token of its own.
  const other = join(folder, 'other')
  mkdirSync(other)
  const second = await startService(t, env, inFolder(other))
  t.equal(existsSync(join(other, 'data')), false)
  t.equal(await statusAt(second.origin), 200)
  t.match(second.stderr(), 'imprimatur token create --name NAME makes one')
  t.equal(await second.stop(), 0)
  t.equal(await first.stop(), 0)
  t.notMatch(first.stdout() + first.stderr(), new URL(env.DATABASE_URL).password)
})

t.test('a start that cannot listen leaves alone the token that all replicas have', async (t) => {
  const secret = 'one-first-token-of-forty-characters-in-all'
  const env = { DATABASE_URL: await freshDatabase(t) }
  const running = await startService(t, { ...env, MODERATOR_TOKEN: secret })
  const PORT = new URL(running.origin).port
  for (const MODERATOR_TOKEN of ['', 'another-first-token-of-some-forty-characters'])
    await t.rejects(startService(t, { ...env, PORT, MODERATOR_TOKEN }), { message: /EADDRINUSE/ })
  const headers = { authorization: `Bearer ${secret}` }
  t.equal((await fetch(`${running.origin}/v1/moderation/comments`, { headers })).status, 200)
  t.equal(await running.stop(), 0)

  const other = { DATABASE_URL: await freshDatabase(t), PORT: '0' }
  await t.rejects(startService(t, { ...other, HOST: '192.0.2.1' }), { message: /EADDRNOTAVAIL.* HOST / })
  t.same(await ask(other.DATABASE_URL, "SELECT FROM pg_tables WHERE schemaname = 'public'"), [])
})

function inFolder(folder: string): readonly string[] {
  return ['sh', '-c', 'cd "$0" && exec "$@"', folder]
}
