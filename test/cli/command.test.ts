import { existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import type { Test } from 'tap'
import t from 'tap'
import { runCommand } from '../../src/cli/command.ts'
import { hashSecret } from '../../src/operations/secrets.ts'
import { openStore } from '../../src/store/open-store.ts'
import { testTerminal } from '../support/process.ts'

t.setTimeout(600_000)

/** Runs commands one after the other on a database of the test's own. */
async function commands(t: Test) {
  const file = join(t.testdir(), 'imprimatur.db')
  const run = async (...args: string[]) => {
    const terminal = testTerminal({ DATABASE_URL: `file:${file}` })
    return { code: await runCommand(args, terminal), out: terminal.out(), err: terminal.err() }
  }
  await run('migrate')
  return { file, run }
}

t.test('a created token is printed once, alone on standard output, and kept as a hash', async (t) => {
  const { file, run } = await commands(t)
  const created = await run('token', 'create', '--name', 'marie')
  t.equal(created.code, 0)
  t.match(created.out, /^imt_[\w-]{43}\n$/)
  t.match(created.err, /only time.*Scopes: moderate\. Expires: never\./)
  const secret = created.out.trim()
  t.notMatch(readFileSync(file, 'latin1'), secret)
  const store = await openStore({ dialect: 'sqlite', file })
  t.teardown(() => store.close())
  t.match(await store.findTokenByHash(hashSecret(secret)), { name: 'marie', scopes: ['moderate'] })
})

t.test('a token can be written to a new file, for its owner alone', async (t) => {
  const { file: database, run } = await commands(t)
  const folder = dirname(database)
  const file = join(folder, 'site-token')
  const made = await run('token', 'create', '--name', 'site', '--file', file)
  t.match(made, { code: 0, out: '', err: /^It is in .*site-token, and nowhere else\. Scopes: moderate\./ })
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.match(readFileSync(file, 'utf8'), /^imt_[\w-]{43}\n$/)

  const secret = readFileSync(file, 'utf8')
  symlinkSync(join(folder, 'nothing-there'), join(folder, 'link'))
  for (const [path, sentence] of [
    [file, /site-token exists\. Choose another name, or remove it first\. No token was made\.\n$/],
    [join(folder, 'link'), /link exists\. .* No token was made\.\n$/],
    [join(folder, 'none', 'x'), /x cannot be written: ENOENT.* No token was made\.\n$/],
  ] as const)
    t.match(await run('token', 'create', '--name', 'other', '--file', path), { code: 1, err: sentence })
  t.equal(readFileSync(file, 'utf8'), secret)
  t.match(await run('token', 'create', '--name', 'site', '--file', join(folder, 'again')), {
    code: 1,
    err: /A token named site exists/,
  })
  t.notOk(existsSync(join(folder, 'again')), 'what never became a token leaves no file')
  t.notMatch((await run('token', 'list')).out, 'other')
})

t.test('a token that cannot be printed is in force nowhere', async (t) => {
  const { file } = await commands(t)
  const terminal = testTerminal({ DATABASE_URL: `file:${file}` })
  const stdout = { write: (_: string, done?: (error?: Error) => void) => done?.(new Error('EPIPE')) }
  t.equal(await runCommand(['token', 'create', '--name', 'marie'], { ...terminal, stdout }), 1)
  t.equal(terminal.err(), 'It cannot be printed (EPIPE), and was revoked.\n')
  const listed = testTerminal({ DATABASE_URL: `file:${file}` })
  await runCommand(['token', 'list'], listed)
  t.match(listed.out(), /marie +moderate +revoked/)
})

t.test('what a terminal would obey in what is stored is shown, and not obeyed', async (t) => {
  const { file, run } = await commands(t)
  const folder = dirname(file)
  const hostile = 'a\u001b[2J\u0007\u009b\u202e\nroot moderate active\r\tz'
  const database = new SqliteDatabase(file)
  database.prepare("INSERT INTO tokens VALUES ('1', ?, 'moderate', 'hash', 1, NULL, NULL, NULL)").run(hostile)
  database
    .prepare('INSERT INTO articles (article_id, approved_count, revision) VALUES (?, 1, 1)')
    .run(hostile)
  database
    .prepare(
      `INSERT INTO comments (id, article_id, status, version, author_name, author_email, body, submitted_at_ms, receipt_hash)
      VALUES ('1', ?, 'pending', 1, 'Ada', 'ada@example.org', 'x', 1, 'hash')`,
    )
    .run(hostile)
  database.close()
  const map = join(folder, 'map')
  writeFileSync(map, `${hostile}\tb\n`)
  const all = [
    ['token', 'list'],
    ['token', 'list', '--json'],
    ['token', 'revoke', hostile],
    ['token', 'revoke', hostile],
    ['token', 'create', '--name', hostile],
    ['token', 'create', '--name', 'x', '--file', join(folder, hostile, 'x')],
    ['token', 'create', '--name', 'x', '--file', join(folder, hostile)],
    ['backup', join(folder, 'copy')],
    ['backup', join(folder, hostile, 'copy')],
    ['export', join(folder, 'all')],
    ['export', join(folder, hostile, 'all')],
    ['export', join(folder, 'all.csv'), '--format', 'csv'],
    ['export', join(folder, hostile, 'all'), '--format', 'csv'],
    ['export', join(folder, 'all.xml'), '--format', 'wordpress'],
    ['export', join(folder, 'all.xml'), '--format', hostile],
    ['export', join(folder, 'all.xml'), '--format', 'wordpress', '--origin', hostile],
    ['import', join(folder, 'all')],
    ['articles', 'move', '--map', map],
    [hostile],
  ]
  for (const args of all) {
    const { out, err } = await run(...args)
    t.notMatch(out + err, /(?!\n)\p{Cc}|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u, args.join(' '))
    t.notMatch(out + err, /^root/m, args.join(' '))
  }
})

t.test('scopes and expiry are as asked', async (t) => {
  const { run } = await commands(t)
  t.equal(
    (await run('token', 'create', '--name', 'site', '--scope', 'submit', 'admin', '--expires', '90d')).code,
    0,
  )
  t.equal((await run('token', 'create', '--name', 'until', '--expires', '2999-01-31')).code, 0)
  const listed = await run('token', 'list', '--json')
  const [site, until] = JSON.parse(listed.out)
  t.match(site, { name: 'site', scopes: 'submit,admin', state: 'active', lastUsed: 'never' })
  t.equal(Math.round((Date.parse(site.expires) - Date.now()) / 86_400_000), 90)
  t.match(until, { scopes: 'moderate', expires: '2999-01-31T00:00:00.000Z' })
})

t.test('tokens are listed in columns, without secrets, and revoked by name', async (t) => {
  const { run } = await commands(t)
  t.match(await run('token', 'list'), { code: 0, out: 'No token yet.\n' })
  const { out } = await run('token', 'create', '--name', 'marie')
  t.match(await run('token', 'revoke', 'marie'), { code: 0, err: 'Revoked marie.\n' })
  const listed = await run('token', 'list')
  t.match(listed.out, /^NAME +SCOPES +STATE +CREATED +EXPIRES +LASTUSED\nmarie +moderate +revoked +\d{4}-/)
  t.notMatch(listed.out, out.trim())
  t.match(await run('token', 'revoke', 'marie'), { code: 1, err: /no token named marie/ })
})

t.test('what cannot be done is said in a sentence, with exit code 1', async (t) => {
  const { run } = await commands(t)
  await run('token', 'create', '--name', 'marie')
  t.match(await run('token', 'create', '--name', 'marie'), { code: 1, out: '', err: /named marie exists/ })
  t.match(await run('token', 'create', '--name', 'environment'), {
    code: 1,
    err: /kept for the token that MODERATOR_TOKEN/,
  })
  t.match(await run('token', 'create', '--name', 'a', '--expires', '2001-01-01'), {
    code: 1,
    err: /must be in the future/,
  })
  t.match(await run('token', 'create', '--name', 'a', '--expires', 'soon'), {
    code: 1,
    err: /Say 90d, or a date/,
  })
  t.match(await run('token', 'create', '--name', 'a', '--expires', '2001-99-99'), {
    code: 1,
    err: /Say 90d, or a date/,
  })
  t.match(await run('token', 'create', '--name', ' '), { code: 1, err: /A name is/ })
  // It would be the name of who decided about what was imported.
  t.match(await run('token', 'create', '--name', 'import:disqus'), { code: 1, out: '', err: /A name is/ })
  t.match(await run('token', 'create', '--name', 'a', '--scope', 'all'), {
    code: 1,
    err: /Allowed choices are submit, moderate, admin/,
  })
  t.match(await run('token', 'create'), { code: 1, err: /required option '--name/ })
})

t.test('a date that does not exist is refused', async (t) => {
  const { run } = await commands(t)
  for (const date of ['2999-02-29', '2999-04-31', '2999-02-31T12:00:00Z', '2999-00-10']) {
    const { code, out, err } = await run('token', 'create', '--name', 'a', '--expires', date)
    t.match({ code, out, err }, { code: 1, out: '', err: /Say 90d, or a date/ }, date)
  }
  t.equal((await run('token', 'create', '--name', 'leap', '--expires', '2996-02-29')).code, 0)
  t.equal((await run('token', 'create', '--name', 'noon', '--expires', '2999-02-28T12:00:00Z')).code, 0)
  t.match(JSON.parse((await run('token', 'list', '--json')).out), [
    { name: 'leap', expires: '2996-02-29T00:00:00.000Z' },
    { name: 'noon', expires: '2999-02-28T12:00:00.000Z' },
  ])
})

t.test('a command that there is not is named, with the one that may be meant', async (t) => {
  const { run } = await commands(t)
  t.match(await run('bakcup'), {
    code: 1,
    out: '',
    err: /unknown command 'bakcup'\n\(Did you mean backup\?\)/,
  })
  t.match(await run('nonsense', 'x.db'), { code: 1, out: '', err: /^error: unknown command 'nonsense'\n$/ })
  t.match(await run('token', 'lst'), {
    code: 1,
    out: '',
    err: /unknown command 'lst'\n\(Did you mean list\?\)/,
  })
  t.match(await run('--frobnicate'), { code: 1, out: '', err: /unknown option '--frobnicate'/ })
  t.match(await run('serve', 'x'), { code: 1, out: '', err: /too many arguments for 'serve'/ })
})

t.test('a database in memory is refused to commands that would leave nothing behind', async (t) => {
  const args = [['migrate'], ['token', 'list'], ['token', 'revoke', 'a'], ['token', 'create', '--name', 'a']]
  for (const command of args) {
    const terminal = testTerminal({ DATABASE_URL: 'file::memory:' })
    t.equal(await runCommand(command, terminal), 1, command.join(' '))
    t.equal(terminal.out(), '')
    t.match(terminal.err(), /^DATABASE_URL says file::memory:, a database that ends with its process.*\n$/)
  }
})

t.test('migrate brings the database up to this version', async (t) => {
  const { run } = await commands(t)
  t.match(await run('migrate'), { code: 0, err: 'The database is at this version.\n' })
})

t.test('help and version come from the package', async (t) => {
  const { run } = await commands(t)
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  t.match(await run('--version'), { code: 0, out: `${version}\n` })
  t.match(await run('--help'), { code: 0, out: /serve.*migrate.*token/s })
})

t.test('bad settings are named, all at once', async (t) => {
  const terminal = testTerminal({ PORT: 'x', LOG_LEVEL: 'x' })
  t.equal(await runCommand(['token', 'list'], terminal), 1)
  t.match(terminal.err(), /cannot start with these settings:\n {2}PORT must be.*\n {2}LOG_LEVEL must be/)
})

t.test('a database that cannot be opened is named', async (t) => {
  const file = join(t.testdir(), 'not-a-database')
  writeFileSync(file, 'this is not a database, but it is long enough to look at'.repeat(100))
  const terminal = testTerminal({ DATABASE_URL: `file:${file}` })
  t.equal(await runCommand(['token', 'list'], terminal), 1)
  t.match(terminal.err(), /The database .*not-a-database cannot be opened: file is not a database/)
})

t.test('a token command in the wrong folder makes no database there', async (t) => {
  const file = join(t.testdir(), 'imprimatur.db')
  for (const args of [
    ['token', 'list'],
    ['token', 'create', '--name', 'marie'],
    ['token', 'revoke', 'marie'],
  ]) {
    const terminal = testTerminal({ DATABASE_URL: `file:${file}` })
    t.equal(await runCommand(args, terminal), 1)
    t.equal(terminal.out(), '')
    t.match(terminal.err(), `There is no database at ${file}.`)
    t.notOk(existsSync(file))
  }
})
