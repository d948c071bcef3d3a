/*
 * A closed loop of HTTP requests from a process of its own: each connection sends one, reads the whole answer, sends the
 * next. Over bare sockets, since a client as costly as the server would be the limit. Prints one line of JSON.
 *
 *   echo '{"ports":[3000],"connections":32,"seconds":2,"requests":["GET /x HTTP/1.1\r\n…"]}' | node bench/load.ts
 */
import { connect } from 'node:net'
import { performance } from 'node:perf_hooks'
import { text } from 'node:stream/consumers'

export type LoadPlan = {
  /** Of the replicas; the connections are dealt out to them in turn. */
  ports: readonly number[]
  connections: number
  seconds: number
  /** Whole requests, sent in turn, each connection from a place of its own. */
  requests: string[]
  /** Whether each connection keeps to its own share of the requests, and repeats that. */
  apart?: boolean
}

export type LoadResult = {
  requests: number
  perSecond: number
  p50Ms: number
  p99Ms: number
  /** Answers by status. */
  statuses: Record<string, number>
  /** How much of its core the generator used; near 1 it is itself the limit. */
  busy: number
}

if (process.argv[1]?.endsWith('load.ts')) {
  const plan = JSON.parse(await text(process.stdin)) as LoadPlan
  process.stdout.write(`${JSON.stringify(await run(plan))}\n`)
}

async function run({ ports, connections, seconds, requests, apart }: LoadPlan): Promise<LoadResult> {
  const latencies: number[] = []
  const statuses: Record<string, number> = {}
  const prepared = requests.map((request) => Buffer.from(request))
  const startMs = performance.now()
  const endMs = startMs + seconds * 1_000
  const elu = performance.eventLoopUtilization()

  const placeOf = (index: number) => Math.floor((index * prepared.length) / connections)

  const one = (index: number) =>
    new Promise<void>((resolve, reject) => {
      const socket = connect(ports[index % ports.length] ?? 0, '127.0.0.1').setNoDelay(true)
      const from = placeOf(index)
      const [first, count] = apart ? [from, placeOf(index + 1) - from] : [0, prepared.length]
      let next = from
      let missing = 0
      let sentMs = 0
      const send = () => {
        sentMs = performance.now()
        if (sentMs >= endMs) {
          socket.destroy()
          resolve()
          return
        }
        next = first + ((next - first + 1) % count)
        socket.write(prepared[next] ?? Buffer.alloc(0))
      }
      socket.on('connect', send)
      socket.on('error', reject)
      socket.on('data', (chunk: Buffer) => {
        if (missing === 0) missing = answerLength(chunk, statuses)
        missing -= chunk.length
        if (missing > 0) return
        latencies.push(performance.now() - sentMs)
        send()
      })
    })

  await Promise.all(Array.from({ length: connections }, (_, index) => one(index)))
  const tookSeconds = (performance.now() - startMs) / 1_000
  latencies.sort((one, other) => one - other)
  const at = (share: number) =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0
  return {
    requests: latencies.length,
    perSecond: latencies.length / tookSeconds,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    statuses,
    busy: performance.eventLoopUtilization(elu).utilization,
  }
}

/** The length of a whole answer, from its first chunk, which holds the head of every answer that we ask for. */
function answerLength(chunk: Buffer, statuses: Record<string, number>): number {
  const status = chunk.toString('latin1', 9, 12)
  statuses[status] = (statuses[status] ?? 0) + 1
  const head = chunk.indexOf('\r\n\r\n') + 4
  if (status === '304') return head
  const at = chunk.toString('latin1', 0, head).toLowerCase().indexOf('content-length: ')
  return head + (at < 0 ? 0 : Number.parseInt(chunk.toString('latin1', at + 16, at + 28), 10))
}
