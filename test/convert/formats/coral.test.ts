import { gzipSync } from 'node:zlib'
import t from 'tap'
import { addsUp, convertFiles, inZones } from '../../support/conversions.ts'

function comment(id: string, more: object = {}): object {
  return {
    _id: { $oid: '5d41402abc4b2a76b9719d91' },
    id,
    tenantID: 'tenant',
    childIDs: [],
    childCount: 0,
    revisions: [
      {
        id: `${id}-1`,
        body: `<div>Text of ${id}</div>`,
        actionCounts: {},
        createdAt: { $date: '2020-01-01T00:00:00Z' },
      },
    ],
    createdAt: { $date: '2020-01-01T00:00:00.000Z' },
    storyID: 'story-1',
    authorID: 'ada',
    siteID: 'site',
    status: 'NONE',
    tags: [],
    actionCounts: {},
    ...more,
  }
}

const comments = [
  comment('a', {
    revisions: [
      { id: 'a-1', body: 'older words' },
      {
        id: 'a-2',
        body: 'Newer&nbsp;words,<br>with <b>a</b> <a href="https://example.org/x">link</a><script>no</script>',
      },
    ],
    actionCounts: { REACTION: 3 },
    rating: 5,
  }),
  comment('b', { parentID: 'a', status: 'APPROVED', createdAt: { $date: { $numberLong: '1577836801000' } } }),
  comment('c', { parentID: 'a', status: 'PREMOD', createdAt: 1577836802000.75 }),
  comment('d', {
    status: 'SYSTEM_WITHHELD',
    createdAt: '2020-01-01T09:00:03+09:00',
    authorID: 'nobody-known',
  }),
  comment('e', { status: 'REJECTED', createdAt: { $date: 1.577836804e12 }, authorID: null }),
  comment('f', {
    deletedAt: { $date: '2021-01-01T00:00:00Z' },
    createdAt: { $date: '2020-01-01T00:00:05Z' },
    revisions: [{ body: 'gone text' }],
    authorID: 'gone',
  }),
  comment('g', { parentID: 'f', createdAt: { $date: '2020-01-01T00:00:06Z' } }),
  comment('h', { deletedAt: { $date: '2021-01-01T00:00:00Z' }, revisions: [], authorID: null }),
  comment('i', { parentID: 'j', createdAt: { $date: '2020-01-01T00:00:07Z' } }),
  comment('j', { parentID: 'i', createdAt: { $date: '2020-01-01T00:00:08Z' } }),
  comment('k', { parentID: 'a', storyID: 'story-2', createdAt: { $date: '2020-01-01T00:00:09Z' } }),
  comment('l', { parentID: 'nowhere', createdAt: { $date: '2020-01-01T00:00:10Z' }, authorID: 'left' }),
  comment('m', { status: 'SOMETHING' }),
  comment('n', { status: ['NONE'] }),
  comment('o', { storyID: 'absent' }),
  comment('p', { createdAt: { $date: { $numberLong: '-62075098782000' } } }),
  comment('q', { createdAt: { $date: {} } }),
  comment('r', { revisions: [] }),
  comment('s', { revisions: [{ body: 5 }] }),
  comment('t', { revisions: 'none' }),
  comment('u', { parentID: 7 }),
  comment('v', { revisions: [{ body: 'x'.repeat(10_001) }] }),
  comment('', {}),
  { id: 'w', revisions: [], storyID: 'story-1' },
]

const users = [
  {
    _id: { $oid: '5d41402abc4b2a76b9719d92' },
    id: 'ada',
    tenantID: 'tenant',
    username: 'Ada',
    email: 'ada@example.org',
    role: 'COMMENTER',
    profiles: [{ type: 'local', id: 'ada@example.org', password: 'secret-hash', passwordID: 'secret-id' }],
    tokens: [{ id: 'secret-token' }],
    createdAt: { $date: '2019-01-01T00:00:00Z' },
  },
  {
    id: 'gone',
    tenantID: 'tenant',
    username: 'Gone Person',
    email: 'gone@example.org',
    role: 'COMMENTER',
    profiles: [],
  },
  {
    id: 'left',
    tenantID: 'tenant',
    username: 'Left Person',
    email: 'left@example.org',
    role: 'COMMENTER',
    profiles: [],
    deletedAt: { $date: '2021-01-01T00:00:00Z' },
  },
]

