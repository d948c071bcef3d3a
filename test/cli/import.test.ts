import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import type { Test } from 'tap'
import t from 'tap'
import { runCommand } from '../../src/cli/command.ts'
import { readBackOf } from '../../src/cli/read-back.ts'
import type { Token } from '../../src/domain/tokens/token.ts'
import { openStore, openTarget } from '../../src/store/open-store.ts'
import { kinds, type Target } from '../../src/store/transfer.ts'
import { unlimitedAt } from '../crash/client.ts'
import { startApp } from '../support/app.ts'
import { someComment } from '../support/comments.ts'
import { startServer } from '../support/postgres.ts'
import { imprimatur, spawnService, testTerminal, withoutProgress } from '../support/process.ts'
import { untilReady } from '../support/store.ts'
import {
  commandAt,
  contentOf,
  type Dialect,
  dialects,
  fillAt,
  folderOf,
  freshUrl,
  hasBegun,
  inSql,
  locationOf,
  recordOf,
  rowsIn,
  tokenNamed,
  withLines,
  withStoreAt,
} from '../support/transfers.ts'
import { until } from '../support/until.ts'

t.setTimeout(600_000)
// Most of an import into a PostgreSQL is the wait that shows whether a service comes back to it.
t.jobs = 4

/** A test beside others. Not where something must happen, or be seen, within a time: that has the machine to itself. */
const beside = (name: string, run: (t: Test) => Promise<void>) => t.test(name, { buffered: true }, run)

const lastMs = 253_402_300_799_999

for (const from of dialects)
  for (const to of dialects)
    beside(`from ${from} to ${to} everything comes over as it was`, async (t) => {
      const { file, text, url: source, comments } = await exportOf(t, { dialect: from, more: 1_500 })
      const target = await freshUrl(t, to)
      t.match(await commandAt(target, ['import', file]), {
        code: 0,
        out: '',
        err: 'Imported 1,531 comments, 32 decisions, 16 articles, 28 idempotency records, 3 tokens. Counts and digest are those of the file.\n',
      })
      t.same(await contentOf(target), await contentOf(source))
      if (from === to) t.same(await indexesOf(target), await indexesOf(source))
      const again = await commandAt(target, ['export', '-'])
      t.same(rowsIn(again.out), rowsIn(text), 'and goes on as it came')

      const [first = someComment()] = comments
      await withStoreAt(target, async (store) => {
        const retry = { comment: someComment(), idempotency: recordOf(first), maxPending: 0 }
        t.match(await store.submit(retry), { kind: 'replayed', record: { commentId: first.id } })
        t.equal((await store.queue()).pending, 1_507)
      })
    })

