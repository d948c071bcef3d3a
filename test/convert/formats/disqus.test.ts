import t from 'tap'
import { addsUp, convertFiles, inZones, isRefused } from '../../support/conversions.ts'

type Post = {
  id: string
  thread?: string
  parent?: string
  text?: string
  at?: string
  more?: string
  author?: string
}

const postOf = ({
  id,
  thread = '1',
  parent,
  text = '<p>Hello</p>',
  at = '2013-10-10T19:20:29Z',
  more = '',
  author,
}: Post) =>
  `<post dsq:id="${id}"><id /><message><![CDATA[${text}]]></message><createdAt>${at}</createdAt>` +
  `<isDeleted>false</isDeleted><isSpam>false</isSpam>${more}` +
  `<author>${author ?? '<name>Ada</name><isAnonymous>true</isAnonymous>'}</author>` +
  `<thread dsq:id="${thread}" />${parent === undefined ? '' : `<parent dsq:id="${parent}" />`}</post>`

const deleted = (post: Post) => postOf(post).replace('<isDeleted>false', '<isDeleted>true')
const spam = (post: Post) => postOf(post).replace('<isSpam>false', '<isSpam>true')

const threads = [
  '<category dsq:id="9"><forum>f</forum><title>General</title></category>',
  '<thread dsq:id="1"><id>one</id><link>https://example.org/one/</link><title>One &amp; only</title><message /><createdAt>2012-12-12T12:12:12Z</createdAt><author><name>Editor</name><email>editor@example.org</email></author><isClosed>true</isClosed><isDeleted>false</isDeleted></thread>',
  '<thread dsq:id="2"><id /><link>http://example.org/two</link><title /><isClosed>false</isClosed></thread>',
  '<thread dsq:id="3"><id/></thread>',
  '<thread dsq:id="4"><id /><link>https://example.org/gone</link><isDeleted>true</isDeleted></thread>',
  // The same page under another address.
  '<thread dsq:id="5"><id /><link>http://www.example.org/one/</link><title>One &amp; only</title><isClosed>true</isClosed></thread>',
]

const posts = [
  postOf({ id: '12', parent: '11', at: '2013-10-10T19:20:30Z', text: 'reply, before its parent' }),
  postOf({
    id: '11',
    author: '<email> ada@example.org </email><name>Ada &amp;lt;L&amp;gt;</name>',
    more: '<ipAddress>192.0.2.1</ipAddress>',
  }),
  deleted({
    id: '13',
    text: 'secret of the deleted',
    author: '<name>Gone</name><email>gone@example.org</email>',
  }),
  postOf({ id: '14', parent: '13' }),
  deleted({ id: '15', text: 'nobody below' }),
  spam({ id: '16', text: 'buy pills', author: '<name>Spammer</name><email>spam@example.org</email>' }),
  postOf({ id: '17', parent: '16' }),
  postOf({ id: '18', parent: '999' }),
  postOf({ id: '19', parent: '20' }),
  postOf({ id: '20', parent: '19' }),
  postOf({ id: '21', parent: '20' }),
  postOf({ id: '22', thread: '2', parent: '11', text: 'child on another page' }),
  postOf({ id: '23', thread: '3' }),
  postOf({ id: '24', thread: '4', text: 'on a deleted thread' }),
  postOf({ id: '25', thread: '1337' }),
  postOf({ id: '26', text: '' }),
  postOf({ id: '27', text: `<p>${'x'.repeat(10_001)}</p>` }),
  postOf({ id: '28', at: 'yesterday' }),
  postOf({ id: '29', at: '2999-01-01T00:00:00Z' }),
  postOf({ id: '30', author: `<name>${'n'.repeat(101)}</name>` }),
  postOf({
    id: '31',
    thread: '5',
    author: '<name></name><username>ada</username>',
    text: 'a &amp; b<br>c &#128512;',
  }),
  postOf({
    id: '32',
    author: '<name/>',
    text: '<a href="http://disq.us/url?url=https%3A%2F%2Fexample.com%2Fa%3AxYz-1&amp;cuid=1" rel="nofollow">https://example.com/a</a>',
  }),
  postOf({ id: '11', author: '<email> ada@example.org </email><name>Ada &amp;lt;L&amp;gt;</name>' }),
]

