import t from 'tap'
import { nameOfPostgres, parsePostgresUrl } from '../../src/store/postgres-url.ts'

t.test('a host is a URL of its own', async (t) => {
  const cases: [text: string, urls: string[], name: string][] = [
    ['postgres://db', ['postgres://db'], 'postgres://db'],
    [
      'postgresql://marie:s%40cret@db:5433/site',
      ['postgres://marie:s%40cret@db:5433/site'],
      'postgres://db:5433/site',
    ],
    [
      'postgres://marie:secret@one:5432,two/site?sslmode=verify-full&target_session_attrs=read-write',
      [
        'postgres://marie:secret@one:5432/site?sslmode=verify-full',
        'postgres://marie:secret@two/site?sslmode=verify-full',
      ],
      'postgres://one:5432,two/site',
    ],
    [
      'postgres://one,two/site?target_session_attrs=primary',
      ['postgres://one/site', 'postgres://two/site'],
      'postgres://one,two/site',
    ],
    [
      'postgres://[::1]:5432,[2001:db8::1]/site',
      ['postgres://[::1]:5432/site', 'postgres://[2001:db8::1]/site'],
      'postgres://[::1]:5432,[2001:db8::1]/site',
    ],
    [
      'postgres:///site?host=/var/run/postgresql',
      ['postgres:///site?host=%2Fvar%2Frun%2Fpostgresql'],
      'postgres:///var/run/postgresql/site',
    ],
    ['postgres:///site', ['postgres:///site'], 'postgres://localhost/site'],
    ['postgres://marie:100%@db/site', ['postgres://marie:100%@db/site'], 'postgres://db/site'],
  ]
  for (const [text, urls, name] of cases) {
    const parsed = parsePostgresUrl(text)
    t.same(parsed, { ok: true, location: { dialect: 'postgres', urls } }, text)
    if (parsed.ok) t.equal(nameOfPostgres(parsed.location), name)
  }
})

t.test('what is none is refused, and nothing of it is quoted', async (t) => {
  const refused: [text: string, fault: RegExp][] = [
    ['postgres:', /must be postgres:/],
    ['postgres:/marie:secret@db/site', /must be postgres:/],
    ['postgres://marie:secret@db/site#fragment', /must be postgres:/],
    ['postgres://marie:se@cret@db/site', /percent-encoded/],
    ['postgres://marie:secret/@db/site', /percent-encoded/],
    ['postgres://marie:secret@db:port/site', /percent-encoded/],
    ['postgres://marie:secret%ff@db/site', /percent-encoded/],
    ['postgres://marie:secret%00@db/site', /percent-encoded/],
    ['postgres://marie:secret@db/site%ff', /percent-encoded/],
    ['postgres://marie:secret@/site?host=%00', /percent-encoded/],
    ['postgres://marie:secret@one,,two/site', /empty host/],
    ['postgres://marie:secret@db/site?sslmod=verify-full', /may have these parameters only: .*sslmode/],
    ['postgres://marie:secret@db/site?sslmode=cret', /may have as sslmode only: .*verify-full/],
    [
      'postgres://marie:secret@db/site?target_session_attrs=standby',
      /target_session_attrs=read-write or =primary/,
    ],
    [
      'postgres://marie:secret@db/site?target_session_attrs=any',
      /target_session_attrs=read-write or =primary/,
    ],
  ]
  for (const [text, fault] of refused) {
    const parsed = parsePostgresUrl(text)
    t.match(parsed, { ok: false, fault }, text)
    t.notMatch(JSON.stringify(parsed), /marie|cret/)
  }
})
