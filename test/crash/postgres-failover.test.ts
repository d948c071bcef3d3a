import { randomInt } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { Test } from 'tap'
import t from 'tap'
import { startCluster } from '../support/postgres.ts'
import { type RunningService, startService } from '../support/process.ts'
import { until } from '../support/until.ts'
import { clientOf, unlimitedAt } from './client.ts'
import { faultsOf, type Ledger, newLedger, summaryOf } from './ledger.ts'
import { load } from './load.ts'
import { freeze, killWhole, saysNothingPrivate, turns } from './postgres-service.ts'
import { readPostgresState } from './postgres-state.ts'
import { randomFrom } from './random.ts'
import { retry } from './retry.ts'

/*
 * ROUNDS=100 SEED=7 node test/crash/postgres-failover.test.ts
 *
 * The seed decides what is sent and when the primary is killed; what the machine makes of it differs from run to run.
 */
const rounds = Number(process.env['ROUNDS'] ?? 1)
const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31))
const random = randomFrom(seed)

t.setTimeout(600_000 + rounds * 60_000)
t.comment(`SEED=${seed} ROUNDS=${rounds}`)

for (let round = 0; round < rounds; round++)
  t.test(
    `two replicas lose nothing that they acknowledged when the primary is killed (${round} of SEED=${seed})`,
    async (t) => {
      const cluster = await startCluster()
      t.teardown(() => cluster.remove())
      await cluster.primary.query('CREATE DATABASE comments')
      const url = cluster.url('comments')
      const ledger = newLedger()
      const services = [await startService(t, unlimitedAt(url)), await startService(t, unlimitedAt(url))]

      const working = services.map((service) => worksOn(service, ledger))
      await Promise.all(working.map(({ warm }) => warm))
      await setTimeout(random.int(0, 300))
      if (random.chance(0.7)) await killWhole(cluster.primary)
      else await cluster.primary.stop('SIGKILL')
      const killedMs = performance.now()
      await Promise.all(services.map((service) => turns(service, 503)))
      await setTimeout(random.int(0, 500))
      await cluster.promote()
      const promotedMs = performance.now()
      await Promise.all(services.map((service) => turns(service, 200)))
      const backMs = performance.now()
      await Promise.all(working.map(({ stop }) => stop()))

      for (const service of services) t.equal(service.child.exitCode, null, 'the service goes on')
      t.ok(backMs - promotedMs < 10_000, 'by itself, within seconds')
      const standby = cluster.standby.url('comments')
      t.same(faultsOf(await readPostgresState(standby), ledger), [])
      for (const { origin } of services) await retry(origin, ledger, random)
      t.same(faultsOf(await readPostgresState(standby), ledger), [], summaryOf(ledger))
      await stopAll(t, services, url)
      t.comment(
        `promoted ${Math.round(promotedMs - killedMs)} ms after the kill, back ${Math.round(backMs - promotedMs)} ms later`,
      )
    },
  )

t.test('two replicas go on by themselves where the primary only falls silent', async (t) => {
  const cluster = await startCluster()
  t.teardown(() => cluster.remove())
  await cluster.primary.query('CREATE DATABASE comments')
  const url = cluster.url('comments')
  const ledger = newLedger()
  const services = [await startService(t, unlimitedAt(url)), await startService(t, unlimitedAt(url))]
  const working = services.map((service) => worksOn(service, ledger))
  await Promise.all(working.map(({ warm }) => warm))
  const thaw = await freeze(cluster.primary)
  await cluster.promote()
  await Promise.all(services.map((service) => turns(service, 503)))
  await Promise.all(services.map((service) => turns(service, 200)))
  await Promise.all(working.map(({ stop }) => stop()))
  for (const { origin } of services) await retry(origin, ledger, random)
  const standby = cluster.standby.url('comments')
  t.same(faultsOf(await readPostgresState(standby), ledger), [], summaryOf(ledger))
  await stopAll(t, services, url)
  thaw()
})

t.test('without its standby a primary acknowledges nothing, and says so in time', async (t) => {
  const cluster = await startCluster()
  t.teardown(() => cluster.remove())
  await cluster.primary.query('CREATE DATABASE comments')
  const url = cluster.url('comments')
  const ledger = newLedger()
  const service = await startService(t, unlimitedAt(url))
  const working = worksOn(service, ledger)
  await working.warm
  await cluster.standby.stop('SIGKILL')
  await turns(service, 503)
  t.match(await clientOf(service.origin).get('/v1/counts?articleId=morning'), { statusCode: 200 })
  await cluster.standby.start()
  await turns(service, 200)
  await working.stop()
  await retry(service.origin, ledger, random)
  t.same(faultsOf(await readPostgresState(cluster.primary.url('comments')), ledger), [], summaryOf(ledger))
  await stopAll(t, [service], url)
})

type Work = { warm: Promise<void>; stop: () => Promise<void> }

/** Clients at work on a replica: `warm` once they have had some answers; they get some more before they stop. */
function worksOn(service: RunningService, ledger: Ledger): Work {
  const warm = Promise.withResolvers<void>()
  let answersLeft = random.int(50, 150)
  let enough = false
  const done = load(clientOf(service.origin), ledger, random, {
    clients: 6,
    outages: true,
    enough: () => enough,
    onAnswer: () => {
      answersLeft -= 1
      if (answersLeft === 0) warm.resolve()
    },
  })
  return {
    warm: warm.promise,
    async stop() {
      answersLeft = 30
      await until(() => (answersLeft <= 0 ? true : undefined))
      enough = true
      await done
    },
  }
}

async function stopAll(t: Test, services: readonly RunningService[], url: string): Promise<void> {
  for (const service of services) {
    t.equal(await service.stop(), 0)
    saysNothingPrivate(t, service, url)
  }
}
