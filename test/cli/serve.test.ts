import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { runCommand } from '../../src/cli/command.ts'
import { startApp } from '../support/app.ts'
import { countLinesIn, listen, startService, testTerminal } from '../support/process.ts'

const shell = promisify(execFile)
const secret = 'x-0123456789-abcdefghijklmnop-0123456789'

t.setTimeout(600_000)

t.test(
  'a first start makes a token in a file for its owner alone, and prints lines that work when pasted',
  async (t) => {
    const folder = t.testdir()
    const { origin, stdout, stderr, stop } = await startService(t, {
      DATABASE_URL: `file:${join(folder, 'imprimatur.db')}`,
    })
    const tokenFile = join(folder, 'moderator-token')
    t.equal(statSync(tokenFile).mode & 0o777, 0o600)
    const token = readFileSync(tokenFile, 'utf8').trim()
    await until(() => stdout().includes("the first moderator's token is in this file"))
    t.notMatch(stdout() + stderr(), token)

    const answers = (await shell('bash', ['-c', pasted(stderr())])).stdout.trim()
    const [waiting, approved, list] = jsonIn(answers)
    t.match(waiting, { pending: 1, comments: [{ author: { email: 'ada@example.org' } }] })
    t.match(approved, { status: 'approved', changed: true })
    t.match(list, { articleId: 'hello', total: 1, comments: [{ body: 'A fine article.' }] })

    t.equal(await stop('SIGTERM'), 0)
    const again = await startService(t, { DATABASE_URL: `file:${join(folder, 'imprimatur.db')}` })
    t.notMatch(again.stdout(), /first moderator/)
    const queue = await fetch(`${again.origin}/v1/moderation/comments`, {
      headers: { authorization: `Bearer ${token}` },
    })
    t.match(await queue.json(), { pending: 0 })
    t.equal(origin.startsWith('http://127.0.0.1:'), true)
    t.equal(await again.stop('SIGINT'), 0)
  },
)

t.test('two databases in one folder have a token each, and no other file is named', async (t) => {
  // A name that a shell would take apart.
  const folder = join(t.testdir(), "Ada's $(data) folder")
  const start = (name: string) => startService(t, { DATABASE_URL: `file:${join(folder, name)}` })
  const opens = async (text: string) => jsonIn((await shell('bash', ['-c', pasted(text)])).stdout)[0]

  const [one, two] = [await start('imprimatur.db'), await start('blog.db')]
  t.match(await opens(one.stderr()), { pending: 1 })
  t.match(await opens(two.stderr()), { pending: 1 })
  await two.stop()

  writeFileSync(join(folder, 'blog.moderator-token'), 'imt_of-another-database\n')
  const again = await start('blog.db')
  t.match(again.stderr(), /First put a token of yours between the quotes/)
})

t.test('a first token that cannot be put in its place stops the start and opens nothing', async (t) => {
  const folder = t.testdir({ 'moderator-token': {} })
  const file = join(folder, 'imprimatur.db')
  await t.rejects(startService(t, { DATABASE_URL: `file:${file}` }), {
    message:
      /^it ended with 1: The file of the first moderator's token, .*moderator-token, cannot be used: .*\n$/,
  })
  t.same(
    readdirSync(folder).filter((name) => name.startsWith('moderator-token')),
    ['moderator-token'],
  )
  rmdirSync(join(folder, 'moderator-token'))
  const { stderr } = await startService(t, { DATABASE_URL: `file:${file}` })
  t.match(stderr(), /cat .*moderator-token\)/)
})

t.test("the environment's token is used, and no file is made", async (t) => {
  const { origin, stderr, stop } = await startService(t, {
    DATABASE_URL: 'file::memory:',
    MODERATOR_TOKEN: secret,
  })
  t.match(stderr(), /First put the value of MODERATOR_TOKEN, .*\n\nTOKEN=''\n/)
  t.notMatch(stderr(), /\$MODERATOR_TOKEN|xxxx/)
  const lines = pasted(stderr()).replace("TOKEN=''", `TOKEN='${secret}'`)
  t.match(jsonIn((await shell('bash', ['-c', lines])).stdout)[2], { total: 1 })
  const queue = await fetch(`${origin}/v1/moderation/comments`, {
    headers: { authorization: `Bearer ${secret}` },
  })
  t.equal(queue.status, 200)
  t.equal(await stop(), 0)
})

