import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import type { Test } from 'tap'
import t from 'tap'
import { runCommand } from '../../src/cli/command.ts'
import { openStore } from '../../src/store/open-store.ts'
import { type Client, clientOf, moderator, type Submission, unlimited } from '../crash/client.ts'
import { faultsOf, type Ledger, newLedger, type SentDecision, type SentSubmission } from '../crash/ledger.ts'
import { recorder } from '../crash/recorder.ts'
import { readState } from '../crash/state.ts'
import { someComment } from '../support/comments.ts'
import {
  canMount,
  countLines,
  fill,
  imprimatur,
  limitedTo,
  obeyingModes,
  smallDisk,
  startService,
  testTerminal,
} from '../support/process.ts'
import { until } from '../support/until.ts'

t.setTimeout(600_000)
countLines()

t.test('a copy holds what the database held, in one file for its owner alone', async (t) => {
  const { folder, file, run } = await databaseOf(t, 12)
  const target = join(folder, 'copies', 'copy.db')
  t.match(await run('backup', target), {
    code: 0,
    out: '',
    err: /^Wrote .*copy\.db: \d+\.\d MiB, 12 comments\.\n$/,
  })
  t.same(readdirSync(join(folder, 'copies')), ['copy.db'])
  t.equal(statSync(target).mode & 0o777, 0o600)
  t.same(readState(target), readState(file))

  const copy = new SqliteDatabase(target, { readonly: true })
  t.teardown(() => copy.close())
  t.equal(copy.pragma('journal_mode', { simple: true }), 'delete')
})

t.test('a file that exists is replaced only where that is asked for', async (t) => {
  const { folder, run } = await databaseOf(t, 1)
  const target = join(folder, 'copies', 'copy.db')
  writeFileSync(target, 'precious')
  t.match(await run('backup', target), {
    code: 1,
    err: /exists\. Choose another name, or replace it with --force\./,
  })
  t.equal(readFileSync(target, 'utf8'), 'precious')
  t.match(await run('backup', target, '--force'), { code: 0, err: /, 1 comment\.\n$/ })
  t.equal(readState(target).comments.length, 1)
  t.equal(statSync(target).mode & 0o777, 0o600)
})

t.test('what cannot be copied, or copied to, is said in a sentence', async (t) => {
  const { folder, file, run } = await databaseOf(t, 1)
  const holder = new SqliteDatabase(file)
  t.teardown(() => holder.close())
  holder.prepare('SELECT count(*) FROM comments').get()
  for (const [target, sentence] of [
    [folder, /is a folder\. Name a file in it\.\n$/],
    [join(folder, 'missing', 'copy.db'), /^There is no folder .*missing\.\n$/],
    [file, /imprimatur\.db belongs to the database itself\.\n$/],
    [`${file}-wal`, /imprimatur\.db-wal belongs to the database itself\.\n$/],
    ['/dev/null', /^\/dev\/null is no plain file\.\n$/],
  ] as const) {
    t.match(await run('backup', target, '--force'), { code: 1, out: '', err: sentence })
  }
  t.match(await run('backup'), { code: 1, err: /missing required argument 'file'/ })
  const elsewhere = async (url: string) => {
    const terminal = testTerminal({ DATABASE_URL: url })
    return { code: await runCommand(['backup', join(folder, 'copy.db')], terminal), err: terminal.err() }
  }
  t.match(await elsewhere('file::memory:'), { code: 1, err: /^A database in memory cannot be backed up/ })
  t.match(await elsewhere(`file:${folder}/none.db`), {
    code: 1,
    err: /^There is no database at .*none\.db\.\n$/,
  })
  t.notOk(existsSync(join(folder, 'none.db')), 'and none is made')

  writeFileSync(join(folder, 'text'), 'this is not a database, but it is long enough to look at'.repeat(100))
  t.match(await elsewhere(`file:${folder}/text`), {
    code: 1,
    err: /^The database .*text cannot be copied to .*copy\.db: file is not a database\n$/,
  })
  new SqliteDatabase(join(folder, 'empty.db')).exec('CREATE TABLE other (id TEXT)').close()
  t.match(await elsewhere(`file:${folder}/empty.db`), {
    code: 1,
    err: /: it belongs to another program, .*\n$/,
  })
  t.same(
    readdirSync(folder).filter((name) => name.startsWith('copy.db')),
    [],
  )
})

