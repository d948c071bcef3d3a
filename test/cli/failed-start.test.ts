import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startApp } from '../support/app.ts'
import { startService } from '../support/process.ts'

/* What a start leaves that never served: nothing. */

const secret = 'x'.repeat(40)

t.setTimeout(240_000)

t.test('a start that cannot listen leaves alone the token and the files of who does', async (t) => {
  const folder = t.testdir()
  const file = `file:${join(folder, 'imprimatur.db')}`
  const running = await startService(t, { DATABASE_URL: file, MODERATOR_TOKEN: secret })
  const PORT = new URL(running.origin).port
  for (const MODERATOR_TOKEN of ['', 'y'.repeat(40)])
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
