import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Queue } from '../store/moderation.ts'

export type Metrics = {
  observe: (operationId: string, status: number, seconds: number) => void
  /** Of this operation; to be counted up. */
  cachedReads: (operationId: string) => CachedReads
  /** The whole registry in Prometheus' text format. */
  render: () => Promise<string>
}

/** How often an operation was answered from memory, by status. Plain numbers, as each microsecond counts. */
export type CachedReads = { 200: number; 304: number }

export const metricsMediaType = Registry.PROMETHEUS_CONTENT_TYPE

/** What is asked only when the metrics are read; ages in ms. */
export type MetricSources = {
  queue: () => Promise<Queue>
  databaseBytes: () => Promise<number>
  jobAges: () => Promise<Map<string, number>>
}

/** A registry for each app, so that two in one process do not add up. */
export function createMetrics(
  { queue, databaseBytes, jobAges }: MetricSources,
  clock: () => number,
): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const requests = new Counter({
    name: 'imprimatur_http_requests_total',
    help: 'Answered requests, by operation and status.',
    labelNames: ['operation', 'status'] as const,
    registers: [registry],
  })
  const durations = new Histogram({
    name: 'imprimatur_http_request_duration_seconds',
    help: 'From the request line read to the answer sent, by operation. What is answered from memory, which takes microseconds, is not in it.',
    labelNames: ['operation'] as const,
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers: [registry],
  })
  const queueLength = new Gauge({
    name: 'imprimatur_queue_length',
    help: 'Comments that wait for a moderator.',
    registers: [registry],
  })
  const oldestPending = new Gauge({
    name: 'imprimatur_oldest_pending_age_seconds',
    help: 'How long the oldest pending comment has waited; 0 where none waits.',
    registers: [registry],
  })

  const databaseSize = new Gauge({
    name: 'imprimatur_database_bytes',
    help: 'How much of the disk the database takes, its log of writes aside.',
    registers: [registry],
  })

  const jobAge = new Gauge({
    name: 'imprimatur_job_age_seconds',
    help: 'How long ago each job in the background was last done, by whichever process; +Inf where it never was.',
    labelNames: ['job'] as const,
    registers: [registry],
  })

  const cachedReads = new Map<string, { given: CachedReads; told: CachedReads }>()

  return {
    cachedReads(operationId) {
      const known = cachedReads.get(operationId) ?? { given: { 200: 0, 304: 0 }, told: { 200: 0, 304: 0 } }
      cachedReads.set(operationId, known)
      return known.given
    },
    observe(operationId, status, seconds) {
      requests.inc({ operation: operationId, status })
      durations.observe({ operation: operationId }, seconds)
    },
    async render() {
      for (const [operation, { given, told }] of cachedReads) {
        for (const status of [200, 304] as const) {
          requests.inc({ operation, status }, given[status] - told[status])
          told[status] = given[status]
        }
      }
      const { pending, oldestAtMs } = await queue()
      queueLength.set(pending)
      oldestPending.set(oldestAtMs === null ? 0 : Math.max(0, clock() - oldestAtMs) / 1_000)
      databaseSize.set(await databaseBytes())
      for (const [job, ageMs] of await jobAges()) jobAge.set({ job }, ageMs / 1_000)
      return registry.metrics()
    },
  }
}
