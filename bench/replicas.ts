import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import type { Seeded } from './databases.ts'
import type { LoadPlan, LoadResult } from './load.ts'
import { load, moderatorToken, type Server, startService } from './processes.ts'
import { coldRequests, decisionRequests, get, list, submission } from './requests.ts'
import {
  atMost,
  busy,
  expectOnly,
  median,
  medianOf,
  ms,
  plain,
  quantile,
  type Result,
  times,
} from './results.ts'
import { type Bench, type Row, smallTable, uncached } from './rows.ts'

/** What several replicas on one PostgreSQL give, one = 1. They run on any core: on few, they share what one had. */
export const replicaRows: readonly Row[] = [
  {
    name: 'replicas: submissions',
    measure: (bench) =>
      grow(bench, 'submissions', {}, '202', async () => ({
        connections: 128,
        requests: [submission('article-1')],
      })),
  },
  {
    name: 'replicas: cold reads',
    measure: (bench) =>
      grow(bench, 'cold reads', uncached, '200', async ({ seeded }) => ({
        connections: 64,
        requests: coldRequests(seeded.articles),
      })),
  },
  {
    name: 'replicas: cached reads',
    measure: (bench) =>
      grow(bench, 'cached reads', {}, '200', async () => ({
        connections: 64,
        requests: [get(list('article-1'))],
      })),
  },
  {
    name: 'replicas: decisions',
    measure: (bench) =>
      grow(bench, 'decisions', {}, '200', async ({ replicas: [first] }) => ({
        connections: 64,
        requests: first === undefined ? [] : await decisionRequests(first),
        apart: true,
      })),
  },
  { name: 'replicas: a decision seen', measure: seenByOthers },
]

const replicaCounts = [1, 2, 4]
const decisionsMade = 100

/** Beyond it another replica may not show what was changed (`changes.ts`). */
const longestMs = 2_000

/** Each number of replicas has a database of its own, so that none hears of what is done to the others. */
type Deployment = { replicas: Server[]; seeded: Seeded }

async function grow(
  bench: Bench,
  name: string,
  env: Record<string, string>,
  status: string,
  planOf: (deployment: Deployment) => Promise<Pick<LoadPlan, 'connections' | 'requests' | 'apart'>>,
): Promise<Result[]> {
  return withDeployments(bench, env, async (deployments) => {
    const measured = await Promise.all(
      deployments.map(async (deployment) => ({
        ports: deployment.replicas.map(({ port }) => port),
        plan: await planOf(deployment),
        results: [] as LoadResult[],
      })),
    )
    for (let run = 0; run <= bench.runs; run++) {
      for (const { ports, plan, results } of measured) {
        // The first of each is for the compilers, and each replica has its own.
        const seconds = run === 0 ? bench.seconds * ports.length : bench.seconds
        const result = await load({ ports, seconds, ...plan }, 'any')
        expectOnly(result, status)
        if (run > 0) results.push(result)
      }
    }
    const [one, ...several] = measured
    if (one === undefined) return []
    return several.map(({ ports, results }) => {
      const ratio = median(
        results.map(({ perSecond }, run) => perSecond / (one.results[run]?.perSecond ?? Number.NaN)),
      )
      const detail = `${medianOf(results, 'perSecond').toFixed(0)}/s to ${medianOf(one.results, 'perSecond').toFixed(0)}/s, p99 ${ms(medianOf(results, 'p99Ms'))} to ${ms(medianOf(one.results, 'p99Ms'))}; ${busy([...results, ...one.results])}`
      return {
        ...plain(`replicas: ${name} of ${ports.length}, of one = 1`, ratio, detail),
        shown: times(ratio),
      }
    })
  })
}

/**
 * From when the moderator was answered until all others have shown it; of one replica, until it shows it itself. Each is
 * asked once a millisecond.
 */
