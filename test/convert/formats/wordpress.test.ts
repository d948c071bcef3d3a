import t from 'tap'
import { addsUp, convertFiles, inZones, isRefused } from '../../support/conversions.ts'

type Fields = Record<string, string>

const commentOf = (fields: Fields) => {
  const whole: Fields = {
    comment_author: 'Ada',
    comment_author_email: 'ada@example.org',
    comment_author_IP: '192.0.2.7',
    comment_date: '2014-01-14 18:32:12',
    comment_date_gmt: '2014-01-14 17:32:12',
    comment_content: 'Hello',
    comment_approved: '1',
    comment_type: 'comment',
    comment_parent: '0',
    ...fields,
  }
  return `<wp:comment>${Object.entries(whole)
    .map(([name, value]) => `<wp:${name}><![CDATA[${value}]]></wp:${name}>`)
    .join(
      '',
    )}<wp:commentmeta><wp:meta_key>akismet_history</wp:meta_key><wp:meta_value><![CDATA[secret meta]]></wp:meta_value></wp:commentmeta></wp:comment>`
}

const itemOf = (link: string, fields: Fields, comments: readonly string[]) =>
  `<item><title><![CDATA[It's &laquo;a&raquo; post]]></title><link>${link}</link><guid isPermaLink="false">https://www.example.org/?p=4</guid><content:encoded><![CDATA[${'<p>The article.</p>'.repeat(50)}]]></content:encoded>${Object.entries(
    fields,
  )
    .map(([name, value]) => `<wp:${name}>${value}</wp:${name}>`)
    .join('')}${comments.join('\n')}</item>`

const fileOf = (items: readonly string[], namespace = 'http://wordpress.org/export/1.2/') =>
  `<?xml version="1.0" encoding="UTF-8" ?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wp="${namespace}"><channel><title>Site</title><link>https://www.example.org</link>
${items.join('\n')}</channel></rss>`

const comments = [
  commentOf({
    comment_id: '12',
    comment_parent: '11',
    comment_content: 'One\ntwo <em>three</em>\n\nfour &amp; <a href="https://example.com/">five</a>',
  }),
  commentOf({
    comment_id: '11',
    comment_author: 'Ada &laquo;L&raquo;',
    comment_author_email: ' ada@example.org\n',
    comment_author_url: 'https://ada.example',
  }),
  commentOf({ comment_id: '13', comment_approved: '0', comment_content: 'waits' }),
  commentOf({
    comment_id: '14',
    comment_approved: 'trash',
    comment_content: 'text of the trashed',
    comment_author_email: 'trashed@example.org',
    comment_author: 'Trashed',
  }),
  commentOf({ comment_id: '15', comment_parent: '14' }),
  commentOf({ comment_id: '16', comment_approved: 'post-trashed', comment_content: 'alone in the trash' }),
  commentOf({ comment_id: '17', comment_approved: 'spam', comment_content: 'buy pills' }),
  commentOf({ comment_id: '18', comment_type: 'pingback', comment_content: 'pinged' }),
  commentOf({ comment_id: '19', comment_type: 'note', comment_content: 'an editor’s note' }),
  commentOf({ comment_id: '20', comment_type: 'order_note', comment_content: 'an order’s note' }),
  commentOf({ comment_id: '21', comment_type: '', comment_author: '', comment_author_email: '' }),
  commentOf({
    comment_id: '22',
    comment_date_gmt: '0000-00-00 00:00:00',
    comment_date: '0000-00-00 00:00:00',
  }),
  commentOf({ comment_id: '23', comment_approved: 'maybe' }),
  commentOf({ comment_id: '24', comment_content: '<script>alert(1)</script>' }),
]
const post = {
  status: 'publish',
  post_type: 'post',
  comment_status: 'closed',
  post_id: '4',
  post_date_gmt: '2014-01-01 10:00:00',
}
const items = [
  itemOf('https://www.example.org/2014/test/', post, comments),
  itemOf('https://www.example.org/2014/draft/', { ...post, status: 'draft' }, [
    commentOf({ comment_id: '30', comment_content: 'on a draft' }),
  ]),
  itemOf('https://www.example.org/2014/inner/', { ...post, post_password: 'x' }, [
    commentOf({ comment_id: '31', comment_content: 'behind a password' }),
  ]),
  itemOf('https://www.example.org/?p=6', { ...post, comment_status: 'open' }, [
    commentOf({ comment_id: '32', comment_parent: '11' }),
  ]),
]

