import { join } from 'node:path'
import t from 'tap'
import { type Config, readConfig } from '../src/config.ts'
import { readyReasons } from '../src/words/reasons.ts'

const secret = '0123456789-abcdefghijkl-mnopqrst'

t.test('without any variable the defaults hold', async (t) => {
  t.same(readConfig({ PATH: '/bin', HOST: '', PORT: undefined }), {
    ok: true,
    config: {
      host: '127.0.0.1',
      port: 3000,
      database: { dialect: 'sqlite', file: './data/imprimatur.db' },
      databaseIfMissing: 'make',
      databasePoolSize: 10,
      databaseWaitSeconds: 30,
      moderatorToken: null,
      corsOrigins: [],
      trustProxy: [],
      defaultLanguage: 'en',
      words: {},
      reasons: readyReasons,
      submissionsPerMinute: 6,
      submissionsPerMinuteTotal: 600,
      refusedSubmissionsPerMinute: 30,
      readsPerMinute: 600,
      failedSignInsPerMinute: 10,
      unknownPathsPerMinute: 60,
      maxPending: 100_000,
      closeAfterDays: null,
      formLeastSeconds: 3,
      articleUrl: null,
      publicUrl: null,
      desk: true,
      readCacheMegabytes: 16,
      cdnFreshSeconds: 5,
      cdnStaleSeconds: 30,
      maxEventLoopDelayMs: 1_000,
      shutdownSeconds: 10,
      logLevel: 'info',
    },
  })
})

const good: [string, string, Partial<Config>][] = [
  ['HOST', '0.0.0.0', { host: '0.0.0.0' }],
  ['PORT', '0', { port: 0 }],
  ['PORT', '65535', { port: 65_535 }],
  ['DATABASE_URL', 'file:/data/x.db', { database: { dialect: 'sqlite', file: '/data/x.db' } }],
  ['DATABASE_URL', 'file::memory:', { database: { dialect: 'sqlite', file: ':memory:' } }],
  [
    'DATABASE_URL',
    'postgres://marie@db/site',
    { database: { dialect: 'postgres', urls: ['postgres://marie@db/site'] } },
  ],
  [
    'DATABASE_URL',
    'postgresql://one:1,two:2/site?target_session_attrs=read-write',
    { database: { dialect: 'postgres', urls: ['postgres://one:1/site', 'postgres://two:2/site'] } },
  ],
  ['DATABASE_IF_MISSING', 'refuse', { databaseIfMissing: 'refuse' }],
  ['DATABASE_POOL_SIZE', '1', { databasePoolSize: 1 }],
  ['DATABASE_WAIT_SECONDS', '0', { databaseWaitSeconds: 0 }],
  ['MODERATOR_TOKEN', secret, { moderatorToken: secret }],
  ['CORS_ORIGINS', '*', { corsOrigins: '*' }],
  [
    'CORS_ORIGINS',
    'https://a.example, http://localhost:8080',
    { corsOrigins: ['https://a.example', 'http://localhost:8080'] },
  ],
  [
    'TRUST_PROXY',
    '10.0.0.0/8,127.0.0.1, ::1,fd00::/8',
    { trustProxy: ['10.0.0.0/8', '127.0.0.1', '::1', 'fd00::/8'] },
  ],
  ['DEFAULT_LANGUAGE', 'fr', { defaultLanguage: 'fr' }],
  ['DEFAULT_LANGUAGE', 'ar', { defaultLanguage: 'ar' }],
  ['DEFAULT_LANGUAGE', 'pt-BR', { defaultLanguage: 'pt' }],
  ['SUBMISSIONS_PER_MINUTE', '0', { submissionsPerMinute: 0 }],
  ['FORM_LEAST_SECONDS', '0', { formLeastSeconds: 0 }],
  ['FORM_LEAST_SECONDS', '3600', { formLeastSeconds: 3_600 }],
  ['MAX_PENDING', '12', { maxPending: 12 }],
  ['CLOSE_AFTER_DAYS', '14', { closeAfterDays: 14 }],
  ['CLOSE_AFTER_DAYS', '0', { closeAfterDays: null }],
  [
    'ARTICLE_URL',
    'https://www.example.org/{articleId}#comments',
    { articleUrl: 'https://www.example.org/{articleId}#comments' },
  ],
  ['PUBLIC_URL', 'https://comments.example.org', { publicUrl: 'https://comments.example.org' }],
  ['PUBLIC_URL', 'http://localhost:3000/', { publicUrl: 'http://localhost:3000' }],
  ['PUBLIC_URL', ' HTTPS://Example.org:443/comments// ', { publicUrl: 'https://example.org/comments' }],
  ['DESK', 'off', { desk: false }],
  ['DESK', 'on', { desk: true }],
  ['CDN_FRESH_SECONDS', '60', { cdnFreshSeconds: 60 }],
  ['LOG_LEVEL', 'silent', { logLevel: 'silent' }],
]