async function seenByOthers(bench: Bench): Promise<Result[]> {
  return withDeployments(bench, {}, async (deployments) => {
    const measured: { count: number; delays: number[] }[] = []
    for (const { replicas } of deployments) {
      measured.push({ count: replicas.length, delays: await delaysAmong(replicas) })
    }
    const [one, ...several] = measured
    if (one === undefined) return []
    const oneMs = median(one.delays)
    return several.flatMap(({ count, delays }) => {
      const detail = `median ${ms(median(delays))}, p99 ${ms(quantile(delays, 0.99))}, max ${ms(Math.max(...delays))} of ${delays.length}; own: median ${ms(oneMs)}, max ${ms(Math.max(...one.delays))}`
      const ratio = median(delays) / oneMs
      return [
        {
          ...plain(`replicas: a decision seen by all of ${count}, own = 1`, ratio, detail),
          shown: times(ratio),
        },
        atMost(`replicas: the longest of these, ms`, Math.max(...delays), longestMs, '', (value) =>
          value.toFixed(1),
        ),
      ]
    })
  })
}

async function delaysAmong(replicas: readonly Server[]): Promise<number[]> {
  const agent = new Agent({ keepAlive: true })
  const delays: number[] = []
  let id: string | undefined
  for (let made = 0; made < decisionsMade; made++) {
    const decider = replicas[made % replicas.length]
    if (decider === undefined) break
    const others = replicas.length === 1 ? replicas : replicas.filter((replica) => replica !== decider)
    // Each has the list at hand as it is before.
    const lists = await Promise.all(others.map((other) => ask(agent, other, 'GET', watched)))
    id ??= (JSON.parse(lists[0] ?? '') as { comments: { id: string }[] }).comments[0]?.id ?? ''
    const verdict = made % 2 === 0 ? 'reject' : 'approve'
    const seen = others.map((other) => seenAtMs(agent, other, id ?? '', verdict === 'approve'))
    await ask(agent, decider, 'POST', `/v1/moderation/comments/${id}/${verdict}`)
    const answeredMs = performance.now()
    delays.push(Math.max(0, Math.max(...(await Promise.all(seen))) - answeredMs))
  }
  agent.destroy()
  return delays
}

const watched = list('article-1')

/** When an answer came that had this comment, or had it no longer. */
async function seenAtMs(agent: Agent, server: Server, id: string, isListed: boolean): Promise<number> {
  const giveUp = AbortSignal.timeout(3 * longestMs)
  while (!giveUp.aborted) {
    const body = await ask(agent, server, 'GET', watched)
    if (body.includes(id) === isListed) return performance.now()
    await setTimeout(1)
  }
  throw new Error(`A decision was not seen within ${3 * longestMs} ms.`)
}

async function ask(agent: Agent, { port }: Server, method: 'GET' | 'POST', path: string): Promise<string> {
  const sent = request({
    ...{ agent, port, method, path, host: '127.0.0.1', timeout: longestMs },
    headers: method === 'POST' ? { authorization: `Bearer ${moderatorToken}` } : {},
  })
  sent.on('timeout', () => sent.destroy(new Error('It does not answer.')))
  sent.end()
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  const body = await text(answer)
  if (answer.statusCode !== 200) throw new Error(`${answer.statusCode}: ${body}`)
  return body
}

async function withDeployments(
  bench: Bench,
  env: Record<string, string>,
  measure: (deployments: Deployment[]) => Promise<Result[]>,
): Promise<Result[]> {
  const deployments: Deployment[] = []
  try {
    for (const count of replicaCounts) {
      const seeded = await bench.databases.seed(smallTable)
      const replicas: Server[] = []
      deployments.push({ replicas, seeded })
      for (let at = 0; at < count; at++) replicas.push(await startService(seeded.url, env, 'any'))
    }
    return await measure(deployments)
  } finally {
    await Promise.all(
      deployments.map(async ({ replicas, seeded }) => {
        await Promise.all(replicas.map((replica) => replica.stop()))
        await seeded.discard()
      }),
    )
  }
}
