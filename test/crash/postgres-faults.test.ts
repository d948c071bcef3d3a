import { execFileSync } from 'node:child_process'
import { chownSync, cpSync, mkdirSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import type { Test } from 'tap'
import t from 'tap'
import { type PostgresServer, startServer } from '../support/postgres.ts'
import { canMount, fill, type RunningService, smallDisk, startService } from '../support/process.ts'
import { until } from '../support/until.ts'
import { accepted, refusedWith } from './answers.ts'
import { type Answer, clientOf, type Submission, unlimitedAt } from './client.ts'
import { faultsOf, type Ledger, newLedger } from './ledger.ts'
import { load } from './load.ts'
import { startProxy } from './postgres-proxy.ts'
import { freeze, killWhole, newDatabase, saysNothingPrivate, sessionsOf, turns } from './postgres-service.ts'
import { readPostgresState } from './postgres-state.ts'
import { randomFrom } from './random.ts'
import { type Recorder, recorder } from './recorder.ts'

/* What happens to the PostgreSQL of a running service, made to happen: nothing here stands in for the server or its disk. */

t.setTimeout(600_000)
// Most of the time they wait for a lock, or for a server that says nothing.
t.jobs = 3

/** How long an answer may take whatever the database does, on a machine that has other things to do as well. */
const patienceMs = 15_000

for (const how of ['fast', 'SIGKILL'] as const)
  t.test(`a server that is away for a while (${how})`, async (t) => {
    const server = await ownServer(t)
    await outlives(t, await started(t, server), {
      begin: () => (how === 'fast' ? server.stop() : killWhole(server)),
      end: () => server.start(),
      code: 'not-ready',
    })
  })

t.test('a server that hangs', async (t) => {
  const server = await ownServer(t)
  let thaw = () => {}
  await outlives(t, await started(t, server), {
    async begin() {
      thaw = await freeze(server)
    },
    end: () => thaw(),
    code: 'not-ready',
  })
})

t.test('a network that passes nothing on any more, and closes nothing', async (t) => {
  const server = await ownServer(t)
  const proxy = await startProxy(t, server.port)
  const at = await started(t, server, {}, proxy.through)
  await outlives(t, at, {
    begin: () => proxy.silence(true),
    end: () => proxy.silence(false),
    code: 'not-ready',
  })
})

t.test('connections that a network has forgotten cost one wait, not one each', async (t) => {
  const server = await ownServer(t)
  const proxy = await startProxy(t, server.port)
  const at = await started(t, server, {}, proxy.through)
  const submit = () => at.record.submit(newSubmission(at.ledger))
  for (const answer of await Promise.all(Array.from({ length: 30 }, submit))) accepted(answer)
  await until(async () => {
    await Promise.all(Array.from({ length: 10 }, () => at.client.get('/v1/counts?articleId=article')))
    return (await sessionsOf(server)).length > 5 ? true : undefined
  })
  proxy.forget()
  const startedMs = performance.now()
  refusedWith(t, await submit(), 'not-ready')
  for (let index = 0; index < 10; index++) accepted(await submit())
  t.ok(performance.now() - startedMs < patienceMs, 'ten go on after the first')
  await settled(t, at)
})

t.test('a server that has no connection to spare', async (t) => {
  const settings = { max_connections: '20', superuser_reserved_connections: '0' }
  const server = await startServer({ settings })
  t.teardown(() => server.remove())
  const at = await started(t, server)
  const taken: Client[] = []
  const takeAll = async () => {
    for (;;) {
      const client = new Client({ connectionString: server.url() })
      client.on('error', () => {})
      try {
        await client.connect()
      } catch (error) {
        if ((error as { code?: string }).code === '53300') return
        throw error
      }
      taken.push(client)
    }
  }
  const admin = await connected(t, server.url())
  await outlives(t, at, {
    async begin() {
      // The service takes one where it can, and so may be faster.
      await until(async () => {
        const { rowCount } = await admin.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'imprimatur'",
        )
        await takeAll()
        return rowCount === 0 ? true : undefined
      })
    },
    end: () => Promise.all(taken.map((client) => client.end())),
    code: 'overloaded',
  })
})

t.test('a server that takes no writes any more', async (t) => {
  const server = await ownServer(t)
  // A session that began before may still change it back.
  const admin = await connected(t, server.url())
  await admin.query('SET default_transaction_read_only = off')
  const set = async (change: string) => {
    await admin.query(`ALTER SYSTEM ${change}`)
    await admin.query('SELECT pg_reload_conf()')
  }
  // The server reads its settings some time after it was told to; who connects later than that has them, and all others heard.
  const isSet = (value: string) =>
    until(async () => {
      const [row] = await server.query('SHOW default_transaction_read_only')
      return row?.['default_transaction_read_only'] === value ? true : undefined
    })
  await outlives(t, await started(t, server), {
    begin: async () => {
      await set('SET default_transaction_read_only = on')
      await isSet('on')
    },
    end: () => set('RESET default_transaction_read_only'),
    code: 'not-ready',
  })
})

