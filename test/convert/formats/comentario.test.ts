import t from 'tap'
import { addsUp, convertFiles } from '../../support/conversions.ts'
import { type Entry, jsonExportTests, refused, shortly } from '../../support/json-exports.ts'

const noOne = '00000000-0000-0000-0000-000000000000'
const never = '0001-01-01T00:00:00.000Z'
const uuid = (n: number) => `881e132c-21b5-4b20-ad69-${String(n).padStart(12, '0')}`

function comment(n: number, fields: Entry = {}): Entry {
  return {
    id: uuid(n),
    parentId: null,
    pageId: 'page-1',
    markdown: `text ${n}`,
    html: `<p>text ${n}</p>`,
    score: 0,
    isSticky: false,
    isApproved: true,
    isPending: false,
    isDeleted: false,
    createdTime: `2023-11-14T20:15:${String(n).padStart(2, '0')}.000Z`,
    moderatedTime: never,
    deletedTime: never,
    editedTime: never,
    userCreated: 'ann',
    authorName: '',
    authorIp: '192.0.2.77',
    authorCountry: 'XX',
    ...fields,
  }
}

const pages = [
  {
    id: 'page-1',
    domainId: 'd',
    path: '/post/',
    title: 'A &amp; B',
    isReadonly: true,
    createdTime: '2023-10-25T14:51:49Z',
  },
  { id: 'page-2', domainId: 'd', path: 'own-id', title: '', isReadonly: false },
]

const commenters = [
  {
    id: 'ann',
    email: 'ann@example.org',
    name: 'Ann',
    websiteUrl: 'https://ann.example.org',
    hasAvatar: true,
    colourIndex: 3,
  },
  {
    id: 'gone',
    email: 'gone@example.org',
    name: 'Gone',
    hasAvatar: false,
    isCommenter: true,
    isModerator: false,
  },
]

const comments = [
  comment(1, { markdown: 'TEXT', isSticky: true, score: -2, editedTime: '2023-11-15T00:00:00Z' }),
  comment(2, { parentId: uuid(1), isPending: true, isApproved: false }),
  comment(3, { parentId: uuid(1), isApproved: false, moderatedTime: '2023-11-16T10:00:00.5+02:00' }),
  comment(4, { parentId: uuid(5), userCreated: noOne, authorName: 'Guest' }),
  comment(5, { userCreated: 'gone', isDeleted: true, markdown: 'deleted secret' }),
  comment(6, { userCreated: 'gone', isDeleted: true, markdown: 'deleted secret' }),
  comment(7, { pageId: 'page-2', userCreated: null, authorName: '' }),
  comment(8, { pageId: 'page-2', parentId: uuid(1) }),
  comment(9, { pageId: 'page-3' }),
  comment(10, { userCreated: 'not-there', isPending: true }),
  comment(11, { isApproved: null }),
  comment(12, { parentId: noOne, markdown: '', html: '<p>HTML &hellip;</p>' }),
  comment(13, { markdown: ' ', html: '' }),
]

const write = (of: Entry[], version: unknown = 3) =>
  JSON.stringify({ comments: of, pages, commenters, version })

