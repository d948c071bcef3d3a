import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { closeStalled } from '../../../src/http/serving/one-at-a-time.ts'
import { startApp, submission, type TestApp } from '../../support/app.ts'
import { listen, sendRaw } from '../../support/process.ts'
import { until } from '../../support/until.ts'

/* It waits for time limits, in a process for itself. */

t.setTimeout(120_000)

const list = 'GET /v1/articles/a/comments HTTP/1.1\r\nHost: x\r\n\r\n'
const last = 'GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'

t.test('requests that come at once are answered in their order, bodies and all', async (t) => {
  const { app, publish } = await startApp(t)
  await publish('a')
  const port = await listen(app)
  const body = JSON.stringify(submission)
  const post = `POST /v1/articles/b/comments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  const unknown = 'GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n'
  // More than is read at once.
  const rounds = 300
  const answers = await sendRaw(port, (list + post + unknown).repeat(rounds) + last)
  const statuses = [...answers.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status)
  t.same(statuses, [...Array(rounds).fill(['200', '202', '404']).flat(), '200'])
})

t.test('while an answer is not read, the next is not made', async (t) => {
  const { app, socket, asked } = await unread(t)
  socket.write(list.repeat(500))
  const before = await steady(asked)
  t.ok(before < 100, `${before} of 500 were asked for`)
  t.ok(before > 0)
  socket.resume()
  await until(() => (asked() === 500 ? true : undefined))
  socket.write(last)
  await once(socket, 'close')
  t.equal(await connections(app), 0)
})

t.test('who sends more than can wait is closed', async (t) => {
  const { socket, asked } = await unread(t)
  const closed = once(socket, 'close')
  socket.on('error', () => {})
  // As short as a request can be, more of them at once than anybody writes.
  const short = 'GET /v1/articles/a/comments?order=newest HTTP/1.1\r\nHost:x\r\n\r\n'
  socket.write(short.repeat(40) + 'GET / HTTP/1.1\r\nHost:x\r\n\r\n'.repeat(2_200))
  socket.resume()
  await closed
  t.ok(asked() < 100)
})

t.test('a connection whose answer goes nowhere is closed, and one that is read slowly is not', async (t) => {
  const { app, socket } = await unread(t, 500)
  socket.write(list.repeat(500))
  const slow = connect(portOf(app), '127.0.0.1').pause()
  t.teardown(() => slow.destroy())
  slow.write(list.repeat(5) + last)
  let received = 0
  slow.on('data', (chunk) => {
    received += chunk.length
    slow.pause()
    setTimeout(() => slow.resume(), 5)
  })
  slow.resume()
  await once(slow, 'end')
  t.ok(received > 5 * 600_000, `${received} bytes`)
  await until(async () => ((await connections(app)) === 0 ? true : undefined))
})

t.test('what a connection waits for has a time limit, one that is idle has Node’s own', async (t) => {
  const server = createServer((request, response) => {
    // Never answered, and the request is whole: no limit of Node's own is left for it.
    if (request.url === '/answered') response.end()
  })
  server.keepAliveTimeout = 60_000
  closeStalled(server, 200)
  t.teardown(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const idle = connect(port, '127.0.0.1')
  t.teardown(() => idle.destroy())
  idle.write('GET /answered HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(idle, 'data')
  const waiting = connect(port, '127.0.0.1')
  waiting.write('GET /never HTTP/1.1\r\nHost: x\r\n\r\n')
  const silent = connect(port, '127.0.0.1')
  await Promise.all([waiting, silent].map((socket) => once(socket.resume(), 'close')))
  t.notOk(idle.closed)
})

t.test('the service gives what waits half a minute', async (t) => {
  const { app, socket } = await unread(t)
  const [served] = await Promise.all([
    new Promise<Socket>((resolve) => app.server.once('request', ({ socket }) => resolve(socket))),
    socket.write(list.repeat(500)),
  ])
  await until(() => (served.timeout === 30_000 ? true : undefined))
  t.equal(app.server.timeout, 0, 'Node sets no timer with each request')
})

/** A connection that reads nothing, to a service with a list of 600 kB that is not in memory. */
async function unread(t: Test, afterMs?: number) {
  const testApp = await startApp(t, { readCacheMegabytes: 0 })
  for (let count = 0; count < 20; count++)
    await testApp.publish('a', { author: submission.author, body: '€'.repeat(10_000) })
  const { store, app } = testApp
  let asked = 0
  const { listApproved } = store
  Object.assign(store, {
    listApproved(query: Parameters<typeof listApproved>[0]) {
      asked += 1
      return listApproved(query)
    },
  })
  // What the service sets would take most of a minute.
  if (afterMs !== undefined) closeStalled(app.server, afterMs)
  const socket = connect(await listen(app), '127.0.0.1').pause()
  t.teardown(() => socket.destroy())
  return { app, socket, asked: () => asked }
}

/** What it comes to, once it is the same for a while. */
async function steady(ask: () => number): Promise<number> {
  let [value, since] = [ask(), 0]
  return until(() => {
    since = ask() === value && value > 0 ? since + 1 : 0
    value = ask()
    return since > 50 ? value : undefined
  })
}

function connections(app: TestApp['app']): Promise<number> {
  return new Promise((resolve, reject) => {
    app.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)))
  })
}

function portOf(app: TestApp['app']): number {
  const address = app.server.address()
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}