t.test('a copy that is not sound is not kept, and takes the place of none that is', async (t) => {
  const damages: { damage: (file: string) => void; found: RegExp }[] = [
    {
      damage: inSql("UPDATE articles SET approved_count = 7 WHERE article_id = 'article'"),
      found: /The count of approved comments of article article is wrong\./,
    },
    { damage: inSql('UPDATE totals SET value = 7'), found: /The count of pending comments is wrong\./ },
    {
      damage: inSql("UPDATE comments SET article_id = 'nowhere'"),
      found: /Rows of comments without their row of articles: 50\./,
    },
    {
      damage: inSql("PRAGMA ignore_check_constraints = ON; UPDATE comments SET status = 'unheard of'"),
      found: /CHECK constraint failed in comments/,
    },
    { damage: overwriteLastPages, found: /database disk image is malformed/ },
    {
      damage: inSql(
        "INSERT INTO articles (article_id, approved_count, revision) SELECT 'article ' || id, 9, 1 FROM comments",
      ),
      found: /article \S+ is wrong\.\n(?:The count .*\n){19}And 30 more\.\n$/,
    },
  ]
  for (const { damage, found } of damages) {
    const { folder, file, run } = await databaseOf(t, 50)
    const target = join(folder, 'copies', 'copy.db')
    t.match(await run('backup', target), { code: 0 })
    const before = readFileSync(target)
    damage(file)
    t.match(await run('backup', target, '--force'), { code: 1, out: '', err: found })
    t.ok(before.equals(readFileSync(target)))
    t.same(readdirSync(join(folder, 'copies')), ['copy.db'])
  }
})

t.test('a copy that there is no room for is not kept', async (t) => {
  const { folder, file } = await databaseOf(t, 50)
  const target = join(folder, 'copies', 'copy.db')
  const limited = backupProcess(file, target, limitedTo(100))
  t.match(limited, {
    status: 1,
    stderr: /^The database .* cannot be copied to .*copy\.db: disk I\/O error\n$/,
  })
  t.same(readdirSync(join(folder, 'copies')), [])

  chmodSync(join(folder, 'copies'), 0o500)
  t.match(backupProcess(file, target, obeyingModes()), {
    status: 1,
    stderr: /^The database .* cannot be copied to .*copy\.db: EACCES: permission denied, open .*\n$/,
  })
  chmodSync(join(folder, 'copies'), 0o700)
  t.match(backupProcess(file, target, obeyingModes()), { status: 0 })
})

if (canMount()) {
  t.test('a copy that finds the disk full is not kept', async (t) => {
    const { file } = await databaseOf(t, 50)
    const disk = smallDisk(t)
    fill(join(disk, 'ballast'))
    t.match(backupProcess(file, join(disk, 'copy.db')), {
      status: 1,
      stderr: /^The database .* cannot be copied to .*copy\.db: there is no room for it\.\n$/,
    })
    t.same(readdirSync(disk), ['ballast'])
  })
}

