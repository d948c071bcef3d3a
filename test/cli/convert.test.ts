import { existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32, deflateRawSync, gzipSync } from 'node:zlib'
import type { Test } from 'tap'
import t from 'tap'
import { runCommand } from '../../src/cli/command.ts'
import { convertFiles, convertPaths } from '../support/conversions.ts'
import { testTerminal } from '../support/process.ts'
import { folderOf } from '../support/transfers.ts'

const fileOf = (pages: readonly string[]) =>
  `<?xml version="1.0"?><rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/"><channel>${pages
    .map(
      (link, index) =>
        `<item><link>${link}</link><wp:comment><wp:comment_id>${index + 1}</wp:comment_id><wp:comment_author>Ada</wp:comment_author><wp:comment_author_email>ada@example.org</wp:comment_author_email><wp:comment_date_gmt>${sqlOf(Date.UTC(2014, 0, 14, 17, 32, 10 + index))}</wp:comment_date_gmt><wp:comment_content>Hello</wp:comment_content><wp:comment_approved>1</wp:comment_approved></wp:comment></item>`,
    )
    .join('')}</channel></rss>`

function sqlOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}

const five = ['/a/', '/b/', '/c/', '/d/', '/e/'].map((path) => `https://www.example.org${path}`)
const spamToo = fileOf(five).replace('<wp:comment_approved>1', '<wp:comment_approved>spam')

t.test('of five articles the site has three: it stops, and names the other two', async (t) => {
  const { folder, report, code, out, leftOut } = await withKnown(t, '/a/\n/c/\n\n/e/\n/other/\n')
  t.equal(code, 1)
  t.equal(out, '')
  t.same(leftOut, [])
  const at = report.findIndex((line) => line.startsWith('Of the ids'))
  t.match(report.slice(at), [
    'Of the ids of these articles 3 of 5 (60 %) are those of a page that known.txt knows. The others:',
    '  /b/',
    '  /d/',
    /^Fewer than 90 % /,
    /--article .*--map FILE.*--force/,
  ])
  const forced = await convertPaths(
    folder,
    [join(folder, 'all.xml')],
    '--known',
    join(folder, 'known.txt'),
    '--force',
  )
  t.equal(forced.code, 0)
  t.equal(forced.comments.length, 5)
})

t.test(
  'of many articles the ten with most comments are shown, and of those that are not known twenty',
  async (t) => {
    const folder = folderOf(t)
    const [file, known] = [join(folder, 'all.xml'), join(folder, 'known.txt')]
    const all = Array.from({ length: 26 }, (_, page) =>
      Array.from({ length: page < 12 ? page + 1 : 1 }, () => `https://www.example.org/page-${page}/`),
    ).flat()
    writeFileSync(file, fileOf(all))
    writeFileSync(known, '/page-0/\n')
    const { report } = await convertPaths(folder, [file], '--known', known)
    const unmet = all
      .filter((url, index) => url !== all[0] && url !== all[index - 1])
      .map((url) => url.slice(23))
    t.same(report.slice(0, 38), [
      'WordPress: 92 comments read, 92 taken, 0 left out.',
      'Taken:',
      '         92  approved',
      'Oldest 2014-01-14T17:32:10.000Z, newest 2014-01-14T17:33:41.000Z; the longest has 5 characters.',
      '26 articles; those with most comments:',
      ...Array.from({ length: 10 }, (_, index) => `${String(12 - index).padStart(11)}  /page-${11 - index}/`),
      'Of the ids of these articles 1 of 26 (3 %) are those of a page that known.txt knows. The others:',
      ...unmet
        .sort()
        .slice(0, 20)
        .map((id) => `  ${id}`),
      '  and 5 more',
      'Fewer than 90 % of the articles are pages of the site, so their comments would be shown nowhere.',
    ])
  },
)

