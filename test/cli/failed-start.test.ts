import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { startApp } from '../support/app.ts'
import { ask } from '../support/postgres.ts'
import { countLinesIn, startService } from '../support/process.ts'
import { commandAt, dialects, freshUrl } from '../support/transfers.ts'
import { until } from '../support/until.ts'

/* What a start leaves that never served: nothing. */

const secret = 'one-first-token-of-forty-characters-in-all'
const newDatabase = 'there was no database here, and a new one was made'

t.setTimeout(600_000)

t.test('a start that cannot listen leaves alone the token and the files of who does', async (t) => {
  const folder = t.testdir()
  const file = `file:${join(folder, 'imprimatur.db')}`
  const running = await startService(t, { DATABASE_URL: file, MODERATOR_TOKEN: secret })
  const PORT = new URL(running.origin).port
  for (const MODERATOR_TOKEN of ['', 'another-first-token-of-some-forty-characters'])
    await t.rejects(startService(t, { DATABASE_URL: file, PORT, MODERATOR_TOKEN }), {
      message: /^it ended with 1: It cannot listen on 127\.0\.0\.1:\d+: another process does .* PORT=.*\n$/,
    })
  t.equal(await queueStatus(running.origin, secret), 200)
  t.notOk(existsSync(join(folder, 'moderator-token')))
  await running.stop()
  const again = await startService(t, { DATABASE_URL: file, MODERATOR_TOKEN: secret })
  t.equal(await queueStatus(again.origin, secret), 200)

  const nowhere = join(folder, 'new')
  const taken = { PORT: new URL(again.origin).port, DATABASE_URL: `file:${join(nowhere, 'imprimatur.db')}` }
  await t.rejects(startService(t, taken), { message: /^it ended with 1: It cannot listen/ })
  t.notOk(existsSync(nowhere), 'and makes no database')
})

t.test('a start that listens, and then fails, leaves the token in force that there was', async (t) => {
  const folder = t.testdir({ 'moderator-token': {} })
  const file = `file:${join(folder, 'imprimatur.db')}`
  await (await startService(t, { DATABASE_URL: file, MODERATOR_TOKEN: secret })).stop()
  await t.rejects(startService(t, { DATABASE_URL: file }), { message: /^it ended with 1: The file of the/ })
  const again = await startService(t, { DATABASE_URL: file, MODERATOR_TOKEN: secret })
  t.equal(await queueStatus(again.origin, secret), 200)
})

t.test('who connects before the tokens are settled waits until they are', async (t) => {
  const opening = Promise.withResolvers<void>()
  const { app } = await startApp(t, { opening: opening.promise })
  const answer = app.inject('/v1/articles/a/comments')
  let isAnswered = false
  void answer.then(() => {
    isAnswered = true
  })
  await new Promise((resolve) => setImmediate(resolve))
  t.equal(isAnswered, false)
  opening.resolve()
  t.equal((await answer).statusCode, 200)
  t.equal((await app.inject('/v1/articles/a/comments')).statusCode, 200)
})

async function queueStatus(origin: string, token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` }
  return (await fetch(`${origin}/v1/moderation/comments`, { headers })).status
}

for (const dialect of dialects)
  t.test(`${dialect}: a new database is warned of, and is not made where that is refused`, async (t) => {
    countLinesIn(t)
    const url = await freshUrl(t, dialect)
    const refusing = { DATABASE_URL: url, DATABASE_IF_MISSING: 'refuse' }
    await t.rejects(startService(t, refusing), {
      message:
        /cannot be opened: there is none, and DATABASE_IF_MISSING=refuse\. .* imprimatur migrate makes/,
    })
    if (dialect === 'sqlite') {
      const file = url.slice('file:'.length)
      t.same(readdirSync(dirname(file)), [])
      writeFileSync(file, '')
      await t.rejects(startService(t, refusing), { message: /there is none, and DATABASE_IF_MISSING/ })
      t.equal(statSync(file).size, 0, 'an empty file is none')
      t.match(await commandAt(url, ['token', 'create', '--name', 'marie']), {
        code: 1,
        err: /^There is no database at/,
      })
      t.equal(statSync(file).size, 0)
    } else t.same(await ask(url, "SELECT FROM pg_tables WHERE schemaname = 'public'"), [])

    const first = await startService(t, { DATABASE_URL: url, MODERATOR_TOKEN: secret })
    await until(() => (first.stdout().includes(newDatabase) ? true : undefined))
    t.match(first.stdout(), /"level":40[^\n]*there was no database here/)
    await first.stop()
    const second = await startService(t, { ...refusing, MODERATOR_TOKEN: secret })
    t.equal(await second.stop(), 0)
    t.notMatch(second.stdout(), newDatabase)
  })

t.test('a second service at one file of SQLite says so, and one that comes after it does not', async (t) => {
  countLinesIn(t)
  const url = await freshUrl(t, 'sqlite')
  const settings = { DATABASE_URL: url, MODERATOR_TOKEN: secret }
  const notAlone = /"level":40[^\n]*another process serves this database as well/
  const first = await startService(t, settings)
  const second = await startService(t, settings)
  await until(() => (notAlone.test(second.stdout()) ? true : undefined))
  t.notMatch(first.stdout(), notAlone)
  first.child.kill('SIGKILL')
  await first.ended
  await second.stop()
  const third = await startService(t, settings)
  const other = await startService(t, { ...settings, DATABASE_URL: await freshUrl(t, 'sqlite') })
  for (const service of [third, other]) {
    t.equal(await service.stop(), 0)
    t.notMatch(service.stdout(), notAlone)
  }
})