t.test('a database in memory without a token in the environment names the file of its token', async (t) => {
  const { origin, stderr, stop } = await startService(t, { DATABASE_URL: 'file::memory:' })
  const file = /\$\(cat (\S+)\)/.exec(stderr())?.[1] ?? ''
  const token = readFileSync(file, 'utf8').trim()
  const queue = await fetch(`${origin}/v1/moderation/comments`, {
    headers: { authorization: `Bearer ${token}` },
  })
  t.equal(queue.status, 200)
  t.equal(await stop(), 0)
  t.equal(existsSync(file), false, 'what it opened has ended')
})

t.test('a request in flight when the process is told to stop is answered', async (t) => {
  await answeredWhileStopping(t, {})
})

t.test('no limit to how long that takes is no limit', async (t) => {
  await answeredWhileStopping(t, { SHUTDOWN_SECONDS: '0' })
})

async function answeredWhileStopping(t: Test, env: Record<string, string>): Promise<void> {
  const { origin, stdout, stop } = await startService(t, {
    DATABASE_URL: 'file::memory:',
    MODERATOR_TOKEN: secret,
    ...env,
  })
  const body = JSON.stringify({ author: { name: 'Ada', email: 'ada@example.org' }, body: 'In flight.' })
  const { hostname, port } = new URL(origin)
  const socket = connect(Number(port), hostname)
  let answer = ''
  socket.setEncoding('utf8').on('data', (chunk) => {
    answer += chunk
  })
  socket.write(
    `POST /v1/articles/a/comments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`,
  )
  await once(socket, 'data')
  t.match(answer, /^HTTP\/1.1 100 Continue/)
  const code = stop()
  await until(() => stdout().includes('"closing"'))
  socket.write(body)
  await once(socket, 'close')
  t.match(answer, /HTTP\/1.1 202 Accepted/)
  t.match(answer, /\r\nconnection: close\r\n/i, 'who sends another on this connection would lose it')
  t.equal(await code, 0)
}

t.test('a request that a kept connection has brought just when closing begins is answered', async (t) => {
  const { app } = await startApp(t)
  const port = await listen(app)
  const socket = connect(port, '127.0.0.1')
  let answers = ''
  socket.setEncoding('utf8').on('data', (chunk) => {
    answers += chunk
  })
  const request = 'GET /v1/articles/a/comments HTTP/1.1\r\nHost: x\r\n\r\n'
  socket.write(request)
  await once(socket, 'data')
  socket.write(request)
  const closed = app.close()
  await once(socket, 'close')
  t.equal(answers.match(/HTTP\/1.1 200 OK/g)?.length, 2)
  t.match(answers, /\r\nconnection: close\r\n/i, 'and the connection has no other')
  await closed
})

t.test('what stops a start is said in a sentence', async (t) => {
  countLinesIn(t)
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  t.teardown(() => taken.close())
  const address = taken.address()
  const port = typeof address === 'object' ? String(address?.port) : ''
  await t.rejects(startService(t, { DATABASE_URL: 'file::memory:', MODERATOR_TOKEN: secret, PORT: port }), {
    message: /ended with 1: It cannot listen on 127.0.0.1:\d+: .*EADDRINUSE/,
  })
  await t.rejects(startService(t, { PORT: 'x', DATABASE_URL: 'x' }), {
    message: /ended with 1: .*\n {2}PORT must.*\n {2}DATABASE_URL must/,
  })

  const file = `file:${join(t.testdir(), 'imprimatur.db')}`
  const first = await startService(t, { DATABASE_URL: file, MODERATOR_TOKEN: secret })
  await first.stop()
  const second = await startService(t, {
    DATABASE_URL: file,
    MODERATOR_TOKEN: 'y-0123456789-abcdefghijklmnop-0123456789',
  })
  await second.stop()
  await t.rejects(startService(t, { DATABASE_URL: file, MODERATOR_TOKEN: secret }), {
    message: /MODERATOR_TOKEN was revoked\. Give another one\.\n$/,
  })

  const terminal = testTerminal({ DATABASE_URL: file })
  await runCommand(['token', 'create', '--name', 'site', '--scope', 'submit'], terminal)
  await t.rejects(startService(t, { DATABASE_URL: file, MODERATOR_TOKEN: terminal.out().trim() }), {
    message: /ended with 1: The token in MODERATOR_TOKEN is known, but not of the scope moderate\. Give/,
  })
})

/** What the first steps say to paste. */
function pasted(text: string): string {
  return text
    .split('\n')
    .filter((line) => /^(?:TOKEN=|ID=|curl )/.test(line))
    .join('\n')
}

/** Answers of JSON, one behind the other. */
function jsonIn(text: string): unknown[] {
  return text
    .trim()
    .split(/(?<=\})\n(?=\{)/)
    .map((answer) => JSON.parse(answer))
}

/** Resolves once the condition holds; tap's own time limit ends a test for which it never does. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}