const fileOf = (elements: readonly string[], head = '<?xml version="1.0" encoding="utf-8"?>') =>
  `${head}<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">\n${elements.join('\n')}\n</disqus>`

t.test('what a file of all oddities comes to', async (t) => {
  const result = await convertFiles(t, { 'all.xml': fileOf([...threads, ...posts]) })
  t.equal(result.code, 0)
  addsUp(t, result, posts.length)
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
      ['approved', '/one/', 'Ada <L>', 'ada@example.org', 'Hello', -1],
      ['withdrawn', '/one/', null, null, null, -1],
      ['approved', '/one/', 'Ada', null, 'Hello', 1],
      ['approved', '/one/', 'Ada', null, 'Hello', -1],
      ['approved', '/one/', 'Ada', null, 'Hello', -1],
      ['approved', '/one/', 'Ada', null, 'Hello', -1],
      ['approved', '/one/', 'Ada', null, 'Hello', -1],
      ['approved', '/one/', 'Ada', null, 'Hello', 6],
      ['approved', '/two', 'Ada', null, 'child on another page', -1],
      ['approved', '/one/', 'ada', null, 'a & b\nc 😀', -1],
      ['approved', '/one/', 'Anonymous', null, 'https://example.com/a', -1],
      ['approved', '/one/', 'Ada', null, 'reply, before its parent', 0],
    ],
  )
  t.same(
    result.leftOut.map(({ id, reason }) => [id, reason]),
    [
      ['11', 'twice'],
      ['15', 'deleted'],
      ['16', 'spam'],
      ['23', 'page-without-address'],
      ['24', 'page-not-public'],
      ['25', 'page-absent'],
      ['26', 'no-text'],
      ['27', 'text-too-long'],
      ['28', 'no-time'],
      ['29', 'time-out-of-range'],
      ['30', 'name-too-long'],
    ],
  )
  t.same(result.report.slice(0, 27), [
    'Disqus: 23 comments read, 12 taken, 11 left out.',
    'Taken:',
    '         11  approved',
    '          1  withdrawn (deleted, with replies below)',
    'Left out:',
    '          1  deleted, with nothing below',
    '          1  by a name longer than 100 characters',
    '          1  without text',
    '          1  without a time that can be read',
    '          1  on a page that is not in the file',
    '          1  on a page that is deleted, or not published',
    '          1  on a page that has neither link nor id',
    '          1  spam',
    '          1  longer than 10,000 characters',
    '          1  from before 1970, or from the future',
    '          1  there twice',
    'Replies that stand at the top now:',
    '          2  they answer one another in a circle',
    '          1  the comment they answer is not in the file',
    '          1  the comment they answer is on another article',
    '          1  the comment they answer was left out',
    'Of the authors of those taken:',
    '         10  without an e-mail address',
    '          1  without a name: Anonymous',
    'Not taken over:',
    '          1  IP addresses',
    'Oldest 2013-10-10T19:20:29.000Z, newest 2013-10-10T19:20:30.000Z; the longest has 24 characters.',
  ])
})

t.test('articles have what their threads say', async (t) => {
  const { articles } = await convertFiles(t, { 'all.xml': fileOf([...threads, ...posts]) })
  t.match(articles, [
    {
      articleId: '/one/',
      title: 'One & only',
      url: 'https://example.org/one/',
      approvedCount: 10,
      revision: 10,
      closedAtMs: Date.parse('2013-10-10T19:20:30Z'),
      firstCommentAtMs: Date.parse('2013-10-10T19:20:29Z'),
    },
    { articleId: '/two', title: null, url: 'http://example.org/two', closedAtMs: null },
  ])
})

t.test('nothing of what was spam or deleted is anywhere, and nobody is made up', async (t) => {
  const { out } = await convertFiles(t, { 'all.xml': fileOf([...threads, ...posts]) })
  t.notMatch(
    out,
    /secret of the deleted|gone@|Gone|pills|Spammer|spam@|192\.0\.2\.1|editor@|on a deleted thread|nobody below/,
  )
  t.same(new Set(out.match(/[\w.]+@[\w.]+/g)), new Set(['ada@example.org']))
})