t.test('nine of ten known articles are enough, and eight of nine are not', async (t) => {
  for (const [articles, isEnough] of [
    [10, true],
    [9, false],
    [20, true],
    [19, false],
  ] as const) {
    const folder = folderOf(t)
    const [file, known] = [join(folder, 'all.xml'), join(folder, 'known.txt')]
    const all = Array.from({ length: articles }, (_, index) => `https://www.example.org/page-${index}/`)
    writeFileSync(file, fileOf(all))
    writeFileSync(known, all.slice(articles >= 19 ? 2 : 1).join('\n'))
    const { code, out } = await convertPaths(folder, [file], '--known', known)
    t.same([code, out !== ''], isEnough ? [0, true] : [1, false], `${articles} articles`)
  }
})

t.test('ids that are no addresses are compared with ids', async (t) => {
  const folder = folderOf(t)
  const [file, known] = [join(folder, 'all.xml'), join(folder, 'known.txt')]
  writeFileSync(file, fileOf(five).replace('<item>', '<item><wp:post_id>7</wp:post_id>'))
  writeFileSync(known, five.join('\n'))
  const flags = ['--article', 'identifier', '--known', known]
  t.equal((await convertPaths(folder, [file], ...flags)).report.at(-1)?.includes('Fewer than 90 %'), false)
  writeFileSync(known, five.slice(2).join('\n'))
  t.match(
    (await convertPaths(folder, [file], ...flags)).report.at(-1),
    /^With --article identifier a sitemap has nothing/,
  )
  writeFileSync(known, `7\n${five.slice(1).join('\n')}`)
  t.equal((await convertPaths(folder, [file], ...flags)).code, 0)
})

t.test('what an interrupted run has left stays', async (t) => {
  const { folder } = await convertFiles(t, { 'all.xml': fileOf(five) })
  writeFileSync(join(folder, 'all.ndjson.partial'), 'left')
  const { code, report } = await convertPaths(
    folder,
    [join(folder, 'all.xml')],
    '-o',
    join(folder, 'all.ndjson'),
  )
  t.equal(code, 1)
  t.match(report.at(-1), /all\.ndjson cannot be written: EEXIST/)
  t.equal(readFileSync(join(folder, 'all.ndjson.partial'), 'utf8'), 'left')
})

