import { randomInt } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { Test } from 'tap'
import t from 'tap'
import { type PostgresServer, startServer } from '../support/postgres.ts'
import { type RunningService, spawnService, startService } from '../support/process.ts'
import { until } from '../support/until.ts'
import { clientOf, unlimitedAt } from './client.ts'
import { faultsOf, type Ledger, newLedger, summaryOf } from './ledger.ts'
import { load } from './load.ts'
import { killWhole, newDatabase, saysNothingPrivate, sessionsOf, signal, turns } from './postgres-service.ts'
import { readPostgresState } from './postgres-state.ts'
import { randomFrom } from './random.ts'
import { recorder } from './recorder.ts'
import { retry } from './retry.ts'

/*
 * ROUNDS=100 SEED=7 node test/crash/postgres-crash.test.ts
 *
 * As crash.test.ts, on a PostgreSQL which is killed as well.
 */
const rounds = Number(process.env['ROUNDS'] ?? 2)
const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31))
const random = randomFrom(seed)

/** After so many rounds a new database is begun: each round compares all of it. */
const roundsPerDatabase = 25

const victims = ['service', 'server', 'service and server', 'session'] as const
type Victim = (typeof victims)[number]

/** How long a start takes here; measured with each. */
let startMs = 500

t.setTimeout(600_000 + rounds * 10_000)
t.comment(`SEED=${seed} ROUNDS=${rounds}`)

t.test('what was acknowledged survives a SIGKILL of the service and of PostgreSQL', async (t) => {
  const server = await startServer({ durable: true })
  t.teardown(() => server.remove())
  const killed = Object.fromEntries(victims.map((victim) => [victim, 0]))
  for (let round = 0; round < rounds; ) {
    const url = await newDatabase(server)
    const ledger = newLedger()
    let service = await startTimed(t, url)
    for (let used = 0; used < roundsPerDatabase && round < rounds; used++, round++) {
      // Each in turn, so that a short run meets all of them.
      const victim = victims[round % victims.length] ?? 'service'
      killed[victim] = (killed[victim] ?? 0) + 1
      await killUnderLoad(service, server, ledger, victim)
      const faults = faultsOf(await readPostgresState(url), ledger)
      if (victim.startsWith('service')) {
        saysNothingPrivate(t, service, url)
        if (random.chance(0.25)) await killAtStart(t, url)
        service = await startTimed(t, url)
      } else t.equal(service.child.exitCode, null, 'the service goes on')
      if (random.chance(0.7)) {
        await retry(service.origin, ledger, random)
        faults.push(...faultsOf(await readPostgresState(url), ledger))
      }
      if (!t.same(faults, [], `round ${round} of SEED=${seed}: ${victim}`)) return
    }
    await retry(service.origin, ledger, random)
    t.equal(await service.stop(), 0)
    saysNothingPrivate(t, service, url)
    const faults = faultsOf(await readPostgresState(url), ledger)
    t.same(faults, [], `closed after ${round} rounds: ${summaryOf(ledger)}`)
  }
  t.comment(`killed: ${JSON.stringify(killed)}`)
})

t.test('a first start that was killed leaves a database that the next start takes', async (t) => {
  const server = await startServer({ durable: true })
  t.teardown(() => server.remove())
  const found = { nothing: 0, everything: 0 }
  for (let round = 0; round < Math.max(1, rounds / 5); round++) {
    const url = await newDatabase(server)
    const killed = spawnService(t, unlimitedAt(url))
    await until(async () => ((await sessionsOf(server)).length > 0 ? true : undefined))
    // Half of them while it migrates, half while it starts on what is there then.
    await setTimeout(random.int(0, random.chance(0.5) ? 30 : startMs / 2))
    if (random.chance(0.3)) {
      // Then the start that was cut short is the same process's: it waits, and begins again.
      await killWhole(server)
      await server.start()
      // Or it is past that: then it says that the server is gone, and ends.
      const ended = await killed.listening.then(
        () => false,
        () => true,
      )
      if (ended) t.match(killed.stderr(), /The database cannot be read or written: .+\n$/)
    }
    await killed.stop('SIGKILL')

    found[await whatIsThere(url, server)] += 1
    const service = await startService(t, unlimitedAt(url))
    const ledger = newLedger()
    await recorder(clientOf(service.origin), ledger).submit({
      idempotencyKey: 'first',
      articleId: 'morning',
      parentId: null,
      author: { name: 'Ada', email: 'ada@example.org' },
      body: 'A fine article.',
    })
    await service.stop('SIGKILL')
    t.match(ledger.submissions.get('first'), { acknowledgement: { receipt: /^imr_/ } })
    t.same(faultsOf(await readPostgresState(url), ledger), [], `round ${round} of SEED=${seed}`)
  }
  t.comment(`killed before a table was there ${found.nothing} times, after ${found.everything} times`)
})

