import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import t, { type Test } from 'tap'
import type { Change, Comment } from '../../../src/domain/comments/comment.ts'
import { decide } from '../../../src/domain/moderation/decide.ts'
import { openStore } from '../../../src/store/open-store.ts'
import { someComment } from '../../support/comments.ts'
import { closedWith } from '../../support/store.ts'

const marked = {
  author: { name: 'Marked Name', email: 'marked@example.org' },
  body: `Marked words. ${'x'.repeat(9_000)}`,
}
const marks = ['Marked Name', 'marked@example.org', 'Marked words']

t.test('what was withdrawn is in none of the files once that is answered', async (t) => {
  const { store, folder } = await openInFolder(t)
  const comment = someComment(marked)
  await store.submit({ comment, idempotency: null, maxPending: 0 })
  t.same(marksIn(folder), marks, 'it was in one before')
  t.equal(await store.commit([withdrawal(comment)]), 'committed')
  t.same(marksIn(folder), [])
})

t.test('a withdrawal does not wait for a reader of the file; the next one erases both', async (t) => {
  const { store, folder } = await openInFolder(t)
  const [one, two] = [someComment(marked), someComment(marked)]
  for (const comment of [one, two]) await store.submit({ comment, idempotency: null, maxPending: 0 })
  const reader = new SqliteDatabase(join(folder, 'imprimatur.db'), { readonly: true })
  reader.exec('BEGIN')
  t.equal(reader.prepare('SELECT count(*) FROM comments').pluck().get(), 2)

  const startMs = performance.now()
  t.equal(await store.commit([withdrawal(one)]), 'committed')
  t.equal(performance.now() - startMs < 2_500, true, 'in less than half of the time a lock is waited for')
  t.same(marksIn(folder), marks, 'the reader may see them still')
  reader.close()
  t.equal(await store.commit([withdrawal(two)]), 'committed')
  t.same(marksIn(folder), [])
})

t.test('nor is it in the index of words, nor in one that is being made', async (t) => {
  const { store, folder } = await openInFolder(t)
  const comments = [
    someComment(marked),
    ...Array.from({ length: 40 }, () => someComment({ body: 'Other words.' })),
    someComment({ body: 'Xylophones alone.' }),
  ]
  for (const comment of comments) {
    await store.submit({ comment, idempotency: null, maxPending: 0 })
    await store.indexSome(4_000_000_000_000, 1)
  }
  const indexed = ['marked@example.org', 'xylophones', 'x'.repeat(64)]
  const [first, last] = [comments[0], comments.at(-1)]
  if (first === undefined || last === undefined) throw new Error('There are some.')
  t.same(marksIn(folder, indexed), indexed, 'it was in it before')
  await Promise.all([
    store.commit([withdrawal(first)]),
    store.commit([withdrawal(last)]),
    store.indexSome(4_000_000_000_000, 1),
  ])
  while ((await store.indexSome(4_000_000_000_000, 1)) === 'more');
  await store.commit([withdrawal(comments[1] ?? first)])
  t.same(marksIn(folder, indexed), [])
})

async function openInFolder(t: Test) {
  const folder = t.testdir()
  const store = await openStore({ dialect: 'sqlite', file: join(folder, 'imprimatur.db') })
  return { folder, store: closedWith(t, store) }
}

function withdrawal(comment: Comment): Change {
  const decided = decide(comment, {
    action: 'withdraw',
    decisionId: 'withdrawn-by-its-author',
    decidedBy: null,
    reason: null,
    reasonCode: null,
    note: null,
    along: null,
    decidedAtMs: comment.submittedAtMs,
  })
  if (decided.kind !== 'changed') throw new Error(decided.kind)
  return decided.change
}

function marksIn(folder: string, wanted: readonly string[] = marks): string[] {
  const content = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'latin1'))
  return wanted.filter((mark) => content.some((text) => text.includes(mark)))
}
