import t from 'tap'
import { addsUp, convertFiles } from '../../support/conversions.ts'
import { type Entry, jsonExportTests, refused, shortly } from '../../support/json-exports.ts'

const nobody = '0'.repeat(64)

function comment(n: number, fields: Entry = {}): Entry {
  return {
    commentHex: `c${n}`,
    domain: 'example.org',
    url: '/post/',
    commenterHex: 'ann',
    markdown: `text ${n}`,
    html: `<p>text ${n}</p>`,
    parentHex: 'root',
    score: 0,
    state: 'approved',
    creationDate: `2021-11-02T19:03:${String(n).padStart(2, '0')}.08875Z`,
    direction: 0,
    deleted: false,
    ...fields,
  }
}

const commenters = [
  {
    commenterHex: 'ann',
    email: ' ann@example.org ',
    name: 'Ann &amp; Co',
    link: 'undefined',
    photo: 'undefined',
    provider: 'commento',
    joinDate: '2021-11-02T19:00:38.961Z',
    isModerator: false,
  },
  {
    commenterHex: 'gone',
    email: 'gone@example.org',
    name: 'Gone',
    link: 'https://gone.example.org',
    photo: 'https://example.org/p.png',
  },
]

const comments = [
  comment(1, { markdown: 'TEXT', score: 3 }),
  comment(2, { parentHex: 'c1', commenterHex: 'anonymous', state: 'unapproved' }),
  comment(3, { parentHex: 'c1', commenterHex: nobody, state: 'flagged', url: '/post/' }),
  comment(4, { parentHex: 'c9', commenterHex: 'not-there' }),
  comment(5, { commenterHex: 'gone', deleted: true, markdown: 'deleted secret' }),
  comment(6, { parentHex: 'c5' }),
  comment(7, { commenterHex: 'gone', markdown: '[deleted]', html: '<p>[deleted]</p>' }),
  comment(8, { commenterHex: 'gone', markdown: '', html: '' }),
  comment(9, { parentHex: 'none' }),
  comment(10, { markdown: '', html: '<p>only <b>HTML</b> &amp; é😀</p>' }),
  comment(11, { state: 'other' }),
  comment(12, { url: 'https://www.example.org/whole/?a=1' }),
  comment(13, { url: 'no-slash' }),
  comment(14, { parentHex: 'c15' }),
  comment(15, { parentHex: 'c14' }),
  comment(16, { parentHex: 'c12' }),
  comment(17, { creationDate: '0001-01-01T00:00:00Z' }),
  comment(18, {
    url: undefined as never,
    domain: undefined as never,
    host: 'https://example.org/',
    path: '/post/',
  }),
  comment(19, { url: '', path: '' }),
]

const write = (of: Entry[], version: unknown = 1) => JSON.stringify({ version, comments: of, commenters })

t.test('each comment becomes what its state says', async (t) => {
  const converted = await convertFiles(t, { 'commento.json': write(comments) }, 'commento')
  t.equal(converted.code, 0)
  addsUp(t, converted, 19)
  const at = (n: number) => `2021-11-02T19:03:${String(n).padStart(2, '0')}.088Z`
  const ann = ['Ann &amp; Co', 'ann@example.org']
  t.strictSame(shortly(converted), [
    ['/post/', null, 'approved', ...ann, 'TEXT', at(1)],
    ['/post/', 0, 'pending', 'Anonymous', null, 'text 2', at(2)],
    ['/post/', 0, 'pending', 'Anonymous', null, 'text 3', at(3)],
    ['/post/', 6, 'approved', 'Anonymous', null, 'text 4', at(4)],
    ['/post/', null, 'withdrawn', null, null, null, at(5)],
    ['/post/', 4, 'approved', ...ann, 'text 6', at(6)],
    ['/post/', null, 'approved', ...ann, 'text 9', at(9)],
    ['/post/', null, 'approved', ...ann, 'only HTML & é😀', at(10)],
    ['/whole/', null, 'approved', ...ann, 'text 12', at(12)],
    ['/no-slash', null, 'approved', ...ann, 'text 13', at(13)],
    ['/post/', null, 'approved', ...ann, 'text 14', at(14)],
    ['/post/', null, 'approved', ...ann, 'text 15', at(15)],
    ['/post/', null, 'approved', ...ann, 'text 16', at(16)],
    ['/post/', null, 'approved', ...ann, 'text 18', at(18)],
  ])
  t.strictSame(
    converted.leftOut.map(({ reason, id }) => [id, reason]),
    [
      ['c11', 'unknown-state'],
      ['c17', 'no-time'],
      ['c19', 'page-without-address'],
      ['c7', 'deleted'],
      ['c8', 'deleted'],
    ],
  )
  t.strictSame(converted.decisions[0], {
    ...converted.decisions[0],
    action: 'approve',
    decidedBy: 'import:commento',
    note: 'Commento c1',
  })
  t.match(converted.articles, [
    { articleId: '/no-slash' },
    { articleId: '/post/', url: 'https://example.org/post/' },
    { articleId: '/whole/' },
  ])
  t.notMatch(converted.out, /gone|Gone|secret/, 'nothing of what is deleted, or by whom')
  t.match(converted.report, [/^Commento: 19/])
  for (const line of [
    / 1 {2}votes$/,
    / 1 {2}websites$/,
    / 1 {2}pictures of authors$/,
    / 2 {2}they answer one another in a circle$/,
  ])
    t.ok(
      converted.report.some((one) => line.test(one)),
      String(line),
    )
})

