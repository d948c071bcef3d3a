import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { freshDatabase } from '../support/postgres.ts'
import { startService } from '../support/process.ts'
import { until } from '../support/until.ts'

t.setTimeout(600_000)

t.test('a first start on PostgreSQL leaves the token where the default database would be', async (t) => {
  const folder = t.testdir()
  const env = { DATABASE_URL: await freshDatabase(t) }
  const first = await startService(t, env, inFolder(folder))
  const file = join(folder, 'data', 'postgres.moderator-token')
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.equal(statSync(join(folder, 'data')).mode & 0o777, 0o700)
  t.match(first.stderr(), 'cat data/postgres.moderator-token')
  const secret = readFileSync(file, 'utf8').trim()
  const ask = async (origin: string) => {
    const headers = { authorization: `Bearer ${secret}` }
    return (await fetch(`${origin}/v1/moderation/comments`, { headers })).status
  }
  t.equal(await ask(first.origin), 200)
  await until(() =>
    first.stdout().includes('lists are kept until another replica tells') ? true : undefined,
  )

  // The second replica has a folder of its own, and needs no token of its own.
  const other = join(folder, 'other')
  mkdirSync(other)
  const second = await startService(t, env, inFolder(other))
  t.equal(existsSync(join(other, 'data')), false)
  t.equal(await ask(second.origin), 200)
  t.match(second.stderr(), 'imprimatur token create --name NAME makes one')
  t.equal(await second.stop(), 0)
  t.equal(await first.stop(), 0)
  t.notMatch(first.stdout() + first.stderr(), new URL(env.DATABASE_URL).password)
})

function inFolder(folder: string): readonly string[] {
  return ['sh', '-c', 'cd "$0" && exec "$@"', folder]
}