t.test('a table that somebody else has locked, and a pool of one connection', async (t) => {
  const server = await ownServer(t)
  const at = await started(t, server, { DATABASE_POOL_SIZE: '1' })
  const other = await connected(t, at.url)
  await outlives(t, at, {
    begin: () => other.query('BEGIN; LOCK TABLE totals, comments IN ACCESS EXCLUSIVE MODE'),
    end: () => other.query('ROLLBACK'),
    code: 'overloaded',
  })
})

if (canMount()) {
  t.test('a disk that is full until there is room again', async (t) => {
    const server = await ownServer(t)
    const disk = smallDisk(t, 24)
    const folder = join(disk, 'tables')
    mkdirSync(folder, { mode: 0o700 })
    const { uid, gid } = statSync(server.data)
    chownSync(folder, uid, gid)
    await server.query(`CREATE TABLESPACE small LOCATION '${folder}'`)
    await server.query('CREATE DATABASE small TABLESPACE small')
    const at = await started(t, server, {}, () => server.url('small'))
    await outlives(t, at, {
      begin: () => fill(join(disk, 'ballast')),
      end: () => rmSync(join(disk, 'ballast')),
      code: 'not-ready',
      only: 'submissions',
    })
    await server.query('DROP DATABASE small WITH (FORCE)')
    await server.query('DROP TABLESPACE small')
  })

  t.test("a disk that is full of the server's log of writes, of which it dies", async (t) => {
    const server = await ownServer(t)
    const disk = smallDisk(t, 96)
    await server.stop()
    moveLog(server, join(disk, 'log'))
    await server.start()
    const at = await started(t, server)
    await outlives(t, at, {
      async begin() {
        fill(join(disk, 'ballast'))
        // Each begins a new file, and those that lie ready are soon used up. Without a record of its own it begins none where
        // nobody has written since the last: how often the service writes depends on how busy the machine is.
        await until(() =>
          server.query("SELECT pg_logical_emit_message(false, 'test', 'a record'), pg_switch_wal()").then(
            () => undefined,
            () => true,
          ),
        )
        await until(() => (/PANIC: .* No space left on device/.test(server.log()) ? true : undefined))
      },
      async end() {
        rmSync(join(disk, 'ballast'))
        await server.stop()
        await server.start()
      },
      code: 'not-ready',
    })
    await server.stop()
  })
}

for (const database of ['away', 'silent'])
  t.test(`a service that is told to stop ends, though its database is ${database}`, async (t) => {
    const server = await ownServer(t)
    const proxy = await startProxy(t, server.port)
    // An answer that never comes is waited for as long as the usual grace, and so may miss it by little.
    const patient = { SHUTDOWN_SECONDS: '30' }
    const { service, client, record, ledger, url } = await started(t, server, patient, proxy.through)
    accepted(await record.submit(newSubmission(ledger)))
    if (database === 'away') await server.stop()
    else proxy.silence(true)
    const submitting = record.submit(newSubmission(ledger))
    await until(async () => ((await client.get('/livez')) === null ? undefined : true))
    t.equal(await service.stop(), 0)
    refusedWith(t, await submitting, 'not-ready')
    saysNothingPrivate(t, service, url)
  })

t.test('a commit whose answer is lost is settled by the key', async (t) => {
  const server = await ownServer(t)
  const proxy = await startProxy(t, server.port)
  const at = await started(t, server, {}, proxy.through)
  const { record, ledger, url } = at
  for (const what of ['answer', 'question'] as const) {
    const sent = newSubmission(ledger)
    const cut = proxy.cut(sent.body, what)
    refusedWith(t, await record.submit(sent), 'not-ready')
    await cut
    const there = (await readPostgresState(url)).comments.find(({ body }) => body === sent.body)
    t.equal(there !== undefined, what === 'answer')
    const again = await record.submit(sent)
    const { id } = accepted(again)
    t.equal(again?.headers['idempotency-replayed'], what === 'answer' ? 'true' : undefined)
    if (there !== undefined) t.equal(id, there.id)
    t.same(accepted(await record.submit(sent)), accepted(again))

    const decided = proxy.cut(`note ${ledger.decisions.size}`, what)
    refusedWith(t, await record.decide(id, 'approve'), 'not-ready')
    await decided
    const changed = what === 'answer' ? 'false' : 'true'
    t.match(await record.decide(id, 'approve'), { statusCode: 200, body: `"changed": ${changed}` })
  }
  const { comments, decisions } = await readPostgresState(url)
  t.same([comments.length, decisions.length], [2, 2])
  await settled(t, at)
})

