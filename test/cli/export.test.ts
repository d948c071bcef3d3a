import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import type { Test } from 'tap'
import t from 'tap'
import { openSource } from '../../src/store/open-store.ts'
import type { Row } from '../../src/store/transfer.ts'
import { someComment } from '../support/comments.ts'
import { countLines, imprimatur, limitedTo, withoutProgress } from '../support/process.ts'
import {
  commandAt,
  dialects,
  fillAt,
  folderOf,
  freshUrl,
  hostileArticles,
  inSql,
  locationOf,
  rowsIn,
  withStoreAt,
} from '../support/transfers.ts'
import { until } from '../support/until.ts'

t.setTimeout(600_000)
countLines()

for (const dialect of dialects) {
  t.test(`${dialect}: a file holds everything, line by line, in order, and its own digest`, async (t) => {
    const { folder, file, url } = await databaseOf(t, { dialect })
    t.match(await commandAt(url, ['export', file]), {
      code: 0,
      out: '',
      err: /^Exported 31 comments, 32 decisions, 9 articles, 28 idempotency records, 3 tokens to .*all\.ndjson: \d\.\d MiB\.\n$/,
    })
    t.same(readdirSync(folder), ['all.ndjson'])
    t.equal(statSync(file).mode & 0o777, 0o600)

    const text = readFileSync(file, 'utf8')
    const lines = text.split('\n').slice(0, -1)
    const [header, ...rows] = lines.map((line) => JSON.parse(line))
    const end = rows.pop()
    const counts = { token: 3, article: 9, comment: 31, decision: 32, idempotencyRecord: 28 }
    t.match(header, { kind: 'header', format: 'imprimatur', version: 1, dialect, counts })
    const sha256 = createHash('sha256')
      .update(text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1))
      .digest('hex')
    t.same(end, { kind: 'end', counts, sha256 })

    const kinds = ['token', 'article', 'comment', 'decision', 'idempotencyRecord']
    t.same(
      rows.map(({ kind }) => kind),
      kinds.flatMap((kind) => rows.filter((row) => row.kind === kind).map(() => kind)),
    )
    const articles: string[] = rows.filter(({ kind }) => kind === 'article').map(({ articleId }) => articleId)
    const byBytes = [...hostileArticles, 'article'].sort((one, other) =>
      Buffer.compare(Buffer.from(one), Buffer.from(other)),
    )
    t.same(articles, byBytes)
    t.not(articles.join(), [...articles].sort().join(), 'which is not the order of JavaScript')

    await withStoreAt(url, async (store) => {
      const { id } = rows.find(({ kind }) => kind === 'comment')
      const { author, ...comment } = (await store.findComment(id)) ?? someComment()
      const { publishedRevision, ...row } = rows.find(({ kind }) => kind === 'comment')
      t.same(row, { kind: 'comment', ...comment, authorName: author?.name, authorEmail: author?.email })
      t.equal(publishedRevision === null, comment.status !== 'approved')
    })
  })

  t.test(`${dialect}: an export is of one moment, whatever is written meanwhile`, async (t) => {
    const { url } = await databaseOf(t, { dialect, more: 1_200 })
    const source = await openSource(locationOf(url))
    t.teardown(() => source.close())
    await source.read(async ({ counts, pages }) => {
      const found: Row[][] = []
      for await (const page of pages('comment', null)) {
        found.push(page)
        await withStoreAt(url, async (store) => {
          await store.submit({ comment: someComment(), idempotency: null, maxPending: 0 })
          await store.createToken({
            ...(await firstToken(url)),
            name: `new ${found.length}`,
            id: `new ${found.length}`,
            hash: `new ${found.length}`,
          })
        })
      }
      t.same(
        found.map(({ length }) => length),
        [1_000, counts.comment - 1_000],
      )
      const tokens: Row[] = []
      for await (const page of pages('token', null)) tokens.push(...page)
      t.equal(tokens.length, counts.token)
    })
    t.match(await commandAt(url, ['export', '-']), {
      code: 0,
      err: /^Exported 1,233 comments.*, 5 tokens\.\n$/,
    })
  })

  t.test(`${dialect}: an export that broke off goes on where it did, wherever that was`, async (t) => {
    const { file, url } = await databaseOf(t, { dialect })
    await commandAt(url, ['export', file])
    const whole = readFileSync(file)
    const breaks = [0, 10, whole.indexOf('\n') + 1, 20_000, whole.length - 1, whole.length]
    for (const kind of ['token', 'article', 'comment', 'decision', 'idempotencyRecord'])
      breaks.push(whole.indexOf(`{"kind":"${kind}"`), whole.lastIndexOf(`{"kind":"${kind}"`) + 30)
    for (const at of breaks) {
      renameSync(file, `${file}.partial`)
      writeFileSync(`${file}.partial`, whole.subarray(0, at))
      t.match(await commandAt(url, ['export', file]), {
        code: 1,
        err: /\.partial is there, of an export that broke off/,
      })
      t.match(
        await commandAt(url, ['export', file, '--resume']),
        { code: 0, err: /^Exported 31 comments/ },
        `${at}`,
      )
      t.notOk(existsSync(`${file}.partial`))
      const text = readFileSync(file, 'utf8')
      if (at < whole.indexOf('\n')) t.same(rowsIn(text), rowsIn(whole.toString()))
      else t.equal(text, whole.toString())
    }
  })

  t.test(`${dialect}: an export of what has changed meanwhile is not gone on with`, async (t) => {
    const changes: ((url: string) => Promise<unknown>)[] = [
      (url) =>
        withStoreAt(url, (store) =>
          store.submit({ comment: someComment(), idempotency: null, maxPending: 0 }),
        ),
      (url) =>
        withStoreAt(url, async (store) => store.touchToken((await firstToken(url)).id, 1_800_000_000_000)),
      (url) => withStoreAt(url, (store) => store.revokeToken('marie', 1_800_000_000_000)),
      // Another database, of the same counts.
      (url) => inSql(url, (ask) => ask("UPDATE comments SET body = 'another' WHERE body IS NOT NULL")),
    ]
    for (const change of changes) {
      const { file, url } = await databaseOf(t, { dialect })
      await commandAt(url, ['export', file])
      const whole = readFileSync(file)
      const part = whole.subarray(0, whole.indexOf('\n', whole.indexOf('{"kind":"comment"')) + 1)
      renameSync(file, `${file}.partial`)
      writeFileSync(`${file}.partial`, part)
      await change(url)
      t.match(await commandAt(url, ['export', file, '--resume']), {
        code: 1,
        err: 'The database has changed since that export began, and is another one by now. Start anew with --force.\n',
      })
      t.notOk(existsSync(file))
      t.match(await commandAt(url, ['export', file, '--force']), { code: 0 })
      t.notOk(existsSync(`${file}.partial`))
    }
  })
}