const stories = [
  {
    id: 'story-1',
    tenantID: 'tenant',
    url: 'https://example.org/one/',
    metadata: { title: 'One &amp; only', publishedAt: { $date: '2019-12-31T00:00:00Z' } },
    commentCounts: {},
    closedAt: { $date: '2020-02-01T00:00:00Z' },
  },
  { id: 'story-2', tenantID: 'tenant', url: 'https://example.org/two/', commentCounts: {}, closedAt: false },
  {
    id: 'story-3',
    tenantID: 'tenant',
    url: 'https://example.org/three/',
    commentCounts: {},
    closedAt: { $date: '2999-01-01T00:00:00Z' },
  },
]

function lines(records: readonly object[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('')
}

t.test('what mongoexport makes of Coral comes along, and what does not is told', async (t) => {
  const result = await convertFiles(
    t,
    { 'comments.json': lines(comments), 'users.json': lines(users), 'stories.json': lines(stories) },
    'coral',
  )
  t.equal(result.code, 0)
  addsUp(t, result, comments.length)
  t.same(
    result.comments.map(({ articleId, status, authorName, authorEmail, body, submittedAtMs }) => [
      articleId,
      status,
      authorName,
      authorEmail,
      body,
      (submittedAtMs as number) - Date.UTC(2020, 0, 1),
    ]),
    [
      [
        '/one/',
        'approved',
        'Ada',
        'ada@example.org',
        'Newer\u00a0words,\nwith a link (https://example.org/x)',
        0,
      ],
      ['/one/', 'approved', 'Ada', 'ada@example.org', 'Text of b', 1_000],
      ['/one/', 'pending', 'Ada', 'ada@example.org', 'Text of c', 2_000],
      ['/one/', 'pending', 'Anonymous', null, 'Text of d', 3_000],
      ['/one/', 'rejected', 'Anonymous', null, 'Text of e', 4_000],
      ['/one/', 'withdrawn', null, null, null, 5_000],
      ['/one/', 'approved', 'Ada', 'ada@example.org', 'Text of g', 6_000],
      ['/one/', 'approved', 'Ada', 'ada@example.org', 'Text of i', 7_000],
      ['/one/', 'approved', 'Ada', 'ada@example.org', 'Text of j', 8_000],
      ['/two/', 'approved', 'Ada', 'ada@example.org', 'Text of k', 9_000],
      ['/one/', 'approved', 'Anonymous', null, 'Text of l', 10_000],
    ],
  )
  const [first, second, third, , , gone, below, ...others] = result.comments
  t.equal(second?.['parentId'], first?.['id'])
  t.equal(third?.['parentId'], first?.['id'])
  t.equal(below?.['parentId'], gone?.['id'])
  t.same(new Set(others.map(({ parentId }) => parentId)), new Set([null]))
  t.same(result.leftOut.map(({ id, reason }) => `${id} ${reason}`).sort(), [
    ' no-id',
    'h deleted',
    'm unknown-state',
    'n unknown-state',
    'o page-absent',
    'p time-out-of-range',
    'q no-time',
    'r no-text',
    's unreadable',
    't unreadable',
    'u unreadable',
    'v text-too-long',
    'w unknown-state',
  ])
  t.same(
    result.articles.map(({ articleId, title, url, publishedAtMs, closedAtMs }) => [
      articleId,
      title,
      url,
      publishedAtMs,
      closedAtMs !== null,
    ]),
    [
      ['/one/', 'One &amp; only', 'https://example.org/one/', Date.UTC(2019, 11, 31), true],
      ['/two/', null, 'https://example.org/two/', null, false],
    ],
  )
  for (const text of [result.out, result.report.join('\n'), JSON.stringify(result.leftOut)])
    t.notMatch(text, /older words|gone text|Gone Person|gone@|Left Person|left@|secret/)
})

t.test('order, files, packing and the zone of the machine change nothing', async (t) => {
  const outputs = new Set<string>()
  const convertedTo = async (files: Record<string, string | Buffer>) => {
    const { code, out } = await convertFiles(t, files)
    t.equal(code, 0)
    outputs.add(out)
  }
  await inZones(async () => convertedTo({ c: lines(comments), u: lines(users), s: lines(stories) }))
  await convertedTo({
    u: lines(users),
    s: gzipSync(lines(stories.toReversed())),
    c: lines(comments.toReversed()),
  })
  await convertedTo({
    s: JSON.stringify(stories),
    u: JSON.stringify(users, null, 2),
    c: JSON.stringify(comments, null, 2),
  })
  await convertedTo({
    s: lines(stories),
    u: lines(users),
    c1: lines(comments.slice(0, 9)),
    c2: lines(comments.slice(9)),
  })
  t.equal(outputs.size, 1)
})

const tables = {
  'users.csv': '1,ada@example.org,Ada,,,\r\n2,,"Bob ""B.""",COMMENTER,false,2019-01-01T00:00:00Z\r\n',
  'stories.csv': [
    's1,https://example.org/one/,"One,\nand only",Ada,2019-12-31T00:00:00Z,2020-02-01T00:00:00Z,COMMENTS',
    's2,https://example.org/two/,,,,,',
    's3,https://example.org/three/,,,,2999-01-01T00:00:00Z,',
  ].join('\n'),
  'comments.csv': [
    'b,2,s1,2020-01-01T00:00:01Z,"<p>Below ""a"",</p>\n<p>in lines</p>",a,APPROVED,',
    'a,1,s1,2020-01-01T00:00:00Z,<b>First</b> &amp; foremost,,,5',
    'c,1,s2,2020-01-01T00:00:02Z,on another page,a,NONE,',
    'd,9,s1,2020-01-01T00:00:03Z,by nobody,,REJECTED,',
    'e,1,s1,yesterday,without time,,,',
    'f,1,s9,2020-01-01T00:00:04Z,on no page,,,',
    'g,1,s1,2020-01-01T00:00:05Z,,,,',
    'h,1,s1,2020-01-01T00:00:06Z,odd,,WAITING,',
    ',1,s1,2020-01-01T00:00:07Z,without id,,,',
    'i,1,s3,2020-01-01T00:00:08Z,open still,,,',
    '',
  ].join('\n'),
}

t.test('the tables of the importer come along too', async (t) => {
  const outputs = new Set<string>()
  for (const names of [Object.keys(tables), Object.keys(tables).toReversed()])
    for (const args of [['coral'], []]) {
      const files = Object.fromEntries(names.map((name) => [name, tables[name as keyof typeof tables]]))
      const result = await convertFiles(t, files, ...args)
      t.equal(result.code, 0)
      addsUp(t, result, 10)
      outputs.add(result.out)
      if (outputs.size > 1 || args.length > 0) continue
      t.same(
        result.comments.map(({ articleId, status, authorName, authorEmail, body, parentId }) => [
          articleId,
          status,
          authorName,
          authorEmail,
          body,
          parentId === null ? null : result.comments.findIndex(({ id }) => id === parentId),
        ]),
        [
          ['/one/', 'approved', 'Ada', 'ada@example.org', 'First & foremost', null],
          ['/one/', 'approved', 'Bob "B."', null, 'Below "a",\n\nin lines', 0],
          ['/two/', 'approved', 'Ada', 'ada@example.org', 'on another page', null],
          ['/one/', 'rejected', 'Anonymous', null, 'by nobody', null],
          ['/three/', 'approved', 'Ada', 'ada@example.org', 'open still', null],
        ],
      )
      t.same(
        result.articles.map(({ articleId, title, closedAtMs }) => [articleId, title, closedAtMs !== null]),
        [
          ['/one/', 'One, and only', true],
          ['/three/', null, false],
          ['/two/', null, false],
        ],
      )
    }
  t.equal(outputs.size, 1)
})

t.test('a time of a table that says no zone is in the one that is named', async (t) => {
  const files = { ...tables, 'comments.csv': 'a,1,s1,2020-01-01T00:00:00,text,,,\n' }
  t.equal((await convertFiles(t, files, 'coral')).code, 1)
  const outputs = await inZones(async () => {
    const { comments } = await convertFiles(t, files, 'coral', '--zone', 'Asia/Tokyo')
    return comments[0]?.['submittedAtMs']
  })
  t.same(new Set(outputs), new Set([Date.parse('2019-12-31T15:00:00Z')]))
})

t.test('what is no file of Coral is refused in one sentence that quotes nothing of it', async (t) => {
  const wrong: [string, string | Buffer, RegExp][] = [
    [
      'another collection',
      lines([{ id: '1', tenantID: 't', actionType: 'secret', commentID: 'a', storyID: 's' }]),
      /It is no file of the comments, users or stories of Coral\./,
    ],
    [
      'Talk',
      lines([{ id: '1', asset_id: 'secret', body_history: [] }]),
      /It is of a version of Coral before 5/,
    ],
    ['cut off', lines(comments).slice(0, -20), /Line 24, column 1: It is cut off/],
    ['a list cut off', JSON.stringify(comments).slice(0, -1), /It is cut off: the list does not end\./],
    ['behind a list', `${JSON.stringify(comments)}{}`, /Line 1, column \d+: It is no well-formed JSON\./],
    ['a text in a list', '["secret"]', /Line 1, column 2: It is no well-formed JSON\./],
    ['a list in a list', '[[]]', /Line 1, column 2: It is no well-formed JSON\./],
    ['another table', 'secret,2,3\n', /It is no table of Coral/],
    [
      'columns that are missing',
      '1,a@b.example,secret,,,\n2,a@b.example,secret\n',
      /Line 2: There are fewer columns/,
    ],
    ['a quote that is open', '1,a@b.example,"secret,,,\n', /Line \d+: It is cut off: a quote does not end\./],
    ['a quote within', '1,a@b.example,se"cret,,,\n', /Line 1: These are no comma-separated values\./],
    [
      'another byte',
      Buffer.from('1,a@b.example,é,,,\n', 'latin1'),
      /Line 1, column 15: It is no text in UTF-8\./,
    ],
    [
      'a row that does not end',
      `1,a@b.example,"${'x'.repeat(3_000_000)}`,
      /Line 1: There is a row that does not end/,
    ],
    ['no file', '', /It is empty\./],
    ['blanks', ' \n', /There is nothing in it\./],
    ['a damaged archive', gzipSync(lines(comments)).fill(0, 100, 140), /The compressed data is damaged\./],
  ]
  for (const [name, content, sentence] of wrong) {
    const { code, out, report } = await convertFiles(t, { file: content }, 'coral')
    t.equal(code, 1, name)
    t.equal(out, '', name)
    t.match(report.join('\n'), sentence, name)
    t.notMatch(report.join('\n'), /secret/, name)
  }
})

t.test('there may be nothing in a collection', async (t) => {
  const result = await convertFiles(t, { 'a.json': '[]' }, 'coral', '--force')
  t.equal(result.code, 0)
  addsUp(t, result, 0)
})

t.test('collections may stand behind one another in one file', async (t) => {
  const records = [
    { tenantID: 'tenant', id: 'ada', username: 'Ada', email: 'ada@example.org', profiles: [] },
    comment('a'),
    {},
    {
      tenantID: 'tenant',
      id: 'story-1',
      url: 'https://example.org/one/',
      commentCounts: {},
      metadata: { publishedAt: { $date: { $numberLong: '-86400000' } } },
    },
  ]
  const result = await convertFiles(t, {
    'all.json': records.map((record) => JSON.stringify(record)).join('\n'),
  })
  addsUp(t, result, 2)
  t.match(result.comments, [{ authorName: 'Ada', body: 'Text of a' }])
  t.match(result.articles, [{ url: 'https://example.org/one/', publishedAtMs: null }])
})
