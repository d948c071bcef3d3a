import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import t from 'tap'
import { commandAt, contentOf, dialects, folderOf, freshUrl, inSql } from '../support/transfers.ts'

t.setTimeout(600_000)

const post = (
  id: number,
  text: string,
  more: { spam?: boolean; deleted?: boolean; parent?: number; email?: string } = {},
) =>
  `<post dsq:id="${id}"><message><![CDATA[<p>${text}</p>]]></message><createdAt>2013-10-10T19:20:${10 + id}Z</createdAt><isDeleted>${more.deleted ?? false}</isDeleted><isSpam>${more.spam ?? false}</isSpam><author>${more.email === undefined ? '' : `<email>${more.email}</email>`}<name>Author${id}</name></author><ipAddress>192.0.2.99</ipAddress><thread dsq:id="1"/>${more.parent === undefined ? '' : `<parent dsq:id="${more.parent}"/>`}</post>`

const fileOf = (...posts: string[]) =>
  `<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals"><thread dsq:id="1"><link>https://www.example.org/a/</link><title>A</title></thread>${posts.join('')}</disqus>`

const posts = [
  post(1, 'first words', { email: 'ada@example.org' }),
  post(2, 'an answer', { parent: 3 }),
  post(3, 'words of the deleted', { deleted: true, email: 'deleted@example.org' }),
  post(4, 'words of a spammer', { spam: true, email: 'spammer@example.org' }),
]

function written(t: Test, content: string): string {
  const file = join(folderOf(t), 'disqus.xml')
  writeFileSync(file, content)
  return file
}

const hidden = /deleted@|spammer@|words of|Author3|Author4|192\.0\.2\.99/