t.test('what a file of all oddities comes to', async (t) => {
  const result = await convertFiles(t, { 'all.xml': fileOf(items) })
  t.equal(result.code, 0, result.report.join('\n'))
  addsUp(t, result, comments.length + 3)
  t.same(
    result.comments.map(({ status, articleId, authorName, authorEmail, body, parentId }) => [
      status,
      articleId,
      authorName,
      authorEmail,
      body,
      result.comments.findIndex(({ id }) => id === parentId),
    ]),
    [
      ['approved', '/2014/test/', 'Ada «L»', 'ada@example.org', 'Hello', -1],
      [
        'approved',
        '/2014/test/',
        'Ada',
        'ada@example.org',
        'One\ntwo three\n\nfour & five (https://example.com/)',
        0,
      ],
      ['pending', '/2014/test/', 'Ada', 'ada@example.org', 'waits', -1],
      ['withdrawn', '/2014/test/', null, null, null, -1],
      ['approved', '/2014/test/', 'Ada', 'ada@example.org', 'Hello', 3],
      ['approved', '/2014/test/', 'Anonymous', null, 'Hello', -1],
      ['approved', '/', 'Ada', 'ada@example.org', 'Hello', -1],
    ],
  )
  t.same(
    result.leftOut.map(({ id, reason }) => [id, reason]),
    [
      ['16', 'deleted'],
      ['17', 'spam'],
      ['18', 'not-a-comment'],
      ['19', 'not-a-comment'],
      ['20', 'not-a-comment'],
      ['22', 'no-time'],
      ['23', 'unknown-state'],
      ['24', 'no-text'],
      ['30', 'page-not-public'],
      ['31', 'page-not-public'],
    ],
  )
  t.match(result.articles, [
    { articleId: '/', title: "It's «a» post", url: 'https://www.example.org/?p=6', closedAtMs: null },
    {
      articleId: '/2014/test/',
      url: 'https://www.example.org/2014/test/',
      publishedAtMs: Date.parse('2014-01-01T10:00:00Z'),
      closedAtMs: Date.parse('2014-01-14T17:32:12Z'),
      approvedCount: 4,
    },
  ])
  t.notMatch(
    result.out,
    /text of the trashed|trashed@|Trashed|alone in the trash|pills|pinged|’s note|draft|password|192\.0\.2|secret meta|ada\.example|The article/,
  )
})

t.test('ids stay, and with them what moved in already', async (t) => {
  const { comments } = await convertFiles(t, { 'all.xml': fileOf(items) })
  t.equal(comments[0]?.['id'], '014391cf-8160-7000-8000-0002c9f12548')
})

t.test('the order in the file, the version and the zone of the machine change no byte', async (t) => {
  const { out } = await convertFiles(t, { 'all.xml': fileOf(items) })
  const backwards = [
    ...items.slice(1).toReversed(),
    itemOf('https://www.example.org/2014/test/', post, comments.toReversed()),
  ]
  for (const namespace of [
    'http://wordpress.org/export/1.0/',
    'http://wordpress.org/export/1.1/',
    'https://wordpress.org/export/1.2/',
    'http://www.wordpress.org/export/1.2/',
  ])
    for (const other of await inZones(
      async () => (await convertFiles(t, { 'b.xml': fileOf(backwards, namespace) })).out,
    ))
      t.equal(other, out, namespace)
})

t.test('of a namespace that only looks like it nothing is taken', async (t) => {
  for (const namespace of [
    'http://wordpress.org/export/2.0/',
    'http://example.com/wordpress.org/export/1.2/',
    'http://wordpress.org.example/export/1.2/',
    'urn:x',
  ]) {
    const { code, out, report } = await convertFiles(
      t,
      { 'forged.xml': fileOf(items, namespace) },
      'wordpress',
    )
    t.equal(code, 1)
    t.equal(out, '')
    t.match(report, [/^forged\.xml cannot be converted\. It is XML, and no export of WordPress/])
  }
  const mixed = fileOf([
    ...items,
    itemOf('https://www.example.org/forged/', post, [commentOf({ comment_id: '99' })]).replace(
      '<item>',
      '<item xmlns:wp="urn:forged">',
    ),
  ])
  addsUp(t, await convertFiles(t, { 'mixed.xml': mixed }), comments.length + 3)
})

t.test('a time of the site’s own clock needs its zone', async (t) => {
  const file = fileOf([
    itemOf('https://www.example.org/a/', post, [
      commentOf({
        comment_id: '1',
        comment_date_gmt: '0000-00-00 00:00:00',
        comment_date: '2014-07-14 12:00:00',
      }),
    ]),
  ])
  const refused = await convertFiles(t, { 'a.xml': file })
  t.equal(refused.code, 1)
  t.equal(refused.out, '')
  t.match(refused.report.at(-2), /^Of 1 comment the time does not say in which zone it is\./)
  const { comments } = await convertFiles(t, { 'a.xml': file }, 'wordpress', '--zone', 'Europe/Paris')
  t.match(comments, [{ submittedAtMs: Date.parse('2014-07-14T10:00:00Z') }])
  const forced = await convertFiles(t, { 'a.xml': file }, 'wordpress', '--force')
  t.match(forced.leftOut, [{ reason: 'time-without-zone', id: '1' }])
})

