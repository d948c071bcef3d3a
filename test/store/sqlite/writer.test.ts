import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import type { Test } from 'tap'
import t from 'tap'
import type { Comment } from '../../../src/domain/comments/comment.ts'
import { openStore } from '../../../src/store/open-store.ts'
import type { Command } from '../../../src/store/sqlite/commands.ts'
import { openDatabase } from '../../../src/store/sqlite/database.ts'
import { migrate } from '../../../src/store/sqlite/migrate.ts'
import { directWriter, maxWaiting, threadWriter, type Writer } from '../../../src/store/sqlite/writer.ts'
import { someComment } from '../../support/comments.ts'
import { until } from '../../support/until.ts'

t.test('commands that come at once share transactions', async (t) => {
  const { file, database, writer } = openWriter(t)
  const before = walCommits(file)
  await Promise.all(Array.from({ length: 500 }, () => writer.run(submit(someComment()))))
  t.equal(countComments(database), 500)
  const commits = walCommits(file) - before
  t.ok(commits >= 1 && commits <= 5, `500 submissions took ${commits} commits`)

  for (let index = 0; index < 5; index++) await writer.run(submit(someComment()))
  t.equal(walCommits(file) - before - commits, 5, 'one that is alone has a commit of its own')
})

t.test('one bad command among many fails alone', async (t) => {
  const { database, writer } = openWriter(t)
  const comments = Array.from({ length: 50 }, () => someComment())
  const bad = { ...someComment(), id: comments[3]?.id ?? '' }
  const settled = await Promise.allSettled([...comments, bad].map((comment) => writer.run(submit(comment))))
  t.same(
    settled.map(({ status }) => status),
    [...comments.map(() => 'fulfilled'), 'rejected'],
  )
  t.equal(countComments(database), 50)
})

t.test('past the bound a command is turned away at once, and those before it are kept', async (t) => {
  const { file, database, writer } = openWriter(t)
  const other = openDatabase(file)
  t.teardown(() => other.close())
  other.exec('BEGIN IMMEDIATE')

  const accepted: Promise<unknown>[] = []
  const turnedAway: Promise<unknown>[] = []
  const settled = { accepted: 0, turnedAway: 0 }
  for (let index = 0; index < maxWaiting + 2; index++) {
    accepted.push(writer.run(submit(someComment())).finally(() => (settled.accepted += 1)))
  }
  for (let index = 0; index < 100; index++) {
    turnedAway.push(writer.run(submit(someComment())).finally(() => (settled.turnedAway += 1)))
  }
  for (const one of turnedAway) await t.rejects(one, { code: 'STORE_BUSY' })
  t.same(settled, { accepted: 0, turnedAway: 100 })

  other.exec('ROLLBACK')
  await Promise.all(accepted)
  t.equal(countComments(database), maxWaiting + 2)
  await t.resolves(writer.run(submit(someComment())), 'there is room again')
})

t.test('commands given before the close are finished, later ones are refused', async (t) => {
  const { database, writer } = openWriter(t)
  const given = Array.from({ length: 700 }, () => writer.run(submit(someComment())))
  const closed = writer.close()
  await t.rejects(writer.run(submit(someComment())), { code: 'STORE_CLOSED' })
  await closed
  t.same(new Set((await Promise.all(given)).map(({ kind }) => kind)), new Set(['committed']))
  t.equal(countComments(database), 700)
  await t.resolves(writer.close(), 'closing again is nothing')
})

t.test('a writer that never wrote closes as well', async (t) => {
  await t.resolves(openWriter(t).writer.close())
})

t.test('a command that cannot be sent fails, and the next one is none the worse', async (t) => {
  const { database, writer } = openWriter(t)
  const comment = someComment()
  await t.rejects(writer.run(submit({ ...comment, body: (() => {}) as unknown as string })), {
    name: 'DataCloneError',
  })
  t.same(await writer.run(submit(comment)), { kind: 'committed' })
  t.equal(countComments(database), 1)
})

t.test('a thread that cannot open the file fails what was under way and is told of once', async (t) => {
  const { file, writer, deaths } = openWriter(t)
  rmSync(file)
  mkdirSync(file)
  const given = Array.from({ length: 20 }, () => writer.run(submit(someComment())))
  for (const one of given) await t.rejects(one, { code: 'STORE_CLOSED' })
  t.match(deaths, [{ message: /unable to open database file/ }])
  await t.rejects(writer.run(submit(someComment())), { code: 'STORE_CLOSED' })
  await t.resolves(writer.close())
  t.equal(deaths.length, 1)
})

