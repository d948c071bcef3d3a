import { setImmediate } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import t, { type Test } from 'tap'
import { jobs } from '../../src/jobs/index.ts'
import type { Job } from '../../src/jobs/job.ts'
import { createJobs } from '../../src/jobs/run-jobs.ts'
import type { Store } from '../../src/store/store.ts'
import { testDeps } from '../support/store.ts'
import { until } from '../support/until.ts'

async function runner(t: Test, own: readonly Job[], more: { store?: Store; holder?: string } = {}) {
  const deps = await testDeps(t, more.store === undefined ? {} : { store: more.store })
  const lines: { level: string; job: string; message: string }[] = []
  const log = Object.fromEntries(
    ['info', 'warn'].map((level) => [
      level,
      ({ job }: { job: string }, message: string) => lines.push({ level, job, message }),
    ]),
  ) as unknown as FastifyBaseLogger
  const running = createJobs(deps, log, own, more.holder ?? 'one')
  t.teardown(() => running.stop())
  return { ...running, deps, lines }
}

const job = (step: Job['step'], more: Partial<Job> = {}): Job => ({
  name: 'a-job',
  everyMs: 60_000,
  longestStepMs: 60_000,
  step,
  ...more,
})

t.test('a job is done step by step, and then not before it is due again', async (t) => {
  let steps = 0
  const one = job(async () => {
    steps += 1
    return steps < 3 ? 'more' : 'done'
  })
  const { start, ages, stop, deps } = await runner(t, [one])
  t.same([...(await deps.store.leasesDone())], [])
  start()
  await until(async () => ((await deps.store.leasesDone()).get('a-job') ?? Infinity) < 60_000 || undefined)
  await stop()
  t.equal(steps, 3)
  t.equal((await ages()).has('a-job'), true)

  const next = await runner(t, [one], { store: deps.store, holder: 'other' })
  next.start()
  for (let turn = 0; turn < 20; turn++) await setImmediate()
  await next.stop()
  t.equal(steps, 3, 'nor by another process')
})

t.test('it is done again when it is due', async (t) => {
  let rounds = 0
  const { start } = await runner(t, [
    job(
      async () => {
        rounds += 1
        return 'done'
      },
      { everyMs: 5 },
    ),
  ])
  start()
  await until(() => (rounds > 3 ? true : undefined))
  t.pass('again and again')
})

t.test('of two processes one does it', async (t) => {
  let under = 0
  let most = 0
  const gate = Promise.withResolvers<void>()
  const one = job(async () => {
    under += 1
    most = Math.max(most, under)
    await gate.promise
    under -= 1
    return 'done'
  })
  const first = await runner(t, [one])
  first.start()
  await until(() => (under === 1 ? true : undefined))
  const second = await runner(t, [one], { store: first.deps.store, holder: 'other' })
  second.start()
  t.equal(await first.deps.store.takeLease('a-job', 'other', 60_000), null)
  gate.resolve()
  await first.stop()
  await second.stop()
  t.equal(most, 1)
})

t.test('a step that fails is logged once, tried again, and told when it works again', async (t) => {
  let tries = 0
  const failing = job(
    async () => {
      tries += 1
      if (tries < 4) throw new Error('no')
      return 'done'
    },
    { everyMs: 5 },
  )
  const { start, lines } = await runner(t, [failing])
  start()
  await until(() => (lines.length > 1 ? true : undefined))
  t.same(
    lines.map(({ level, job }) => [level, job]),
    [
      ['warn', 'a-job'],
      ['info', 'a-job'],
    ],
  )
  t.ok(tries >= 4)
})

t.test('a stop waits for the step under way, and begins no other', async (t) => {
  const gate = Promise.withResolvers<void>()
  let steps = 0
  const { start, stop, deps } = await runner(t, [
    job(async () => {
      steps += 1
      await gate.promise
      return 'more'
    }),
  ])
  start()
  await until(() => (steps === 1 ? true : undefined))
  let stopped = false
  const stopping = stop().then(() => {
    stopped = true
  })
  await setImmediate()
  t.equal(stopped, false)
  gate.resolve()
  await stopping
  t.equal(steps, 1)
  t.equal(
    await deps.store.takeLease('a-job', 'other', 60_000),
    Number.POSITIVE_INFINITY,
    'it is given up, and not taken for done',
  )
})

t.test('a job is behind once it could have been done several times since it was', async (t) => {
  const deps = await testDeps(t)
  const slow = job(async () => 'done', { everyMs: 1, longestStepMs: 1 })
  const { behind } = await runner(t, [slow, job(async () => 'done', { name: 'another' })], {
    store: deps.store,
  })
  t.same(await until(async () => ((await behind()).length > 0 ? behind() : undefined)), ['a-job'])
})

t.test('each job of the service has a name of its own, and does its step on an empty store', async (t) => {
  const deps = await testDeps(t)
  t.equal(new Set(jobs.map(({ name }) => name)).size, jobs.length)
  for (const { name, step, everyMs, longestStepMs } of jobs) {
    t.match(name, /^[a-z]+(-[a-z]+)*$/)
    t.ok(everyMs >= 60_000 && longestStepMs >= 10_000)
    t.equal(await step(deps, new AbortController().signal), 'done', name)
  }
})

t.test(
  'a stop waits for the answer under way, and asks a database that gives none for nothing more',
  async (t) => {
    const { store } = await testDeps(t)
    const asked: string[] = []
    const answer = Promise.withResolvers<never>()
    const { start, stop } = await runner(t, [job(async () => 'done')], {
      store: {
        ...store,
        takeLease: () => {
          asked.push('take')
          return answer.promise
        },
        endLease: async () => {
          asked.push('end')
        },
      },
    })
    start()
    await until(() => (asked.length > 0 ? true : undefined))
    const stopped = stop()
    answer.reject(new Error('no answer'))
    await stopped
    t.same(asked, ['take'])
  },
)
