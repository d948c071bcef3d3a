import { spawnSync } from 'node:child_process'
import { chmodSync, closeSync, mkdtempSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import type { Test } from 'tap'
import t from 'tap'
import { v7 as uuidv7 } from 'uuid'
import { runCommand } from '../../src/cli/command.ts'
import { createToken } from '../../src/operations/tokens/create-token.ts'
import { openStore } from '../../src/store/open-store.ts'
import {
  asRoot,
  canMakeImmutable,
  canMount,
  countLines,
  fill,
  imprimatur,
  limitedTo,
  obeyingModes,
  type RunningService,
  smallDisk,
  startService,
  testTerminal,
} from '../support/process.ts'
import { until } from '../support/until.ts'
import { accepted, refusedWith } from './answers.ts'
import { type Answer, clientOf, type Submission, unlimited } from './client.ts'
import { faultsOf, newLedger } from './ledger.ts'
import { recorder } from './recorder.ts'
import { readState } from './state.ts'

/*
 * What happens to the file of a running service, made to happen: nothing here stands in for the disk, the file or the
 * lock. Where the machine lets a test mount a disk or make a file immutable, that is done as well.
 */

t.setTimeout(600_000)
countLines()
// Most of the time they wait for a lock.
t.jobs = 4

t.test('a database locked by another process', async (t) => {
  const file = join(t.testdir(), 'imprimatur.db')
  const service = await startService(t, unlimited(file))
  const other = new SqliteDatabase(file)
  t.teardown(() => other.close())
  await outlives(t, service, file, {
    begin: () => other.exec('BEGIN IMMEDIATE'),
    end: () => other.exec('ROLLBACK'),
    code: 'overloaded',
  })
})

t.test('a folder that is moved away and back', async (t) => {
  const folder = join(t.testdir({ data: {} }), 'data')
  const service = await startService(t, unlimited(join(folder, 'imprimatur.db')))
  await outlives(t, service, join(folder, 'imprimatur.db'), {
    begin: () => renameSync(folder, `${folder}-away`),
    end: () => renameSync(`${folder}-away`, folder),
    code: 'not-ready',
  })
})

t.test('a file that may not grow (RLIMIT_FSIZE) until there is room in it again', async (t) => {
  const file = join(t.testdir(), 'imprimatur.db')
  // 1,000 KiB: room for the schema and some comments, and not for the 4 MB of writes after which SQLite makes room.
  const service = await startService(t, unlimited(file), limitedTo(1_000))
  await outlives(t, service, file, {
    begin: () => {},
    end: () => {
      const other = new SqliteDatabase(file)
      t.match(other.pragma('wal_checkpoint(TRUNCATE)'), [{ busy: 0 }])
      other.close()
    },
    code: 'not-ready',
  })
})

if (canMount()) {
  t.test('a disk that is full until there is room again', async (t) => {
    const disk = smallDisk(t)
    const file = join(disk, 'data', 'imprimatur.db')
    const service = await startService(t, unlimited(file))
    await outlives(t, service, file, {
      begin: () => fill(join(disk, 'ballast')),
      end: () => rmSync(join(disk, 'ballast')),
      code: 'not-ready',
    })
  })

  t.test('a disk that is full is no place to start from, and says so', async (t) => {
    const disk = smallDisk(t)
    fill(join(disk, 'ballast'))
    await t.rejects(startService(t, unlimited(join(disk, 'imprimatur.db'))), {
      message: /^it ended with 1: The database .* cannot be opened: database or disk is full\n$/,
    })
  })
}

if (canMakeImmutable()) {
  t.test('files that nobody may write to, and that may be written to again', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'imprimatur-immutable-'))
    const file = join(folder, 'imprimatur.db')
    const change = (flag: string) => asRoot('chattr', flag, file, `${file}-wal`)
    t.teardown(() => {
      asRoot('chattr', '-R', '-i', folder)
      rmSync(folder, { recursive: true })
    })
    const service = await startService(t, unlimited(file))
    await outlives(t, service, file, {
      begin: () => change('+i'),
      end: () => change('-i'),
      code: 'not-ready',
    })
  })
}

t.test('a start on a file that may not be written to says so', async (t) => {
  const folder = join(t.testdir({ data: {} }), 'data')
  const file = join(folder, 'imprimatur.db')
  await (await startService(t, unlimited(file))).stop()
  chmodSync(file, 0o400)
  await t.rejects(startService(t, unlimited(file), obeyingModes()), {
    message: /^it ended with 1: The database .* cannot be opened: EACCES: permission denied, open .*\n$/,
  })
  chmodSync(file, 0o600)
  chmodSync(folder, 0o500)
  await t.rejects(startService(t, unlimited(file), obeyingModes()), {
    message:
      /^it ended with 1: The database .* cannot be opened: its folder, .*data, cannot be written to, .*\n$/,
  })
  chmodSync(folder, 0o700)
  await t.resolves(startService(t, unlimited(file), obeyingModes()))
})

t.test('a start on a locked file says so', async (t) => {
  const file = join(t.testdir(), 'imprimatur.db')
  const other = new SqliteDatabase(file)
  t.teardown(() => other.close())
  other.pragma('journal_mode = WAL')
  other.exec('BEGIN IMMEDIATE')
  await t.rejects(startService(t, unlimited(file)), {
    message: /^it ended with 1: The database .* cannot be opened: database is locked\n$/,
  })
  other.exec('ROLLBACK')
  await t.resolves(startService(t, unlimited(file)))
})