t.test('each decision is the import’s, with the id of the source', async (t) => {
  const { decisions, comments } = await convertFiles(t, { 'all.xml': fileOf([...threads, ...posts]) })
  t.equal(decisions.length, comments.length)
  t.match(decisions[0], {
    action: 'approve',
    decidedBy: 'import:disqus',
    note: 'Disqus 11',
    version: 2,
    reason: null,
  })
  t.match(decisions[1], { action: 'withdraw', decidedBy: 'import:disqus', note: 'Disqus 13' })
})

t.test('the order in the file, and the zone of the machine, change no byte', async (t) => {
  const { out } = await convertFiles(t, { 'all.xml': fileOf([...threads, ...posts]) })
  const backwards = fileOf([...posts.toReversed(), ...threads.toReversed()])
  const outs = await inZones(async () => (await convertFiles(t, { 'back.xml': backwards })).out)
  for (const other of outs) t.equal(other, out)
  const parts = await convertFiles(t, {
    'a.xml': fileOf([...posts.slice(0, 9)]),
    'b.xml': fileOf([...threads, ...posts.slice(9)]),
  })
  t.equal(parts.out, out, 'nor in how many files it is')
})

t.test('spam and deleted comments are what the options say', async (t) => {
  const files = { 'all.xml': fileOf([...threads, ...posts]) }
  const rejected = await convertFiles(t, files, 'disqus', '--spam', 'rejected')
  t.match(
    rejected.comments.find(({ body }) => body === 'buy pills'),
    { status: 'rejected', publishedAtMs: null, version: 2 },
  )
  addsUp(t, rejected, posts.length)
  const skipped = await convertFiles(t, files, 'disqus', '--deleted', 'skip', '--anonymous', 'Anonyme')
  t.same(
    skipped.comments.filter(({ status }) => status === 'withdrawn'),
    [],
  )
  t.ok(skipped.comments.some(({ authorName }) => authorName === 'Anonyme'))
  addsUp(t, skipped, posts.length)
})

t.test('what does not say clearly that it is public is not', async (t) => {
  const saying = (id: string, flags: string) =>
    postOf({ id, text: id }).replace('<isDeleted>false</isDeleted><isSpam>false</isSpam>', flags)
  const long = ' '.repeat(2 ** 20 + 1)
  const file = fileOf([
    ...threads,
    '<thread dsq:id="6"><link>https://example.org/six</link><isDeleted>yes</isDeleted></thread>',
    '<thread dsq:id="7"><link>https://example.org/seven</link><isDeleted>true</isDeleted><isDeleted>false</isDeleted></thread>',
    '<thread dsq:id="8"><link>https://example.org/eight</link><isClosed>perhaps</isClosed></thread>',
    postOf({ id: '60', thread: '6' }),
    postOf({ id: '61', thread: '7' }),
    postOf({ id: '62', thread: '8', text: '62' }),
    saying('70', '<isSpam>true</isSpam><e:isSpam xmlns:e="urn:e">false</e:isSpam>'),
    saying('71', '<isSpam>yes</isSpam>'),
    saying('72', '<isSpam>true</isSpam><isSpam>false</isSpam>'),
    saying('73', `<isDeleted>true${long}</isDeleted>`),
    saying('74', `<isDeleted>true${long}</isDeleted><isDeleted>false</isDeleted>`),
    saying('80', ''),
    saying('81', '<isSpam> False </isSpam><isSpam>False</isSpam><isDeleted>0</isDeleted>'),
    saying('82', '<isSpam>false</isSpam><x:x xmlns:x="urn:e"><isSpam>true</isSpam></x:x>'),
  ])
  const { leftOut, comments, articles } = await convertFiles(t, { 'a.xml': file })
  t.same(
    leftOut.map(({ id, reason }) => [id, reason]),
    [
      ['60', 'page-not-public'],
      ['61', 'page-not-public'],
      ['70', 'spam'],
      ['71', 'unknown-state'],
      ['72', 'unknown-state'],
      ['73', 'unknown-state'],
      ['74', 'unknown-state'],
    ],
  )
  t.same(
    comments.map(({ body }) => body),
    ['62', '80', '81', '82'],
  )
  t.type(articles.find(({ articleId }) => articleId === '/eight')?.['closedAtMs'], 'number')
})