t.test('a backup that is told to end takes its draft along', async (t) => {
  const { folder, file } = await databaseOf(t, 50)
  const copies = join(folder, 'copies')
  for (const [signal, code] of [
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const) {
    // It waits for this lock once it has its draft.
    const other = new SqliteDatabase(file)
    other.pragma('journal_mode = DELETE')
    other.exec('BEGIN EXCLUSIVE')
    const child = spawn(...imprimatur(['backup', join(copies, 'copy.db')]), {
      env: { ...process.env, DATABASE_URL: `file:${file}` },
    })
    const ended = once(child, 'exit')
    await until(() => (readdirSync(copies).length > 0 ? true : undefined))
    child.kill(signal)
    other.exec('ROLLBACK')
    other.close()
    const [exitCode] = await ended
    // It may have been faster with its copy than the signal was with it.
    t.ok([0, code].includes(exitCode), `${exitCode}`)
    t.same(
      readdirSync(copies).filter((name) => name.includes('.partial')),
      [],
    )
    rmSync(join(copies, 'copy.db'), { force: true })
  }
})

t.test('what a killed backup has left is removed by the next into that folder, once it is old', async (t) => {
  const { folder, run } = await databaseOf(t, 1)
  const copies = join(folder, 'copies')
  const id = '0b0f3a52-8f58-4a54-9f1a-0a8b7c6d5e4f'
  const old = [`2026-11-24.db.${id}.partial`, `2026-11-24.db.${id}.partial-journal`]
  const kept = ['all.ndjson.partial', `x.${id}`, `x.${id}.partial.txt`, 'precious.db']
  for (const name of [...old, ...kept]) {
    writeFileSync(join(copies, name), 'x')
    utimesSync(join(copies, name), new Date(), new Date(Date.now() - 13 * 3_600_000))
  }
  const young = `2026-11-25.db.${id}.partial`
  writeFileSync(join(copies, young), 'of one that may be at work')
  mkdirSync(join(copies, `folder.${id}.partial`))
  symlinkSync(join(copies, 'precious.db'), join(copies, `link.${id}.partial`))
  t.match(await run('backup', join(copies, 'copy.db')), { code: 0 })
  t.same(
    readdirSync(copies).sort(),
    [...kept, young, `folder.${id}.partial`, `link.${id}.partial`, 'copy.db'].sort(),
  )
})

t.test('a database whose process was killed is copied as well, its last writes included', async (t) => {
  const folder = t.testdir()
  const file = join(folder, 'imprimatur.db')
  const service = await startService(t, unlimited(file))
  const ledger = newLedger()
  const record = recorder(clientOf(service.origin), ledger)
  for (let index = 0; index < 5; index++) await record.submit(newSubmission(index))
  await service.stop('SIGKILL')
  const target = join(folder, 'copy.db')
  t.match(backupProcess(file, target), { status: 0, stderr: /, 5 comments\.\n$/ })
  t.same(faultsOf(readState(target), ledger), [])
})

t.test('the restore drill, under writes', async (t) => {
  const folder = t.testdir({ copies: {} })
  const [file, target] = [join(folder, 'imprimatur.db'), join(folder, 'copies', 'copy.db')]
  const service = await startService(t, unlimited(file))
  const ledger = newLedger()
  const writers = writeUntilStopped(clientOf(service.origin), ledger)
  await until(() => (writers.acknowledged() >= 400 ? true : undefined))

  // Meanwhile readers submit and moderators decide, and none of them waits for the copy.
  const before = structuredClone(ledger)
  const backup = spawn(...imprimatur(['backup', target]), {
    env: { ...process.env, ...unlimited(file) },
  })
  const ended = once(backup, 'exit')
  await until(() => (readdirSync(join(folder, 'copies')).length > 0 ? true : undefined))
  const atFirst = writers.acknowledged()
  t.same(await ended, [0, null])
  t.ok(
    writers.acknowledged() > atFirst,
    `${writers.acknowledged() - atFirst} acknowledged while it was copied`,
  )
  const atLast = writers.acknowledged()
  await until(() => (writers.acknowledged() > atLast + 50 ? true : undefined))
  const lastTag = await writers.stop()

  // docs/operating.md, "Restore".
  t.equal(await service.stop(), 0)
  for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true })
  copyFileSync(target, file)
  const restored = await startService(t, unlimited(file))
  t.equal((await clientOf(restored.origin).get('/readyz'))?.statusCode, 200)

  t.same(faultsOf(readState(file), knownAt(before, ledger)), [], 'all that was acknowledged before is there')
  const client = clientOf(restored.origin)
  const record = recorder(client, ledger)
  const path = '/v1/articles/article/comments'
  t.match(await record.list('article'), { statusCode: 200 })
  t.match(
    await client.get(path, { 'if-none-match': lastTag }),
    { statusCode: 200 },
    'a newer list was another',
  )
  const seen = new Set(ledger.lists.keys())
  const queue = await client.get('/v1/moderation/comments?limit=1', moderator)
  const [waiting] = JSON.parse(queue?.body ?? '').comments
  t.match(await record.decide(waiting.id, 'approve'), { statusCode: 200 })
  const list = await record.list('article')
  t.notOk(seen.has(`${path} ${list?.headers['etag']}`), 'no entity tag comes back')
  t.same(ledger.contradictions, [])
})