for (const [name, value, expected] of good) {
  t.test(`${name}=${value} is taken`, async (t) => {
    t.match(readConfig({ [name]: value }), { ok: true, config: expected })
  })
}

const bad: [string, string, RegExp][] = [
  ['PORT', '65536', /^PORT must be a whole number from 0 to 65535$/],
  ['PORT', '80a', /^PORT must be a whole number/],
  ['PORT', '-1', /^PORT must be/],
  ['DATABASE_URL', 'mysql://x', /^DATABASE_URL must be file:PATH, file::memory: or postgres:/],
  [
    'DATABASE_URL',
    'postgres://db/site?target_session_attrs=any',
    /^DATABASE_URL may have target_session_attrs=/,
  ],
  ['DATABASE_POOL_SIZE', '0', /^DATABASE_POOL_SIZE must be a whole number from 1 to 1000$/],
  ['DATABASE_POOL_SIZE', '1001', /^DATABASE_POOL_SIZE must be a whole number/],
  ['DATABASE_URL', 'file:', /^DATABASE_URL must be/],
  ['DATABASE_URL', 'file: ', /^DATABASE_URL must be/],
  ['DATABASE_URL', 'file: x.db', /^DATABASE_URL must be/],
  ['DATABASE_URL', 'file::memory:?cache=shared', /^DATABASE_URL must be/],
  ['DATABASE_URL', 'file:x.db?mode=ro', /^DATABASE_URL must be/],
  ['DATABASE_URL', 'file::memory:x', /^DATABASE_URL must be/],
  ['MODERATOR_TOKEN', 'x'.repeat(31), /^MODERATOR_TOKEN must be 32 to 255 characters/],
  ['MODERATOR_TOKEN', 'a'.repeat(32), /^MODERATOR_TOKEN must be random/],
  ['MODERATOR_TOKEN', 'password'.repeat(4), /^MODERATOR_TOKEN must be random/],
  ['MODERATOR_TOKEN', `${'1234567'.repeat(6)}890`.slice(0, 32), /^MODERATOR_TOKEN must be random/],
  ['MODERATOR_TOKEN', `${secret} x`, /^MODERATOR_TOKEN must be 32/],
  ['MODERATOR_TOKEN_FILE', '/nowhere/at/all', /^MODERATOR_TOKEN_FILE must name a file that can be read$/],
  ['DATABASE_IF_MISSING', 'no', /^DATABASE_IF_MISSING must be one of make, refuse$/],
  [
    'CORS_ORIGINS',
    'https://a.example/',
    /^CORS_ORIGINS must be origins .*: entry 1 has a slash at its end; write https:\/\/a\.example$/,
  ],
  [
    'CORS_ORIGINS',
    'https://a.example,https://a.example/b',
    /: entry 2 has a path; write https:\/\/a\.example$/,
  ],
  ['CORS_ORIGINS', 'https://A.example', /: entry 1 has capitals; write https:\/\/a\.example$/],
  ['CORS_ORIGINS', 'https://a.example:443', /: entry 1 has the port that browsers leave out; write https/],
  ['CORS_ORIGINS', 'http://a.example:80/', /: entry 1 has the port that browsers leave out; write http/],
  ['CORS_ORIGINS', 'https://ada:x3@a.example', /: entry 1 has a user or a password; write https:\/\/a\./],
  ['CORS_ORIGINS', '*,https://a.example', /: entry 1 is \*, which has to be alone$/],
  ['CORS_ORIGINS', 'a.example', /: entry 1 is no origin: https:\/\/ or http:\/\/ and a host$/],
  ['CORS_ORIGINS', 'https://a.example?x', /: entry 1 is written otherwise than browsers do; write https/],
  ['TRUST_PROXY', '10.0.0.0/33', /^TRUST_PROXY must be addresses/],
  ['TRUST_PROXY', 'proxy.local', /^TRUST_PROXY must be addresses/],
  ['TRUST_PROXY', '10.1', /^TRUST_PROXY must be addresses/],
  ['TRUST_PROXY', '010.0.0.1', /^TRUST_PROXY must be addresses/],
  ['TRUST_PROXY', '10.0.0.0/8/8', /^TRUST_PROXY must be addresses/],
  ['TRUST_PROXY', 'fe80::1%eth0', /^TRUST_PROXY must be addresses/],
  ['TRUST_PROXY', '127.0.0.1,0.0.0.0/0', /^TRUST_PROXY must not name every address/],
  ['TRUST_PROXY', '0.0.0.0/00', /^TRUST_PROXY must not name every address/],
  ['TRUST_PROXY', '::/0', /^TRUST_PROXY must not name every address/],
  ['TRUST_PROXY', '::ffff:0:0/96', /^TRUST_PROXY must not name every address/],
  ['FORM_LEAST_SECONDS', '3601', /^FORM_LEAST_SECONDS must be a whole number from 0 to 3600$/],
  ['CLOSE_AFTER_DAYS', '36501', /^CLOSE_AFTER_DAYS must be a whole number/],
  ['ARTICLE_URL', 'https://www.example.org/', /^ARTICLE_URL must be a URL such as/],
  ['ARTICLE_URL', 'https://{articleId}.example.org/', /^ARTICLE_URL must be/],
  ['ARTICLE_URL', 'https://www.example.org{articleId}', /^ARTICLE_URL must be/],
  ['ARTICLE_URL', 'javascript:x/{articleId}', /^ARTICLE_URL must be/],
  ['ARTICLE_URL', 'https://www.example.org/{articleId}"', /^ARTICLE_URL must be/],
  ['DESK', 'no', /^DESK must be on or off$/],
  ['PUBLIC_URL', 'comments.example.org', /^PUBLIC_URL must be a URL such as/],
  ['PUBLIC_URL', '//comments.example.org', /^PUBLIC_URL must be/],
  ['PUBLIC_URL', 'ftp://comments.example.org', /^PUBLIC_URL must be/],
  ['PUBLIC_URL', 'https://comments.example.org/?', /^PUBLIC_URL must be/],
  ['PUBLIC_URL', 'https://comments.example.org/#', /^PUBLIC_URL must be/],
  ['PUBLIC_URL', 'https://ada:x3@comments.example.org', /^PUBLIC_URL must be/],
  ['PUBLIC_URL', 'https://comments.example.org/"', /^PUBLIC_URL must be/],
  ['PUBLIC_URL', 'https://', /^PUBLIC_URL must be/],
  ['DEFAULT_LANGUAGE', 'ja', /^DEFAULT_LANGUAGE must be one of en, fr, de, es, it, pt, nl, ar$/],
  ['DEFAULT_LANGUAGE', 'arq', /^DEFAULT_LANGUAGE must be one of en, fr/],
  ['DEFAULT_LANGUAGE', 'pt_BR', /^DEFAULT_LANGUAGE must be one of en, fr/],
  ['READS_PER_MINUTE', '1.5', /^READS_PER_MINUTE must be a whole number/],
  ['LOG_LEVEL', 'loud', /^LOG_LEVEL must be one of fatal/],
]