t.test('a deadlock with somebody else is tried again', async (t) => {
  const server = await ownServer(t)
  const at = await started(t, server)
  const { id } = accepted(await at.record.submit(newSubmission(at.ledger)))
  const other = await connected(t, at.url)
  // Whoever waits first looks for deadlocks first, and is the one that is undone: not this one.
  await other.query("SET deadlock_timeout = '60s'; BEGIN; UPDATE totals SET value = value")
  const decided = at.record.decide(id, 'approve')
  await waitsForLock(server)
  await other.query('UPDATE comments SET version = version WHERE id = $1', [id])
  await other.query('COMMIT')
  t.match(await decided, { statusCode: 200 })
  t.match(server.log(), /ERROR: {2}deadlock detected/)
  await settled(t, at)
})

t.test('what is undone because of others is tried again, and not for ever', async (t) => {
  const server = await ownServer(t)
  const at = await started(t, server)
  const ask = (sql: string) => server.query(sql, [], new URL(at.url).pathname.slice(1))
  // Counts outside of transactions how often it was tried.
  await ask('CREATE SEQUENCE tries')
  const undo = (condition: string) =>
    ask(`CREATE OR REPLACE FUNCTION undo() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF nextval('tries') ${condition} THEN
        RAISE EXCEPTION 'could not serialize' USING ERRCODE = '40001', DETAIL = to_jsonb(NEW)::text;
      END IF;
      RETURN NEW;
    END $$`)
  await undo('<= 2')
  await ask('CREATE TRIGGER undo BEFORE INSERT OR UPDATE ON comments FOR EACH ROW EXECUTE FUNCTION undo()')
  const { id } = accepted(await at.record.submit(newSubmission(at.ledger)))
  t.match(await ask('SELECT last_value::int AS tries FROM tries'), [{ tries: 3 }])

  await undo('> 0')
  const before = at.ledger.submissions.size
  refusedWith(t, await at.record.submit(newSubmission(at.ledger)), 'overloaded')
  refusedWith(t, await at.record.decide(id, 'approve'), 'overloaded')
  t.match(await ask('SELECT last_value::int AS tries FROM tries'), [{ tries: 3 + 4 + 4 }])

  await ask('DROP TRIGGER undo ON comments')
  for (const sent of [...at.ledger.submissions.values()].slice(before)) accepted(await at.record.submit(sent))
  t.match(await at.record.decide(id, 'approve'), { statusCode: 200 })
  await settled(t, at)
})

t.test('a statement that takes too long is given up, and leaves nothing', async (t) => {
  const server = await ownServer(t)
  const at = await started(t, server)
  const ask = (sql: string) => server.query(sql, [], new URL(at.url).pathname.slice(1))
  await ask(
    'CREATE FUNCTION tarry() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$',
  )
  await ask('CREATE TRIGGER tarry AFTER INSERT ON comments FOR EACH ROW EXECUTE FUNCTION tarry()')
  const sent = newSubmission(at.ledger)
  refusedWith(t, await inTime(t, at.record.submit(sent)), 'overloaded')
  t.same((await readPostgresState(at.url)).comments, [])
  await ask('DROP TRIGGER tarry ON comments')
  const again = await at.record.submit(sent)
  accepted(again)
  t.equal(again?.headers['idempotency-replayed'], undefined)
  await settled(t, at)
})

for (const isolation of ['read committed', 'serializable'])
  t.test(`a race of submissions and decisions, in a database whose default is ${isolation}`, async (t) => {
    const server = await ownServer(t)
    const url = await newDatabase(server)
    const name = new URL(url).pathname.slice(1)
    await server.query(`ALTER DATABASE ${name} SET default_transaction_isolation = '${isolation}'`)
    const at = await started(t, server, {}, () => url)
    let answersLeft = 300
    await load(at.client, at.ledger, randomFrom(1), {
      clients: 12,
      enough: () => answersLeft <= 0,
      onAnswer: () => {
        answersLeft -= 1
      },
    })
    // All take their locks in one order; a deadlock would cost a second.
    t.notMatch(server.log(), /deadlock detected|could not serialize/)
    await settled(t, at)
  })

function moveLog(server: PostgresServer, to: string): void {
  const from = join(server.data, 'pg_wal')
  cpSync(from, to, { recursive: true })
  const { uid, gid } = statSync(server.data)
  execFileSync('chown', ['-R', `${uid}:${gid}`, to])
  rmSync(from, { recursive: true })
  symlinkSync(to, from)
}

/** A service at work on a database, with the ledger of what it has acknowledged. */
type Site = {
  service: RunningService
  url: string
  client: ReturnType<typeof clientOf>
  record: Recorder
  ledger: Ledger
}

