import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { clientOf, moderator, moderatorToken, unlimitedAt } from '../crash/client.ts'
import { blocksWith, fileText } from '../support/documents.ts'
import { preparedDatabase } from '../support/postgres.ts'
import { answerTo, programOf, type RunningService, startService } from '../support/process.ts'
import { migrated } from '../support/store.ts'
import { until } from '../support/until.ts'
import { startHaproxy } from './programs.ts'

/* What an attacker does, and what an operator does, through HAProxy as docs/operating.md and haproxy.cfg have it. */

const program = programOf('haproxy')

t.setTimeout(300_000)

if (program === null) t.pass('HAProxy', { skip: 'it is not installed here: .ci/run installs it' })
else {
  t.test('what docs/operating.md lets pass is what is public, however it is spelled', async (t) => {
    const service = await startUnlimited(t)
    const [rules = ''] = blocksWith('docs/operating.md', 'path,url_dec')
    const port = await startHaproxy(t, program, inFrontOf([service], { rules }))
    const statusOf = async (path: string, at = port) => {
      const head = [`GET ${path} HTTP/1.1`, 'Host: a', `Authorization: ${moderator.authorization}`]
      return (await answerTo(at, `${[...head, 'Connection: close'].join('\r\n')}\r\n\r\n`)).statusCode
    }
    for (const path of ['/v1/articles/a/comments', '/v1/articles/a%2Fb/comments', '/v1/counts?articleId=a'])
      t.equal(await statusOf(path), 200, path)
    const own = Number(new URL(service.origin).port)
    for (const path of [
      '/metrics',
      '/%6detrics',
      '/%6Detrics?a',
      '/docs',
      '/v1/moderation/comments',
      '/v1/%6doderation/comments',
      '/v1/moderation%2Fcomments',
      '/v1/mod%65ration/summary',
      '/%761/moderation/comments',
      '/v1//moderation/comments',
      '/v1/../metrics',
      '/v1/%2e%2e/metrics',
      '/./metrics',
      '//metrics',
    ])
      t.equal(await statusOf(path), 404, path)
    for (const path of ['/%6detrics', '/v1/%6doderation/comments'])
      t.equal(await statusOf(path, own), 200, `${path} without it: it is the rules that keep it out`)
  })

  t.test(
    'headers made to take long are passed over, or end at the proxy, and others are answered',
    async (t) => {
      const service = await startUnlimited(t)
      const port = await startHaproxy(t, program, inFrontOf([service]))
      for (const [bytes, status] of [
        [14_000, [200]],
        [60_000, [400, 431]],
      ] as const) {
        const accept = '/,'.repeat(bytes / 2)
        const request = `GET /v1/articles/a/comments HTTP/1.1\r\nHost: a\r\nAccept: ${accept}\r\nConnection: close\r\n\r\n`
        const [others, answer] = await Promise.all([
          fetch(`http://127.0.0.1:${port}/v1/articles/a/comments`),
          answerTo(port, request).catch(() => null),
        ])
        t.equal(others.status, 200)
        // What is longer than the proxy's own memory may be hung up on before all of it was sent.
        if (answer !== null)
          t.ok((status as readonly number[]).includes(answer.statusCode), `${bytes}: ${answer.statusCode}`)
      }
    },
  )

  t.test('more connections than there are descriptors turn connections away, and nothing else', async (t) => {
    const service = await startUnlimited(t, ['bash', '-c', 'ulimit -n 256; exec "$0" "$@"'])
    const port = await startHaproxy(t, program, inFrontOf([service]))
    const list = `http://127.0.0.1:${port}/v1/articles/a/comments`
    // Each has a connection of the service's for itself for as long as its body is not there.
    const held = await Promise.all(Array.from({ length: 300 }, () => begunSubmission(port)))
    await until(() => (service.stdout().includes('connections') ? true : undefined))
    t.equal(service.child.exitCode, null)
    for (const socket of held) socket.destroy()
    const statuses: number[] = []
    await until(async () => {
      statuses.push((await fetch(list)).status)
      return statuses.at(-1) === 200 || undefined
    })
    t.same(
      statuses.filter((status) => status !== 200 && status !== 502 && status !== 503),
      [],
    )
    t.equal((await fetch(list)).status, 200, 'all comes back by itself')
    t.equal(await service.stop(), 0)
  })

  t.test('haproxy.cfg: replicas come and go, and whoever asks is answered', async (t) => {
    const url = await preparedDatabase(t, migrated)
    const start = (PORT = '0') => startService(t, { ...unlimitedAt(url), PORT, TRUST_PROXY: '127.0.0.1' })
    const replicas = [await start(), await start()]
    const ports = replicas.map(({ origin }) => new URL(origin).port)
    const rules = ports.reduce(
      (text, port, index) => text.replaceAll(`replica-${index + 1}:3000`, `127.0.0.1:${port}`),
      fileText('haproxy.cfg').replace('bind :3000', 'bind 127.0.0.1:PORT'),
    )
    t.equal(rules.match(/server replica-\d 127\.0\.0\.1:/g)?.length, 4)
    const port = await startHaproxy(t, program, rules)
    const client = clientOf(`http://127.0.0.1:${port}`)
    await until(async () => ((await client.get('/readyz'))?.statusCode === 200 ? true : undefined))
    t.match((await client.get('/v1/articles/a%2Fb/comments'))?.body, '"articleId":"a/b"')

    const use = worksOn(client)
    await use.answers(20)
    // Told to stop it answers what is in flight, and takes no more: the other has what comes.
    t.equal(await replicas[0]?.stop(), 0)
    await use.answers(20)
    t.same(await use.stop(), [], 'nobody noticed')

    replicas[0] = await start(ports[0])
    // In with the first good answer, before the other goes.
    await until(async () => (await readyBy(client, 2)) || undefined)
    const killing = worksOn(client)
    await killing.answers(20)
    replicas[1]?.child.kill('SIGKILL')
    await replicas[1]?.ended
    await killing.answers(40)
    const lost = await killing.stop()
    t.ok(lost.length <= 4, `of those who wrote just then, each at most once: ${JSON.stringify(lost)}`)
    t.same(
      lost.filter(({ what }) => what === 'read'),
      [],
      'a read is sent again',
    )

    await replicas[0]?.stop()
    await until(async () => ((await client.get('/readyz'))?.statusCode === 503 ? true : undefined))
    await start(ports[1])
    await until(async () => ((await client.get('/readyz'))?.statusCode === 200 ? true : undefined))
  })
}

