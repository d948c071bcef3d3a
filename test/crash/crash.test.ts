import { randomInt } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import SqliteDatabase from 'better-sqlite3'
import type { Test } from 'tap'
import t from 'tap'
import { type RunningService, spawnService, startService } from '../support/process.ts'
import { clientOf, unlimited } from './client.ts'
import { faultsOf, type Ledger, newLedger, summaryOf } from './ledger.ts'
import { load } from './load.ts'
import { randomFrom } from './random.ts'
import { recorder } from './recorder.ts'
import { retry } from './retry.ts'
import { readState } from './state.ts'

/*
 * ROUNDS=1000 SEED=7 node test/crash/crash.test.ts
 *
 * The seed decides what is sent and when the process is killed; what the machine makes of it differs from run to run.
 */
const rounds = Number(process.env['ROUNDS'] ?? 2)
const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31))
const random = randomFrom(seed)

/** After so many rounds a new database is begun: each round compares all of it. */
const roundsPerDatabase = 50

/** How long a start takes here; measured with each. */
let startMs = 500

t.setTimeout(600_000 + rounds * 10_000)
t.comment(`SEED=${seed} ROUNDS=${rounds}`)

t.test('what was acknowledged survives a SIGKILL, once and whole', async (t) => {
  const folder = t.testdir()
  for (let round = 0; round < rounds; ) {
    const file = join(folder, `database-${round}`, 'imprimatur.db')
    const ledger = newLedger()
    let service = await startTimed(t, file)
    for (let used = 0; used < roundsPerDatabase && round < rounds; used++, round++) {
      await killUnderLoad(service, ledger)
      // Half of the time nobody looks in between: then the next start finds the log of writes as it was left.
      const faults = random.chance(0.5) ? faultsOf(readState(file), ledger) : []
      if (random.chance(0.25)) await killAtStart(t, file)
      service = await startTimed(t, file)
      faults.push(...faultsOf(readState(file), ledger))
      if (random.chance(0.7)) {
        await retry(service.origin, ledger, random)
        faults.push(...faultsOf(readState(file), ledger))
      }
      if (!t.same(faults, [], `round ${round} of SEED=${seed}`)) return
    }
    await retry(service.origin, ledger, random)
    t.equal(await service.stop(), 0)
    t.same(faultsOf(readState(file), ledger), [], `closed after ${round} rounds: ${summaryOf(ledger)}`)
  }
})

t.test('a first start that was killed leaves a database that the next start takes', async (t) => {
  const folder = t.testdir()
  const found = { nothing: 0, noTables: 0, allTables: 0 }
  for (let round = 0; round < Math.max(1, rounds / 5); round++) {
    const file = join(folder, `${round}`, 'imprimatur.db')
    // Without a token from outside a start makes one, which is one more thing that can be half done.
    const { MODERATOR_TOKEN, ...settings } = unlimited(file)
    const given = random.chance(0.5)
    const env = given ? { ...settings, MODERATOR_TOKEN: MODERATOR_TOKEN ?? '' } : settings
    const killed = spawnService(t, env)
    while (!existsSync(file)) await setTimeout(1)
    // Half of them while it migrates, which takes a few milliseconds, half while it starts on what is there then.
    await setTimeout(random.int(0, random.chance(0.5) ? 5 : 200))
    await killed.stop('SIGKILL')

    found[whatIsThere(file)] += 1
    const service = await startService(t, env)
    const token = given
      ? MODERATOR_TOKEN
      : readFileSync(join(folder, `${round}`, 'moderator-token'), 'utf8').trim()
    const queue = await fetch(`${service.origin}/v1/moderation/comments`, {
      headers: { authorization: `Bearer ${token}` },
    })
    t.equal(queue.status, 200, `round ${round} of SEED=${seed}`)
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
    t.same(faultsOf(readState(file), ledger), [])
  }
  t.comment(
    `killed before a table was there ${found.nothing + found.noTables} times, after ${found.allTables} times`,
  )
})

/** Lets clients work until the process is killed under them, at whatever moment. */
async function killUnderLoad(service: RunningService, ledger: Ledger): Promise<void> {
  let answersLeft = random.int(1, 400)
  await load(clientOf(service.origin), ledger, random, {
    clients: 12,
    onAnswer: () => {
      answersLeft -= 1
      if (answersLeft === 0) setTimeout(random.int(0, 10)).then(() => service.child.kill('SIGKILL'))
    },
  })
  await service.ended
}

async function killAtStart(t: Test, file: string): Promise<void> {
  const service = spawnService(t, unlimited(file))
  await setTimeout(random.int(0, startMs * 1.2))
  await service.stop('SIGKILL')
}

async function startTimed(t: Test, file: string): Promise<RunningService> {
  const startedMs = performance.now()
  const service = await startService(t, unlimited(file))
  startMs = performance.now() - startedMs
  return service
}

/** A migration is there as a whole or not at all. */
function whatIsThere(file: string): 'nothing' | 'noTables' | 'allTables' {
  if (!existsSync(file)) return 'nothing'
  const database = new SqliteDatabase(file)
  try {
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all()
    if (tables.length === 0) return 'noTables'
    const missing = ['articles', 'comments', 'decisions', 'tokens', 'totals'].filter(
      (name) => !tables.includes(name),
    )
    if (missing.length > 0) throw new Error(`the schema is half there: ${tables}`)
    return 'allTables'
  } finally {
    database.close()
  }
}
