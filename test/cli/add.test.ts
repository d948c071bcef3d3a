import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import type { Test } from 'tap'
import t from 'tap'
import { commentToRow } from '../../src/store/rows.ts'
import { clientOf, unlimitedAt } from '../crash/client.ts'
import {
  additionText,
  articleAddition,
  faultsAt,
  type Moderated,
  moderated,
  someAdditions,
} from '../support/additions.ts'
import { someComment } from '../support/comments.ts'
import { imprimatur, startService } from '../support/process.ts'
import {
  commandAt,
  contentOf,
  dialects,
  fillAt,
  folderOf,
  freshUrl,
  withLines,
  withStoreAt,
} from '../support/transfers.ts'
import { until } from '../support/until.ts'

t.setTimeout(600_000)

const articleIds = ['a', 'new', 'other']

function fileOf(t: Test, text: string): string {
  const file = join(folderOf(t), 'comments.ndjson')
  writeFileSync(file, text)
  return file
}

const textOf = (comments: readonly Moderated[]) =>
  additionText(
    articleIds.map((id) => articleAddition(id)),
    comments,
  )

for (const dialect of dialects) {
  t.test(`${dialect}: what is not there yet goes in beside what is, once`, async (t) => {
    const url = await freshUrl(t, dialect)
    await fillAt(url)
    const before = await contentOf(url)
    const comments = someAdditions(700, articleIds)
    const decisions = comments.flatMap((one) => one.decisions).length
    const file = fileOf(t, textOf(comments))
    t.match(await commandAt(url, ['import', '--add', file]), {
      code: 0,
      out: '',
      err: `Added 700 comments (${decisions} decisions, 2 articles); 0 comments already there.\n`,
    })
    const after = await contentOf(url)
    t.same(await faultsAt(url), [])
    t.equal(after.comments.length, before.comments.length + 700)
    const ids = new Set(before.comments.map(({ id }) => id))
    t.same(
      after.comments.filter(({ id }) => ids.has(id)),
      before.comments,
      'what was there is as it was',
    )
    t.same([after.tokens, after.idempotency_records], [before.tokens, before.idempotency_records])

    t.match(await commandAt(url, ['import', '--add', file]), {
      code: 0,
      err: 'Added 0 comments (0 decisions, 0 articles); 700 comments already there.\n',
    })
    t.same(await contentOf(url), after, 'a second run changes nothing at all')
    const more = [...comments, moderated(someComment({ articleId: 'a' }), 'approve')]
    t.match(await commandAt(url, ['import', '--add', '-'], textOf(more)), {
      code: 0,
      err: 'Added 1 comment (1 decision, 0 articles); 700 comments already there.\n',
    })
  })

  t.test(`${dialect}: a file may lean on more of what is there than is looked for at once`, async (t) => {
    const url = await freshUrl(t, dialect)
    await withStoreAt(url, async () => {})
    const roots = Array.from({ length: 501 }, (_, index) =>
      moderated(someComment({ articleId: `there/${index}` }), 'approve'),
    )
    const replies = roots.map(({ comment: { id, articleId } }) =>
      moderated(someComment({ articleId, parentId: id })),
    )
    const articles = roots.map(({ comment }) => articleAddition(comment.articleId))
    for (const [text, added] of [
      [additionText(articles, roots), '501 comments (501 decisions, 501 articles)'],
      [additionText([], replies), '501 comments (0 decisions, 0 articles)'],
    ])
      t.match(await commandAt(url, ['import', '--add', '-'], text), {
        code: 0,
        err: `Added ${added}; 0 comments already there.\n`,
      })
    t.same(await faultsAt(url), [])
  })

  t.test(`${dialect}: a service that runs shows what is added, under new tags`, async (t) => {
    const url = await freshUrl(t, dialect)
    const service = await startService(t, unlimitedAt(url))
    const client = clientOf(service.origin)
    const path = '/v1/articles/a/comments?limit=100'
    const first = moderated(someComment({ articleId: 'a' }), 'approve')
    const read = async (more = '') => {
      const answer = await client.get(path + more)
      const page = JSON.parse(answer?.body ?? '{}')
      const ids: string[] = page.comments.map(({ id }: { id: string }) => id)
      return { etag: answer?.headers['etag'], total: page.total, ids, followCursor: page.followCursor }
    }
    await withStoreAt(url, async (store) => {
      await store.addComments(
        [
          {
            comment: { ...commentToRow(first.comment), publishedRevision: null },
            decisions: first.decisions,
          },
        ],
        1,
      )
    })
    const before = await until(async () => {
      const now = await read()
      return now.total === 1 ? now : undefined
    })
    const published = await read('&order=published')
    const comments = Array.from({ length: 40 }, () => moderated(someComment({ articleId: 'a' }), 'approve'))
    t.match(await commandAt(url, ['import', '--add', '-'], textOf(comments)), { code: 0 })
    const after = await until(async () => {
      const now = await read()
      return now.total === 41 ? now : undefined
    })
    t.not(after.etag, before.etag)
    const ids = comments.map(({ comment }) => comment.id)
    t.same(after.ids, [first.comment.id, ...ids])
    t.same((await read(`&order=published&cursor=${encodeURIComponent(published.followCursor)}`)).ids, ids)
    const counts = await client.get('/v1/counts?articleId=a')
    t.match(counts?.body, /41/)
    const feed = await client.get('/v1/articles/a/comments.atom')
    t.match(feed?.body, new RegExp(ids.at(-1) ?? ''))
    t.equal(await service.stop(), 0)
  })

  t.test(`${dialect}: two that add at once, of files that overlap, add each comment once`, async (t) => {
    const url = await freshUrl(t, dialect)
    await commandAt(url, ['migrate'])
    const comments = someAdditions(1_500, articleIds)
    const files = [comments.slice(0, 1_000), comments.slice(500), comments].map((some) => {
      const ids = new Set(some.map(({ comment }) => comment.id))
      const whole = some.map(({ comment, decisions }) => ({
        comment: { ...comment, parentId: ids.has(comment.parentId ?? '') ? comment.parentId : null },
        decisions,
      }))
      return fileOf(t, textOf(whole))
    })
    const codes = await Promise.all(
      files.map(async (file) => {
        const [command, args] = imprimatur(['import', '--add', file])
        const child = spawn(command, args, { env: { ...process.env, DATABASE_URL: url }, stdio: 'ignore' })
        const [code] = await once(child, 'exit')
        return code
      }),
    )
    t.same(codes, [0, 0, 0])
    t.same(await faultsAt(url), [])
    const content = await contentOf(url)
    t.equal(content.comments.length, 1_500)
    t.equal(content.decisions.length, comments.flatMap(({ decisions }) => decisions).length)
  })

  t.test(`${dialect}: a file that cannot be added changes nothing`, async (t) => {
    const url = await freshUrl(t, dialect)
    await fillAt(url)
    const exported = await commandAt(url, ['export', '-'])
    const before = await contentOf(url)
    const [there] = before.comments
    const orphan = someComment({ articleId: 'a', parentId: someComment().id })
    const cases: [text: string, why: RegExp][] = [
      [
        exported.out,
        /^Standard input cannot be added\. It has 3 tokens and 28 idempotency records, which are of the service that it comes from: it can fill an empty database, and not be added to another\.\n$/,
      ],
      [
        textOf([moderated(someComment({ articleId: 'a' })), moderated(orphan)]),
        /Line 5: the comment that it replies to is neither in the file nor in the database\.\n$/,
      ],
      [
        textOf([moderated(someComment({ articleId: 'never heard of' }))]),
        /Line 5: its article is neither in the file nor in the database\.\n$/,
      ],
      [textOf(someAdditions(400, articleIds)).slice(0, -300), /It is not whole/],
      [textOf(someAdditions(400, articleIds)).replace('A fine', 'Another'), /the digest is another one/],
      ['<xml/>\n', /an export of Imprimatur begins otherwise/],
    ]
    for (const [text, why] of cases)
      t.match(await commandAt(url, ['import', '--add', '-'], text), { code: 1, out: '', err: why })
    t.same(await contentOf(url), before)
    const reply = moderated(someComment({ articleId: 'a', parentId: String(there?.['id']) }), 'approve')
    t.match(await commandAt(url, ['import', '--add', '-'], textOf([reply])), { code: 0 }, 'one there will do')
  })

  t.test(`${dialect}: what belongs to an id that was moved goes to the article that answers`, async (t) => {
    const url = await freshUrl(t, dialect)
    await withStoreAt(url, async (store) => {
      await store.submit({ comment: someComment({ articleId: 'a' }), idempotency: null, maxPending: 0 })
    })
    t.match(await commandAt(url, ['articles', 'move', '--map', '-'], 'a\tb'), { code: 0 })
    const comments = Array.from({ length: 3 }, () => moderated(someComment({ articleId: 'a' }), 'approve'))
    const file = withLines(
      additionText([articleAddition('a'), articleAddition('z', { movedTo: 'a' })], comments),
      (rows) => rows,
    )
    t.match(await commandAt(url, ['import', '--add', '-'], file), { code: 0, err: /1 article\)/ })
    t.same(await faultsAt(url), [])
    await withStoreAt(url, async (store) => {
      for (const id of ['a', 'b', 'z'])
        t.match(await store.findArticle(id), { articleId: 'b', approvedCount: 3 })
    })
  })
}

