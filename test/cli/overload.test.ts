import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { clientOf, unlimitedAt } from '../crash/client.ts'
import { additionText, articleAddition, moderated } from '../support/additions.ts'
import { someComment } from '../support/comments.ts'
import { inHousehold } from '../support/networks.ts'
import { type RunningService, startService } from '../support/process.ts'
import { commandAt, freshUrl } from '../support/transfers.ts'
import { until } from '../support/until.ts'

/* What one client can do to the others, with the real process and, but where it says otherwise, its defaults, except that no test has it shed load. */

t.setTimeout(300_000)
// The first waits for half a minute and more, in which the others are done.
t.jobs = 2

const env = { DATABASE_URL: 'file::memory:', MODERATOR_TOKEN: 'one-first-token-of-forty-characters-in-all' }
const linuxOnly = process.platform !== 'linux' && 'the system tells its limits in another way'

t.test(
  'answers that nobody reads pin no memory, and their connection is closed within a minute or so',
  { skip: linuxOnly, buffered: true },
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
  { skip: linuxOnly, buffered: true },
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

t.test('one household silences nobody', { buffered: true }, async (t) => {
  const url = await freshUrl(t, 'sqlite')
  await commandAt(url, ['migrate'])
  const made = await commandAt(url, ['token', 'create', '--name', 'site', '--scope', 'submit'])
  const service = await startService(t, { DATABASE_URL: url, TRUST_PROXY: '127.0.0.1' })
  const { statusFrom } = readersOf(service)
  const vouchedFor = (reader: string) =>
    statusFrom('198.51.100.1', submitted, {
      authorization: `Bearer ${made.out.trim()}`,
      forwarded: `for=${reader}`,
    })

  const household = Array.from({ length: 606 }, (_, count) => inHousehold(count % 101))
  t.same(await distinct(household, (address) => statusFrom(address, {})), [400], 'each of them empty')
  t.equal(await statusFrom('192.0.2.1', submitted), 202, 'a reader')
  t.equal(await vouchedFor('192.0.2.2'), 202, 'whom the site vouches for')

  const taken = household.slice(0, 101).map((address) => statusFrom(address, submitted))
  t.equal((await Promise.all(taken)).filter((status) => status === 202).length, 30, 'of a /56')
  t.equal(await statusFrom('2001:db8:2::1', submitted), 202, 'another network')

  const networks = Array.from({ length: 500 }, (_, count) => `2001:db8:${(count + 16).toString(16)}::1`)
  t.same(await distinct(networks, (address) => statusFrom(address, submitted)), [202, 429])
  t.equal(await statusFrom('192.0.2.3', submitted), 429, 'all that anonymous ones have is used up')
  t.equal(await vouchedFor('192.0.2.4'), 202, 'the share of the site is not')
})

// On SQLite, where whoever reads stands on the event loop: PostgreSQL walks in a process of its own.
t.test('decisions about the tops of a long chain hold up nobody', { buffered: true }, async (t) => {
  const url = await freshUrl(t, 'sqlite')
  const ids = await chainOf(5_200, url)
  const service = await startService(t, unlimitedAt(url))
  const { post } = clientOf(service.origin)
  const decisions = ids.slice(0, 100).map((commentId) => ({ commentId, verdict: 'approve' }))
  const batch = async () => {
    const answer = await post('/v1/moderation/decisions', { decisions })
    const { outcomes } = JSON.parse(answer?.body ?? '{}')
    t.equal(outcomes?.length, 100, `${answer?.statusCode}`)
    t.ok(
      outcomes?.every(({ outcome }: { outcome: string }) => outcome === 'unchanged'),
      'all decided already',
    )
  }
  await batch()
  // Five at once took 4.8 s when each of their decisions counted replies.
  const beside = await longestWait(service, 500, () => Promise.all(Array.from({ length: 5 }, batch)))
  t.ok(beside < 500, `others wait ${beside} ms at the longest`)

  const single = await longestWait(service, 200, async () => {
    const answer = await post(`/v1/moderation/comments/${ids[0]}/approve`)
    t.equal(JSON.parse(answer?.body ?? '{}').approvedReplies, 5_000, 'one that tells how many it walked')
  })
  t.ok(single < 200, `others wait ${single} ms while one counts 5,000 replies`)
})

t.test(
  'guesses of tokens are one line in the log, and keep out nobody who has one',
  { buffered: true },
  async (t) => {
    const service = await startService(t, { ...env, TRUST_PROXY: '127.0.0.1' })
    const signIn = (secret: string, address: string) =>
      fetch(`${service.origin}/v1/moderation/summary`, {
        headers: { authorization: `Bearer ${secret}`, 'x-forwarded-for': address },
      }).then(async (response) => {
        await response.text()
        return response.status
      })
    const guesses = Array.from({ length: 500 }, (_, count) => `a-guess-of-someone-who-has-none-${count}`)
    const statuses = await Promise.all(guesses.map((guess) => signIn(guess, '192.0.2.1')))
    t.same([...new Set(statuses)].sort(), [401, 429])
    t.equal(statuses.filter((status) => status === 401).length, 10)
    t.equal(await signIn(env.MODERATOR_TOKEN, '192.0.2.1'), 200, 'from the same address')
    t.equal(await signIn('another-guess-of-someone-who-has-none', '192.0.2.2'), 401, 'from another')

    const metrics = await (
      await fetch(`${service.origin}/metrics`, {
        headers: { authorization: `Bearer ${env.MODERATOR_TOKEN}` },
      })
    ).text()
    const counted = (status: number) =>
      [
        ...metrics.matchAll(
          new RegExp(`^imprimatur_http_requests_total\\{[^}]*status="${status}"[^}]*\\} (\\d+)$`, 'gm'),
        ),
      ]
        .map(([, count]) => Number(count))
        .reduce((sum, count) => sum + count, 0)
    t.equal(counted(401), 11)
    t.equal(counted(429), 490)

    // A line may take longer than the answer that it is about.
    const told = await until(() => service.stdout().match(/"event":"sign-ins-limited"/g) ?? undefined)
    t.equal(told.length, 1, 'told once')
    t.notMatch(service.stdout(), /192\.0\.2\.|guess-of|"authorization"/, 'without address and secret')
  },
)

const submitted = { author: { name: 'Ada', email: 'ada@example.org' }, body: 'A fine article.' }

/** Comments of which each replies to the one before, approved, in the database of this URL; their ids, the topmost first. */
async function chainOf(length: number, url: string): Promise<string[]> {
  await commandAt(url, ['migrate'])
  const chain = Array.from({ length }, () => someComment({ articleId: 'a' }))
  const additions = chain.map((comment, index) =>
    moderated({ ...comment, parentId: chain[index - 1]?.id ?? null }, 'approve'),
  )
  const added = await commandAt(
    url,
    ['import', '--add', '-'],
    additionText([articleAddition('a')], additions),
  )
  if (added.code !== 0) throw new Error(added.err)
  return chain.map(({ id }) => id)
}

/**
 * The longest that somebody else waits, in milliseconds, who asks again and again while this is done. Where it is longer than
 * `allowedMs` it may be the machine that stood still, so the least of three times counts.
 */
async function longestWait(
  { origin }: RunningService,
  allowedMs: number,
  work: () => Promise<unknown>,
): Promise<number> {
  let leastMs = Number.POSITIVE_INFINITY
  for (let attempt = 0; attempt < 3 && leastMs > allowedMs; attempt++) {
    let longestMs = 0
    let isDone = false
    const others = async () => {
      while (!isDone) {
        const startedMs = performance.now()
        await (await fetch(`${origin}/livez`)).text()
        longestMs = Math.max(longestMs, performance.now() - startedMs)
      }
    }
    const asking = others()
    try {
      await work()
    } finally {
      isDone = true
      await asking
    }
    leastMs = Math.min(leastMs, longestMs)
  }
  return Math.round(leastMs)
}

async function distinct<T>(items: T[], statusOf: (item: T) => Promise<number>): Promise<number[]> {
  return [...new Set(await Promise.all(items.map(statusOf)))].sort()
}

/** Who submits, from whichever address, behind a proxy that the service trusts. */
function readersOf({ origin }: RunningService) {
  let count = 0
  return {
    /** No two comments are the same. */
    async statusFrom(address: string, submission: object, headers: Record<string, string> = {}) {
      count += 1
      const payload =
        'body' in submission ? { ...submission, body: `${submission.body} ${count}` } : submission
      const response = await fetch(`${origin}/v1/articles/a/comments`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': address, ...headers },
        body: JSON.stringify(payload),
      })
      await response.text()
      return response.status
    },
  }
}

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