for (const [name, value, expected] of bad) {
  t.test(`${name}=${value} is refused`, async (t) => {
    const result = readConfig({ [name]: value })
    t.equal(result.ok, false)
    t.match(result, { faults: [expected] })
  })
}

t.test("space around the address of the database is no part of a file's name", async (t) => {
  const result = readConfig({ DATABASE_URL: ' file::memory: ' })
  t.same(result.ok && result.config.database, { dialect: 'sqlite', file: ':memory:' })
})

t.test('every fault is named at once, and no value is quoted', async (t) => {
  const result = readConfig({ PORT: 'x1', LOG_LEVEL: 'x2', MODERATOR_TOKEN: 'x3-secret' })
  if (result.ok) throw new Error('accepted')
  t.same(result.faults.map((fault) => fault.split(' ')[0]).sort(), ['LOG_LEVEL', 'MODERATOR_TOKEN', 'PORT'])
  t.notMatch(result.faults.join(), /x1|x2|x3/)
})

t.test('the token may come from a file, but not from two places', async (t) => {
  const folder = t.testdir({ token: `${secret}\n`, short: 'short' })
  const file = join(folder, 'token')
  t.match(readConfig({ MODERATOR_TOKEN_FILE: file }), { ok: true, config: { moderatorToken: secret } })
  t.match(readConfig({ MODERATOR_TOKEN_FILE: join(folder, 'short') }), {
    ok: false,
    faults: [/must name a file whose content must be 32/],
  })
  t.match(readConfig({ MODERATOR_TOKEN_FILE: file, MODERATOR_TOKEN: secret }), {
    ok: false,
    faults: [/^MODERATOR_TOKEN must not be given together/],
  })
})