t.test('a first start that is killed while another migrates leaves nothing behind', async (t) => {
  const server = await startServer()
  t.teardown(() => server.remove())
  const url = await newDatabase(server)
  const [first, ...others] = Array.from({ length: 3 }, () => spawnService(t, unlimitedAt(url)))
  await until(async () => ((await sessionsOf(server)).length > 0 ? true : undefined))
  await first?.stop('SIGKILL')
  for (const origin of await Promise.all(others.map(({ listening }) => listening)))
    t.match(await clientOf(origin).get('/readyz'), { statusCode: 200 })
})

/**
 * Lets clients work until something is killed under them, at whatever moment, and until the service answers again where
 * it was not the one.
 */
async function killUnderLoad(
  service: RunningService,
  server: PostgresServer,
  ledger: Ledger,
  victim: Victim,
): Promise<void> {
  const client = clientOf(service.origin)
  const moment = Promise.withResolvers<void>()
  let answersLeft = random.int(1, 250)
  let enough = false
  const working = load(client, ledger, random, {
    clients: 12,
    outages: victim !== 'service',
    enough: () => enough,
    onAnswer: () => {
      answersLeft -= 1
      if (answersLeft === 0) moment.resolve()
    },
  })
  await moment.promise
  await setTimeout(random.int(0, 10))
  const killServer = () => (random.chance(0.7) ? killWhole(server) : server.stop('SIGKILL'))
  switch (victim) {
    case 'service':
      service.child.kill('SIGKILL')
      break
    case 'service and server': {
      const serverFirst = random.chance(0.5)
      const gone = serverFirst ? killServer() : undefined
      service.child.kill('SIGKILL')
      await (gone ?? killServer())
      await server.start()
      break
    }
    case 'server':
      await killServer()
      await turns(service, 503)
      await setTimeout(random.int(0, 300))
      await server.start()
      await turns(service, 200)
      break
    case 'session': {
      // One session that dies of a signal takes all others with it: the server recovers by itself.
      const pid = random.pick(await sessionsOf(server))
      if (pid === undefined) throw new Error('the service has no session')
      const before = recoveriesOf(server)
      signal(pid, 'SIGKILL')
      await until(() => (recoveriesOf(server) > before ? true : undefined))
      await turns(service, 200)
      break
    }
  }
  if (victim.startsWith('service')) await service.ended
  else {
    answersLeft = 30
    await until(() => (answersLeft <= 0 ? true : undefined))
    enough = true
  }
  await working
}

/** How often it has recovered from a session's death, and taken connections again. */
function recoveriesOf(server: PostgresServer): number {
  return server.log().match(/terminated by signal 9.*?ready to accept connections/gs)?.length ?? 0
}

async function killAtStart(t: Test, url: string): Promise<void> {
  const service = spawnService(t, unlimitedAt(url))
  await setTimeout(random.int(0, startMs * 1.2))
  await service.stop('SIGKILL')
}

async function startTimed(t: Test, url: string): Promise<RunningService> {
  const startedMs = performance.now()
  const service = await startService(t, unlimitedAt(url))
  startMs = performance.now() - startedMs
  return service
}

/** A migration is there as a whole or not at all. */
async function whatIsThere(url: string, server: PostgresServer): Promise<'nothing' | 'everything'> {
  const sql = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
  const rows = await server.query(sql, [], new URL(url).pathname.slice(1))
  const tables = rows.map(({ relname }) => relname)
  if (tables.length === 0) return 'nothing'
  const missing = ['__drizzle_migrations', 'articles', 'comments', 'decisions', 'tokens', 'totals'].filter(
    (name) => !tables.includes(name),
  )
  if (missing.length > 0) throw new Error(`the schema is half there: ${tables}`)
  return 'everything'
}
