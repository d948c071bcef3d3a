import { copyFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { addsUp, type Converted, convertFiles, convertPaths, inZones } from '../../support/conversions.ts'
import { folderOf } from '../../support/transfers.ts'

/* Isso's own tables, as each of its versions makes them. */
const threadsTable =
  'CREATE TABLE threads (id INTEGER PRIMARY KEY, uri VARCHAR(256) UNIQUE, title VARCHAR(256))'
const commentsTable = `CREATE TABLE comments (tid REFERENCES threads(id), id INTEGER PRIMARY KEY, parent INTEGER, created FLOAT NOT NULL,
  modified FLOAT, mode INTEGER, remote_addr VARCHAR, text VARCHAR, author VARCHAR, email VARCHAR, website VARCHAR,
  likes INTEGER DEFAULT 0, dislikes INTEGER DEFAULT 0, voters BLOB NOT NULL`
const withNotification = `${commentsTable}, notification INTEGER DEFAULT 0)`

type Comment = { id: number; tid?: number | null; created?: unknown } & Record<string, unknown>

/** 2017-07-14T02:40:00Z */
const start = 1_500_000_000

function writeIsso(
  path: string,
  comments: readonly Comment[],
  {
    version = 5,
    threads = [
      [1, '/blog/one/', 'One'],
      [2, '/blog/two/', 'Two'],
    ],
    tables = [threadsTable, withNotification],
    pragma = 'journal_mode = DELETE',
  }: {
    version?: number
    threads?: readonly unknown[][]
    tables?: readonly string[]
    pragma?: string
  } = {},
): void {
  const database = new Database(path)
  database.pragma(pragma)
  database.pragma('foreign_keys = OFF')
  for (const table of tables) database.exec(table)
  database.pragma(`user_version = ${version}`)
  const thread = database.prepare('INSERT INTO threads (id, uri, title) VALUES (?, ?, ?)')
  for (const row of threads) thread.run(...row)
  for (const comment of comments) {
    const row = {
      tid: 1,
      created: start + comment.id,
      mode: 1,
      text: `Text ${comment.id}`,
      author: 'Ada',
      email: null,
      voters: Buffer.alloc(256),
      ...comment,
    }
    database
      .prepare(
        `INSERT INTO comments (${Object.keys(row).join()}) VALUES (${Object.keys(row).map((name) => `@${name}`)})`,
      )
      .run(row)
  }
  database.close()
}

async function converted(
  t: Test,
  comments: readonly Comment[],
  options: Parameters<typeof writeIsso>[2] = {},
  ...args: string[]
): Promise<Converted> {
  const folder = folderOf(t)
  const path = join(folder, 'comments.db')
  writeIsso(path, comments, options)
  return convertPaths(folder, [path], ...args)
}

const everything: Comment[] = [
  {
    id: 1,
    created: start + 0.25,
    text: 'Some *Markdown* &amp; more\n\n> as it is',
    author: ' Ada\n&amp; Bob ',
    email: 'ada@example.org',
    website: 'https://ada.example',
    remote_addr: '192.0.2.0',
    likes: 3,
    modified: start + 5,
    notification: 1,
  },
  { id: 2, parent: 1, mode: 2, author: null, email: 'not an address', text: 'waits' },
  {
    id: 3,
    mode: 4,
    text: 'gone text',
    author: 'Gone Person',
    email: 'gone@example.org',
    website: 'gone.example',
  },
  { id: 4, parent: 3, text: 'below what is gone' },
  { id: 5, mode: 4, text: '', author: null, email: 'alone@example.org' },
  { id: 6, tid: 2, parent: 1, text: 'answers on another page' },
  { id: 7, parent: 99, text: 'answers nobody' },
  { id: 8, parent: 9, text: 'before the one it answers' },
  { id: 9, parent: 8, text: 'in a circle' },
  { id: 10, tid: 77, text: 'on no page' },
  { id: 11, mode: 8, text: 'in no state' },
  { id: 12, created: 'yesterday' },
  { id: 13, created: -1 },
  { id: 14, text: ' \n ' },
  { id: 15, text: Buffer.from('a blob') },
  { id: 16, text: 'x'.repeat(10_001) },
  { id: 17, author: 'n'.repeat(101) },
  { id: 18, parent: 5, mode: 11, text: 'in no state either' },
  { id: 19, text: '<p>From Disqus: it&#39;s <a href="https://example.org/x">here</a></p>\n<p>and there</p>' },
  { id: 20, text: `a\0b${'👍'.repeat(3)}`, author: 'a\0b' },
]

t.test('a database of Isso comes along, and what does not is told', async (t) => {
  const result = await converted(t, everything, {}, 'isso')
  t.equal(result.code, 0)
  addsUp(t, result, everything.length)
  t.same(
    result.comments.map(({ articleId, status, authorName, authorEmail, body, submittedAtMs }) => [
      articleId,
      status,
      authorName,
      authorEmail,
      body,
      (submittedAtMs as number) - start * 1_000,
    ]),
    [
      [
        '/blog/one/',
        'approved',
        'Ada & Bob',
        'ada@example.org',
        'Some *Markdown* &amp; more\n\n> as it is',
        250,
      ],
      ['/blog/one/', 'pending', 'Anonymous', null, 'waits', 2_000],
      ['/blog/one/', 'withdrawn', null, null, null, 3_000],
      ['/blog/one/', 'approved', 'Ada', null, 'below what is gone', 4_000],
      ['/blog/two/', 'approved', 'Ada', null, 'answers on another page', 6_000],
      ['/blog/one/', 'approved', 'Ada', null, 'answers nobody', 7_000],
      ['/blog/one/', 'approved', 'Ada', null, 'before the one it answers', 8_000],
      ['/blog/one/', 'approved', 'Ada', null, 'in a circle', 9_000],
      [
        '/blog/one/',
        'approved',
        'Ada',
        null,
        "From Disqus: it's here (https://example.org/x)\n\nand there",
        19_000,
      ],
      ['/blog/one/', 'approved', 'ab', null, 'ab👍👍👍', 20_000],
    ],
  )
  const [first, second, gone, below, ...others] = result.comments
  t.equal(second?.['parentId'], first?.['id'])
  t.equal(below?.['parentId'], gone?.['id'])
  t.same(new Set(others.map(({ parentId }) => parentId)), new Set([null]))
  t.same(result.leftOut.map(({ id, reason }) => `${id} ${reason}`).sort(), [
    '10 page-absent',
    '11 unknown-state',
    '12 no-time',
    '13 time-out-of-range',
    '14 no-text',
    '15 no-text',
    '16 text-too-long',
    '17 name-too-long',
    '18 unknown-state',
    '5 deleted',
  ])
  t.same(
    result.articles.map(({ articleId, title, url, closedAtMs }) => [articleId, title, url, closedAtMs]),
    [
      ['/blog/one/', 'One', null, null],
      ['/blog/two/', 'Two', null, null],
    ],
  )
  for (const words of [
    'IP addresses',
    'votes',
    'edits',
    'websites',
    'subscriptions',
    'e-mail addresses that are none',
  ])
    t.ok(
      result.report.some((line) => line.trim() === `1  ${words}`),
      words,
    )
})

t.test('nothing of what was deleted is anywhere, although it is in the row', async (t) => {
  const result = await converted(t, everything, {}, 'isso')
  for (const text of [result.out, result.report.join('\n'), JSON.stringify(result.leftOut)])
    t.notMatch(text, /gone text|Gone Person|gone@|alone@|gone\.example/)
})

t.test('the file is as it was, and nothing lies beside it or elsewhere', async (t) => {
  const temporary = folderOf(t)
  const { SQLITE_TMPDIR: before } = process.env
  process.env['SQLITE_TMPDIR'] = temporary
  t.teardown(() => {
    if (before === undefined) delete process.env['SQLITE_TMPDIR']
    else process.env['SQLITE_TMPDIR'] = before
  })
  for (const pragma of ['journal_mode = DELETE', 'journal_mode = WAL']) {
    const folder = folderOf(t)
    const path = join(folder, 'a b?c%20d#e.db')
    writeIsso(path, everything, { pragma })
    const before = readFileSync(path)
    const { code, out } = await convertPaths(folder, [path], '--dry-run')
    t.equal(code, 0, pragma)
    t.match(out, /^Isso: /)
    t.ok(readFileSync(path).equals(before), pragma)
    t.same(readdirSync(folder), ['a b?c%20d#e.db'], pragma)
    t.same(readdirSync(temporary), [], pragma)
  }
})

t.test('what is not finished is refused', async (t) => {
  const folder = folderOf(t)
  const path = join(folder, 'comments.db')
  writeIsso(path, [{ id: 1 }], { pragma: 'journal_mode = WAL' })
  const open = new Database(path)
  open.exec('UPDATE comments SET text = 1')
  const refused = await convertPaths(folder, [path], 'isso')
  open.close()
  t.equal(refused.code, 1)
  t.match(
    refused.report.join('\n'),
    /comments\.db cannot be converted\. It is in use, or was not closed properly\./,
  )
  t.equal((await convertPaths(folder, [path], 'isso')).code, 0)

  writeFileSync(`${path}-journal`, Buffer.concat([Buffer.from('d9d505f920a163d7', 'hex'), Buffer.alloc(504)]))
  t.equal((await convertPaths(folder, [path], 'isso')).code, 1)
  writeFileSync(`${path}-journal`, Buffer.alloc(512))
  t.equal((await convertPaths(folder, [path], 'isso')).code, 0, 'one that was ended')
})

t.test('each version of its tables is read, and none that is not known', async (t) => {
  for (const version of [0, 1, 2, 3, 4, 5]) {
    const tables = version < 3 ? [threadsTable, `${commentsTable})`] : [threadsTable, withNotification]
    const result = await converted(
      t,
      [
        { id: 1, likes: 2 },
        { id: 2, parent: 1 },
        { id: 3, parent: 2 },
      ],
      { version, tables },
    )
    t.equal(result.code, 0)
    t.same(
      result.comments.map(({ parentId }) => parentId),
      [null, result.comments[0]?.['id'], result.comments[1]?.['id']],
    )
  }
  const bare =
    'CREATE TABLE comments (tid, id INTEGER PRIMARY KEY, parent, created, mode, text, author, email, voters)'
  t.equal((await converted(t, [{ id: 1 }], { tables: [threadsTable, bare] }, 'isso')).comments.length, 1)

  const newer = await converted(t, [{ id: 1 }], { version: 6 })
  t.equal(newer.code, 1)
  t.match(newer.report.join('\n'), /has the number 6, and those up to 5 are\./)
})

t.test('what is no database of Isso is refused in one sentence', async (t) => {
  const folder = folderOf(t)
  const path = join(folder, 'isso.db')
  const other = join(folder, 'other.db')
  writeIsso(
    path,
    Array.from({ length: 500 }, (_, index) => ({ id: index + 1, text: 'x'.repeat(500) })),
  )
  new Database(other).exec('CREATE TABLE comments (id)').close()
  const cut = join(folder, 'cut.db')
  copyFileSync(path, cut)
  truncateSync(cut, 100_000)
  const damaged = join(folder, 'damaged.db')
  writeFileSync(damaged, readFileSync(path).fill(0xa5, 8_192, 90_000))
  const view = join(folder, 'view.db')
  writeIsso(view, [], { threads: [], tables: [threadsTable, withNotification] })
  new Database(view)
    .exec(
      `DROP TABLE comments; CREATE VIEW comments AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n)
        SELECT id, id AS tid, NULL AS parent, id AS created, 1 AS mode, 'x' AS text, NULL AS author, NULL AS email FROM n`,
    )
    .close()
  for (const [file, sentence] of [
    [other, /It is a database of SQLite, and none of Isso\./],
    [view, /It is a database of SQLite, and none of Isso\./],
    [cut, /It is cut off: pages of the database are missing\./],
    [damaged, /The database is damaged\./],
  ] as const) {
    const { code, out, report } = await convertPaths(folder, [file], 'isso')
    t.equal(code, 1, file)
    t.equal(out, '')
    t.match(report.join('\n'), sentence)
  }
  const text = await convertFiles(t, { 'text.db': 'no database' }, 'isso')
  t.equal(text.code, 1)
  t.match(text.report.join('\n'), /It is no database of SQLite\./)
  t.equal((await convertFiles(t, { 'empty.db': '' }, 'isso')).code, 1)
})

t.test('it is told from others, also packed, and in several files of one site', async (t) => {
  const folder = folderOf(t)
  const [old, now] = [join(folder, 'old.db'), join(folder, 'now.db')]
  writeIsso(old, [{ id: 1 }, { id: 2, parent: 1 }])
  writeIsso(now, [{ id: 1 }, { id: 2, parent: 1 }, { id: 3, parent: 2 }], {
    threads: [
      [2, '/blog/two/', 'Two'],
      [1, '/blog/one/', 'One'],
    ],
  })
  writeFileSync(join(folder, 'old.gz'), gzipSync(readFileSync(old)))
  const both = await convertPaths(folder, [join(folder, 'old.gz'), now])
  t.equal(both.code, 0)
  addsUp(t, both, 5)
  t.same(
    both.leftOut.map(({ reason }) => reason),
    ['twice', 'twice'],
  )
  const alone = await convertPaths(folder, [now], 'isso')
  t.equal(alone.out, both.out)
})

t.test('the order of rows and the zone of the machine change nothing', async (t) => {
  const outputs = new Set<string>()
  for (const rows of [everything, everything.toReversed()])
    for (const { out } of await inZones(async () => converted(t, rows, {}, 'isso'))) outputs.add(out)
  t.equal(outputs.size, 1)
})

t.test('a text that no comment could have is not read', async (t) => {
  const result = await converted(
    t,
    [
      { id: 1, text: 'x'.repeat(2_000_000) },
      { id: 2, author: 'x'.repeat(2_000_000) },
      { id: 3, email: 'x'.repeat(2_000_000) },
    ],
    {},
    'isso',
  )
  t.same(
    result.leftOut.map(({ id, reason }) => `${id} ${reason}`),
    ['1 text-too-long', '2 name-too-long'],
  )
  t.equal(result.comments.length, 1)
})

t.test('what is no text in the encoding of the database is not guessed', async (t) => {
  for (const encoding of ['UTF-8', 'UTF-16le', 'UTF-16be']) {
    const folder = folderOf(t)
    const path = join(folder, 'comments.db')
    writeIsso(path, [{ id: 1, text: 'é 👍 \ufeff\ufffd' }, { id: 2 }, { id: 3 }, { id: 4, tid: 2 }], {
      pragma: `encoding = '${encoding}'`,
    })
    new Database(path)
      .exec(
        `UPDATE comments SET text = CAST(x'66fcd8d8' AS TEXT) WHERE id = 2; UPDATE comments SET author = CAST(x'ffd8d8d8' AS TEXT) WHERE id = 3;
        UPDATE threads SET uri = CAST(x'ffd8d8d8' AS TEXT) WHERE id = 2`,
      )
      .close()
    const result = await convertPaths(folder, [path], 'isso')
    t.same(
      result.comments.map(({ body, articleId }) => [body, articleId]),
      [['é 👍 \ufeff\ufffd', '/blog/one/']],
    )
    t.same(
      result.leftOut.map(({ id, reason }) => `${id} ${reason}`),
      ['2 unreadable', '3 unreadable', '4 page-without-address'],
      encoding,
    )
  }
})

t.test('there may be nothing in it', async (t) => {
  const result = await converted(t, [], {}, 'isso', '--force')
  t.equal(result.code, 0)
  addsUp(t, result, 0)
})

t.test('tables that let numbers be missing or there twice do no harm', async (t) => {
  const tables = [
    threadsTable.replace('INTEGER PRIMARY KEY', 'INTEGER'),
    withNotification.replace('INTEGER PRIMARY KEY', 'INTEGER').replace('REFERENCES threads(id)', 'INTEGER'),
  ]
  const without = await converted(
    t,
    [{ id: 1 }, { id: null as never, created: start }, { id: 3, tid: null }],
    {
      tables,
      threads: [
        [1, '/a/', 'A'],
        [null, '', 'B'],
      ],
    },
  )
  t.equal(without.code, 0, without.report.join('\n'))
  addsUp(t, without, 3)
  t.same(without.leftOut.map(({ reason }) => reason).toSorted(), ['no-id', 'page-absent'])
  const twice = await converted(
    t,
    [{ id: 1 }],
    {
      tables,
      threads: [
        [1, '/a/', 'A'],
        [1, '/b/', 'B'],
      ],
    },
    'isso',
  )
  t.equal(twice.code, 1)
  t.match(twice.report, [/Several of its pages have the same number/])
})

t.test('files of several sites are not mixed', async (t) => {
  const folder = folderOf(t)
  const [one, other] = [join(folder, 'one.db'), join(folder, 'other.db')]
  writeIsso(one, [{ id: 1 }])
  writeIsso(other, [
    { id: 1, created: start + 50 },
    { id: 2, parent: 1, created: start + 60 },
  ])
  for (const path of [one, other]) t.equal((await convertPaths(folder, [path], 'isso')).code, 0)
  const both = await convertPaths(folder, [one, other], 'isso')
  t.equal(both.code, 1)
  t.equal(both.out, '')
  t.match(both.report, [/^other\.db cannot be converted\. It is of another site than a file before/])
})