t.test('what waits is taken as it is said', async (t) => {
  const statusOf = async (as: string) => {
    const { comments, leftOut } = await convertFiles(
      t,
      { 'all.xml': fileOf(items) },
      'wordpress',
      '--pending',
      as,
    )
    return (
      comments.find(({ body }) => body === 'waits')?.['status'] ??
      leftOut.find(({ id }) => id === '13')?.reason
    )
  }
  t.equal(await statusOf('approved'), 'approved')
  t.equal(await statusOf('pending'), 'pending')
  t.equal(await statusOf('skip'), 'pending')
})

t.test('what does not say clearly that it is public is not', async (t) => {
  const long = ' '.repeat(2 ** 20 + 1)
  const extra = (id: string, more: string, fields: Fields = {}) =>
    commentOf({ comment_id: id, comment_content: id, ...fields }).replace(
      '</wp:comment>',
      `${more}</wp:comment>`,
    )
  const pageOf = (name: string, fields: Fields, more = '') =>
    itemOf(`https://www.example.org/${name}/`, { ...post, ...fields }, [
      more,
      commentOf({ comment_id: name, comment_content: name }),
    ])
  const { leftOut, comments, articles } = await convertFiles(t, {
    'a.xml': fileOf([
      itemOf('https://www.example.org/a/', post, [
        extra('1', '<wp:comment_approved>spam</wp:comment_approved>'),
        extra('2', '<wp:comment_approved>1</wp:comment_approved>', { comment_approved: 'spam' }),
        extra('3', `<wp:comment_approved>0${long}</wp:comment_approved>`),
        extra('4', '', { comment_type: `pingback${long}` }),
        extra('5', '<wp:comment_type>comment</wp:comment_type>', { comment_type: 'pingback' }),
        extra('6', '<comment_approved>1</comment_approved>', { comment_approved: 'spam' }),
        extra('7', '<wp:comment_approved>1</wp:comment_approved><comment_approved>spam</comment_approved>'),
      ]),
      pageOf('20', { status: `private${long}` }),
      pageOf('21', { status: 'private' }, '<status>publish</status>'),
      pageOf('22', { status: 'private' }, '<wp:status>publish</wp:status>'),
      pageOf('23', { post_password: `x${long}` }),
      pageOf('24', { post_password: 'x' }, '<wp:post_password></wp:post_password>'),
      pageOf('25', { status: 'unheard-of' }),
      pageOf(
        '30',
        {},
        '<e:link xmlns:e="urn:e">https://forged.example/</e:link><e:status xmlns:e="urn:e">x</e:status>',
      ),
      pageOf('31', { comment_status: 'open' }, '<wp:comment_status>closed</wp:comment_status>'),
      pageOf('32', { comment_status: 'registered_only' }),
    ]),
  })
  t.same(
    leftOut.map(({ id, reason }) => [id, reason]),
    [
      ['1', 'unknown-state'],
      ['2', 'unknown-state'],
      ['20', 'page-not-public'],
      ['21', 'page-not-public'],
      ['22', 'page-not-public'],
      ['23', 'page-not-public'],
      ['24', 'page-not-public'],
      ['25', 'page-not-public'],
      ['3', 'unknown-state'],
      ['4', 'unknown-state'],
      ['5', 'unknown-state'],
      ['6', 'spam'],
    ],
  )
  t.same(comments.map(({ body }) => body).toSorted(), ['30', '31', '32', '7'])
  t.same(
    articles.map(({ articleId, closedAtMs }) => [articleId, closedAtMs !== null]),
    [
      ['/30/', true],
      ['/31/', true],
      ['/32/', false],
      ['/a/', true],
    ],
  )
})

t.test('what hangs on a post is as public as that', async (t) => {
  const on = (id: string, fields: Fields) =>
    itemOf(`https://www.example.org/${id}/`, { ...post, post_id: id, ...fields }, [
      commentOf({ comment_id: id, comment_content: id }),
    ])
  const { leftOut, comments } = await convertFiles(t, {
    'a.xml': fileOf([
      on('100', { status: 'publish' }),
      on('101', { status: 'private' }),
      on('102', { status: 'publish', post_password: 'x' }),
      on('110', { status: 'inherit', post_parent: '100' }),
      on('111', { status: 'inherit', post_parent: '101' }),
      on('112', { status: 'inherit', post_parent: '102' }),
      on('113', { status: 'inherit', post_parent: '999' }),
      on('114', { status: 'inherit' }),
      on('115', { status: 'inherit', post_parent: '110' }),
      on('116', { status: 'inherit', post_parent: '111' }),
      on('117', { status: 'inherit', post_parent: '0' }),
      on('118', { status: 'inherit', post_parent: '119' }),
      on('119', { status: 'publish' }),
    ]),
  })
  t.same(
    comments.map(({ body }) => body),
    ['100', '110', '115', '117', '119'],
  )
  t.same(
    leftOut.map(({ id, reason }) => [id, reason]),
    ['101', '102', '111', '112', '113', '114', '116', '118'].map((id) => [id, 'page-not-public']),
  )
})

