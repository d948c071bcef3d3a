import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { type RunningService, startService } from '../support/process.ts'
import { until } from '../support/until.ts'

t.setTimeout(300_000)

const env = { DATABASE_URL: 'file::memory:', MODERATOR_TOKEN: 'one-first-token-of-forty-characters-in-all' }
const linuxOnly = process.platform !== 'linux' && 'the system tells its limits in another way'

t.test(
  'answers that nobody reads pin no memory, and, where WAIT=1, their connection is closed',
  { skip: linuxOnly },
  async (t) => {
    const service = await startService(t, { ...env, READS_PER_MINUTE: '0' })
    const { sockets } = openFiles(service)
    // What is loaded once is not what is counted.
    for (let count = 0; count < 20; count++) await (await once(service, '/openapi.json')).text()
    const before = { mebibytes: residentMebibytes(service) }
    const socket = connection(service)
    t.teardown(() => socket.destroy())
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.pause()
    socket.write('GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(900))
    const mebibytes = await highest(service, 2_000)
    t.ok(mebibytes - before.mebibytes < 60, `from ${before.mebibytes} MiB to ${mebibytes} MiB`)
    await t.resolves(once(service, '/livez'))
    // test/http/serving/one-at-a-time.test.ts shows the same in no time.
    if (process.env['WAIT'] !== '1') return
    // Only who reads hears of the end.
    // Within a minute, on a machine that has time.
    const isClosed = () => until(() => (openFiles(service).sockets <= sockets ? true : undefined))
    await isClosed().catch(isClosed)
    socket.resume()
    await closed
  },
)

t.test(
  'more connections than there are files for are turned away, and nothing else happens',
  { skip: linuxOnly },
  async (t) => {
    const folder = t.testdir()
    const service = await startService(
      t,
      { ...env, DATABASE_URL: `file:${join(folder, 'imprimatur.db')}`, SUBMISSIONS_PER_MINUTE: '0' },
      ['bash', '-c', 'ulimit -n 256; unset NODE_OPTIONS NODE_V8_COVERAGE; exec "$0" "$@"'],
    )
    const held = connection(service)
    const sockets = Array.from({ length: 300 }, () => connection(service))
    const ended = new Set<Socket>()
    for (const socket of sockets) socket.once('close', () => ended.add(socket))
    await until(() => (ended.size >= 100 ? true : undefined))
    await until(() => (service.stdout().includes('as many connections are open') ? true : undefined))

    // Who is in is served, what it takes from the disk included.
    const { files } = openFiles(service)
    t.ok(files < 256 - 16, `${files} files are open`)
    t.equal(await statusOf(held, submission('a')), 202)
    t.equal(await statusOf(held, 'GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n'), 200)
    t.equal(await statusOf(held, 'GET /docs/ HTTP/1.1\r\nHost: x\r\n\r\n'), 200)

    for (const socket of sockets) socket.destroy()
    await until(() =>
      service.stdout().includes('there are files for more connections again') ? true : undefined,
    )
    const { status } = await until(async () => fetch(`${service.origin}/readyz`).catch(() => undefined))
    t.equal(status, 200)
    const warnings = service.stdout().match(/as many connections are open/g)
    t.equal(warnings?.length, 1, 'it is said once')
    held.destroy()
    t.equal(await service.stop(), 0)
    t.notMatch(service.stdout(), /EMFILE|"level":[56]0/)
  },
)

function connection({ origin }: RunningService): Socket {
  const { hostname, port } = new URL(origin)
  return connect(Number(port), hostname).on('error', () => {})
}

/** On a connection of its own, which ends with the answer. */
function once({ origin }: RunningService, path: string): Promise<Response> {
  return fetch(origin + path, { headers: { connection: 'close' } })
}

function submission(articleId: string): string {
  const body = JSON.stringify({ author: { name: 'Ada', email: 'ada@example.org' }, body: 'A fine article.' })
  return `POST /v1/articles/${articleId}/comments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

/** The status of the answer to this request on this connection. */
async function statusOf(socket: Socket, request: string): Promise<number> {
  const answer = new Promise<string>((resolve) => socket.once('data', (data) => resolve(String(data))))
  socket.write(request)
  const status = Number(/^HTTP\/1\.1 (\d+)/.exec(await answer)?.[1])
  // Its end is not of interest, only that it does not stand before the next answer.
  await new Promise((resolve) => setImmediate(resolve))
  return status
}

/** The most that it takes within so many milliseconds. */
async function highest(service: RunningService, forMs: number): Promise<number> {
  const endsAtMs = performance.now() + forMs
  let mebibytes = 0
  return until(() => {
    mebibytes = Math.max(mebibytes, residentMebibytes(service))
    return performance.now() > endsAtMs ? mebibytes : undefined
  })
}

function residentMebibytes({ child }: RunningService): number {
  return Math.round(
    Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1_024,
  )
}

function openFiles({ child }: RunningService): { files: number; sockets: number } {
  const folder = `/proc/${child.pid}/fd`
  const files = readdirSync(folder)
  return {
    files: files.length,
    sockets: files.filter((file) => linkOf(join(folder, file)).startsWith('socket:')).length,
  }
}

function linkOf(file: string): string {
  try {
    return readlinkSync(file)
  } catch {
    // It was closed meanwhile.
    return ''
  }
}