t.test("the writer's death turns the store red, and reads go on", async (t) => {
  const file = join(t.testdir(), 'imprimatur.db')
  const deaths: Error[] = []
  const store = await openStore({ dialect: 'sqlite', file }, { onDeath: (error) => deaths.push(error) })
  t.teardown(() => store.close())
  rmSync(file)
  mkdirSync(file)
  // It takes a busy machine longer to end the thread than a probe waits for its answer.
  await until(() =>
    store.checkReady().then(
      () => undefined,
      (error: { code?: string }) => (error.code === 'STORE_CLOSED' ? true : undefined),
    ),
  )
  await t.rejects(submitTo(store, someComment()), { code: 'STORE_CLOSED' })
  t.match(deaths, [{ message: /unable to open database file/ }])
  t.same(await store.queue(), { pending: 0, oldestAtMs: null })
})

for (const { what, away, back } of [
  {
    what: 'the folder',
    away: (folder: string) => renameSync(folder, `${folder}-away`),
    back: (folder: string) => renameSync(`${folder}-away`, folder),
  },
  {
    what: 'the log of writes',
    away: (folder: string) => renameSync(join(folder, 'imprimatur.db-wal'), join(folder, 'away')),
    back: (folder: string) => renameSync(join(folder, 'away'), join(folder, 'imprimatur.db-wal')),
  },
  {
    what: 'the file, for another one,',
    away: (folder: string) => {
      renameSync(join(folder, 'imprimatur.db'), join(folder, 'away'))
      writeFileSync(join(folder, 'imprimatur.db'), readFileSync(join(folder, 'away')))
    },
    back: (folder: string) => renameSync(join(folder, 'away'), join(folder, 'imprimatur.db')),
  },
]) {
  t.test(`while ${what} is moved away nothing is acknowledged; once it is back all is well`, async (t) => {
    const folder = join(t.testdir(), 'data')
    const store = await openStore({ dialect: 'sqlite', file: join(folder, 'imprimatur.db') })
    t.teardown(() => store.close())
    const [before, meanwhile, after] = [someComment(), someComment(), someComment()]
    await submitTo(store, before)
    away(folder)
    await t.rejects(submitTo(store, meanwhile), {
      code: 'STORE_FAILED',
      message: 'The database file was moved, removed or replaced while it was open.',
    })
    await t.rejects(store.checkReady(), { code: 'STORE_FAILED' })
    t.same(await store.findComment(before.id), before, 'reads go on')
    back(folder)
    t.same(await submitTo(store, after), { kind: 'committed' })
    await until(
      async () =>
        await store.checkReady().then(
          () => true,
          () => undefined,
        ),
    )
  })
}

t.test('what the database in memory is told after its close is refused', async (t) => {
  const database = openDatabase(':memory:')
  migrate(database)
  const writer = directWriter(database)
  t.same(await writer.run(submit(someComment())), { kind: 'committed' })
  await writer.close()
  database.close()
  await t.rejects(writer.run(submit(someComment())), { code: 'STORE_CLOSED' })
})

type Opened = { file: string; database: Database; writer: Writer; deaths: Error[] }

function openWriter(t: Test): Opened {
  const file = join(t.testdir(), 'imprimatur.db')
  const database = openDatabase(file)
  migrate(database)
  const deaths: Error[] = []
  const writer = threadWriter(database, file, (error) => deaths.push(error))
  t.teardown(async () => {
    await writer.close()
    database.close()
  })
  return { file, database, writer, deaths }
}

function submit(comment: Comment): Extract<Command, { kind: 'submit' }> {
  return { kind: 'submit', submission: { comment, idempotency: null, maxPending: 0 }, unit: [] }
}

function submitTo(store: Awaited<ReturnType<typeof openStore>>, comment: Comment) {
  return store.submit({ comment, idempotency: null, maxPending: 0 })
}

function countComments(database: Database): number {
  return Number(database.prepare('SELECT count(*) FROM comments').pluck().get())
}

/**
 * How many transactions the log of writes (WAL) holds: a frame that ends one has the database's size in its second
 * word, the others 0; frames of an older round of the file have another salt than its header (sqlite.org/fileformat2.html, section 4).
 */
function walCommits(file: string): number {
  const wal = readFileSync(`${file}-wal`)
  const frameBytes = 24 + wal.readUInt32BE(8)
  const salt = wal.subarray(16, 24)
  let commits = 0
  for (let at = 32; at + frameBytes <= wal.length; at += frameBytes) {
    if (wal.subarray(at + 8, at + 16).equals(salt) && wal.readUInt32BE(at + 4) !== 0) commits += 1
  }
  return commits
}