t.test(
  'an export is not gone on with from a database of another kind, though the rows be the same',
  async (t) => {
    const { file, url } = await databaseOf(t)
    const other = await freshUrl(t, 'postgres')
    await commandAt(url, ['export', file])
    t.match(await commandAt(other, ['import', file]), { code: 0 })
    const whole = readFileSync(file)
    renameSync(file, `${file}.partial`)
    writeFileSync(`${file}.partial`, whole.subarray(0, whole.lastIndexOf('{"kind":"comment"')))
    t.match(await commandAt(other, ['export', file, '--resume']), {
      code: 1,
      err: /^The database has changed since that export began, and is another one by now\./,
    })
    t.match(await commandAt(url, ['export', file, '--resume']), { code: 0, err: /^Exported 31 comments/ })
    t.equal(readFileSync(file, 'utf8'), whole.toString())
  },
)

t.test('an export that is killed leaves what --resume goes on with', async (t) => {
  const { folder, file, url } = await databaseOf(t)
  addMany(url, 30_000)
  for (let isPart = false; !isPart; isPart = existsSync(`${file}.partial`)) {
    rmSync(file, { force: true })
    const child = spawn(...imprimatur(['export', file]), {
      env: { ...process.env, DATABASE_URL: url },
    })
    const ended = once(child, 'exit')
    await until(() => (child.exitCode !== null || sizeOf(`${file}.partial`) > 0 ? true : undefined))
    child.kill('SIGKILL')
    await ended
  }
  t.same(readdirSync(folder), ['all.ndjson.partial'])
  t.match(await commandAt(url, ['export', file, '--resume']), { code: 0, err: /^Exported 30,031 comments/ })
  const { out } = await commandAt(url, ['export', '-'])
  t.same(rowsIn(readFileSync(file, 'utf8')), rowsIn(out))
})

