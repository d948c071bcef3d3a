import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import type { Test } from 'tap'
import t from 'tap'
import { openStore } from '../../../src/store/open-store.ts'
import { applicationId, lookAt } from '../../../src/store/sqlite/ownership.ts'
import { startService } from '../../support/process.ts'
import { commandAt } from '../../support/transfers.ts'

t.setTimeout(240_000)

/** Every file of a folder: its name, its bytes, and when it was written to. */
function traceOf(folder: string) {
  return readdirSync(folder).map((name) => {
    const path = join(folder, name)
    return [name, readFileSync(path, 'base64'), statSync(path).mtimeMs]
  })
}

const foreign: Record<string, (database: SqliteDatabase.Database) => void> = {
  'that keeps a journal': () => {},
  'that keeps a log': (database) => database.pragma('journal_mode = WAL'),
  'that has a mark of its own': (database) => database.pragma('application_id = 252006675'),
  "that is Drizzle's too": (database) => {
    database.exec('CREATE TABLE __drizzle_migrations (id INTEGER PRIMARY KEY, hash TEXT, created_at NUMERIC)')
    database.exec('CREATE TABLE comments (id)')
  },
}

for (const [name, prepare] of Object.entries(foreign))
  t.test(`another program's database ${name} is refused by every command, and left as it was`, async (t) => {
    const folder = t.testdir()
    const file = join(folder, 'other.db')
    const other = new SqliteDatabase(file)
    prepare(other)
    other.exec("CREATE TABLE bookmarks (url TEXT); INSERT INTO bookmarks VALUES ('https://example.org')")
    other.close()
    const before = traceOf(folder)
    const target = join(t.testdirName, '..', `${t.fullname.replaceAll(/\W/g, '-')}.copy`)
    const empty = await exportOfNothing(t)
    await t.rejects(startService(t, { DATABASE_URL: `file:${file}` }), {
      message: /belongs to another program/,
    })
    t.same(traceOf(folder), before, 'serve')
    for (const args of [
      ['migrate'],
      ['backup', target],
      ['export', '-'],
      ['import', '-'],
      ['token', 'list'],
      ['token', 'create', '--name', 'marie'],
      ['articles', 'move', '--map', '-'],
    ]) {
      const ended = await commandAt(`file:${file}`, args, args[0] === 'import' ? empty : '')
      t.match(
        ended,
        { code: 1, out: '', err: /it belongs to another program, and is left as it was\.\n$/ },
        args.join(' '),
      )
      t.same(traceOf(folder), before, args.join(' '))
    }
  })

t.test('a new database has its mark in the file itself from the first moment on', async (t) => {
  const file = join(t.testdir(), 'imprimatur.db')
  const store = await openStore({ dialect: 'sqlite', file })
  t.equal(readFileSync(file).readUInt32BE(68), applicationId)
  t.equal(lookAt(file), 'ours')
  await store.close()
  t.equal(lookAt(file), 'ours')
})

t.test('a database that was made before there was a mark gets one', async (t) => {
  const folder = t.testdir()
  const file = join(folder, 'imprimatur.db')
  await (await openStore({ dialect: 'sqlite', file })).close()
  const older = new SqliteDatabase(file)
  older.pragma('application_id = 0')
  older.pragma('wal_checkpoint(TRUNCATE)')
  t.equal(lookAt(file), 'ours', 'told by its log')
  older.close()
  t.equal(lookAt(file), 'ours')
  t.same(readdirSync(folder), ['imprimatur.db'], 'and no file beside it is left of the look')
  await (await openStore({ dialect: 'sqlite', file })).close()
  t.equal(readFileSync(file).readUInt32BE(68), applicationId)
})

t.test('what is no database is told, and what is none yet is made', async (t) => {
  const folder = t.testdir()
  const file = join(folder, 'x')
  t.equal(lookAt(file), 'nothing')
  writeFileSync(file, '')
  t.equal(lookAt(file), 'nothing')
  for (const text of ['short', 'this is not a database, but it is long enough to look at'.repeat(100)]) {
    writeFileSync(file, text)
    t.throws(() => lookAt(file), { message: 'file is not a database' })
  }
  const blank = join(folder, 'blank')
  const database = new SqliteDatabase(blank)
  database.exec('VACUUM')
  database.close()
  t.ok(statSync(blank).size > 0)
  t.equal(lookAt(blank), 'blank')
})

async function exportOfNothing(t: Test): Promise<string> {
  const url = `file:${join(t.testdirName, '..', `${t.fullname.replaceAll(/\W/g, '-')}.db`)}`
  t.equal((await commandAt(url, ['migrate'])).code, 0)
  return (await commandAt(url, ['export', '-'])).out
}