t.test('pages may be whole URLs, and what a site calls them', async (t) => {
  const urls = await convertFiles(
    t,
    { 'a.json': write([comment(1), comment(2, { url: 'own-id' })]) },
    'commento',
    '--article',
    'url',
  )
  t.strictSame(
    urls.articles.map(({ articleId }) => articleId),
    ['https://example.org/own-id', 'https://example.org/post/'],
  )
  const own = await convertFiles(
    t,
    { 'a.json': write([comment(2, { url: 'own-id' })]) },
    'commento',
    '--article',
    'identifier',
  )
  t.strictSame(
    own.articles.map(({ articleId }) => articleId),
    ['own-id'],
  )
  const repeated = await convertFiles(
    t,
    { 'a.json': write([comment(1, { url: 'example.org/post/' })]) },
    'commento',
  )
  t.strictSame(
    repeated.articles.map(({ articleId }) => articleId),
    ['/post/'],
  )
})

t.test('what Comentario writes as version 1 is read', async (t) => {
  const { domain: _, url: __, html: ___, ...rest } = comment(1)
  const { code, comments: rows } = await convertFiles(t, {
    'a.json': JSON.stringify({
      version: 1,
      comments: [{ ...rest, host: 'example.org', path: '/' }],
      commenters,
    }),
  })
  t.equal(code, 0)
  t.match(rows, [{ articleId: '/', body: 'text 1' }])
})

t.test('other versions, and none, are refused', async (t) => {
  for (const version of [2, '2', 481, null, true])
    refused(
      t,
      await convertFiles(t, { 'a.json': write([comment(1)], version) }, 'commento'),
      /It is of a version that cannot be read/,
    )
  refused(
    t,
    await convertFiles(t, { 'a.json': '{"comments":[]}' }, 'commento'),
    /It does not say of which version/,
  )
  refused(t, await convertFiles(t, { 'a.json': '{"version":1}' }, 'commento'), /It has no list of comments/)
})

t.test('without comments nothing comes of it', async (t) => {
  for (const list of ['[]', 'null']) {
    const converted = await convertFiles(
      t,
      {
        'a.json': `{"version":1,"comments":${list},"commenters":${list}}`,
      },
      '--force',
    )
    t.equal(converted.code, 0)
    addsUp(t, converted, 0)
  }
})

t.test('flags that are neither true nor false make nothing public', async (t) => {
  const converted = await convertFiles(
    t,
    {
      'a.json': write([
        comment(1),
        comment(2, { deleted: 'yes' }),
        comment(3, { deleted: {} }),
        comment(4, { deleted: 'false' }),
        comment(5, { deleted: null }),
      ]),
    },
    'commento',
  )
  t.same(
    converted.leftOut.map(({ id, reason }) => [id, reason]),
    [
      ['c2', 'unknown-state'],
      ['c3', 'unknown-state'],
    ],
  )
  addsUp(t, converted, 5)
})

jsonExportTests(t, { format: 'commento', write, comments })