t.test('a database that is not there is not made', async (t) => {
  const url = await freshUrl(t, 'sqlite')
  t.match(await commandAt(url, ['import', '--add', fileOf(t, textOf([]))]), {
    code: 1,
    err: /^There is no database at /,
  })
  await commandAt(url, ['migrate'])
  t.match(await commandAt(url, ['import', '--add', join(folderOf(t), 'nothing')]), {
    code: 1,
    err: /^There is no file /,
  })
  t.match(await commandAt(url, ['import', '--add', '--resume', fileOf(t, textOf([]))]), {
    code: 1,
    err: /cannot be used with option '--resume'/,
  })
})

t.test('a SQLite that another holds is waited for', async (t) => {
  const url = await freshUrl(t, 'sqlite')
  await commandAt(url, ['migrate'])
  const other = new SqliteDatabase(url.slice('file:'.length))
  t.teardown(() => other.close())
  const adding = commandAt(url, ['import', '--add', '-'], textOf(someAdditions(1_000, articleIds)))
  const added = other.prepare<[], number>('SELECT count(*) FROM comments').pluck()
  await until(() => (Number(added.get()) > 0 ? true : undefined))
  other.exec('BEGIN IMMEDIATE')
  const whenHeld = added.get()
  // Longer than the store itself waits: it has given up once, and is asked again.
  const startMs = performance.now()
  await until(async () => (performance.now() - startMs > 6_500 ? true : undefined))
  t.equal(added.get(), whenHeld)
  other.exec('ROLLBACK')
  t.match(await adding, { code: 0, err: /^Added 1,000 comments/m })
})