t.test('of names only entities with a semicolon are decoded', async (t) => {
  const { comments } = await convertFiles(t, {
    'a.xml': fileOf([
      ...threads,
      postOf({ id: '1', author: '<name>R&amp;regan &amp;amp;lt; Tom&amp;copyright</name>' }),
    ]),
  })
  t.match(comments, [{ authorName: 'R&regan &lt; Tom&copyright' }])
})

t.test('what is no export of Disqus is told by line and column, and nothing written', async (t) => {
  const whole = fileOf([...threads, ...posts])
  const wrong: [content: string | Buffer, sentence: RegExp][] = [
    [whole.slice(0, -20), /Line \d+, column \d+: It is cut off/],
    [`junk${whole}`, /Line 1, column 2: It is no well-formed XML \(Non-whitespace before first tag\)/],
    [`${whole}\n<br />\n<b>Fatal error</b>: secret`, /Line \d+, column 7: Something stands behind its end/],
    [`${whole}\nsecret`, /Line \d+, column 2: It is no well-formed XML \(Text data outside of root node\)/],
    [whole.replace('</author>', '</autor>'), /Line 3, column \d+: It is no well-formed XML/],
    [whole.replaceAll('http://disqus.com"', 'http://example.com"'), /no export of Disqus/],
    ['<html/>', /no export of Disqus/],
    ['', /It is empty/],
    [
      Buffer.concat([
        Buffer.from(whole.slice(0, 300)),
        Buffer.from([0xff, 0xfe]),
        Buffer.from(whole.slice(300)),
      ]),
      /Line 3, column 110: It is no text in UTF-8/,
    ],
    [fileOf([...threads], '<?xml version="1.0" encoding="klingon"?>'), /an encoding that is not known/],
    [fileOf(['<x>'.repeat(200)]), /nested more than 100 deep/],
    [fileOf([`<!DOCTYPE x [${'<!ENTITY a "aaaaaaaaaaaaaaaa">'.repeat(10)}]>`]), /no well-formed XML/],
  ]
  for (const [content, sentence] of wrong) await isRefused(t, content, 'disqus', sentence)
})

t.test('entities of a document type are known to nobody', async (t) => {
  const bomb = `<!DOCTYPE disqus [<!ENTITY a "lol"><!ENTITY b "${'&a;'.repeat(100)}"><!ENTITY c "${'&b;'.repeat(100)}">]>`
  const { code, report } = await convertFiles(
    t,
    {
      'bomb.xml': fileOf(
        [...threads, postOf({ id: '1' }).replace('<![CDATA[<p>Hello</p>]]>', '&c;')],
        `<?xml version="1.0"?>${bomb}`,
      ),
    },
    'disqus',
  )
  t.equal(code, 1)
  t.match(report.join(), /Invalid character entity/)
})

t.test('two bytes a character are read as well as one', async (t) => {
  const whole = fileOf([...threads, ...posts], '<?xml version="1.0" encoding="utf-16"?>')
  const { out } = await convertFiles(t, { 'all.xml': fileOf([...threads, ...posts]) })
  const little = Buffer.from(`\ufeff${whole}`, 'utf16le')
  t.equal((await convertFiles(t, { 'le.xml': little })).out, out)
  t.equal((await convertFiles(t, { 'be.xml': Buffer.from(little).swap16() })).out, out)
  const latin = fileOf(
    [...threads, postOf({ id: '1', text: 'été' })],
    '<?xml version="1.0" encoding="iso-8859-1"?>',
  )
  t.match((await convertFiles(t, { 'latin.xml': Buffer.from(latin, 'latin1') })).comments, [{ body: 'été' }])
})

t.test('a post without its id is left out, and told', async (t) => {
  const nameless = postOf({ id: '1' }).replace('<post dsq:id="1">', '<post>')
  const { leftOut, comments } = await convertFiles(t, {
    'a.xml': fileOf([...threads, nameless, postOf({ id: '2' })]),
  })
  t.match(leftOut, [{ reason: 'no-id', id: '' }])
  t.equal(comments.length, 1)
})