t.test('a file that there is no room for is gone on with once there is', async (t) => {
  const { folder, file, url } = await databaseOf(t)
  addMany(url, 4_000)
  const limited = imprimatur(['export', file], { through: limitedTo(1_500) })
  t.match(spawnSync(...limited, { env: { ...process.env, DATABASE_URL: url }, encoding: 'utf8' }), {
    status: 1,
    stderr: /^It cannot be exported to .*all\.ndjson: EFBIG: .*\n$/m,
  })
  t.same(readdirSync(folder), ['all.ndjson.partial'])
  t.match(await commandAt(url, ['export', file, '--resume']), { code: 0, err: /^Exported 4,031 comments/ })
})

t.test('a file that exists is replaced only where that is asked for', async (t) => {
  const { folder, file, url } = await databaseOf(t)
  writeFileSync(file, 'precious', { mode: 0o644 })
  t.match(await commandAt(url, ['export', file]), {
    code: 1,
    err: /exists\. Choose another name, or replace it with --force\./,
  })
  t.equal(readFileSync(file, 'utf8'), 'precious')
  writeFileSync(`${file}.partial`, 'of another export')
  t.match(await commandAt(url, ['export', file, '--force']), { code: 0 })
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.same(readdirSync(folder), ['all.ndjson'])
})

t.test('what cannot be exported, or exported to, is said in a sentence', async (t) => {
  const { folder, file, url } = await databaseOf(t)
  const own = url.slice('file:'.length)
  for (const [args, sentence] of [
    [[folder, '--force'], /is a folder\. Name a file in it\.\n$/],
    [[join(folder, 'missing', 'all')], /^There is no folder .*missing\.\n$/],
    [[own, '--force'], /imprimatur\.db belongs to the database itself\.\n$/],
    [[file, '--resume'], /^There is no .*all\.ndjson\.partial to go on with\.\n$/],
    [['-', '--resume'], /^What went to standard output cannot be gone on with\.\n$/],
    [[], /missing required argument 'file'/],
  ] as const)
    t.match(await commandAt(url, ['export', ...args]), { code: 1, out: '', err: sentence })

  writeFileSync(`${file}.partial`, `not an export, ada@example.org\n${'x'.repeat(100)}`, { mode: 0o600 })
  t.match(await commandAt(url, ['export', file, '--resume']), {
    code: 1,
    err: /\.partial cannot be gone on with\. Line 1: an export of Imprimatur begins otherwise\. Start anew with --force\.\n$/,
  })
  t.match(await commandAt('file::memory:', ['export', file]), {
    code: 1,
    err: /^DATABASE_URL says file::memory:/,
  })
  t.match(await commandAt(`file:${folder}/none.db`, ['export', file]), {
    code: 1,
    err: /^There is no database at/,
  })
  t.notOk(existsSync(join(folder, 'none.db')))
})

