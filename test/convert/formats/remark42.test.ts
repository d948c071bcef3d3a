import { gzipSync } from 'node:zlib'
import t from 'tap'
import { addsUp, convertFiles, inZones } from '../../support/conversions.ts'

const header = {
  version: 1,
  users: [
    {
      id: 'u-blocked',
      blocked: { status: true, until: '2118-12-23T02:55:22.472041-06:00' },
      verified: false,
    },
    { id: 'u-ada', blocked: { status: false, until: '0001-01-01T00:00:00Z' }, verified: true },
  ],
  posts: [
    { url: 'https://example.org/closed/', read_only: true },
    { url: 'https://example.org/one/', read_only: false },
  ],
}

function comment(id: string, more: object = {}): object {
  return {
    id,
    pid: '',
    text: `<p>Text of ${id}</p>\n`,
    orig: `Text of ${id}`,
    user: {
      name: 'Ada',
      id: 'u-ada',
      picture: '',
      ip: '293ec5b0cf154855258824ec7fac5dc63d176915',
      admin: false,
    },
    locator: { site: 'one', url: 'https://example.org/one/' },
    score: 0,
    votes: {},
    time: '2017-12-20T15:18:22-06:00',
    ...more,
  }
}

function backup(records: readonly object[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('')
}

const everything = [
  comment('a', {
    pid: '',
    orig: 'Some *Markdown* &amp; more\n\n> as it is',
    user: {
      name: 'Ada &amp; &#39;Bob&#39;',
      id: 'u-ada',
      picture: 'https://example.org/a.png',
      ip: 'hash',
      admin: true,
    },
    score: 2,
    votes: { x: true, y: true },
    voted_ips: { z: { Timestamp: '2017-12-20T15:18:22-06:00', Value: true } },
    edit: { time: '2017-12-20T15:19:22-06:00', summary: '' },
    pin: true,
    title: 'The first',
    time: '2017-12-20T15:18:22.123456789-06:00',
  }),
  comment('b', {
    pid: 'a',
    orig: undefined,
    time: '2017-12-21T05:18:23+08:00',
    text: '<p>Only <b>HTML</b>:<br>&#128077; <script>no</script></p>',
  }),
  comment('c', { pid: 'root', time: '2017-12-20T21:18:24Z', title: 'The first' }),
  comment('d', {
    delete: true,
    text: 'gone text',
    orig: 'gone orig',
    user: { name: 'Gone Person', id: 'u-gone', ip: '' },
    time: '2017-12-20T21:18:25Z',
  }),
  comment('e', { pid: 'd', time: '2017-12-20T21:18:26Z' }),
  comment('f', {
    delete: true,
    text: '',
    orig: '',
    user: { name: 'deleted', id: 'deleted' },
    time: '2017-12-20T21:18:27Z',
  }),
  comment('g', { user: { name: 'Blocked', id: 'u-blocked' }, time: '2017-12-20T21:18:28Z' }),
  comment('h', { pid: 'i', time: '2017-12-20T21:18:29Z' }),
  comment('i', { pid: 'h', time: '2017-12-20T21:18:30Z' }),
  comment('j', { pid: 'nobody', time: '2017-12-20T21:18:31Z' }),
  comment('k', {
    pid: 'a',
    locator: { site: 'one', url: 'https://example.org/closed/' },
    time: '2017-12-20T21:18:32Z',
  }),
  comment('a', {
    locator: { site: 'two', url: 'https://example.net/one/?x=1' },
    time: '2017-12-20T21:18:33Z',
  }),
  comment('l', {
    pid: 'a',
    locator: { site: 'two', url: 'https://example.net/one/?x=1' },
    time: '2017-12-20T21:18:34Z',
  }),
  comment('m', { time: '2017-12-20T15:18:22' }),
  comment('n', { time: 'never' }),
  comment('o', { time: '1969-12-31T23:59:59Z' }),
  comment('x', { time: '0001-01-01T00:00:00Z' }),
  comment('p', { orig: ' ', text: '<p> </p>' }),
  comment('q', { orig: 'x'.repeat(10_001) }),
  comment('r', { locator: { site: 'one' } }),
  comment('s', { delete: 'true' }),
  comment('t', { text: 5 }),
  comment('u', { user: 'Ada' }),
  comment('v', { user: { name: ['Ada'], id: 'u-ada' } }),
  comment('w', { pid: 7 }),
  {},
  comment('__proto__', { pid: 'toString', time: '2017-12-20T21:18:35Z', user: null }),
]

t.test('a backup of Remark42 comes along, and what does not is told', async (t) => {
  const result = await convertFiles(
    t,
    { 'backup.gz': gzipSync(backup([header, ...everything])) },
    'remark42',
    '--force',
  )
  t.equal(result.code, 0)
  addsUp(t, result, everything.length)
  t.same(
    result.comments.map(({ articleId, status, authorName, authorEmail, body, submittedAtMs }) => [
      articleId,
      status,
      authorName,
      authorEmail,
      body,
      new Date(submittedAtMs as number).toISOString(),
    ]),
    [
      [
        '/one/',
        'approved',
        "Ada & 'Bob'",
        null,
        'Some *Markdown* &amp; more\n\n> as it is',
        '2017-12-20T21:18:22.123Z',
      ],
      ['/one/', 'approved', 'Ada', null, 'Only HTML:\n👍', '2017-12-20T21:18:23.000Z'],
      ['/one/', 'approved', 'Ada', null, 'Text of c', '2017-12-20T21:18:24.000Z'],
      ['/one/', 'withdrawn', null, null, null, '2017-12-20T21:18:25.000Z'],
      ['/one/', 'approved', 'Ada', null, 'Text of e', '2017-12-20T21:18:26.000Z'],
      ['/one/', 'rejected', 'Blocked', null, 'Text of g', '2017-12-20T21:18:28.000Z'],
      ['/one/', 'approved', 'Ada', null, 'Text of h', '2017-12-20T21:18:29.000Z'],
      ['/one/', 'approved', 'Ada', null, 'Text of i', '2017-12-20T21:18:30.000Z'],
      ['/one/', 'approved', 'Ada', null, 'Text of j', '2017-12-20T21:18:31.000Z'],
      ['/closed/', 'approved', 'Ada', null, 'Text of k', '2017-12-20T21:18:32.000Z'],
      ['/one/', 'approved', 'Ada', null, 'Text of a', '2017-12-20T21:18:33.000Z'],
      ['/one/', 'approved', 'Ada', null, 'Text of l', '2017-12-20T21:18:34.000Z'],
      ['/one/', 'approved', 'Anonymous', null, 'Text of __proto__', '2017-12-20T21:18:35.000Z'],
    ],
  )
  const idOf = (body: string) => result.comments.find((one) => one['body'] === body)?.['id']
  const parents = new Map(result.comments.map(({ body, parentId }) => [body, parentId]))
  t.equal(parents.get('Only HTML:\n👍'), result.comments[0]?.['id'])
  t.equal(parents.get('Text of e'), result.comments[3]?.['id'])
  t.equal(parents.get('Text of l'), idOf('Text of a'), 'of the same site, not of the other')
  for (const top of 'chijk') t.equal(parents.get(`Text of ${top}`), null)
  t.same(result.leftOut.map(({ id, reason }) => `${id} ${reason}`).sort(), [
    ' no-id',
    'f deleted',
    'm time-without-zone',
    'n no-time',
    'o time-out-of-range',
    'p no-text',
    'q text-too-long',
    'r page-without-address',
    's unreadable',
    't unreadable',
    'u unreadable',
    'v unreadable',
    'w unreadable',
    'x no-time',
  ])
  t.same(
    result.articles.map(({ articleId, title, closedAtMs }) => [articleId, title, closedAtMs]),
    [
      ['/closed/', null, Date.parse('2017-12-20T21:18:32Z')],
      ['/one/', 'The first', null],
    ],
  )
  for (const words of ['edits', 'pins', 'votes', 'pictures of authors'])
    t.ok(
      result.report.some((line) => line.trim() === `1  ${words}`),
      words,
    )
  for (const text of [result.out, result.report.join('\n'), JSON.stringify(result.leftOut)])
    t.notMatch(text, /gone text|gone orig|Gone Person|u-gone/)
})

t.test('the order of lines, the zone of the machine and how it is packed change nothing', async (t) => {
  const outputs = new Set<string>()
  for (const records of [everything, everything.toReversed()])
    for (const { out, code } of await inZones(async () =>
      convertFiles(t, { backup: backup([header, ...records]) }, '--force'),
    )) {
      t.equal(code, 0)
      outputs.add(out)
    }
  const [halves] = [Math.floor(everything.length / 2)]
  const parts = await convertFiles(
    t,
    {
      one: backup([header, ...everything.slice(0, halves)]),
      two: gzipSync(backup([{ ...header, version: 0 }, ...everything.slice(halves)])),
    },
    '--force',
  )
  outputs.add(parts.out)
  const together = [everything.slice(halves), everything.slice(0, halves)].flatMap((part) => [
    header,
    ...part,
  ])
  outputs.add((await convertFiles(t, { together: backup(together) }, '--force')).out)
  t.equal(outputs.size, 1)
})

t.test('what is no whole backup is refused in one sentence that quotes nothing of it', async (t) => {
  const whole = backup([header, ...everything])
  const cases: [string, string | Buffer, RegExp][] = [
    [
      'another version',
      backup([{ ...header, version: 2 }]),
      /a version of Remark42 that is not known here: 2, and 0 and 1 are/,
    ],
    [
      'no version',
      backup([{ ...header, version: 'secret' }]),
      /a version of Remark42 that is not known here\.$/m,
    ],
    ['without its first line', backup(everything), /begins with a line which says its version/],
    ['cut off within a text', whole.slice(0, whole.indexOf('as it is')), /Line 2, column 1: It is cut off/],
    [
      'cut off in the archive',
      gzipSync(whole).subarray(0, 300),
      /It is cut off: the compressed data ends too early/,
    ],
    [
      'a torn line',
      whole.replace('as it is', 'as it is\n'),
      /Line 2, column \d+: It is no well-formed JSON\./,
    ],
    ['junk before it', `secret${whole}`, /Line 1, column 1: It is no well-formed JSON\./],
    ['junk in it', whole.replace('\n{', '\nsecret\n{'), /Line 2, column 1: It is no well-formed JSON\./],
    [
      'a wrong escape',
      whole.replace('Markdown', '\\secret'),
      /Line 2, column 1: It is no well-formed JSON\./,
    ],
    [
      'another byte',
      Buffer.from(whole.replace('Markdown', 'é'), 'latin1'),
      /Line 2, column \d+: It is no text in UTF-8\./,
    ],
    [
      'depth',
      `${backup([header])}{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
      /nested more than 100 deep/,
    ],
    ['no file', '', /It is empty\./],
    ['blanks', ' \n\n', /There is nothing in it\./],
  ]
  for (const [name, content, sentence] of cases) {
    const { code, out, report } = await convertFiles(t, { 'a.json': content }, 'remark42')
    t.equal(code, 1, name)
    t.equal(out, '', name)
    t.match(report.join('\n'), sentence, name)
    t.notMatch(report.join('\n'), /secret/, name)
  }
})

t.test('a line that does not end is given up in time', async (t) => {
  const { code, report } = await convertFiles(
    t,
    { 'a.gz': gzipSync(`${backup([header])}{"text":"${'x'.repeat(20_000_000)}`) },
    'remark42',
  )
  t.equal(code, 1)
  t.match(report.join('\n'), /Line 2, column 1: There is a record that does not end/)
})

t.test('a record is whole wherever the file is cut into pieces', async (t) => {
  const texts = Array.from({ length: 4_000 }, (_, index) => `${index} ${'\\\\"👍{}[]\\n'.repeat(index % 9)}é`)
  const records = texts.map((orig, index) =>
    comment(String(index), { orig, time: new Date(1_500_000_000_000 + index * 1_000).toISOString() }),
  )
  const result = await convertFiles(t, { 'a.json': backup([header, ...records]) })
  t.same(
    result.comments.map(({ body }) => body),
    texts,
  )
})

t.test('texts are told from what is no text', async (t) => {
  const { code, comments } = await convertFiles(t, {
    'a.json':
      backup([header]) +
      '{"id":"\\u0000\\ud800","orig":"a\\u0000b\\ud800c \\"{[","orig":"a\\u0000b\\ud800c \\"{[","__proto__":{"delete":true},"pid":"","locator":{"url":"https://example.org/x"},"time":"2020-01-01T00:00:00Z"}\r\n\r\n' +
      `{"id":"2","orig":"\\\\","locator":{"url":"https://example.org/x"},"time":"2020-01-01T00:00:01Z"}`,
  })
  t.equal(code, 0)
  t.same(
    comments.map(({ body, authorName }) => [body, authorName]),
    [
      ['abc "{[', 'Anonymous'],
      ['\\', 'Anonymous'],
    ],
  )
})

t.test('there may be no comment in it', async (t) => {
  const result = await convertFiles(t, { 'a.json': '{"version":1,"users":null,"posts":null}\n' }, '--force')
  t.equal(result.code, 0)
  addsUp(t, result, 0)
})