/** Clients that submit, approve every other one, and read the list, until they are stopped. */
function writeUntilStopped(client: Client, ledger: Ledger) {
  const record = recorder(client, ledger)
  let [count, acknowledged, stopped, lastTag] = [0, 0, false, '']
  const run = async () => {
    while (!stopped) {
      count += 1
      const approve = count % 2 === 0
      const answer = await record.submit(newSubmission(count))
      const { id } = JSON.parse(answer?.body ?? '')
      if (approve) await record.decide(id, 'approve')
      acknowledged += 1
      if (acknowledged % 20 === 0) lastTag = (await record.list('article'))?.headers['etag'] ?? ''
    }
  }
  const running = Promise.all(Array.from({ length: 12 }, run))
  return {
    acknowledged: () => acknowledged,
    /** Resolves to the entity tag that the list had last. */
    stop: async () => {
      stopped = true
      await running
      return lastTag
    },
  }
}

/** Of all that was sent, what was known to be there at that time; the rest may be there or not. */
function knownAt(before: Ledger, now: Ledger): Ledger {
  const submissions = [...now.submissions].map(([key, sent]): [string, SentSubmission] => [
    key,
    { ...sent, acknowledgement: before.submissions.get(key)?.acknowledgement ?? null },
  ])
  const decisions = [...now.decisions].map(([note, sent]): [string, SentDecision] => [
    note,
    { ...sent, acknowledgement: before.decisions.get(note)?.acknowledgement ?? null },
  ])
  return { ...now, submissions: new Map(submissions), decisions: new Map(decisions) }
}

function newSubmission(number: number): Submission {
  return {
    idempotencyKey: `key ${number}`,
    articleId: 'article',
    parentId: null,
    author: { name: 'Ada', email: 'ada@example.org' },
    body: `${number} ${'x'.repeat(8_000)}`,
  }
}

type Prepared = {
  folder: string
  file: string
  run: (...args: string[]) => Promise<{ code: number; out: string; err: string }>
}

/** A database of so many comments, beside an empty folder for its copies. */
async function databaseOf(t: Test, comments: number): Promise<Prepared> {
  const folder = mkdtempSync(join(t.testdir(), 'database-'))
  mkdirSync(join(folder, 'copies'))
  const file = join(folder, 'imprimatur.db')
  const store = await openStore({ dialect: 'sqlite', file })
  for (let index = 0; index < comments; index++) {
    await store.submit({
      comment: someComment({ body: 'x'.repeat(3_000) }),
      idempotency: null,
      maxPending: 0,
    })
  }
  await store.close()
  return {
    folder,
    file,
    run: async (...args) => {
      const terminal = testTerminal({ DATABASE_URL: `file:${file}` })
      return { code: await runCommand(args, terminal), out: terminal.out(), err: terminal.err() }
    },
  }
}

function backupProcess(
  file: string,
  target: string,
  through: readonly string[] = [],
): SpawnSyncReturns<string> {
  return spawnSync(...imprimatur(['backup', target], { through }), {
    env: { ...process.env, ...unlimited(file) },
    encoding: 'utf8',
  })
}

function inSql(sql: string): (file: string) => void {
  return (file) => {
    const database = new SqliteDatabase(file)
    database.pragma('foreign_keys = OFF')
    database.exec(sql)
    database.close()
  }
}

function overwriteLastPages(file: string): void {
  const handle = openSync(file, 'r+')
  const bytes = 4_096 * 20
  writeSync(handle, Buffer.alloc(bytes, 'not a page'), 0, bytes, statSync(file).size - bytes)
  closeSync(handle)
}