t.test('each comment becomes what its flags say', async (t) => {
  const converted = await convertFiles(t, { 'a.json': write(comments) }, 'comentario')
  t.equal(converted.code, 0)
  addsUp(t, converted, 13)
  const at = (n: number) => `2023-11-14T20:15:${String(n).padStart(2, '0')}.000Z`
  const ann = ['Ann', 'ann@example.org']
  t.strictSame(shortly(converted), [
    ['/post/', null, 'approved', ...ann, 'TEXT', at(1)],
    ['/post/', 0, 'pending', ...ann, 'text 2', at(2)],
    ['/post/', 0, 'rejected', ...ann, 'text 3', at(3)],
    ['/post/', 4, 'approved', 'Guest', null, 'text 4', at(4)],
    ['/post/', null, 'withdrawn', null, null, null, at(5)],
    ['own-id', null, 'approved', 'Anonymous', null, 'text 7', at(7)],
    ['own-id', null, 'approved', ...ann, 'text 8', at(8)],
    ['/post/', null, 'pending', 'Anonymous', null, 'text 10', at(10)],
    ['/post/', null, 'approved', ...ann, 'HTML …', at(12)],
  ])
  t.strictSame(
    converted.leftOut.map(({ reason, id }) => [id, reason]),
    [
      [uuid(6), 'deleted'],
      [uuid(9), 'page-absent'],
      [uuid(11), 'unknown-state'],
      [uuid(13), 'no-text'],
    ],
  )
  t.strictSame(
    converted.articles.map(({ articleId, title, closedAtMs }) => [articleId, title, closedAtMs !== null]),
    [
      ['/post/', 'A &amp; B', true],
      ['own-id', null, false],
    ],
  )
  t.notMatch(converted.out, /gone|Gone|secret|192\.0\.2/)
  for (const line of [
    /13 {2}IP addresses$/,
    / 1 {2}pins$/,
    / 1 {2}votes$/,
    / 1 {2}edits$/,
    / 1 {2}the comment they answer is on another article$/,
  ])
    t.ok(
      converted.report.some((one) => line.test(one)),
      String(line),
    )
})

t.test('a decision has its own time, where there is one', async (t) => {
  const { decisions } = await convertFiles(t, { 'a.json': write(comments) }, 'comentario')
  const rejected = decisions.find(({ action }) => action === 'reject')
  t.equal(rejected?.['decidedAtMs'], Date.parse('2023-11-16T08:00:00.500Z'))
  t.equal(decisions[0]?.['decidedAtMs'], Date.parse('2023-11-14T20:15:01Z'))
})

t.test('other versions, and none, are refused', async (t) => {
  for (const version of [1, 2, 481, null])
    refused(
      t,
      await convertFiles(t, { 'a.json': write([comment(1)], version) }, 'comentario'),
      /It is of a version that cannot be read/,
    )
  refused(
    t,
    await convertFiles(t, { 'a.json': '{"version":481}' }, 'comentario'),
    /It is of a version that cannot be read/,
  )
  refused(
    t,
    await convertFiles(t, { 'a.json': '{"version":481}' }),
    /It cannot be told of which system it is/,
  )
  refused(
    t,
    await convertFiles(t, { 'a.json': '{"comments":[]}' }, 'comentario'),
    /It does not say of which version/,
  )
  refused(
    t,
    await convertFiles(t, { 'a.json': '{"version":3,"pages":[]}' }, 'comentario'),
    /It has no list of comments/,
  )
  refused(
    t,
    await convertFiles(t, { 'a.json': '{"version":1,"comments":[],"commenters":[]}' }, 'comentario'),
    /It is a file of Commento, not of Comentario/,
  )
})

t.test('without comments nothing comes of it', async (t) => {
  const converted = await convertFiles(
    t,
    {
      'a.json': '{"version":3,"pages":null,"comments":null,"commenters":null}',
    },
    '--force',
  )
  t.equal(converted.code, 0)
  addsUp(t, converted, 0)
})

t.test('flags that are neither true nor false make nothing public', async (t) => {
  const converted = await convertFiles(
    t,
    {
      'a.json': write([
        comment(1),
        comment(2, { isDeleted: 'yes' }),
        comment(3, { isPending: 'yes' }),
        comment(4, { isApproved: 'yes' }),
        comment(5, { isDeleted: {}, isPending: [] }),
        comment(6, { isDeleted: 'false', isPending: null }),
      ]),
    },
    'comentario',
  )
  t.same(
    converted.leftOut.map(({ id, reason }) => [id, reason]),
    [2, 3, 4, 5].map((n) => [uuid(n), 'unknown-state']),
  )
  addsUp(t, converted, 6)
})

jsonExportTests(t, { format: 'comentario', write, comments })
