import t from 'tap'
import { addsUp, convertFiles } from '../../support/conversions.ts'
import { type Entry, jsonExportTests, refused, shortly } from '../../support/json-exports.ts'

const second = (n: number) => `2022-03-04T05:06:${String(n).padStart(2, '0')}.000Z`

function comment(n: number, fields: Entry = {}): Entry {
  return {
    objectId: String(n),
    user_id: null,
    insertedAt: second(n),
    createdAt: '2024-01-01T00:00:00.000Z',
    updatedAt: '2024-01-01T00:00:00.000Z',
    comment: `text ${n}`,
    ip: '192.0.2.77',
    ua: 'Mozilla/5.0',
    link: '',
    mail: 'ann@example.org',
    nick: 'Ann',
    pid: null,
    rid: null,
    sticky: null,
    like: null,
    status: 'approved',
    url: '/post/',
    ...fields,
  }
}

const comments = [
  comment(1, { comment: 'TEXT', like: 3, sticky: true, link: 'https://ann.example.org' }),
  comment(2, { pid: '1', rid: '1', comment: '[@Ann](#1): reply', status: 'waiting' }),
  comment(3, {
    pid: null,
    rid: '1',
    comment: '<p><a class="at" href="#1">@Ann</a> , from <em>Valine</em></p>\n',
    status: undefined as never,
  }),
  comment(4, { status: 'spam', nick: 'Spammer', mail: 'spam@example.org' }),
  comment(5, { pid: 4, rid: 4, mail: '', nick: '' }),
  comment(6, {
    objectId: { $oid: '65a1' },
    insertedAt: { __type: 'Date', iso: second(6) },
    like: { $numberLong: '7' },
  }),
  comment(7, {
    pid: { $oid: '65a1' },
    insertedAt: { $date: { $numberLong: String(Date.parse(second(7))) } },
  }),
  comment(8, { insertedAt: null, createdAt: second(8), status: '' }),
  comment(9, { insertedAt: 'broken', createdAt: second(9) }),
  comment(10, { objectId: undefined as never, id: 10 }),
  comment(11, { status: 'deleted' }),
  comment(12, { pid: '99', mail: 'no address' }),
  comment(13, { pid: '14' }),
  comment(14, { pid: '13' }),
  comment(15, { url: '/other/', pid: '1' }),
  comment(16, { url: '' }),
  comment(17, { insertedAt: Date.parse(second(17)) }),
]

const users = [
  {
    objectId: 1,
    display_name: 'Owner-secret',
    email: 'owner@example.org',
    password: '$2a$08$password-secret',
    type: 'administrator',
    '2fa': '2fa-secret',
    github: 'github-secret',
  },
]

function write(of: Entry[], version: unknown = 1): string {
  return JSON.stringify({
    type: 'waline',
    version,
    time: 1_700_000_000_000,
    tables: ['Comment', 'Counter', 'Users'],
    data: {
      Users: users,
      Counter: [{ objectId: 1, url: '/post/', time: 5, comment: 'counter' }],
      Comment: of,
    },
  })
}

t.test('each comment becomes what its status says', async (t) => {
  const converted = await convertFiles(t, { 'a.json': write(comments) }, 'waline')
  t.equal(converted.code, 0)
  addsUp(t, converted, 17)
  const ann = ['Ann', 'ann@example.org']
  t.strictSame(shortly(converted), [
    ['/post/', null, 'approved', ...ann, 'TEXT', second(1)],
    ['/post/', 0, 'pending', ...ann, 'reply', second(2)],
    ['/post/', 0, 'approved', ...ann, 'from Valine', second(3)],
    ['/post/', null, 'approved', 'Anonymous', null, 'text 5', second(5)],
    ['/post/', null, 'approved', ...ann, 'text 6', second(6)],
    ['/post/', 4, 'approved', ...ann, 'text 7', second(7)],
    ['/post/', null, 'approved', ...ann, 'text 8', second(8)],
    ['/post/', null, 'approved', ...ann, 'text 10', second(10)],
    ['/post/', null, 'approved', 'Ann', null, 'text 12', second(12)],
    ['/post/', null, 'approved', ...ann, 'text 13', second(13)],
    ['/post/', null, 'approved', ...ann, 'text 14', second(14)],
    ['/other/', null, 'approved', ...ann, 'text 15', second(15)],
    ['/post/', null, 'approved', ...ann, 'text 17', second(17)],
  ])
  t.strictSame(
    converted.leftOut.map(({ reason, id }) => [id, reason]),
    [
      ['11', 'unknown-state'],
      ['16', 'page-without-address'],
      ['4', 'spam'],
      ['9', 'no-time'],
    ],
  )
  t.notMatch(converted.out, /192\.0\.2|Mozilla|secret|owner|counter|[Ss]pam/)
  for (const line of [
    /17 {2}IP addresses$/,
    /17 {2}user agents$/,
    / 1 {2}pins$/,
    / 2 {2}votes$/,
    / 1 {2}websites$/,
    / 1 {2}e-mail addresses that are none$/,
  ])
    t.ok(
      converted.report.some((one) => line.test(one)),
      String(line),
    )
})