t.test(
  "only a plain file of one's own, with one name, that nobody else may read is gone on with",
  async (t) => {
    const { folder, file, url } = await databaseOf(t)
    const draft = `${file}.partial`
    const elsewhere = join(folder, 'elsewhere')
    const begun = (await commandAt(url, ['export', '-'])).out.slice(0, 2_000)
    const planted: Record<string, [plant: () => void, why: RegExp]> = {
      'one that others may read': [() => chmodSync(draft, 0o604), /others may read or write it/],
      'one that others may write': [() => chmodSync(draft, 0o620), /others may read or write it/],
      'one with a second name': [() => linkSync(draft, elsewhere), /it has another name besides/],
      'a symbolic link': [
        () => {
          renameSync(draft, elsewhere)
          symlinkSync(elsewhere, draft)
        },
        /it is a symbolic link/,
      ],
      'a pipe': [
        () => {
          rmSync(draft)
          spawnSync('mkfifo', ['-m', '600', draft])
        },
        /is no plain file/,
      ],
    }
    if (process.getuid?.() === 0)
      planted["somebody else's"] = [() => chownSync(draft, 65_534, 65_534), /it belongs to another user/]
    for (const [name, [plant, why]] of Object.entries(planted))
      await t.test(name, async (t) => {
        writeFileSync(draft, begun, { mode: 0o600 })
        plant()
        const ended = await commandAt(url, ['export', file, '--resume'])
        t.match(ended, { code: 1, out: '', err: why })
        for (const path of [draft, elsewhere].filter((path) => existsSync(path) && statSync(path).isFile()))
          t.equal(readFileSync(path, 'utf8'), begun, 'nothing was written to it')
        t.notOk(existsSync(file))
        for (const path of [draft, elsewhere]) rmSync(path, { force: true })
      })
    writeFileSync(draft, begun, { mode: 0o600 })
    t.match(await commandAt(url, ['export', file, '--resume']), { code: 0 })
  },
)

t.test(
  'a database that counts other rows than it gives is damaged, and is not taken for whole',
  async (t) => {
    const { file, url } = await databaseOf(t)
    const database = new SqliteDatabase(url.slice('file:'.length))
    // An index that has lost its rows.
    database.exec('CREATE TABLE other (id TEXT PRIMARY KEY)')
    database.unsafeMode()
    database.pragma('writable_schema = ON')
    database.exec(
      `UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_other_1')
    WHERE name = 'tokens_by_hash'`,
    )
    database.close()
    t.match(await commandAt(url, ['export', file]), { code: 1 })
    t.notOk(existsSync(file))
  },
)

t.test('to a reader who goes away the export ends with a sentence', async (t) => {
  const { url } = await databaseOf(t)
  addMany(url, 4_000)
  const child = spawn(...imprimatur(['export', '-']), {
    env: { ...process.env, DATABASE_URL: url },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (text) => {
    said += text
  })
  child.stdout.once('data', () => child.stdout.destroy())
  t.same(await once(child, 'close'), [1, null])
  t.match(
    withoutProgress(said),
    /^The export broke off: standard output cannot be written to \(.*EPIPE.*\)\.\n$/,
  )
})

async function databaseOf(
  t: Test,
  { dialect = 'sqlite', more = 0 }: { dialect?: 'sqlite' | 'postgres'; more?: number } = {},
) {
  const folder = folderOf(t)
  const url = await freshUrl(t, dialect)
  await fillAt(url, more)
  return { folder, file: join(folder, 'all.ndjson'), url }
}

async function firstToken(url: string) {
  return withStoreAt(url, async (store) => {
    const [token] = await store.listTokens()
    if (token === undefined) throw new Error('there is no token')
    return token
  })
}

/** Comments of 500 characters, straight into the file. */
function addMany(url: string, count: number): void {
  const database = new SqliteDatabase(url.slice('file:'.length))
  database.exec(
    `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${count})
    INSERT INTO comments SELECT printf('029aa5c1-3b7e-7c3a-9d55-%012x', n), 'article', NULL, 'rejected', 2, 'Ada', 'ada@example.org',
      printf('%.500c', 'x'), 1700000000000, NULL, 'hash', NULL, 1700000000001 FROM numbers`,
  )
  database.close()
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}