t.test('words of its own come from a file of JSON, and each fault in them is named', async (t) => {
  const own = {
    en: { leaveComment: 'Write to us' },
    fr: { comments: { one: '{n} lettre', other: '{n} lettres' } },
  }
  const folder = t.testdir({
    own: JSON.stringify(own),
    wrong: JSON.stringify({ ja: {}, en: { send: 7, sendd: 'x' }, fr: { comments: 'x' } }),
    broken: '{',
  })
  const at = (name: string) => readConfig({ WORDS_FILE: join(folder, name) })
  t.match(at('own'), { ok: true, config: { words: own } })
  t.same(at('wrong'), {
    ok: false,
    faults: [
      'WORDS_FILE names a file that has no language ja',
      'WORDS_FILE names a file that must have a text at en.send',
      'WORDS_FILE names a file that has no such key at en.sendd',
      'WORDS_FILE names a file that must have an object with a text for "other", and for one, two, few, many where they differ, at fr.comments',
    ],
  })
  t.same(at('broken'), {
    ok: false,
    faults: ['WORDS_FILE must name a file of JSON that can be read (no JSON)'],
  })
  t.same(at('none'), { ok: false, faults: ['WORDS_FILE must name a file of JSON that can be read (ENOENT)'] })
})

t.test('reasons of its own come from a file of JSON, and each fault in them is named', async (t) => {
  const own = [
    { code: 'rule-7', texts: { en: 'See rule 7.', fr: 'Voir la règle 7.' } },
    { code: 'other', texts: { de: 'Etwas anderes.' } },
  ]
  const wrong = [
    'spam',
    { code: 'Spam', texts: { ja: 'x', en: ' ', fr: 'x'.repeat(201), de: 7 } },
    { code: 'x', texts: {}, more: 1 },
    { code: 'x', texts: { en: 'Twice.' } },
    { texts: [] },
  ]
  const folder = t.testdir({
    own: JSON.stringify(own),
    none: '[]',
    wrong: JSON.stringify(wrong),
    words: '{}',
    many: JSON.stringify(
      Array.from({ length: 51 }, (_, index) => ({ code: `${index}`, texts: { en: 'x' } })),
    ),
    broken: '{',
  })
  const at = (name: string) => readConfig({ REASONS_FILE: join(folder, name) })
  t.match(at('own'), { ok: true, config: { reasons: own } })
  t.match(at('none'), { ok: true, config: { reasons: [] } })
  const faultsOf = (name: string) => {
    const result = at(name)
    return result.ok ? [] : result.faults.map((fault) => fault.replace('REASONS_FILE names a file that ', ''))
  }
  t.same(faultsOf('wrong'), [
    'must have an object at reason 1',
    'must have a code of 1 to 50 of a-z, 0-9 and - at reason 2',
    'has no language ja at reason 2',
    'must have a line of at most 200 characters for en at reason 2',
    'must have a line of at most 200 characters for fr at reason 2',
    'must have a line of at most 200 characters for de at reason 2',
    'has no such key more at reason 3',
    'must have an object with texts by language at reason 3',
    'has the same code as another at reason 4',
    'must have a code of 1 to 50 of a-z, 0-9 and - at reason 5',
    'must have an object with texts by language at reason 5',
  ])
  t.same(faultsOf('words'), ['must be a list of reasons'])
  t.same(faultsOf('many'), ['must have at most 50 reasons'])
  t.same(faultsOf('broken'), ['REASONS_FILE must name a file of JSON that can be read (no JSON)'])
})