for (const dialect of dialects) {
  t.test(
    `${dialect}: a file of another system fills an empty database, and goes out and in again`,
    async (t) => {
      const url = await freshUrl(t, dialect)
      const file = written(t, fileOf(...posts))
      const { code, out, err } = await commandAt(url, ['import', '--from', 'disqus', file])
      t.equal(code, 0, err)
      t.equal(out, '')
      t.match(err, /^Disqus: 4 comments read, 3 taken, 1 left out\.$/m)
      t.match(err, /^Imported 3 comments, 3 decisions, 1 article, 0 idempotency records, 0 tokens\./m)
      const content = await contentOf(url)
      t.match(
        content.comments.map(({ status, author_email, submitted_at_ms, published_at_ms }) => [
          status,
          author_email,
          submitted_at_ms,
          published_at_ms,
        ]),
        [
          [
            'approved',
            'ada@example.org',
            Date.parse('2013-10-10T19:20:11Z'),
            Date.parse('2013-10-10T19:20:11Z'),
          ],
          ['approved', null, Date.parse('2013-10-10T19:20:12Z'), Date.parse('2013-10-10T19:20:12Z')],
          ['withdrawn', null, Date.parse('2013-10-10T19:20:13Z'), null],
        ],
      )
      t.notMatch(JSON.stringify(content), hidden)
      if (dialect === 'sqlite') {
        await inSql(url, (ask) => ask('PRAGMA wal_checkpoint(TRUNCATE)'))
        t.notMatch(readFileSync(url.slice('file:'.length), 'latin1'), hidden, 'nor in the bytes of the file')
      }

      const other = await freshUrl(t, dialect)
      const exported = join(folderOf(t), 'all.ndjson')
      t.equal((await commandAt(url, ['export', exported])).code, 0)
      t.equal((await commandAt(other, ['import', exported])).code, 0)
      t.same((await contentOf(other)).comments, content.comments)
    },
  )

  t.test(`${dialect}: next month's file adds what is new, and undoes nothing`, async (t) => {
    const url = await freshUrl(t, dialect)
    await commandAt(url, ['import', '--from', written(t, fileOf(...posts))])
    await inSql(url, (ask) =>
      ask("UPDATE comments SET body = 'edited since' WHERE author_email = 'ada@example.org'"),
    )
    const before = await contentOf(url)
    const next = written(t, fileOf(...posts.toReversed(), post(5, 'of the next month', { parent: 1 })))
    const { code, err } = await commandAt(url, ['import', '--add', '--from', next])
    t.equal(code, 0, err)
    t.match(err, /^Added 1 comment \(1 decision, 0 articles\); 3 comments already there\.$/m)
    const after = await contentOf(url)
    t.equal(after.comments.length, 4)
    t.same(
      after.comments.filter(({ id }) => before.comments.some((one) => one['id'] === id)),
      before.comments,
    )
    t.match(after.articles, [{ approved_count: 3 }])
  })

  t.test(`${dialect}: a dry run says how many would be added, and adds none`, async (t) => {
    const url = await freshUrl(t, dialect)
    await commandAt(url, ['import', '--from', written(t, fileOf(...posts))])
    const before = await contentOf(url)
    const next = written(t, fileOf(...posts, post(5, 'of the next month', { parent: 1 })))
    const { code, out, err } = await commandAt(url, ['import', '--add', '--dry-run', '--from', next])
    t.equal(code, 0, err)
    t.match(out, /\n3 of these comments are in the database already: 1 would be added\.\n$/)
    const others = ['import', '--add', '--dry-run', '--prefix', 'shop:', '--from', next]
    t.match(await commandAt(url, others), { code: 1, err: /^Threads would be torn for good/m })
    t.match(
      (await commandAt(url, [...others, '--force'])).out,
      /\nOf those already there 3 comments are on another article than the file says, and stay there .*:\n {2}\/a\/, in the file shop:\/a\/\n$/,
    )
    t.same(await contentOf(url), before)
  })

  t.test(`${dialect}: comments that came in under another id leave no empty article behind`, async (t) => {
    const url = await freshUrl(t, dialect)
    await commandAt(url, ['import', '--from', written(t, fileOf(...posts))])
    const map = join(folderOf(t), 'map.tsv')
    writeFileSync(map, '/a/\tsummer\n')
    const other = post(9, 'elsewhere').replace('<thread dsq:id="1"/>', '<thread dsq:id="2"/>')
    const files = [
      written(t, fileOf(...posts)),
      written(
        t,
        fileOf(other).replace('<thread dsq:id="1">', '<thread dsq:id="2">').replace('org/a/', 'org/z/'),
      ),
    ]
    const args = ['import', '--add', '--map', map, '--from', ...files]
    const before = await contentOf(url)
    const stopped = await commandAt(url, args)
    t.equal(stopped.code, 1)
    t.match(
      stopped.err,
      /\n {2}\/a\/, in the file summer\nThreads would be torn for good: .*\nMove the articles first /,
    )
    t.equal((await commandAt(url, [...args, '--dry-run'])).code, 1)
    t.same(await contentOf(url), before)
    const { code, err } = await commandAt(url, [...args, '--force'])
    t.equal(code, 0, err)
    t.match(err, /^Added 1 comment \(1 decision, 1 article\); 3 comments already there\.$/m)
    t.match(err, '\nNot made, as nothing would be on it: 1 article of the file.\n')
    t.match(err, '\n  /a/, in the file summer\n')
    const { articles } = await contentOf(url)
    t.same(
      articles.map(({ article_id, approved_count }) => [article_id, approved_count]),
      [
        ['/a/', 2],
        ['/z/', 1],
      ],
    )
  })

  t.test(
    `${dialect}: an id that was moved to an article which is not made is left out with it`,
    async (t) => {
      const [url, other] = [await freshUrl(t, dialect), await freshUrl(t, dialect)]
      const file = written(t, fileOf(...posts))
      await commandAt(url, ['import', '--from', file])
      await commandAt(other, ['import', '--from', file, '--prefix', 'z:'])
      const map = join(folderOf(t), 'map.tsv')
      writeFileSync(map, 'z:/a/\tz:/b/\n')
      t.equal((await commandAt(other, ['articles', 'move', '--map', map])).code, 0)
      const exported = join(folderOf(t), 'all.ndjson')
      await commandAt(other, ['export', exported])
      const { code, err } = await commandAt(url, ['import', '--add', exported])
      t.equal(code, 0, err)
      t.match(err, /^Added 0 comments \(0 decisions, 0 articles\); 3 comments already there\.$/m)
      t.match(err, /^Not made, as nothing would be on it: 1 article of the file\.$/m)
    },
  )

  t.test(`${dialect}: an article that takes comments here goes on taking them`, async (t) => {
    const url = await freshUrl(t, dialect)
    const closed = fileOf(...posts).replace('<title>', '<isClosed>true</isClosed><title>')
    await commandAt(url, ['import', '--from', written(t, fileOf(...posts))])
    await inSql(url, (ask) => ask('UPDATE articles SET url = NULL, title = NULL'))
    const { code, err } = await commandAt(url, ['import', '--add', '--from', written(t, closed)])
    t.equal(code, 0, err)
    t.match(err, /^1 article closed, which takes no comments here either \(--closed open\)\.$/m)
    t.match(err, /^Told of what the file knows: 1 article that was there\.$/m)
    t.match((await contentOf(url)).articles, [{ closed_at_ms: null, title: 'A' }])
    const other = await freshUrl(t, dialect)
    await commandAt(other, ['import', '--from', written(t, closed), '--closed', 'open'])
    t.match((await contentOf(other)).articles, [{ closed_at_ms: null }])
    const third = await freshUrl(t, dialect)
    await commandAt(third, ['import', '--from', written(t, closed)])
    t.match((await contentOf(third)).articles, [{ closed_at_ms: Date.parse('2013-10-10T19:20:13Z') }])
  })

  t.test(`${dialect}: a reply stands below nothing that is on another article`, async (t) => {
    const url = await freshUrl(t, dialect)
    await commandAt(url, ['import', '--from', written(t, fileOf(...posts))])
    const renamed = fileOf(...posts, post(5, 'a new reply', { parent: 1 })).replace('org/a/', 'org/b/')
    const { code, err } = await commandAt(url, ['import', '--add', '--force', '--from', written(t, renamed)])
    t.equal(code, 0, err)
    t.match(err, /\n1 comment of them at the top: what they answer is on another article here\.\n$/)
    const { comments } = await contentOf(url)
    t.match(
      comments.find(({ body }) => body === 'a new reply'),
      { article_id: '/b/', parent_id: null },
    )
  })

  t.test(
    `${dialect}: a file that is wrong, or a report that stops, leaves the database as it was`,
    async (t) => {
      const url = await freshUrl(t, dialect)
      await commandAt(url, ['migrate'])
      const before = await contentOf(url)
      const known = join(folderOf(t), 'known.txt')
      writeFileSync(known, '/other/\n')
      const whole = fileOf(...posts)
      for (const args of [
        [written(t, whole.slice(0, -9))],
        [written(t, whole), '--known', known],
        [written(t, whole), '--strict'],
      ])
        for (const how of [['import'], ['import', '--add']]) {
          const { code } = await commandAt(url, [...how, '--from', 'disqus', ...args])
          t.equal(code, 1)
        }
      t.equal((await commandAt(url, ['import', '--dry-run', '--from', written(t, whole)])).code, 0)
      t.same(await contentOf(url), before)
      t.match(
        await commandAt(url, ['import', '--from', written(t, whole)]),
        { code: 0 },
        'and as empty as it was',
      )
    },
  )
}