t.test('a command that cannot write says so', async (t) => {
  const file = join(t.testdir(), 'imprimatur.db')
  const service = await startService(t, unlimited(file))
  const record = recorder(clientOf(service.origin), newLedger())
  for (let index = 0; index < 10; index++) accepted(await record.submit(newSubmission(index)))
  // The log of writes is longer by now than this command may make any file.
  const limited = imprimatur(['token', 'create', '--name', 'a'], { through: limitedTo(64) })
  t.match(spawnSync(...limited, { env: { ...process.env, ...unlimited(file) }, encoding: 'utf8' }), {
    status: 1,
    stdout: '',
    stderr: /^The database cannot be read or written: disk I\/O error\n$/,
  })
})

t.test('a command that meets a damaged table says so', async (t) => {
  const file = join(t.testdir(), 'imprimatur.db')
  const command = async (...args: string[]) => {
    const terminal = testTerminal({ DATABASE_URL: `file:${file}` })
    return { code: await runCommand(args, terminal), out: terminal.out(), err: terminal.err() }
  }
  await command('migrate')
  t.match(await command('token', 'create', '--name', 'marie'), { code: 0 })
  overwriteTable(file, 'tokens')
  t.same(await command('token', 'create', '--name', 'jean'), {
    code: 1,
    out: '',
    err: 'The database cannot be read or written: database disk image is malformed\n',
  })
})

type Outage = {
  begin: () => void
  end: () => void
  /** The problem that writes are answered with. */
  code: 'overloaded' | 'not-ready'
}

/**
 * Begins a fault under a running service and ends it. In between writes are refused in plain words and nothing is
 * acknowledged that is not there, `/readyz` is red, `/livez` is not, and reads go on; afterwards all is as before,
 * without a restart.
 */
async function outlives(t: Test, service: RunningService, file: string, outage: Outage): Promise<void> {
  const ledger = newLedger()
  const client = clientOf(service.origin)
  const record = recorder(client, ledger)
  const submit = (more = {}) => record.submit({ ...newSubmission(ledger.submissions.size), ...more })
  const [first, second] = [accepted(await submit({ body: 'One' })), accepted(await submit({ body: 'Two' }))]
  t.match(await record.decide(first.id, 'approve'), { statusCode: 200 })
  const neverUsed = await newToken(file)

  outage.begin()
  // What needs most room first: where there is some left, a smaller write may still be taken, and rightly so.
  const submissions = await Promise.all(Array.from({ length: 6 }, () => firstRefusal(submit)))
  for (const answer of submissions) refusedWith(t, answer, outage.code)
  const actions = ['approve', 'reject'] as const
  const decide = () => record.decide(second.id, actions[ledger.decisions.size % 2] ?? 'approve')
  refusedWith(t, await firstRefusal(decide), outage.code)
  refusedWith(t, await firstRefusal(() => client.get('/readyz')), 'not-ready')
  refusedWith(t, await record.withdraw(second.id, second.receipt), outage.code)

  t.match(await client.get('/livez'), { statusCode: 200 })
  t.match(await record.list('article'), { statusCode: 200, body: first.id })
  t.match(await client.get('/v1/counts?articleId=article'), { statusCode: 200, body: '"article"' })
  t.match(await client.get('/v1/moderation/comments?status=approved', neverUsed), {
    statusCode: 200,
    body: first.id,
  })
  t.match(await client.get(`/v1/moderation/comments/${first.id}`, neverUsed), {
    statusCode: 200,
    body: 'note 0',
  })

  outage.end()
  await until(async () => ((await client.get('/readyz'))?.statusCode === 200 ? true : undefined))
  const unacknowledged = [...ledger.submissions.values()].filter((sent) => sent.acknowledgement === null)
  t.ok(unacknowledged.length >= 6)
  for (const sent of unacknowledged) t.match(await record.submit(sent), { statusCode: 202 })
  t.match(await record.decide(second.id, 'approve'), { statusCode: 200 })
  t.match(await record.list('article'), { statusCode: 200, body: second.id })

  await service.stop('SIGKILL')
  t.same(faultsOf(readState(file), ledger), [])
}

function newSubmission(number: number): Submission {
  return {
    idempotencyKey: `key ${number}`,
    articleId: 'article',
    parentId: null,
    author: { name: 'Ada', email: 'ada@example.org' },
    body: `${number} ${'x'.repeat(9_000)}`,
  }
}

/** Acts until the service no longer does it; where there is room left, that is used up first. */
async function firstRefusal(act: () => Promise<Answer | null>): Promise<Answer | null> {
  return until(async () => {
    const answer = await act()
    return answer?.statusCode === 200 || answer?.statusCode === 202 ? undefined : answer
  })
}

/** Of a moderator who has not been there yet: a first use is noted in the database. */
async function newToken(file: string): Promise<Record<string, string>> {
  const store = await openStore({ dialect: 'sqlite', file })
  const wanted = { name: 'marie', scopes: ['moderate'] as const, expiresAtMs: null }
  const created = await createToken({ store, clock: Date.now, newId: uuidv7 }, wanted)
  await store.close()
  return { authorization: `Bearer ${created.kind === 'created' ? created.secret : ''}` }
}

function overwriteTable(file: string, table: string): void {
  const database = new SqliteDatabase(file)
  const bytes = Number(database.pragma('page_size', { simple: true }))
  const pages = database.prepare<[string], number>('SELECT rootpage FROM sqlite_schema WHERE tbl_name = ?')
  const roots = pages.pluck().all(table)
  database.close()
  const handle = openSync(file, 'r+')
  for (const page of roots) writeSync(handle, Buffer.alloc(bytes, 'damage'), 0, bytes, (page - 1) * bytes)
  closeSync(handle)
}