type Refused = { what: 'read' | 'write'; status: number | undefined }

/** Four who read and write the whole time. `stop` gives what was not answered as ever, after it was sent again where it was lost. */
function worksOn(client: ReturnType<typeof clientOf>) {
  const refused: Refused[] = []
  let [count, goesOn] = [0, true]
  const run = async () => {
    while (goesOn) {
      count += 1
      const key = `${process.pid}-${performance.now()}-${count}`
      const submission = {
        idempotencyKey: key,
        articleId: 'a',
        parentId: null,
        author: { name: 'Ada', email: 'ada@example.org' },
        body: `Comment ${key}`,
      }
      const sent = await client.submit(submission)
      if (sent?.statusCode !== 202) {
        refused.push({ what: 'write', status: sent?.statusCode })
        // By its key it is taken once, whatever became of it.
        await until(async () => ((await client.submit(submission))?.statusCode === 202 ? true : undefined))
      }
      const read = await client.get('/v1/articles/a/comments')
      if (read?.statusCode !== 200) refused.push({ what: 'read', status: read?.statusCode })
    }
  }
  const running = Promise.all(Array.from({ length: 4 }, run))
  return {
    answers: async (more: number) => {
      const wanted = count + more
      await until(() => (count >= wanted ? true : undefined))
    },
    stop: async () => {
      goesOn = false
      await running
      return refused
    },
  }
}

/** Whether so many replicas are asked in turn, told apart by the second in which they were started. */
async function readyBy(client: ReturnType<typeof clientOf>, wanted: number): Promise<boolean> {
  const seen = new Set<string>()
  for (let ask = 0; ask < 4; ask++) {
    const answer = await client.get('/metrics', { authorization: `Bearer ${moderatorToken}` })
    const [, started = ''] = /^process_start_time_seconds (\S+)$/m.exec(answer?.body ?? '') ?? []
    seen.add(started)
  }
  return seen.size === wanted
}

function startUnlimited(t: Test, through: readonly string[] = []): Promise<RunningService> {
  return startService(t, unlimitedAt('file::memory:'), through)
}

/** The least that HAProxy needs, with the documents' rules in its frontend. */
function inFrontOf(services: readonly RunningService[], { rules = '' } = {}): string {
  const servers = services.map(({ origin }, index) => `server s${index} ${new URL(origin).host}`)
  return `defaults
  mode http
  timeout connect 1s
  timeout client 35s
  timeout server 35s
frontend readers
  bind 127.0.0.1:PORT
  option forwardfor
${rules.replaceAll(/^/gm, '  ')}
  default_backend service
backend service
  ${servers.join('\n  ')}
`
}

async function begunSubmission(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port })
  socket.on('error', () => {})
  await once(socket, 'connect')
  const head = [
    'POST /v1/articles/a/comments HTTP/1.1',
    'Host: a',
    'Content-Type: application/json',
    'Content-Length: 99',
  ]
  socket.write(`${head.join('\r\n')}\r\n\r\n{`)
  return socket
}