t.test('a page is from no time before 1970 or in the future', async (t) => {
  for (const post_date_gmt of ['1965-05-05 00:00:00', '2999-01-01 00:00:00']) {
    const { articles } = await convertFiles(t, {
      'a.xml': fileOf([
        itemOf('https://www.example.org/a/', { ...post, post_date_gmt }, [commentOf({ comment_id: '1' })]),
      ]),
    })
    t.match(articles, [{ publishedAtMs: null }])
  }
})

t.test('comments of a version that is not known are not passed over', async (t) => {
  const other = commentOf({ comment_id: '99' }).replace(
    '<wp:comment>',
    '<wp:comment xmlns:wp="http://wordpress.org/export/9.9/">',
  )
  const { code, out, report } = await convertFiles(t, {
    'a.xml': fileOf([
      ...items,
      itemOf('https://www.example.org/a/', post, [commentOf({ comment_id: '98' }), other]),
    ]),
  })
  t.equal(code, 1)
  t.equal(out, '')
  t.match(report, [
    /^a\.xml cannot be converted\. It has comments of a version of the export that is not known/,
  ])
})

t.test('of names only entities with a semicolon are decoded', async (t) => {
  const { comments, articles } = await convertFiles(t, {
    'a.xml': fileOf([
      itemOf('https://www.example.org/a/', post, [
        commentOf({ comment_id: '1', comment_author: 'R&regan &amp;lt; Tom&copyright' }),
      ]).replace('a&raquo;', 'a&copyright'),
    ]),
  })
  t.match(comments, [{ authorName: 'R&regan &lt; Tom&copyright' }])
  t.match(articles, [{ title: "It's «a&copyright post" }])
})

t.test('what is no whole export of WordPress is told by line and column, and nothing written', async (t) => {
  const whole = fileOf(items)
  const wrong: [content: string | Buffer, sentence: RegExp][] = [
    [whole.slice(0, -20), /Line \d+, column \d+: It is cut off/],
    [`junk${whole}`, /Line 1, column 2: It is no well-formed XML \(Non-whitespace before first tag\)/],
    [`${whole}\n<br />\n<b>Fatal error</b>: secret`, /Line \d+, column 7: Something stands behind its end/],
    [`${whole}\nsecret`, /Line \d+, column 2: It is no well-formed XML \(Text data outside of root node\)/],
    [whole.replace('</channel>', '</chanel>'), /Line \d+, column \d+: It is no well-formed XML/],
    ['', /It is empty/],
    [
      Buffer.concat([Buffer.from(whole.slice(0, 200)), Buffer.from([0xff]), Buffer.from(whole.slice(200))]),
      /Line 2, column \d+: It is no text in UTF-8/,
    ],
    [whole.replace('encoding="UTF-8"', 'encoding="klingon"'), /an encoding that is not known/],
    [fileOf(['<x>'.repeat(200)]), /nested more than 100 deep/],
  ]
  for (const [content, sentence] of wrong) await isRefused(t, content, 'wordpress', sentence)
})

t.test('entities of a document type are known to nobody, here either', async (t) => {
  const bomb = `<!DOCTYPE rss [<!ENTITY a "lol"><!ENTITY b "${'&a;'.repeat(100)}"><!ENTITY c "${'&b;'.repeat(100)}">]>`
  const file = fileOf(items).replace('<rss', `${bomb}<rss`).replace('<title>Site', '<title>&c;')
  const { code, report } = await convertFiles(t, { 'bomb.xml': file }, 'wordpress')
  t.equal(code, 1)
  t.match(report.join(), /Invalid character entity/)
})

t.test('an export in UTF-16 is what it is in UTF-8', async (t) => {
  const { out } = await convertFiles(t, { 'all.xml': fileOf(items) })
  const little = Buffer.from(`\ufeff${fileOf(items).replace('UTF-8', 'UTF-16')}`, 'utf16le')
  t.equal((await convertFiles(t, { 'le.xml': little })).out, out)
  t.equal((await convertFiles(t, { 'be.xml': Buffer.from(little).swap16() })).out, out)
})