t.test('spam is taken as rejected where that is asked for', async (t) => {
  const { comments: rows } = await convertFiles(
    t,
    { 'a.json': write(comments) },
    'waline',
    '--spam',
    'rejected',
  )
  t.match(rows[3], { status: 'rejected', authorName: 'Spammer' })
  t.equal(rows[4]?.['parentId'], rows[3]?.['id'])
})

t.test('what SQLite has written is of the zone that is named', async (t) => {
  const text = write([comment(1, { insertedAt: '2022-03-04 05:06:07' })])
  refused(t, await convertFiles(t, { 'a.json': text }, 'waline'), /--zone/)
  const { comments: rows } = await convertFiles(t, { 'a.json': text }, 'waline', '--zone', 'Asia/Tokyo')
  t.equal(rows[0]?.['submittedAtMs'], Date.parse('2022-03-03T20:06:07Z'))
})

t.test('what LeanCloud exports is read in each of its forms', async (t) => {
  const rows = comments.map((row) => ({
    ACL: { '*': { read: true } },
    ...row,
    objectId: row['objectId'] ?? row['id'] ?? '',
  }))
  const { out } = await convertFiles(t, { 'a.json': write(rows) }, 'waline')
  const lines = rows.map((row) => JSON.stringify(row)).join('\n')
  for (const text of [
    `#filetype:JSON-streaming {"type":"Class","class":"Comment"}\n${lines}\n`,
    lines,
    JSON.stringify({ results: rows }),
    JSON.stringify(rows),
  ]) {
    t.equal((await convertFiles(t, { 'Comment.0.jsonl': text }, 'waline')).out, out)
    t.equal((await convertFiles(t, { 'Comment.0.jsonl': text })).out, out)
  }
  refused(t, await convertFiles(t, { 'a.json': `${lines}\n{"objectId":` }), /It is cut off/)
})

t.test('what Valine-Admin has hidden is not public', async (t) => {
  const hidden = { '*': { read: false } }
  const rows: [Entry, string][] = [
    [{ isSpam: true, ACL: hidden }, 'spam'],
    [{ isSpam: 'true' }, 'spam'],
    [{ isSpam: true, status: 'approved' }, 'spam'],
    [{ isSpam: 'perhaps' }, 'unknown-state'],
    [{ isSpam: false, ACL: hidden }, 'pending'],
    [{ ACL: { 'role:admin': { read: true } } }, 'pending'],
    [{ ACL: { '*': {} } }, 'pending'],
    [{ ACL: { '*': { read: 'perhaps' } } }, 'unknown-state'],
    [{ ACL: { '*': 7 } }, 'unknown-state'],
    [{ ACL: 'none' }, 'unknown-state'],
    [{ isSpam: false, ACL: { '*': { read: true } } }, 'approved'],
    [{}, 'approved'],
    // Waline has a state of its own, and changes that alone.
    [{ ACL: hidden, status: 'approved' }, 'approved'],
  ]
  const results = rows.map(([fields], n) => {
    const { status, ...row } = comment(n, fields)
    return { ...row, ...('status' in fields && { status }) }
  })
  const { comments: taken, leftOut } = await convertFiles(
    t,
    { 'a.json': JSON.stringify({ results }) },
    'waline',
  )
  for (const [n, [fields, state]] of rows.entries())
    t.equal(
      taken.find(({ body }) => body === `text ${n}`)?.['status'] ??
        leftOut.find(({ id }) => id === String(n))?.reason,
      state,
      JSON.stringify(fields),
    )
})

t.test('other versions, and none, are refused', async (t) => {
  for (const version of [2, null, '1.1'])
    refused(
      t,
      await convertFiles(t, { 'a.json': write([comment(1)], version) }),
      /It is of a version that cannot be read/,
    )
  refused(
    t,
    await convertFiles(t, { 'a.json': '{"type":"waline","data":{"Comment":[]}}' }),
    /It does not say of which version/,
  )
  refused(
    t,
    await convertFiles(t, { 'a.json': '{"type":"waline","version":1}' }),
    /It has no list of comments/,
  )
  refused(
    t,
    await convertFiles(t, { 'a.json': '{"type":"waline","version":1,"data":{"Comment":{}}}' }),
    /There is no list of data\.Comment/,
  )
})

t.test('without comments nothing comes of it', async (t) => {
  const converted = await convertFiles(t, { 'a.json': write([]) }, '--force')
  t.equal(converted.code, 0)
  addsUp(t, converted, 0)
})

jsonExportTests(t, { format: 'waline', write, comments })