async function ownServer(t: Test): Promise<PostgresServer> {
  const server = await startServer()
  t.teardown(() => server.remove())
  return server
}

async function started(
  t: Test,
  server: PostgresServer,
  env: Record<string, string> = {},
  through: (url: string) => string = (url) => url,
): Promise<Site> {
  const url = through(await newDatabase(server))
  const service = await startService(t, { ...unlimitedAt(url), ...env })
  const client = clientOf(service.origin)
  const ledger = newLedger()
  return { service, url, client, ledger, record: recorder(client, ledger) }
}

type Outage = {
  begin: () => unknown
  end: () => unknown
  /** The problem that writes are answered with. */
  code: 'overloaded' | 'not-ready'
  /** What is turned away, where not all is. */
  only?: 'submissions'
}

/**
 * Begins a fault under a running service and ends it. In between each answer comes in time, what cannot be done is
 * refused in plain words, and `/readyz` is red and `/livez` is not; afterwards all is as before, without a restart.
 */
async function outlives(t: Test, site: Site, { begin, end, code, only }: Outage): Promise<void> {
  const { service, client, record, ledger } = site
  const submit = () => record.submit(newSubmission(ledger))
  const [first, second] = [accepted(await submit()), accepted(await submit())]
  t.match(await record.decide(first.id, 'approve'), { statusCode: 200 })
  t.match(await record.list('article'), { statusCode: 200, body: first.id })

  await begin()
  if (only === undefined) {
    const [livez, ...writes] = await Promise.all([
      client.get('/livez'),
      ...Array.from({ length: 6 }, () => inTime(t, submit())),
      inTime(t, record.decide(second.id, 'approve')),
      inTime(t, record.withdraw(second.id, second.receipt)),
    ])
    t.match(livez, { statusCode: 200 })
    for (const answer of writes) refusedWith(t, answer, code)
    await turns(service, 503)
    refusedWith(t, await inTime(t, client.get('/readyz')), 'not-ready')
    // A read is answered or refused, and in time too.
    const reads = [client.get('/v1/counts?articleId=article'), record.list('article')]
    for (const answer of await Promise.all(reads.map((read) => inTime(t, read))))
      if (answer?.statusCode !== 200)
        t.match(answer, { statusCode: 503, headers: { 'retry-after': /^\d+$/ } })
  } else {
    const refused = await until(async () => {
      const answer = await submit()
      return answer?.statusCode === 202 ? undefined : answer
    })
    refusedWith(t, refused, code)
    t.match(await record.list('article'), { statusCode: 200, body: first.id })
  }

  await end()
  const endedMs = performance.now()
  await turns(service, 200)
  const unacknowledged = [...ledger.submissions.values()].filter((sent) => sent.acknowledgement === null)
  t.ok(unacknowledged.length > 0)
  for (const sent of unacknowledged) accepted(await record.submit(sent))
  t.match(await record.decide(second.id, 'approve'), { statusCode: 200 })
  t.match(await record.list('article'), { statusCode: 200, body: second.id })
  t.ok(performance.now() - endedMs < patienceMs, 'back within seconds')
  await settled(t, site)
}

/** Nothing acknowledged is missing and nothing is there twice; the process is well, and has told nothing of anybody's. */
async function settled(t: Test, { service, url, ledger }: Site): Promise<void> {
  t.same(faultsOf(await readPostgresState(url), ledger), [])
  t.equal(await service.stop(), 0)
  saysNothingPrivate(t, service, url)
}

async function inTime(t: Test, answer: Promise<Answer | null>): Promise<Answer | null> {
  const startedMs = performance.now()
  const result = await answer
  const tookMs = performance.now() - startedMs
  t.ok(tookMs < patienceMs, `${result?.statusCode} after ${Math.round(tookMs)} ms`)
  return result
}

function newSubmission({ submissions }: Ledger): Submission {
  const number = submissions.size
  return {
    idempotencyKey: `key ${number}`,
    articleId: 'article',
    parentId: null,
    author: { name: 'Ada', email: `reader-${number}@example.org` },
    body: `Comment ${number} ${'x'.repeat(1_500)}`,
  }
}

async function connected(t: Test, url: string): Promise<Client> {
  const client = new Client({ connectionString: url })
  await client.connect()
  t.teardown(() => client.end())
  return client
}

/** Resolves once a statement of the service's waits for a lock. */
async function waitsForLock(server: PostgresServer): Promise<void> {
  await until(async () => {
    const rows = await server.query(
      "SELECT FROM pg_stat_activity WHERE application_name = 'imprimatur' AND wait_event_type = 'Lock'",
    )
    return rows.length > 0 ? true : undefined
  })
}