t.test('a file of another system is known by whoever takes it for an export', async (t) => {
  const url = await freshUrl(t, 'sqlite')
  await commandAt(url, ['migrate'])
  const file = written(t, fileOf(...posts))
  for (const command of ['import', 'import --add'])
    t.match(
      (await commandAt(url, [...command.split(' '), file])).err,
      `\nIt looks like a file of another system: ${command} --from disqus takes it.\n`,
    )
  t.match((await commandAt(url, ['import', file, file])).err, /^An export is one file\./)
  t.match((await commandAt(url, ['import'])).err, /^There is no file to import/)
  t.match(await commandAt(url, ['import', '--from', 'wordpress']), {
    code: 1,
    err: 'There is no file to import: name one.\n',
  })
  t.match(await commandAt(url, ['import', '--from', 'wordpress', '-']), {
    code: 1,
    err: /^Files of other systems are read more than once/,
  })
  t.match(
    (await commandAt(url, ['import', file, '--left-out', 'x'])).err,
    '--left-out is for files of other systems: say --from as well, with the system’s name or without.\n',
  )
})

t.test('the settings are looked at before a long file is', async (t) => {
  const file = written(t, fileOf(...posts))
  t.match(
    await commandAt('file::memory:', ['import', '--dry-run', '--from', file]),
    { code: 0 },
    'which asks for none',
  )
  t.match(await commandAt('file::memory:', ['import', '--add', '--dry-run', '--from', file]), {
    code: 1,
    out: '',
    err: /^DATABASE_URL says file::memory:/,
  })
  const { code, err } = await commandAt('file::memory:', ['import', '--from', file])
  t.equal(code, 1)
  t.match(err, /^DATABASE_URL says file::memory:/)
})
