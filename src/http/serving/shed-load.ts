import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { FastifyInstance } from 'fastify'
import { ProblemError } from '../problems.ts'

const resolutionMs = 10
const sampleMs = 1_000

/**
 * Turns requests away while the event loop was late, in the last second's mean, by more than the operator allows. Nothing
 * is asked of the system here: that needs a file, and where there is none to be had the process must go on.
 */
export function createShedder(app: FastifyInstance, maxDelayMs: number): (scope: FastifyInstance) => void {
  if (maxDelayMs === 0) return () => {}
  let isLate = false
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs })
  histogram.enable()
  const timer = setInterval(() => {
    // No sample at all means that it stood still.
    isLate = histogram.count === 0 || histogram.mean / 1e6 - resolutionMs > maxDelayMs
    histogram.reset()
  }, sampleMs)
  timer.unref()
  app.addHook('onClose', async () => {
    clearInterval(timer)
    histogram.disable()
  })
  return (scope) =>
    scope.addHook('onRequest', (_request, _reply, done) => done(isLate ? overloaded : undefined))
}

const overloaded = new ProblemError({
  code: 'overloaded',
  detail: 'The service has more to do than it can. Try again later.',
  headers: { 'retry-after': '10' },
})
