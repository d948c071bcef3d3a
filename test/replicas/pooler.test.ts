import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import type { Test } from 'tap'
import t from 'tap'
import { until } from '../support/until.ts'
import { type Replica, startReplicas } from './replicas.ts'

const path = '/v1/articles/a/comments'

t.setTimeout(600_000)

t.test('through a pooler, all works, and others see a change within two seconds', async (t) => {
  const pooler = await startPooler(t)
  const { replicas, hearings, query } = await startReplicas(t, 2, { through: pooler.through })
  const [one, other] = replicas as [Replica, Replica]
  for (let total = 1; total <= 3; total++) {
    await one.publish('a')
    t.equal(totalIn(await one.get(path)), total, 'at once where it was made')
    const asked = await other.get(path, { 'cache-control': 'max-age=0, no-cache' })
    t.equal(totalIn(asked), total, 'and for who asks for no less')
    await one.publish('another')
    const startedMs = performance.now()
    await until(async () => (totalIn(await other.get(path)) === total ? true : undefined))
    t.ok(performance.now() - startedMs < 2_000)
  }
  const before = other.listed()
  for (let read = 0; read < 20; read++) await other.get(path)
  t.ok(other.listed() - before <= 3, 'read again once a second, and not each time')

  t.same(hearings, ['pooled', 'pooled'])

  // What would be found again by somebody else: it sets nothing, prepares nothing by name, and listens to nothing.
  t.equal(pooler.passed('LISTEN'), false)
  t.equal(pooler.passed('approved_oldest'), false)
  t.same(
    await query("SELECT FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()"),
    [],
  )
})

/**
 * Passes everything on and tells clients another process id than the session's, as PgBouncer does. `passed` tells whether
 * any client sent this text.
 */
async function startPooler(t: Test) {
  let port = 0
  const sent: string[] = []
  const server = createServer((client) => {
    const upstream = connect({ host: '127.0.0.1', port })
    let greeting = true
    client.on('data', (bytes: Buffer) => {
      sent.push(bytes.toString('latin1'))
      upstream.write(bytes)
    })
    upstream.on('data', (bytes: Buffer) => {
      if (greeting) greeting = !withAnotherProcessId(bytes)
      client.write(bytes)
    })
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on('close', () => to.destroy())
      from.on('error', () => to.destroy())
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return {
    through(url: string) {
      const parsed = new URL(url)
      port = Number(parsed.port)
      parsed.port = String((server.address() as AddressInfo).port)
      return parsed.href
    },
    passed: (text: string) => sent.some((bytes) => bytes.includes(text)),
  }
}

/** BackendKeyData: the letter K, a length of 12, the process id, a key. It comes in the packet of the greeting's end. */
function withAnotherProcessId(bytes: Buffer): boolean {
  const at = bytes.indexOf(Buffer.from([0x4b, 0, 0, 0, 12]))
  if (at < 0) return false
  bytes.writeInt32BE(bytes.readInt32BE(at + 5) + 1_000_000, at + 5)
  return true
}

function totalIn({ body }: { body: string }): number {
  return JSON.parse(body).total
}