t.test('a sitemap knows pages too, packed or not, and several may', async (t) => {
  const sitemap = `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${five
    .slice(1)
    .map(
      (url) =>
        `<url><loc>\n${url}\n</loc><image:image xmlns:image="urn:i"><image:loc>https://www.example.org/a/</image:loc></image:image></url>`,
    )
    .join('')}</urlset>`
  t.match((await withKnown(t, sitemap)).report.join('\n'), /4 of 5 \(80 %\)/)
  t.match((await withKnown(t, gzipSync(sitemap))).report.join('\n'), /4 of 5 \(80 %\)/)
  const both = await withKnown(t, sitemap, { 'more.txt': 'https://www.example.org/a/' })
  t.equal(both.code, 0, both.report.join('\n'))
  t.match((await withKnown(t, '<sitemapindex/>')).report, /index of sitemaps/)
  t.match((await withKnown(t, '<html/>')).report, /no sitemap/)
})

t.test('a map brings pages home that have moved', async (t) => {
  const folder = folderOf(t)
  const at = (name: string, content: string) => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }
  const file = at('all.xml', fileOf(five))
  const map = at('map.tsv', '/b/\tnew-b\nhttps://www.example.org/d/\tnew-d\n')
  const { articles } = await convertPaths(
    folder,
    [file],
    '--map',
    map,
    '--prefix',
    'shop:',
    '--slash',
    'strip',
  )
  t.same(
    articles.map(({ articleId }) => articleId),
    ['shop:/a', 'shop:/c', 'shop:/e', 'shop:new-b', 'shop:new-d'],
  )
  const wrong = await convertPaths(folder, [file], '--map', at('wrong.tsv', '/b/'))
  t.equal(wrong.code, 1)
  t.match(wrong.report.join(), /wrong\.tsv: Line 1 of the map is not/)
})

t.test('lines of a map that met no page are told', async (t) => {
  const folder = folderOf(t)
  const [file, map] = [join(folder, 'all.xml'), join(folder, 'map.tsv')]
  writeFileSync(file, fileOf(five))
  const others = Array.from({ length: 21 }, (_, index) => `/other-${index}\t/x\n`)
  writeFileSync(map, `/a/\t/new/\n/no/\t/where/\n/b/*\t/c/*\n/blog/*\t/news/*\n`)
  const { out } = await convertPaths(folder, [file], '--map', map, '--dry-run')
  t.match(out, /\n2 lines of the map met no page:\n {2}line 2: \/no\/\n {2}line 4: \/blog\/\*\n[^ ]/)
  writeFileSync(map, others.join(''))
  const { report } = await convertPaths(folder, [file], '--map', map)
  const at = report.indexOf('21 lines of the map met no page:')
  t.match(report.slice(at + 20, at + 23), [
    '  line 20: /other-19',
    '  and 1 more',
    /^The ids were compared with no page/,
  ])
  writeFileSync(map, '/a/\t/new/\n/b/\t..\n')
  t.match(await convertPaths(folder, [file], '--map', map), {
    code: 1,
    report: ["map.tsv: Line 2 of the map: the new id can be no article's."],
  })
})

t.test('whole URLs are not made of paths without a site', async (t) => {
  const comment = {
    id: '1',
    rid: '0',
    content: 'One.',
    nick: 'Ann',
    email: 'ann@example.org',
    page_key: '/a/',
  }
  const dated = { ...comment, created_at: '2021-10-28 20:50:15 +0800 +0800', is_pending: 'false' }
  const paths = { 'paths.json': JSON.stringify([dated]) }
  const wrong = await convertFiles(t, paths, 'artrans', '--article', 'url')
  t.equal(wrong.code, 1)
  t.match(wrong.report.join(), /The source has paths only\. Say which site they are of/)
  const right = await convertFiles(t, paths, 'artrans', '--article', 'url', '--origin', 'https://example.org')
  t.match(right.articles, [{ articleId: 'https://example.org/a/' }])
})

t.test('--dry-run ends behind the report, and writes nothing', async (t) => {
  const { code, out, leftOut, report, folder } = await convertFiles(t, { 'all.xml': spamToo }, '--dry-run')
  t.equal(code, 0)
  t.match(out, /^WordPress: 5 comments read, 4 taken, 1 left out\.\n/, 'which is what it is asked for')
  t.same(leftOut, [])
  t.same(report, [])
  const known = join(folder, 'known.txt')
  t.equal((await convertPaths(folder, [join(folder, 'all.xml')], '--dry-run', '-o', known)).code, 0)
  writeFileSync(known, '/a/\n')
  t.equal((await convertPaths(folder, [join(folder, 'all.xml')], '--dry-run', '-o', known)).code, 0)
  const stopped = await convertPaths(folder, [join(folder, 'all.xml')], '--dry-run', '--known', known)
  t.equal(stopped.code, 1)
  t.match(stopped.out, /\nOf the ids of these articles 0 of 4 .*\n {2}\/b\/\n/)
  t.match(stopped.report, [/^Fewer than 90 %/, /^Make the ids otherwise/])
})

t.test('--strict takes all or nothing, and what is in two files is there', async (t) => {
  const twice = { '1.xml': fileOf(five), '2.xml': fileOf(five) }
  const { code, comments, report } = await convertFiles(t, twice, '--strict')
  t.equal(code, 0, report.join('\n'))
  t.equal(comments.length, 5)

  const strict = await convertFiles(t, { 'all.xml': spamToo }, '--strict')
  t.equal(strict.code, 1)
  t.equal(strict.out, '')
  t.match(strict.report.at(-1), '1 comment would be left out, and --strict says none.')
  t.equal((await convertFiles(t, { 'all.xml': fileOf(five) }, '--strict')).code, 0)
})

t.test('what is left out is listed beside the file, or where one says, for its owner alone', async (t) => {
  const { folder, leftOut } = await convertFiles(t, { 'all.xml': spamToo })
  t.same(leftOut, [
    { reason: 'spam', format: 'wordpress', id: '1', article: '/a/', page: 'https://www.example.org/a/' },
  ])
  t.equal(statSync(join(folder, 'all.xml.left-out.ndjson')).mode & 0o777, 0o600)
  const file = join(folder, 'all.xml')
  await convertPaths(folder, [file], '--left-out', join(folder, 'elsewhere'))
  t.match(readFileSync(join(folder, 'elsewhere'), 'utf8'), /"spam"/)
  symlinkSync(join(folder, 'elsewhere'), join(folder, 'link'))
  for (const target of [join(folder, 'link'), file, join(folder, 'no', 'where')]) {
    const refused = await convertPaths(folder, [file], '--left-out', target)
    t.equal(refused.code, 1, target)
    t.equal(refused.out, '')
  }
  t.equal(readFileSync(file, 'utf8'), spamToo, 'the source is what it was')
})

t.test(
  'the list replaces no file but an older list, which goes where there is nothing to list',
  async (t) => {
    const { folder } = await convertFiles(t, { 'all.xml': spamToo })
    const [file, list, precious] = ['all.xml', 'all.xml.left-out.ndjson', 'precious'].map((name) =>
      join(folder, name),
    ) as [string, string, string]
    writeFileSync(precious, 'a database, or whatever')
    const refused = await convertPaths(folder, [file], '--left-out', precious)
    t.match(refused, { code: 1, out: '' })
    t.match(refused.report.at(-1), /^What is left out cannot be listed\. precious exists\./)
    t.equal(readFileSync(precious, 'utf8'), 'a database, or whatever')
    t.equal((await convertPaths(folder, [file])).code, 0, 'its own older list is replaced')
    writeFileSync(file, fileOf(five))
    t.equal((await convertPaths(folder, [file])).code, 0)
    t.notOk(existsSync(list))
  },
)

t.test('what is on no public page says nothing of a public one of the same path', async (t) => {
  const draft =
    '<item><title>We fire Anna</title><link>https://www.example.org/?p=9</link><wp:status>draft</wp:status></item>'
  const both = fileOf(['https://www.example.org/?p=4']).replace('</channel>', `${draft}</channel>`)
  const { articles, out, report } = await convertFiles(t, { 'all.xml': both })
  t.match(articles, [{ articleId: '/', title: null, url: 'https://www.example.org/?p=4' }])
  t.notMatch(out, /Anna/)
  t.notMatch(report.join(), /are one article/)
})

t.test('pages of one path that are several are told', async (t) => {
  for (const [one, other] of [
    ['https://one.example.org/a', 'https://two.example.org/a'],
    ['https://example.org/?p=1', 'https://example.org/?p=2'],
    ['https://example.org/#!/a', 'https://example.org/#!/b'],
  ] as const)
    t.match(
      (await convertFiles(t, { 'all.xml': fileOf([one, other]) })).report.join('\n'),
      /Several pages are one article/,
      one,
    )
  const same = ['http://example.org/a', 'https://www.example.org/a']
  t.notMatch((await convertFiles(t, { 'all.xml': fileOf(same) })).report.join('\n'), /Several pages/)
})

t.test('of what is in two files the later one counts, and of both what is less public', async (t) => {
  const before = fileOf(five).replace('Hello', 'a secret')
  const after = fileOf(five).replace('Hello', 'nothing to see')
  for (const [files, text] of [
    [{ 'a.xml': before, 'b.xml': after }, 'nothing to see'],
    [{ 'a.xml': after, 'b.xml': before }, 'a secret'],
  ] as const)
    t.equal((await convertFiles(t, files)).comments[0]?.['body'], text)
  const gone = fileOf(five).replace('<wp:comment_approved>1', '<wp:comment_approved>spam')
  t.notMatch((await convertFiles(t, { 'a.xml': gone, 'b.xml': before })).out, /a secret/)
})

t.test('who signed with an address is not shown by it', async (t) => {
  const signed = fileOf(five).replace('<wp:comment_author>Ada', '<wp:comment_author>Ada (ada@example.org)')
  const { comments, report } = await convertFiles(t, { 'all.xml': signed })
  t.equal(comments[0]?.['authorName'], 'Anonymous')
  t.match(report.join('\n'), /1 {2}names that are an e-mail address, which readers would see/)
})

t.test('a file of which nothing would be taken ends there, and says what may be missing', async (t) => {
  const spam = fileOf(five).replaceAll('<wp:comment_approved>1', '<wp:comment_approved>spam')
  const { code, out, report } = await convertFiles(t, { 'all.xml': spam })
  t.match(
    { code, out, said: report.at(-1) },
    { code: 1, out: '', said: /^None of these comments would be taken/ },
  )
  const comment = JSON.stringify({
    tenantID: 't',
    id: 'c',
    storyID: 's',
    authorID: 'a',
    status: 'NONE',
    revisions: [{ body: 'x' }],
    createdAt: '2020-01-01T00:00:00Z',
  })
  t.match(
    (await convertFiles(t, { 'c.json': comment }, 'coral')).report.at(-1),
    /^Their pages are in none of the files/,
  )
})

t.test('a new file is for its owner alone; one that is there stays', async (t) => {
  const { folder, out } = await convertFiles(t, { 'all.xml': fileOf(five) })
  const [file, target] = [join(folder, 'all.xml'), join(folder, 'all.ndjson')]
  t.match(await convertPaths(folder, [file], '--output', target), { code: 0, out: '' })
  t.equal(statSync(target).mode & 0o777, 0o600)
  t.equal(readFileSync(target, 'utf8'), out)
  const again = await convertPaths(folder, [file], '-o', target)
  t.match(again, { code: 1, report: ['all.ndjson exists. Choose another name.'] })
  t.equal((await convertPaths(folder, [file], '-o', file)).code, 1)
})

t.test(
  'gzip and zip are told by their first bytes, and an archive may hold several files of a site',
  async (t) => {
    const { out } = await convertFiles(t, { 'all.xml': fileOf(five) })
    t.equal((await convertFiles(t, { 'all.dat': gzipSync(fileOf(five)) })).out, out)
    t.equal((await convertFiles(t, { all: zipOf({ 'all.xml': fileOf(five) }) })).out, out)
    const parts = zipOf({
      'b.xml': fileOf(five),
      '__MACOSX/._b.xml': 'junk',
      'folder/': '',
      'a.xml': fileOf(five),
    })
    const twice = await convertFiles(t, { 'parts.zip': parts })
    t.equal(twice.out, out)
    t.match(twice.report[0], 'WordPress: 10 comments read, 5 taken, 5 left out.')
  },
)

t.test('archives that are broken, or made to fill the disk, are told in a sentence', async (t) => {
  const whole = gzipSync(fileOf(five))
  const zip = zipOf({ 'all.xml': fileOf(five) })
  const wrong: [content: Buffer, sentence: RegExp][] = [
    [whole.subarray(0, -20), /It is cut off: the compressed data ends too early\./],
    [
      Buffer.concat([whole.subarray(0, 40), Buffer.alloc(20), whole.subarray(60)]),
      /The compressed data is damaged\./,
    ],
    [zip.subarray(0, -30), /The archive cannot be read: /],
    [zipOf({}), /The archive has no file in it\./],
    [
      Buffer.from(zip.toString('latin1').replace('PK\u0003\u0004', 'PK\u0003\u0005'), 'latin1'),
      /cannot be told of which system|The archive cannot be read: /,
    ],
    [
      Buffer.from(zip.toString('latin1').replace('PK\u0001\u0002', 'PK\u0001\u0003'), 'latin1'),
      /The archive cannot be read: /,
    ],
    [zipOf({ 'all.xml': fileOf(five), 'empty.xml': '<rss/>' }), /empty\.xml cannot be converted/],
    [
      gzipSync(Buffer.concat([Buffer.from('<rss>'), Buffer.alloc(68 * 2 ** 20, ' ')])),
      /It unpacks to more than 200 times its size/,
    ],
  ]
  for (const [content, sentence] of wrong) {
    const { code, out, report } = await convertFiles(t, { 'a.dat': content }, 'wordpress')
    t.equal(code, 1)
    t.equal(out, '')
    // Where it takes ten seconds, it tells how far it is.
    const said = report.filter((line) => !line.startsWith('Reading: '))
    t.equal(said.length, 1, report.join('\n'))
    t.match(said[0], sentence)
  }
  // A database is copied and not read.
  const bomb = zipOf({ 'comments.db': `SQLite format 3\0${'\0'.repeat(68 * 2 ** 20)}` })
  const { code, report } = await convertFiles(t, { 'a.dat': bomb }, 'isso')
  t.equal(code, 1)
  t.match(report.at(-1), /It unpacks to more than 200 times its size/)
})

t.test('a tag or comment without an end is no reason to read on', async (t) => {
  for (const start of ['<!-- ', '<a b="', '<!DOCTYPE ', '<?pi '])
    t.match(
      (
        await convertFiles(
          t,
          {
            'long.xml': `<rss xmlns:wp="http://wordpress.org/export/1.2/">${start}${'x'.repeat(8 * 2 ** 20)}`,
          },
          'wordpress',
        )
      ).report,
      [/cannot be converted\. Line 1, column \d+: /],
      start,
    )
})

t.test('a format is told from the content, or has to be named', async (t) => {
  const files = { 'all.xml': fileOf(five) }
  t.match(await convertFiles(t, files, 'disqus'), {
    code: 1,
    report: ['all.xml cannot be converted. It is a file of WordPress, not of Disqus.'],
  })
  t.match(await convertFiles(t, { 'a.txt': 'something' }), {
    code: 1,
    report: [
      'a.txt cannot be converted. It cannot be told of which system it is. Name the format, if it is one of disqus, wordpress, isso, remark42, commento, comentario, artrans, waline, coral; what is packed otherwise than by gzip or zip has to be unpacked first.',
    ],
  })
  const disqus = '<disqus xmlns="http://disqus.com"></disqus>'
  t.match(await convertFiles(t, { ...files, 'b.xml': disqus }), {
    code: 1,
    report: [/^b\.xml cannot be converted\. It is a file of Disqus, and those before are of WordPress\./],
  })
  t.match(await convertFiles(t, { 'b.xml': disqus }), {
    code: 1,
    out: '',
    report: ['Disqus: 0 comments read, 0 taken, 0 left out.', 'There is no comment in this file.'],
  })
  t.match(await convertFiles(t, { 'b.xml': disqus }, '--force'), {
    code: 0,
    report: [
      /^Disqus: 0 comments read/,
      'Gone on all the same (--force): There is no comment in this file.',
      /^Converted 0/,
    ],
  })
  const stories = '{"id":"s1","url":"https://www.example.org/a/","closedAt":null}\n'
  t.match(await convertFiles(t, { 'stories.json': stories }, 'coral'), {
    code: 1,
    report: [
      'Coral: 0 comments read, 0 taken, 0 left out.',
      'There is no comment in this file.',
      /^Coral has its comments in a collection of their own/,
    ],
  })
})

t.test('pages that the source tells apart do not become one unless that is said', async (t) => {
  const plain = fileOf(['https://www.example.org/?p=4', 'https://www.example.org/?p=5'])
    .replace('<item>', '<item><wp:post_id>4</wp:post_id>')
    .replace(/<item>(?!<wp:post_id>)/, '<item><wp:post_id>5</wp:post_id>')
  const sitemap =
    '<urlset><url><loc>https://www.example.org/?p=4</loc></url><url><loc>https://www.example.org/?p=5</loc></url></urlset>'
  const stopped = await convertFiles(t, { 'plain.xml': plain })
  t.equal(stopped.code, 1)
  t.equal(stopped.out, '')
  t.match(stopped.report.slice(-2), [
    'Pages that WordPress tells apart would be one: 1 article, such as / of https://www.example.org/?p=4, https://www.example.org/?p=5. A later run cannot part them.',
    /^Make the ids otherwise \(--article path-query, url or identifier\)/,
  ])
  const { folder } = stopped
  const known = join(folder, 'sitemap.xml')
  writeFileSync(known, sitemap)
  const file = join(folder, 'plain.xml')
  t.equal((await convertPaths(folder, [file], '--known', known)).code, 1)
  const apart = await convertPaths(folder, [file], '--article', 'path-query', '--known', known)
  t.equal(apart.code, 0, apart.report.join('\n'))
  t.equal(apart.articles.length, 2)
  const forced = await convertPaths(folder, [file], '--force')
  t.equal(forced.articles.length, 1)
  t.match(forced.report.join('\n'), /\nGone on all the same \(--force\): Pages that WordPress tells apart/)
  // Who says of one of them that it is the other has looked.
  const map = join(folder, 'map.tsv')
  writeFileSync(map, '/?p=5\t/\n')
  t.equal((await convertPaths(folder, [file], '--map', map)).articles.length, 1)
  // Who moves all below a path has looked at none of them.
  writeFileSync(map, '/*\t/news/*\n')
  t.equal((await convertPaths(folder, [file], '--map', map)).code, 1)
})

t.test('what counts clicks in an address names no other page, and is in none', async (t) => {
  const [plain, counted] = ['https://www.example.org/a/', 'http://www.example.org/a/?utm_source=x&fbclid=7#c']
  const threads = [counted, plain].map(
    (link, index) =>
      `<thread dsq:id="${index}"><id>${index}</id><link>${link.replace('&', '&amp;')}</link></thread><post dsq:id="${index}"><message>Hello</message><createdAt>2013-10-10T19:20:1${index}Z</createdAt><isDeleted>false</isDeleted><isSpam>false</isSpam><author><name>Ada</name></author><thread dsq:id="${index}"/></post>`,
  )
  const disqus = `<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">${threads.join('')}</disqus>`
  for (const [article, articleIds] of [
    ['path', ['/a/']],
    ['path-query', ['/a/']],
    ['url', ['http://www.example.org/a/', 'https://www.example.org/a/']],
  ] as const) {
    const { code, articles, report } = await convertFiles(t, { 'a.xml': disqus }, '--article', article)
    t.equal(code, 0, report.join('\n'))
    t.same(
      articles.map(({ articleId }) => articleId),
      articleIds,
    )
    t.ok(articles.every(({ url }) => /^https?:\/\/www\.example\.org\/a\/(?:#c)?$/.test(String(url))))
  }
})

t.test('where all accounts are missing it stops, before everybody is nobody for good', async (t) => {
  const comment = {
    tenantID: 't',
    id: 'c1',
    storyID: 's1',
    authorID: 'u1',
    revisions: [{ body: 'One.' }],
    status: 'NONE',
    createdAt: '2020-01-01T00:00:00Z',
  }
  const files = {
    'comments.json': JSON.stringify(comment),
    'stories.json': '{"tenantID":"t","id":"s1","url":"https://www.example.org/a/","commentCounts":{}}',
  }
  const stopped = await convertFiles(t, files)
  t.equal(stopped.code, 1)
  t.match(stopped.report, [
    /^Coral: 1 comment read/,
    ...Array.from({ length: stopped.report.length - 3 }, () => /./),
    'The accounts of the authors are in none of the files: 1 comment would be without name and address for good.',
    /Coral: users\.json/,
  ])
  t.ok(stopped.report.includes('          1  with an account that is in none of the files'))
  t.match((await convertFiles(t, files, '--force')).comments, [{ authorName: 'Anonymous' }])
  const users = '{"tenantID":"t","id":"u1","username":"Ann","email":null,"profiles":[]}'
  t.match((await convertFiles(t, { ...files, 'users.json': users })).comments, [{ authorName: 'Ann' }])
})

t.test('what cannot be is said in a sentence', async (t) => {
  const folder = folderOf(t)
  const [file, spam] = [join(folder, 'all.xml'), join(folder, 'spam.xml')]
  writeFileSync(file, fileOf(five))
  writeFileSync(spam, spamToo)
  const wrong: [args: string[], sentence: RegExp][] = [
    [[join(folder, 'none.xml')], /^There is no file .*none\.xml\.$/],
    [[folder], /is a folder\. Name a file in it\.$/],
    [['/dev/null'], /^\/dev\/null is no plain file\.$/],
    [['wordpress'], /^There is no file to convert/],
    [['wordpres', file], /^If it was to be a format: there are disqus, wordpress, isso/],
    [['wordpress', '-'], /^Files of other systems are read more than once/],
    [['WordPress', join(folder, 'none.xml')], /^There is no file .*none\.xml\.$/],
    [[file, '-o', file], /all\.xml is one of the files that are read\.$/],
    [[spam, '--left-out', spam], /cannot be listed\. .*spam\.xml is one of the files that are read\.$/],
    [[file, '-o', join(folder, 'one'), '--left-out', join(folder, '.', 'one')], /a file of its own/],
    [[spam, '-o', `${spam}.left-out.ndjson`], /a file of its own/],
    [[file, '--origin', 'https://user:secret@example.org'], /^--origin is the site alone/],
    [[file, '--zone', 'Mars/Olympus'], /^There is no time zone Mars\/Olympus\./],
    [[file, '--origin', 'example.org'], /^--origin is the site alone/],
    [[file, '--anonymous', ' '], /^--anonymous is a name/],
    [[file, '--known', join(folder, 'none')], /^There is no file .*none\.$/],
    [[file, '--article', 'title'], /path, url, path-query, identifier/],
  ]
  for (const [args, sentence] of wrong) {
    const terminal = testTerminal()
    t.equal(await runCommand(['convert', ...args], terminal), 1)
    t.equal(terminal.out(), '')
    t.match(terminal.err().trim().split('\n').at(-1), sentence)
  }
})

t.test('it asks for no settings, and opens no database', async (t) => {
  const folder = folderOf(t)
  writeFileSync(join(folder, 'all.xml'), fileOf(five))
  const terminal = testTerminal({ DATABASE_URL: 'nonsense', MODERATOR_TOKEN: 'x' })
  t.equal(await runCommand(['convert', join(folder, 'all.xml'), '--dry-run'], terminal), 0)
})

t.test(
  'on a terminal a bar shows how far it has read, and is gone at the end; a pipe has none',
  async (t) => {
    const folder = folderOf(t)
    const file = join(folder, 'all.xml')
    writeFileSync(
      file,
      fileOf(Array.from({ length: 3_000 }, (_, page) => `https://www.example.org/${page}/`)),
    )
    for (const isTTY of [true, false]) {
      const terminal = testTerminal()
      const command = runCommand(['convert', file, '--dry-run'], {
        ...terminal,
        stderr: { ...terminal.stderr, isTTY },
      })
      t.equal(await command, 0)
      if (!isTTY) {
        // One that takes very long has a line now and then.
        t.notMatch(terminal.err(), /[\r#]/)
        continue
      }
      const lines = terminal.err().split('\r\u001b[K')
      t.equal(lines.at(0), '', 'nothing else')
      t.equal(lines.at(-1), '', 'and nothing of it at the end')
      const bars = lines.slice(1, -1)
      t.ok(bars.length > 0)
      t.ok(bars.every((bar) => /^Reading \[#*\.*\] \d+ %, \d of \d MiB$/.test(bar)))
      t.match(terminal.out(), /^WordPress: 3,000 comments read/)
    }
  },
)

async function withKnown(t: Test, known: string | Buffer, more: Readonly<Record<string, string>> = {}) {
  const folder = folderOf(t)
  const files = Object.entries({ 'all.xml': fileOf(five), 'known.txt': known, ...more })
  for (const [name, content] of files) writeFileSync(join(folder, name), content)
  const flags = ['known.txt', ...Object.keys(more)].flatMap((name) => ['--known', join(folder, name)])
  return convertPaths(folder, [join(folder, 'all.xml')], ...flags)
}

/** An archive as any packer writes it (APPNOTE.TXT, 4.3). */
function zipOf(files: Readonly<Record<string, string>>): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [name, text] of Object.entries(files)) {
    const content = Buffer.from(text)
    const packed = deflateRawSync(content)
    const fields = Buffer.alloc(26)
    fields.writeUInt16LE(20, 0)
    fields.writeUInt16LE(8, 4)
    fields.writeUInt32LE(crc32(content), 10)
    fields.writeUInt32LE(packed.length, 14)
    fields.writeUInt32LE(content.length, 18)
    fields.writeUInt16LE(Buffer.byteLength(name), 22)
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), fields, Buffer.from(name), packed])
    const place = Buffer.alloc(14)
    place.writeUInt32LE(offset, 10)
    directory.push(
      Buffer.concat([Buffer.from('PK\u0001\u0002'), Buffer.from([20, 0]), fields, place, Buffer.from(name)]),
    )
    parts.push(local)
    offset += local.length
  }
  const entries = Buffer.concat(directory)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(directory.length, 4)
  end.writeUInt16LE(directory.length, 6)
  end.writeUInt32LE(entries.length, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...parts, entries, Buffer.from('PK\u0005\u0006'), end])
}