for (const dialect of dialects) {
  beside(`${dialect}: an import that broke off is not served, and goes on where it did`, async (t) => {
    const { file, text, url: source } = await exportOf(t, { dialect: 'sqlite', more: 1_500 })
    const url = await freshUrl(t, dialect)
    const part = text.slice(0, text.lastIndexOf('{"kind":"comment"') + 20)
    t.match(await commandAt(url, ['import', '-'], part), {
      code: 1,
      err: /^Standard input cannot be imported\. It is not whole: it breaks off behind line \d+\.\nThe database holds a part only, and is not served\. Go on with --resume, or start again with an empty database\.\n$/,
    })
    const before = await contentOf(url)
    t.equal(before['comments'].length, 1_530)

    const service = spawnService(t, unlimitedAt(url))
    t.equal(await service.ended, 1)
    t.match(
      service.stderr(),
      /cannot be opened: An import into it has not ended\. Go on with imprimatur import FILE --resume/,
    )
    for (const args of [
      ['token', 'list'],
      ['export', '-'],
    ])
      t.match(await commandAt(url, args), { code: 1, out: '', err: /An import into it has not ended/ })
    t.match(await commandAt(url, ['import', file]), {
      code: 1,
      err: 'An import of this file into this database has not ended. Go on with it by --resume.\n',
    })
    const other = await exportOf(t, { dialect: 'sqlite' })
    for (const more of [[], ['--resume']])
      t.match(await commandAt(url, ['import', other.file, ...more]), {
        code: 1,
        err: /^An import of another file into this database has not ended\./,
      })
    t.same(await contentOf(url), before, 'none of which changed anything')

    t.match(await commandAt(url, ['import', file, '--resume']), {
      code: 0,
      err: /^Imported 1,531 comments, .*; 1,549 rows already there\. Counts and digest/,
    })
    t.same(await contentOf(url), await contentOf(source))
    for (const more of [[], ['--resume']])
      t.match(await commandAt(url, ['import', file, ...more]), {
        code: 1,
        err: 'The database has comments already. Import into an empty one, or add what it does not have yet (--add).\n',
      })
    t.same(await contentOf(url), await contentOf(source))
  })

  beside(`${dialect}: an import that is killed goes on where it was`, async (t) => {
    const { file, text, url: source } = await exportOf(t, { dialect: 'sqlite', more: 2_500 })
    const url = await freshUrl(t, dialect)
    // The tables would be a log of writes of that length by themselves.
    await commandAt(url, ['migrate'])
    const child = spawn(...imprimatur(['import', '-']), {
      env: { ...process.env, DATABASE_URL: url },
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    child.stdin.on('error', () => {})
    child.stdin.write(text.slice(0, text.lastIndexOf('{"kind":"comment"')))
    await until(async () => ((await hasBegun(url)) ? true : undefined))
    await kill(child)
    const left = (await contentOf(url))['comments'].length
    t.ok(left > 0 && left < 2_531, `${left} comments were in`)
    t.match(await commandAt(url, ['import', file, '--resume']), { code: 0, err: /^Imported 2,531 comments/ })
    t.same(await contentOf(url), await contentOf(source))
  })

  beside(`${dialect}: what is there already and another one stops it, told by its key alone`, async (t) => {
    const { file, text } = await exportOf(t, { dialect: 'sqlite' })
    const cases = [
      [
        'comment',
        "UPDATE comments SET body = 'secret' WHERE body LIKE '%s %'",
        /the comment \S{36} is in the database already, and another one\.\n/,
      ],
      [
        'decision',
        "UPDATE decisions SET note = 'secret'",
        /the decision \S{36}, position \d+ is in the database already, and another one\.\n/,
      ],
      [
        'article',
        'UPDATE articles SET revision = 7',
        /the article B is in the database already, and another one\.\n/,
      ],
      [
        'idempotencyRecord',
        "UPDATE idempotency_records SET salt = 'secret'",
        /the idempotencyRecord \S{64} is in the database already, and another one\.\n/,
      ],
    ] as const
    const stops = cases.map(async ([kind, sql, sentence]) => {
      const url = await freshUrl(t, dialect)
      const part = text.slice(0, text.indexOf('\n', text.lastIndexOf(`{"kind":"${kind}"`)) + 1)
      t.match(await commandAt(url, ['import', '-'], part), { code: 1, err: /It is not whole/ })
      await inSql(url, (ask) => ask(sql))
      const stopped = await commandAt(url, ['import', file, '--resume'])
      t.match(stopped, { code: 1, err: sentence })
      t.match(stopped.err, /^Line \d+: /)
      t.notMatch(stopped.err, /secret|ada@example|marie/)
    })
    await Promise.all(stops)
  })

  t.test(`${dialect}: of two imports at once the database is filled by one`, async (t) => {
    const { file, url: source } = await exportOf(t, { dialect: 'sqlite', more: 1_500 })
    const url = await freshUrl(t, dialect)
    await commandAt(url, ['migrate'])
    const ended = await Promise.all([1, 2].map(() => processAt(url, ['import', file])))
    t.same(ended.map(({ code }) => code).sort(), [0, 1])
    t.match(
      ended.find(({ code }) => code === 1)?.err,
      dialect === 'sqlite'
        ? /^The database (?:.*imprimatur\.db cannot be opened: database is locked\nStop the service .*|has comments already.*)\n$/
        : /^(?:An import of this file into this database has not ended|The database has comments already)/,
    )
    t.same(await contentOf(url), await contentOf(source))
  })

  beside(
    `${dialect}: tokens that are there already stay, and others of the same name are told`,
    async (t) => {
      const { file, url: source } = await exportOf(t, { dialect: 'sqlite' })
      const url = await freshUrl(t, dialect)
      const [shared] = await withStoreAt(source, (store) => store.listTokens())
      const own = tokenNamed('moderator')
      await withStoreAt(url, async (store) => {
        await store.createToken(own)
        await store.createToken(tokenNamed('marie'))
      })
      t.match(await commandAt(url, ['import', file]), {
        code: 1,
        err: 'A token named marie is in the database already, and another one. Revoke it there (imprimatur token revoke), then import again.\n',
      })
      if (dialect === 'sqlite') t.same(await indexesOf(url), await indexesOf(source))
      t.match(await commandAt(url, ['token', 'revoke', 'marie']), { code: 0 })
      await withStoreAt(url, (store) =>
        store.createToken(tokenNamed('another name', { hash: shared?.hash ?? '' })),
      )
      t.match(await commandAt(url, ['import', file]), { code: 0, err: /, 3 tokens; 1 row already there\. / })
      await withStoreAt(url, async (store) => {
        t.match(await store.findTokenByHash(own.hash), { name: 'moderator', revokedAtMs: null })
        t.match(await store.findTokenByHash(shared?.hash ?? ''), { name: 'another name' })
      })
    },
  )

  beside(`${dialect}: a token that was revoked on either side is revoked`, async (t) => {
    const { file, text } = await exportOf(t, { dialect: 'sqlite' })
    const tokens: Token[] = rowsIn(text)
      .filter((row) => row.startsWith('{"kind":"token"'))
      .map((row) => JSON.parse(row))
    const hashOf = (name: string, isRevoked: boolean) =>
      tokens.find((token) => token.name === name && (token.revokedAtMs !== null) === isRevoked)?.hash ?? ''
    const inFile = { gone: hashOf('gone', true), again: hashOf('gone', false), marie: hashOf('marie', false) }
    const url = await freshUrl(t, dialect)
    await withStoreAt(url, async (store) => {
      // Its name is another token's in the file.
      await store.createToken(tokenNamed('gone', { hash: inFile.gone, lastUsedAtMs: 1_700_000_000_005 }))
      await store.createToken(tokenNamed('marie', { hash: inFile.marie, revokedAtMs: 1_700_000_000_006 }))
    })
    t.match(await commandAt(url, ['import', file]), { code: 0, err: /, 3 tokens; 2 rows already there\. / })
    await withStoreAt(url, async (store) => {
      const revoked = { name: 'gone', revokedAtMs: 1_700_000_000_000, lastUsedAtMs: 1_700_000_000_005 }
      t.match(await store.findTokenByHash(inFile.gone), revoked, 'at the time of the file')
      t.match(await store.findTokenByHash(inFile.again), { name: 'gone', revokedAtMs: null })
      t.match(await store.findTokenByHash(inFile.marie), { revokedAtMs: 1_700_000_000_006 })
    })

    const clash = await freshUrl(t, dialect)
    await withStoreAt(clash, async (store) => {
      await store.createToken(tokenNamed('in use', { hash: inFile.gone }))
      await store.createToken(tokenNamed('marie'))
    })
    t.match(await commandAt(clash, ['import', file]), { code: 1, err: /^A token named marie is in/ })
    const found = await withStoreAt(clash, (store) => store.findTokenByHash(inFile.gone))
    t.match(found, { name: 'in use', revokedAtMs: null }, 'not by an import that did not begin')
  })

  t.test(`${dialect}: what does not fit together is not served`, async (t) => {
    const { folder, text } = await exportOf(t, { dialect: 'sqlite' })
    for (const [change, sentence] of [
      [
        (rows: string[]) => rows.filter((row) => !row.startsWith('{"kind":"article","articleId":"B"')),
        /^Lines \d+ to \d+: a comment refers to what is not there: the file does not have it, or the database has lost it\.\n/,
      ],
      [
        (rows: string[]) =>
          rows.map((row) =>
            row.replace('"articleId":"B","approvedCount":2', '"articleId":"B","approvedCount":7'),
          ),
        /^The database does not hold what the file says:\nThe count of approved comments of article B is wrong\.\n/,
      ],
      [
        (rows: string[]) =>
          rows.map((row) => row.replace(/^(\{"kind":"decision",.*)"version":3,/, '$1"version":20,')),
        /\nThe comment [\da-f-]{36} has a decision of a later version than its own\.\n/,
      ],
      [
        // Each answers for the other.
        (rows: string[]) =>
          rows.map((row) =>
            row
              .replace(/^(\{"kind":"article","articleId":"a b".*)"movedTo":null/, '$1"movedTo":"B"')
              .replace(/^(\{"kind":"article","articleId":"B".*)"movedTo":null/, '$1"movedTo":"a b"'),
          ),
        /\nThe article B was moved to one that does not answer for it\.\n/,
      ],
    ] as const) {
      const url = await freshUrl(t, dialect)
      writeFileSync(join(folder, 'changed'), withLines(text, change))
      const ended = await commandAt(url, ['import', join(folder, 'changed')])
      t.match(ended, { code: 1, err: sentence })
      t.match(ended.err, /The database holds a part only, and is not served\./)
      t.match(await commandAt(url, ['token', 'list']), { code: 1, err: /An import into it has not ended/ })
    }
  })

  t.test(`${dialect}: a database that a service has open is not imported into`, async (t) => {
    const { file } = await exportOf(t, { dialect: 'sqlite' })
    const url = await freshUrl(t, dialect)
    await withStoreAt(url, async (store) => {
      await untilReady(store)
      t.match(await commandAt(url, ['import', file]), {
        code: 1,
        err:
          dialect === 'sqlite'
            ? /cannot be opened: database is locked\nAdd to it while the service runs \(--add\), .* stop the service .*\.\n$/
            : 'A service has the database open. Stop it first, or add to it while it runs (--add); the connections of a pooler in between are closed a while later.\n',
      })
    })
    t.match(await commandAt(url, ['import', file]), { code: 0 })
  })

  beside(`${dialect}: what others put in meanwhile is found at the end`, async (t) => {
    const { text } = await exportOf(t, { dialect: 'sqlite' })
    const url = await freshUrl(t, dialect)
    const target = await openTarget(locationOf(url), { poolSize: 2 })
    t.teardown(() => target.close())
    t.equal(await target.begin(7, false), 'begun')
    const rows = rowsIn(text).map((row) => JSON.parse(row))
    const articles = rows.filter(({ kind }) => kind === 'article')
    t.same(await target.add('article', articles), { kind: 'added', count: 9 })
    const counts = { token: 0, article: 8, comment: 0, decision: 0, idempotencyRecord: 0 }
    t.match(await target.finish(counts, unread), ['Rows of articles: 9, and 8 were to be there.'])
    t.equal(await target.abandon(), 'marked')
  })

  beside(
    `${dialect}: what is stored otherwise than it went in is found before anything is served`,
    async (t) => {
      const { text, url: source } = await exportOf(t, { dialect: 'sqlite' })
      const url = await freshUrl(t, dialect)
      const readBack = readBackOf()
      const counts = JSON.parse(text.slice(0, text.indexOf('\n'))).counts
      const rows = rowsIn(text).map((row) => JSON.parse(row))
      const withTarget = async <T>(resumes: boolean, use: (target: Target) => Promise<T>) => {
        const target = await openTarget(locationOf(url))
        try {
          t.equal(await target.begin(7, resumes), 'begun')
          return await use(target)
        } finally {
          await target.close()
        }
      }
      const finish = (target: Target) => target.finish(counts, (pages) => readBack.faultsIn(pages, () => {}))

      await withTarget(false, async (target) => {
        for (const kind of kinds) {
          const ofKind = rows.filter((row) => row.kind === kind)
          t.same(await target.add(kind, ofKind), { kind: 'added', count: ofKind.length })
          readBack.note(kind, ofKind)
        }
      })
      await inSql(url, async (ask) => {
        await ask("UPDATE tokens SET hash = 'other' || hash WHERE name = 'marie'")
        await ask(
          "UPDATE tokens SET name = 'valid again', revoked_at_ms = NULL WHERE revoked_at_ms IS NOT NULL",
        )
        await ask("UPDATE articles SET revision = revision + 1 WHERE article_id = 'B'")
        await ask(
          'UPDATE comments SET submitted_at_ms = submitted_at_ms + 1 WHERE id = (SELECT max(id) FROM comments)',
        )
        await ask(
          "UPDATE decisions SET reason = reason || ' ' WHERE comment_id = (SELECT max(comment_id) FROM decisions)",
        )
        await ask(
          "UPDATE idempotency_records SET language = 'en' WHERE key_hash = (SELECT max(key_hash) FROM idempotency_records)",
        )
      })
      t.same(await withTarget(true, finish), [
        'Tokens of the file that are not there, or not revoked as they are in it: 2.',
        'The articles that are stored are not those of the file.',
        'The comments that are stored are not those of the file.',
        'The decisions that are stored are not those of the file.',
        'The idempotency records that are stored are not those of the file.',
      ])
      await t.rejects(openStore(locationOf(url)), { message: /An import into it has not ended/ })

      await inSql(url, async (ask) => {
        await ask("UPDATE tokens SET hash = substr(hash, 6) WHERE name = 'marie'")
        await ask("UPDATE tokens SET name = 'gone', revoked_at_ms = 1700000000000 WHERE name = 'valid again'")
        await ask("UPDATE articles SET revision = revision - 1 WHERE article_id = 'B'")
        await ask(
          'UPDATE comments SET submitted_at_ms = submitted_at_ms - 1 WHERE id = (SELECT max(id) FROM comments)',
        )
        await ask(
          'UPDATE decisions SET reason = substr(reason, 1, length(reason) - 1) WHERE comment_id = (SELECT max(comment_id) FROM decisions)',
        )
        await ask(
          "UPDATE idempotency_records SET language = 'fr' WHERE key_hash = (SELECT max(key_hash) FROM idempotency_records)",
        )
      })
      t.same(await withTarget(true, finish), [])
      t.same(await contentOf(url), await contentOf(source))
    },
  )

  beside(
    `${dialect}: where a token is missing at the end the mark stays, though there be nothing else`,
    async (t) => {
      const url = await freshUrl(t, dialect)
      const target = await openTarget(locationOf(url))
      t.teardown(() => target.close())
      t.equal(await target.begin(7, false), 'begun')
      const { scopes, ...token } = tokenNamed('marie')
      const row = { ...token, scopes: scopes.join(' ') }
      t.same(await target.add('token', [row]), { kind: 'added', count: 1 })
      const counts = { token: 1, article: 0, comment: 0, decision: 0, idempotencyRecord: 0 }
      const readBack = readBackOf()
      readBack.note('token', [row, { ...row, hash: 'lost' }])
      t.same(await target.finish(counts, (pages) => readBack.faultsIn(pages, () => {})), [
        'Tokens of the file that are not there, or not revoked as they are in it: 1.',
      ])
      t.equal(await target.abandon(), 'marked')
    },
  )

  beside(`${dialect}: what the database refuses by itself is a fault, and nothing of it stays`, async (t) => {
    const { text } = await exportOf(t, { dialect: 'sqlite' })
    const url = await freshUrl(t, dialect)
    const target = await openTarget(locationOf(url))
    t.teardown(() => target.close())
    await target.begin(7, false)
    const rows = rowsIn(text).map((row) => JSON.parse(row))
    const [article] = rows.filter(({ kind }) => kind === 'article')
    await t.rejects(target.add('article', [article, { ...article, articleId: 'other', revision: null }]), {
      message: /not.null/i,
    })
    t.same(await target.add('article', [article]), { kind: 'added', count: 1 })
  })

  beside(
    `${dialect}: from the greatest numbers that a file may have on, it is gone on, and what is exported then can be imported`,
    async (t) => {
      const { folder, text } = await exportOf(t, { dialect: 'sqlite' })
      const numbers: Record<string, number> = { version: 1_000_000_000 - 2, revision: lastMs - 10 }
      for (const field of 'createdAtMs expiresAtMs lastUsedAtMs revokedAtMs publishedAtMs closedAtMs'.split(
        ' ',
      ))
        numbers[field] = lastMs
      for (const field of ['firstCommentAtMs', 'submittedAtMs', 'decidedAtMs']) numbers[field] = lastMs
      const greatest = (row: string) => {
        const fields = JSON.parse(row) as Record<string, unknown>
        const isDecision = fields['kind'] === 'decision'
        for (const [name, value] of Object.entries(fields))
          if (typeof value === 'number' && numbers[name] !== undefined && !(isDecision && name === 'version'))
            fields[name] = numbers[name]
        return JSON.stringify(fields)
      }
      const file = join(folder, 'greatest')
      writeFileSync(
        file,
        withLines(text, (rows) => rows.map(greatest)),
      )
      const url = await freshUrl(t, dialect)
      t.match(await commandAt(url, ['import', file]), { code: 0 })

      await withStoreAt(url, async (store) => {
        const { app, call, token } = await startApp(t, { store, closeAfterDays: 36_500 })
        const headers = await token('moderate')
        const { comments } = (await call({ url: '/v1/moderation/comments', headers })).json()
        for (const { id } of comments.slice(0, 2)) {
          const decide = (action: string) =>
            call({ method: 'POST', url: `/v1/moderation/comments/${id}/${action}`, headers })
          t.match((await decide('approve')).json(), { version: 999_999_999, status: 'approved' })
          t.match((await decide('reject')).json(), { version: 1_000_000_000, status: 'rejected' })
        }
        const article = { method: 'PUT', url: '/v1/moderation/articles/a', headers } as const
        t.equal(
          (await call({ ...article, payload: { publishedAt: '9999-12-31T23:59:59Z' } })).statusCode,
          200,
        )
        t.match((await call({ url: '/v1/moderation/articles/a', headers })).json(), {
          closesAt: /^9999-12-31T/,
        })
        await app.close()
      })
      const again = (await commandAt(url, ['export', '-'])).out
      const other = await freshUrl(t, dialect)
      t.match(
        await commandAt(other, ['import', '-'], again),
        { code: 0 },
        'what was exported can be imported',
      )
    },
  )

  beside(`${dialect}: an empty database is carried too`, async (t) => {
    const [source, target] = [await freshUrl(t, dialect), await freshUrl(t, dialect)]
    await commandAt(source, ['migrate'])
    const { out } = await commandAt(source, ['export', '-'])
    t.match(await commandAt(target, ['import', '-'], out), { code: 0, err: /^Imported 0 comments/ })
    t.same(await contentOf(target), await contentOf(source))
  })
}

t.test('postgres: an import that broke off because its server went away is gone on with', async (t) => {
  const { file, text, url: source } = await exportOf(t, { dialect: 'sqlite', more: 1_500 })
  const url = await freshUrl(t, 'postgres')
  const name = new URL(url).pathname.slice(1)
  const half = text.lastIndexOf('{"kind":"comment"')
  async function* input() {
    yield Buffer.from(text.slice(0, half))
    const ended = await inSql(url, async (ask) => {
      await ask(`ALTER DATABASE ${name} SET default_transaction_read_only = on`)
      return ask(
        "SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity WHERE application_name = 'imprimatur import' AND datname = current_database()",
      )
    })
    t.same(ended, [{ ended: true }])
    yield Buffer.from(text.slice(half))
  }
  const terminal = testTerminal({ DATABASE_URL: url })
  t.equal(await runCommand(['import', '-'], { ...terminal, stdin: input() }), 1)
  t.match(
    terminal.err(),
    /^The database cannot be read or written: .+\nThe database holds a part only, and is not served\. Go on with --resume, or start again with an empty database\.\n$/,
  )
  await inSql(url, async (ask) => {
    await ask('SET default_transaction_read_only = off')
    await ask(`ALTER DATABASE ${name} RESET default_transaction_read_only`)
  })
  t.match(await commandAt(url, ['import', file, '--resume']), { code: 0, err: /^Imported 1,531 comments/ })
  t.same(await contentOf(url), await contentOf(source))
})

t.test('postgres: what is changed behind the back of an import is found at its end', async (t) => {
  const { file, text } = await exportOf(t, { dialect: 'sqlite', more: 1_500 })
  const url = await freshUrl(t, 'postgres')
  const part = text.indexOf('\n', text.indexOf('{"kind":"decision"')) + 1
  async function* input() {
    yield Buffer.from(text.slice(0, part))
    await inSql(url, (ask) => ask("UPDATE comments SET author_name = 'other' WHERE article_id = 'more-3'"))
    yield Buffer.from(text.slice(part))
  }
  const terminal = testTerminal({ DATABASE_URL: url })
  t.equal(await runCommand(['import', '-'], { ...terminal, stdin: input() }), 1)
  t.equal(
    terminal.err(),
    [
      'The database does not hold what the file says:',
      'The comments that are stored are not those of the file.',
      'The database holds a part only, and is not served. Go on with --resume, or start again with an empty database.\n',
    ].join('\n'),
  )
  t.match(await commandAt(url, ['token', 'list']), { code: 1, err: /An import into it has not ended/ })
  t.match(await commandAt(url, ['import', file, '--resume']), {
    code: 1,
    err: /^Line \d+: the comment \S+ is in the database already, and another one\./,
  })
})

t.test(
  'postgres: what a crash of its server undoes between two batches is found out, and goes in again',
  async (t) => {
    const { folder, text: all } = await exportOf(t, { dialect: 'sqlite', more: 3_000 })
    const text = withLines(all, (rows) => rows.filter((row) => row.includes('"articleId":"more-')))
    // As long as it can be, so that commits that are not waited for stay in memory.
    const server = await startServer({ settings: { wal_writer_delay: '10s', wal_writer_flush_after: '1GB' } })
    t.teardown(() => server.remove())
    await server.query('CREATE DATABASE moved')
    const url = server.url('moved')
    const stored = async () => (await inSql(url, (ask) => ask('SELECT 1 FROM comments'))).length
    let [before, after] = [0, 0]
    async function* input() {
      const first = text.indexOf('\n', text.indexOf('{"kind":"comment"')) + 1
      const last = text.lastIndexOf('{"kind":"comment"')
      yield Buffer.from(text.slice(0, first))
      await server.query('CHECKPOINT')
      yield Buffer.from(text.slice(first, last))
      before = await stored()
      await server.stop('immediate')
      await server.start()
      after = await stored()
      yield Buffer.from(text.slice(last))
    }
    const terminal = testTerminal({ DATABASE_URL: url })
    const code = await runCommand(['import', '-'], { ...terminal, stdin: input() })
    t.equal(before, 2_000)
    t.comment(`${before - after} comments were lost`)
    t.equal(code, after < before ? 1 : 0, terminal.err())
    t.match(
      terminal.err(),
      after < before
        ? /Rows of comments: \d+, and 3000 were to be there\.\nThe comments that are stored are not those of the file\.\n/
        : /^Imported/,
    )

    const file = join(folder, 'more')
    writeFileSync(file, text)
    if (code === 1)
      t.match(await commandAt(url, ['import', file, '--resume']), { code: 0, err: /^Imported 3,000/ })
    t.same(rowsIn((await commandAt(url, ['export', '-'])).out), rowsIn(text))
  },
)

t.test(
  'postgres: a service whose connections were broken at the moment of an import is not missed',
  async (t) => {
    const url = await freshUrl(t, 'postgres')
    await withStoreAt(url, async (store) => {
      await untilReady(store)
      const target = await openTarget(locationOf(url))
      try {
        const ended = await inSql(url, (ask) =>
          ask(
            "SELECT pg_terminate_backend(pid, 5000) AS ended FROM pg_stat_activity WHERE application_name = 'imprimatur' AND datname = current_database()",
          ),
        )
        t.ok(ended.length > 0 && ended.every((row) => row['ended']))
        t.equal(await target.begin(7, false), 'in-use')
        t.equal(await target.abandon(), 'unmarked')
      } finally {
        await target.close()
      }
    })
  },
)

t.test('postgres: who goes on with an import that another has ended meanwhile is told', async (t) => {
  const { text } = await exportOf(t, { dialect: 'sqlite' })
  const url = await freshUrl(t, 'postgres')
  const [one, other] = [
    await openTarget(locationOf(url), { poolSize: 2 }),
    await openTarget(locationOf(url), { poolSize: 2 }),
  ]
  t.teardown(() => Promise.all([one.close(), other.close()]))
  t.equal(await one.begin(7, false), 'begun')
  t.equal(await other.begin(7, true), 'begun')
  const articles = rowsIn(text)
    .map((row) => JSON.parse(row))
    .filter(({ kind }) => kind === 'article')
    .map((row) => ({ ...row, approvedCount: 0 }))
  t.same(
    (await Promise.all([one, other].map((target) => target.add('article', articles))))
      .map((added) => ('count' in added ? added.count : null))
      .sort(),
    [0, 9],
  )
  const counts = { token: 0, article: 9, comment: 0, decision: 0, idempotencyRecord: 0 }
  t.same(await one.finish(counts, unread), [])
  t.same(await other.add('article', articles), { kind: 'ended' })
  t.same(await other.finish(counts, unread), ['Another process has ended this import.'])
  t.equal(await other.abandon(), 'unmarked')
})

/** Every number of a line, and how great it may be. */
const numberFields: [kind: string, field: string, greatest: number][] = [
  ['token', 'createdAtMs', lastMs],
  ['token', 'expiresAtMs', lastMs],
  ['token', 'lastUsedAtMs', lastMs],
  ['token', 'revokedAtMs', lastMs],
  ['article', 'approvedCount', 10 ** 12],
  ['article', 'revision', lastMs],
  ['article', 'publishedAtMs', lastMs],
  ['article', 'closedAtMs', lastMs],
  ['article', 'firstCommentAtMs', lastMs],
  ['comment', 'version', 10 ** 9],
  ['comment', 'submittedAtMs', lastMs],
  ['comment', 'publishedAtMs', lastMs],
  ['comment', 'publishedRevision', lastMs],
  ['comment', 'decidedAtMs', lastMs],
  ['decision', 'version', 10 ** 9],
  ['decision', 'position', 10 ** 12],
  ['decision', 'rejectedWithVersion', 10 ** 9],
  ['decision', 'decidedAtMs', lastMs],
  ['idempotencyRecord', 'expiresAtMs', lastMs],
]

t.test('each number that is carried has its bounds', async (t) => {
  const { getTableColumns } = await import('../../src/store/drizzle.ts')
  const tables = await import('../../src/store/sqlite/schema.ts')
  const kinds = {
    token: tables.tokens,
    article: tables.articles,
    comment: tables.comments,
    decision: tables.decisions,
    idempotencyRecord: tables.idempotencyRecords,
  }
  const columns = Object.entries(kinds).flatMap(([kind, table]) =>
    Object.entries(getTableColumns(table)).flatMap(([field, { dataType }]) =>
      dataType === 'number' ? [`${kind}.${field}`] : [],
    ),
  )
  t.same(numberFields.map(([kind, field]) => `${kind}.${field}`).sort(), columns.sort())
})

beside('a file that is not as it has to be is refused before anything of it goes in', async (t) => {
  const { folder, text } = await exportOf(t, { dialect: 'sqlite' })
  const lines = text.split('\n')
  const at = (kind: string) => lines.findIndex((line) => line.startsWith(`{"kind":"${kind}"`))
  const number = (kind: string) => at(kind) + 1
  const edited = (kind: string, more: object) =>
    lines
      .map((line, index) => (index === at(kind) ? JSON.stringify({ ...JSON.parse(line), ...more }) : line))
      .join('\n')
  const end = lines.at(-2) ?? ''
  const broken: [content: string | Buffer, sentence: string][] = [
    ['', 'It is not whole: it breaks off behind line 0.'],
    ['{}\n', 'Line 1: an export of Imprimatur begins otherwise.'],
    ['null\n', 'Line 1: an export of Imprimatur begins otherwise.'],
    ['PK\u0003\u0004\n', 'Line 1: an export of Imprimatur begins otherwise.'],
    [text.replace('"version":1', '"version":2'), 'Line 1: another version of Imprimatur made it.'],
    [text.replace('"counts"', '"accounts"'), 'Line 1: the header is not as it has to be.'],
    [text.slice(0, -1), `It is not whole: it breaks off behind line ${lines.length - 2}.`],
    [text.slice(0, -end.length - 1), `It is not whole: it breaks off behind line ${lines.length - 2}.`],
    [text.slice(0, 5_000), 'It is not whole: it breaks off behind line'],
    [`${text}{}\n`, `Line ${lines.length}: there is more behind the end.`],
    [
      text.replace('"approvedCount":2', '"approvedCount":1'),
      `Line ${lines.length - 1}: the digest is another one: the file was changed.`,
    ],
    [
      lines.toSpliced(at('comment'), 1).join('\n'),
      `Line ${lines.length - 2}: the file has 30 lines of the kind comment, and says 31.`,
    ],
    [
      text.replace(/"comment":31(?=.*\n\{"kind":"token")/, '"comment":32'),
      `Line ${lines.length - 1}: the file has 31 lines of the kind comment, and says 32.`,
    ],
    [
      text.replace(/"sha256":".*"/, '"sha256":""'),
      `Line ${lines.length - 1}: the end is not as it has to be.`,
    ],
    [
      lines.toSpliced(at('comment'), 0, lines[at('comment')] ?? '').join('\n'),
      `Line ${number('comment') + 1}: it is out of order.`,
    ],
    [
      lines.toSpliced(at('comment'), 0, lines[at('decision')] ?? '').join('\n'),
      `Line ${number('comment') + 1}: it is out of order.`,
    ],
    [
      lines
        .toSpliced(at('decision'), 2, lines[at('decision') + 1] ?? '', lines[at('decision')] ?? '')
        .join('\n'),
      `Line ${number('decision') + 1}: it is out of order.`,
    ],
    [lines.toSpliced(3, 0, '').join('\n'), 'Line 4: it is no JSON object in UTF-8.'],
    [lines.toSpliced(3, 0, '[1]').join('\n'), 'Line 4: its kind is unknown.'],
    [lines.toSpliced(3, 0, 'null').join('\n'), 'Line 4: its kind is unknown.'],
    [lines.toSpliced(3, 0, '{"kind":"constructor"}').join('\n'), 'Line 4: its kind is unknown.'],
    [
      Buffer.concat([
        Buffer.from(`${lines[0]}\n{"kind":"token","name":"`),
        Buffer.from([0xff]),
        Buffer.from('"}\n'),
      ]),
      'Line 2: it is no JSON object in UTF-8.',
    ],
    [`${lines[0]}\n${' '.repeat(2 ** 21)}`, 'There is a line longer than any can be.'],
    [
      edited('comment', { body: 'a\u0000b' }),
      `Line ${number('comment')}: it is no comment as it has to be: body.`,
    ],
    [
      edited('comment', { body: '\ud800' }),
      `Line ${number('comment')}: it is no comment as it has to be: body.`,
    ],
    [
      edited('comment', { body: 'x'.repeat(10_001), 'ada@example.org': 1 }),
      'it is no comment as it has to be: body, a field that is unknown.',
    ],
    [
      edited('comment', { version: 1.5, submittedAtMs: '1', id: 'x' }),
      'it is no comment as it has to be: id, version, submittedAtMs.',
    ],
    ...numberFields.flatMap(([kind, field, greatest]) =>
      [greatest + 1, -1, 0.5, 2 ** 53, '7', 1e300].map((value): [string, string] => [
        edited(kind, { [field]: value }),
        `it is no ${kind} as it has to be: `,
      ]),
    ),
    [
      edited('comment', { status: 'approved' }),
      'it is no comment as it has to be: publishedAtMs, publishedRevision, decidedAtMs.',
    ],
    [edited('comment', { body: null }), 'it is no comment as it has to be: authorName, body.'],
    [edited('comment', { authorName: null }), 'it is no comment as it has to be: authorName, body.'],
    [edited('comment', { authorEmail: '' }), 'it is no comment as it has to be: authorEmail.'],
    [edited('comment', { authorEmail: ' ' }), 'it is no comment as it has to be: authorEmail.'],
    [
      edited('comment', { authorEmail: undefined }),
      `Line ${number('comment')}: it is no comment as it has to be: authorEmail.`,
    ],
    [
      edited('comment', { status: 'withdrawn', authorName: null, body: null, decidedAtMs: 1 }),
      'it is no comment as it has to be: authorEmail.',
    ],
    [edited('comment', { submittedAtMs: 1e300 }), 'it is no comment as it has to be: submittedAtMs.'],
    [edited('token', { scopes: 'moderate root' }), `Line 2: it is no token as it has to be: scopes.`],
    ...[
      'a\u001b[2J',
      'marie\nroot moderate active',
      '',
      ' marie',
      '\u3164',
      'a'.repeat(101),
      'a/b',
      'import:disqus',
    ].map((name): [string, string] => [
      edited('token', { name }),
      'Line 2: it is no token as it has to be: name.',
    ]),
    ...['root\u202e', 'import:', 'import:a b', 'import:a:b', 'import:é', 'disqus:import', ''].map(
      (decidedBy): [string, string] => [
        edited('decision', { decidedBy }),
        'it is no decision as it has to be: decidedBy.',
      ],
    ),
    [edited('article', { articleId: ' ' }), `it is no article as it has to be: articleId.`],
    ...['a ', 'a\nb', '\u200b', '..', 'cafe\u0301'].map((articleId): [string, string] => [
      edited('article', { articleId, movedTo: articleId, movingFrom: articleId }),
      'it is no article as it has to be: articleId, movedTo, movingFrom.',
    ]),
    [edited('comment', { articleId: 'cafe\u0301' }), 'it is no comment as it has to be: articleId.'],
    [edited('article', { title: 'Why\nwe print' }), 'it is no article as it has to be: title.'],
    [
      edited('comment', { authorName: 'Ada\nModerator', body: 'a\u001b[31m' }),
      'it is no comment as it has to be: authorName, body.',
    ],
    [
      edited('comment', { authorName: '\u3164', body: '\u2800' }),
      'it is no comment as it has to be: authorName, body.',
    ],
    [
      edited('decision', { reason: 'Why?\n', note: 'a\u0007' }),
      'it is no decision as it has to be: reason, note.',
    ],
    [
      edited('decision', { action: 'delete', decidedAtMs: -1 }),
      'it is no decision as it has to be: action, decidedAtMs.',
    ],
    [
      edited('idempotencyRecord', { language: 'xx' }),
      'it is no idempotencyRecord as it has to be: language.',
    ],
  ]
  const url = await freshUrl(t, 'sqlite')
  const file = join(folder, 'broken')
  for (const [content, sentence] of broken) {
    writeFileSync(file, content)
    const ended = await commandAt(url, ['import', file])
    t.equal(ended.code, 1, sentence)
    t.ok(ended.err.startsWith(`${file} cannot be imported. `), ended.err)
    t.ok(ended.err.includes(sentence), `${ended.err} has: ${sentence}`)
    t.notMatch(ended.err, /ada@example|Ligne/)
    t.notOk(existsSync(url.slice('file:'.length)), 'nothing is made')
  }
})

t.test('what comes through a pipe and is no export makes no database', async (t) => {
  const url = await freshUrl(t, 'sqlite')
  for (const [input, sentence] of [
    ['', 'It is not whole: it breaks off behind line 0.'],
    ['no export', 'Line 1: an export of Imprimatur begins otherwise.'],
    ['{"kind":"token"}\n', 'Line 1: an export of Imprimatur begins otherwise.'],
  ] as const) {
    t.match(await commandAt(url, ['import', '-'], input), {
      code: 1,
      err: `Standard input cannot be imported. ${sentence}\n`,
    })
    t.notOk(existsSync(url.slice('file:'.length)), 'nothing is made')
  }
})

t.test('what cannot be imported is said in a sentence', async (t) => {
  const { folder, file } = await exportOf(t, { dialect: 'sqlite' })
  const url = await freshUrl(t, 'sqlite')
  t.match(await commandAt(url, ['import', join(folder, 'missing')]), {
    code: 1,
    err: /^There is no file .*missing\.\n$/,
  })
  await commandAt(url, ['migrate'])
  for (const how of [[], ['--add']])
    t.match(await commandAt(url, ['import', ...how, folder]), {
      code: 1,
      err: /is a folder\. Name a file in it\.\n$/,
    })
  t.match(await commandAt(url, ['import']), { code: 1, err: /^There is no file to import/ })
  t.match(await commandAt('file::memory:', ['import', file]), {
    code: 1,
    err: /^DATABASE_URL says file::memory:/,
  })
})

t.test('memory is bounded, however much is carried', async (t) => {
  const source = await freshUrl(t, 'sqlite')
  await commandAt(source, ['migrate'])
  const database = new SqliteDatabase(source.slice('file:'.length))
  database.exec(`INSERT INTO articles (article_id, approved_count, revision) VALUES ('article', 0, 1);
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 8000)
    INSERT INTO comments SELECT printf('029aa5c1-3b7e-7c3a-9d55-%012x', n), 'article', NULL, 'rejected', 2, 'Ada', 'ada@example.org',
      printf('%.5000c', 'x'), 1700000000000, NULL, 'hash', NULL, 1700000000001 FROM numbers`)
  database.close()
  const [file, other] = [join(folderOf(t), 'all'), join(folderOf(t), 'all')]
  const [first, second] = [await freshUrl(t, 'postgres'), await freshUrl(t, 'sqlite')]
  for (const [url, ...args] of [
    [source, 'export', file],
    [first, 'import', file],
    [first, 'export', other],
    [second, 'import', other],
  ] as const) {
    const { code, err } = await processAt(url, args, withLittleHeap)
    t.equal(code, 0, err)
    const megabytes = Number(/(\d+) KiB$/.exec(err)?.[1]) / 1_024
    t.ok(megabytes < 250, `${args[0]} took ${megabytes} MiB at the most`)
  }
  t.ok(statSync(file).size > 40_000_000)
  const [rows, otherRows] = [file, other].map((name) => rowsIn(readFileSync(name, 'utf8')).join('\n'))
  t.ok(rows === otherRows)
})

const unread = async () => []

async function indexesOf(url: string): Promise<Record<string, unknown>[]> {
  return inSql(url, (ask) =>
    ask(
      url.startsWith('file:')
        ? "SELECT name, sql FROM sqlite_schema WHERE type = 'index' ORDER BY name"
        : 'SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() ORDER BY indexname',
    ),
  )
}

/** Ends where it keeps more than a third of the file as objects, and tells how much memory it took at the most. */
const withLittleHeap = [
  '--max-old-space-size=48',
  '--import',
  "data:text/javascript,process.on('exit', () => process.stderr.write(process.resourceUsage().maxRSS + ' KiB'))",
]

/** A process of its own. */
async function processAt(
  url: string,
  args: readonly string[],
  options: readonly string[] = [],
): Promise<{ code: number | null; err: string }> {
  const child = spawn(...imprimatur(args, { options }), {
    env: { ...process.env, DATABASE_URL: url },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let err = ''
  child.stderr.on('data', (text) => {
    err += text
  })
  const [code] = await once(child, 'close')
  return { code, err: withoutProgress(err) }
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

/** A file with all of a filled database, and its text. */
async function exportOf(t: Test, { dialect, more = 0 }: { dialect: Dialect; more?: number }) {
  const folder = folderOf(t)
  const file = join(folder, 'all.ndjson')
  const url = await freshUrl(t, dialect)
  const comments = await fillAt(url, more)
  t.match(await commandAt(url, ['export', file]), { code: 0 })
  return { folder, file, text: readFileSync(file, 'utf8'), url, comments }
}
