import t from 'tap'
import { addsUp, convertFiles, inZones } from '../../support/conversions.ts'
import { type Entry, jsonExportTests, refused, shortly } from '../../support/json-exports.ts'

function comment(n: number, fields: Entry = {}): Entry {
  return {
    id: String(n),
    rid: '0',
    content: `text ${n}`,
    ua: 'Mozilla/5.0',
    ip: '192.0.2.77',
    is_collapsed: 'false',
    is_pending: 'false',
    is_pinned: 'false',
    vote_up: '0',
    vote_down: '0',
    created_at: `2021-10-28 20:50:${String(n).padStart(2, '0')} +0800 +0800`,
    updated_at: '2021-10-29 20:50:15 +0800 +0800',
    nick: 'Ann',
    email: 'ann@example.org',
    link: '',
    password: 'password-secret',
    badge_name: '',
    badge_color: '',
    page_key: '/post/',
    page_title: 'A &amp; B',
    page_admin_only: 'false',
    site_name: 'One',
    site_urls: 'http://localhost:3000/demo/, https://example.org/a/,https://example.net/',
    ...fields,
  }
}

const comments = [
  comment(1, { content: 'TEXT', vote_up: '4', is_pinned: 'true', link: 'https://ann.example.org' }),
  comment(2, {
    rid: '1',
    content: '<p><a class="at" href="#1">@Ann</a> , <b>hello</b></p><p>there</p>',
    is_pending: 'true',
  }),
  comment(3, { rid: '1', content: '[@Ann](#1): *hi* <T>', is_pending: true }),
  comment(4, { rid: '', content: '[@Ann](#1): at the top', is_pending: false, nick: '', email: '' }),
  comment(5, { id: 5, rid: 1, content: 'line\nbreak `<b>`' }),
  comment(6, { rid: '99' }),
  comment(7, { page_key: 'https://example.org/whole/?a=1#b', page_title: '' }),
  comment(8, { page_key: 'own id', rid: '1' }),
  comment(9, { created_at: '2021-10-28T12:50:09.123Z' }),
  comment(10, { created_at: 'not a time' }),
  comment(11, { created_at: '0001-01-01 00:00:00 +0000 UTC' }),
  comment(12, { rid: '13' }),
  comment(13, { rid: '12' }),
  comment(14, { content: '<script>alert(1)</script>' }),
  comment(15, { page_key: '' }),
  comment(16, { id: '' }),
  comment(17, { is_pending: 'perhaps' }),
  comment(1, {
    site_name: 'Two',
    site_urls: '',
    page_key: '/two/',
    content: 'other site',
    page_admin_only: 'true',
  }),
  comment(18, { site_name: 'Two', site_urls: '', page_key: '/two/', page_admin_only: 'true', rid: '2' }),
]

const write = (of: Entry[]) => JSON.stringify(of)

t.test('each comment is taken with its page and its site', async (t) => {
  const converted = await convertFiles(t, { 'a.json': write(comments) }, 'artrans')
  t.equal(converted.code, 0)
  addsUp(t, converted, 19)
  const at = (n: number, ms = '000') => `2021-10-28T12:50:${String(n).padStart(2, '0')}.${ms}Z`
  const ann = ['Ann', 'ann@example.org']
  t.strictSame(shortly(converted), [
    ['/two/', null, 'approved', ...ann, 'other site', at(1)],
    ['/post/', null, 'approved', ...ann, 'TEXT', at(1)],
    ['/post/', 1, 'pending', ...ann, 'hello\n\nthere', at(2)],
    ['/post/', 1, 'pending', ...ann, '*hi* <T>', at(3)],
    ['/post/', null, 'approved', 'Anonymous', null, '[@Ann](#1): at the top', at(4)],
    ['/post/', 1, 'approved', ...ann, 'line\nbreak `<b>`', at(5)],
    ['/post/', null, 'approved', ...ann, 'text 6', at(6)],
    ['/whole/', null, 'approved', ...ann, 'text 7', at(7)],
    ['own id', null, 'approved', ...ann, 'text 8', at(8)],
    ['/post/', null, 'approved', ...ann, 'text 9', at(9, '123')],
    ['/post/', null, 'approved', ...ann, 'text 12', at(12)],
    ['/post/', null, 'approved', ...ann, 'text 13', at(13)],
    ['/two/', null, 'approved', ...ann, 'text 18', at(18)],
  ])
  t.strictSame(
    converted.leftOut.map(({ reason, id }) => [id, reason]),
    [
      ['', 'no-id'],
      ['10', 'no-time'],
      ['11', 'no-time'],
      ['14', 'no-text'],
      ['15', 'page-without-address'],
      ['17', 'unknown-state'],
    ],
  )
  t.strictSame(
    converted.articles.map(({ articleId, title, url, closedAtMs }) => [
      articleId,
      title,
      url,
      closedAtMs !== null,
    ]),
    [
      ['/post/', 'A &amp; B', 'https://example.org/post/', false],
      ['/two/', 'A &amp; B', null, true],
      ['/whole/', null, 'https://example.org/whole/?a=1#b', false],
      ['own id', 'A &amp; B', null, false],
    ],
  )
  t.notMatch(converted.out, /192\.0\.2|Mozilla|password-secret|alert/)
  t.equal(new Set(converted.comments.map(({ id }) => id)).size, 13)
  for (const line of [
    /19 {2}IP addresses$/,
    /19 {2}user agents$/,
    / 1 {2}pins$/,
    / 1 {2}votes$/,
    / 1 {2}websites$/,
  ])
    t.ok(
      converted.report.some((one) => line.test(one)),
      String(line),
    )
})

t.test('a time without a zone is of the zone that is named, never of the machine', async (t) => {
  const text = write([comment(1, { created_at: '2021-10-28 20:50:15' })])
  refused(t, await convertFiles(t, { 'a.json': text }, 'artrans'), /--zone/)
  const { comments: rows } = await convertFiles(t, { 'a.json': text }, 'artrans', '--zone', 'Asia/Shanghai')
  t.equal(rows[0]?.['submittedAtMs'], Date.parse('2021-10-28T12:50:15Z'))
})

t.test('where the machine is changes nothing of it', async (t) => {
  const text = write([
    comment(2, { created_at: '2021-03-28 02:30:00' }),
    comment(3, { created_at: '2021-10-31 02:30:00' }),
  ])
  const [here, ...others] = await inZones(() =>
    convertFiles(t, { 'a.json': text }, 'artrans', '--zone', 'Europe/Paris'),
  )
  t.strictSame(
    here?.comments.map(({ submittedAtMs }) => submittedAtMs),
    [Date.parse('2021-03-28T01:30:00Z'), Date.parse('2021-10-31T00:30:00Z')],
  )
  for (const { out } of others) t.equal(out, here?.out)
})

t.test('without comments nothing comes of it', async (t) => {
  const converted = await convertFiles(t, { 'a.json': '[]' }, 'artrans', '--force')
  t.equal(converted.code, 0)
  addsUp(t, converted, 0)
  refused(
    t,
    await convertFiles(t, { 'a.json': '{}' }, 'artrans'),
    /Line 1, column 1: There is no list where there has to be one/,
  )
})

jsonExportTests(t, { format: 'artrans', write, comments })