t.test('readers of the service come first: it lets others have the processor', async (t) => {
  const url = await freshUrl(t, 'sqlite')
  await commandAt(url, ['migrate'])
  const [command, args] = imprimatur(['import', '--add', '-'])
  const child = spawn(command, args, {
    env: { ...process.env, DATABASE_URL: url },
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  // A process starts as the one that starts it is.
  const before = getPriority()
  await until(async () => (getPriority(child.pid) > before ? true : undefined))
  child.stdin.end(textOf(someAdditions(3, articleIds)))
  const [code] = await once(child, 'exit')
  t.equal(code, 0)
})

t.test('many articles, and replies that stand before their parent, go in as they belong', async (t) => {
  const url = await freshUrl(t, 'sqlite')
  await commandAt(url, ['migrate'])
  const idAt = (place: number) => `029aa5c1-3b7e-7c3a-9d55-${String(place).padStart(12, '0')}`
  const many = Array.from({ length: 1_100 }, (_, index) => `article-${index}`)
  const parent = someComment({ id: idAt(9), articleId: 'article-0' })
  const replies = [1, 2].map((place) =>
    someComment({ id: idAt(place), articleId: 'article-0', parentId: parent.id }),
  )
  const comments = [...replies, parent].map((comment) => moderated(comment))
  const file = fileOf(
    t,
    additionText(
      many.map((id) => articleAddition(id)),
      comments,
    ),
  )
  t.match(await commandAt(url, ['import', '--add', file]), {
    code: 0,
    err: /^Added 3 comments \(0 decisions, 1,100 articles\)/,
  })
  t.same(await faultsAt(url), [])
  const lost = Array.from({ length: 501 }, (_, index) =>
    moderated(someComment({ id: idAt(100 + index), articleId: `nowhere-${index}` })),
  )
  t.match(await commandAt(url, ['import', '--add', fileOf(t, additionText([], lost))]), {
    code: 1,
    err: /its article is neither in the file nor in the database/,
  })
})
