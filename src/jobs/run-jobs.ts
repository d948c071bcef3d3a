import { setTimeout } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import type { Job, JobDeps } from './job.ts'

export type JobRunner = {
  start: () => void
  /** Begins no other step, and resolves once the one under way has ended. */
  stop: () => Promise<void>
  /** How long ago each job was last done, by whichever process, in ms; `Infinity` where it never was. */
  ages: () => Promise<Map<string, number>>
  /** The names of the jobs that are long overdue. */
  behind: () => Promise<string[]>
}

/** How long after a failure a job is tried again, and at the latest how often it is looked whether one is due. */
const againMs = 30_000

/** A job is behind once it could have been done so many times since it was. */
const roundsBehind = 3

/** For how long one answer to what is behind serves: probes ask often. */
const agesHoldMs = 1_000

/**
 * Runs each job when it is due, here or in another process that shares the database: who takes its lease. A lease ends by
 * itself, so that a process that dies holds nothing up.
 */
export function createJobs(
  deps: JobDeps,
  log: FastifyBaseLogger,
  jobs: readonly Job[],
  holder: string,
): JobRunner {
  const stopping = new AbortController()
  const running: Promise<void>[] = []
  const startedMs = performance.now()
  let known: { ages: Promise<Map<string, number>>; untilMs: number } | null = null

  async function follow(job: Job): Promise<void> {
    let fails = false
    while (!stopping.signal.aborted) {
      try {
        await doWhereDue(job)
        if (fails) log.info({ job: job.name }, 'the job in the background is done again')
        fails = false
      } catch (err) {
        // Once, not with each attempt; a stop closes what the step needs.
        if (!fails && !stopping.signal.aborted)
          log.warn({ err, job: job.name }, 'a job in the background failed, and is tried again')
        fails = true
      }
      await setTimeout(Math.min(job.everyMs, againMs), null, { ref: false, signal: stopping.signal }).catch(
        () => {},
      )
    }
  }

  async function doWhereDue({ name, everyMs, longestStepMs, step }: Job): Promise<void> {
    const { store } = deps
    // Without writing first: most often it is not due.
    if (((await store.leasesDone()).get(name) ?? Number.POSITIVE_INFINITY) < everyMs) return
    let isDone = false
    try {
      while (!isDone && !stopping.signal.aborted) {
        const doneMsAgo = await store.takeLease(name, holder, longestStepMs)
        // Another has it, or has just done it.
        if (doneMsAgo === null || doneMsAgo < everyMs) break
        isDone = (await step(deps, stopping.signal)) === 'done'
      }
    } catch (error) {
      // It ends by itself. A stop does not wait for a further answer of a database that has just given none.
      if (!stopping.signal.aborted) await store.endLease(name, holder, false)
      throw error
    }
    await store.endLease(name, holder, isDone)
  }

  async function ages(): Promise<Map<string, number>> {
    const nowMs = performance.now()
    if (known === null || known.untilMs <= nowMs) {
      known = { ages: deps.store.leasesDone(), untilMs: nowMs + agesHoldMs }
    }
    const done = await known.ages
    return new Map(jobs.map(({ name }) => [name, done.get(name) ?? Number.POSITIVE_INFINITY]))
  }

  return {
    start() {
      running.push(...jobs.map(follow))
    },
    async stop() {
      stopping.abort()
      await Promise.all(running)
    },
    ages,
    async behind() {
      const done = await ages()
      const upMs = performance.now() - startedMs
      return jobs
        .filter(({ name, everyMs, longestStepMs }) => {
          const overdueMs = roundsBehind * everyMs + longestStepMs
          return upMs > overdueMs && (done.get(name) ?? 0) > overdueMs
        })
        .map(({ name }) => name)
    },
  }
}
