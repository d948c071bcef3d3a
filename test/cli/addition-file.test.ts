import { createReadStream } from 'node:fs'
import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import t, { type Test } from 'tap'
import { writeAdditions, writeWordpress } from '../../bench/addition-file.ts'
import { checkAdditions } from '../../src/cli/addition-file.ts'
import type { CommentAddition } from '../../src/store/additions.ts'
import {
  additionText,
  articleAddition,
  type Moderated,
  moderated,
  someAdditions,
} from '../support/additions.ts'
import { someComment } from '../support/comments.ts'
import { convertFiles } from '../support/conversions.ts'
import { withLines } from '../support/transfers.ts'

async function checked(t: Test, text: string) {
  const path = join(t.testdir(), 'file.ndjson')
  await writeFile(path, text)
  const handle = await open(path, 'r')
  t.teardown(() => handle.close())
  const pieces = createReadStream('', { fd: handle, autoClose: false, start: 0, highWaterMark: 1_000 })
  return { path, file: await checkAdditions(handle, pieces, () => {}) }
}

async function all<T>(items: AsyncGenerator<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

t.test('each comment comes with its decisions, and behind its parent', async (t) => {
  const comments = someAdditions(2_000, ['a', 'b', 'c'])
  const { file } = await checked(
    t,
    additionText(
      ['a', 'b', 'c'].map((id) => articleAddition(id)),
      comments,
    ),
  )
  const found = await all(file.comments())
  t.same(new Set(found.map(({ comment }) => comment.id)), new Set(comments.map(({ comment }) => comment.id)))
  const wanted = new Map(comments.map(({ comment, decisions }) => [comment.id, decisions]))
  t.match(
    found.map(({ decisions }) => decisions),
    found.map(({ comment }) => wanted.get(comment.id)),
  )
  t.ok(found.every(({ comment, decisions }) => decisions.length === wanted.get(comment.id)?.length))
  t.same(early(found), [])
  t.match(await all(file.articles()), [{ articleId: 'a' }, { articleId: 'b' }, { articleId: 'c' }])
})

t.test('a thread whose every reply stands before what it replies to comes from its root on', async (t) => {
  const chain = Array.from({ length: 3_000 }, () => someComment({ articleId: 'a' }))
  const comments = chain.map((comment, index) =>
    moderated({ ...comment, parentId: chain[index + 1]?.id ?? null }, 'approve'),
  )
  const { file } = await checked(t, additionText([articleAddition('a')], comments))
  const found = await all(file.comments())
  t.same(
    found.map(({ comment }) => comment.id),
    chain.map(({ id }) => id).reverse(),
  )
  t.ok(found.every(({ decisions }) => decisions.length === 1))
})

t.test('and what it adds as a file of WordPress is one', async (t) => {
  const text = await textOf((out) => writeWordpress(out, 301, 6))
  const { code, comments, articles, leftOut, report } = await convertFiles(t, { 'a.xml': text }, 'wordpress')
  t.equal(code, 0, report.join('\n'))
  t.same(leftOut, [])
  t.equal(comments.length, 301)
  t.equal(articles.length, 6)
  t.ok(comments.some(({ parentId }) => parentId !== null))
  t.notMatch(report.join(), /at the top/)
})

t.test('what it refers to and does not have is told with its lines', async (t) => {
  const [parent, reply] = [someComment(), someComment({ articleId: 'elsewhere' })]
  const other = someComment({ articleId: 'a', parentId: reply.id })
  const comments = [{ ...reply, parentId: parent.id }, other].map((comment) => moderated(comment))
  const { file } = await checked(t, additionText([articleAddition('a')], comments))
  t.same([...file.refersTo.parents()], [{ id: parent.id, line: 3 }])
  t.same([...file.refersTo.articles], [['elsewhere', 3]])
})

t.test('what cannot be added is refused by its line', async (t) => {
  const [one, two, three] = [0, 1, 2].map(() => someComment({ articleId: 'a' })) as [
    ReturnType<typeof someComment>,
    ReturnType<typeof someComment>,
    ReturnType<typeof someComment>,
  ]
  const text = (comments: Moderated[]) => additionText([articleAddition('a')], comments)
  const reply = (comment: typeof one, parent: typeof one) => moderated({ ...comment, parentId: parent.id })
  const cases: [why: RegExp, text: string][] = [
    [/^Line 3: the comment is a reply to itself\.$/, text([reply(one, one)])],
    [
      /^Line [345]: the comment is a reply to itself\.$/,
      text([reply(one, two), reply(two, three), reply(three, one)]),
    ],
    [
      /^Line 4: it is of a later version than its comment\.$/,
      withLines(text([moderated(one, 'approve')]), (rows) =>
        rows.map((row) => (row.includes('"decision"') ? row.replace('"version":2', '"version":3') : row)),
      ),
    ],
    [
      /^Line 3: its comment is not in the file\.$/,
      withLines(text([moderated(one, 'approve')]), (rows) =>
        rows.filter((row) => !row.includes('"comment"')),
      ),
    ],
    [
      /^Line 2: the article was moved to one that does not answer for it\.$/,
      additionText([articleAddition('a', { movedTo: 'nowhere' })], []),
    ],
    [
      /^It is not whole/,
      `${text([moderated(one)])
        .split('\n')
        .slice(0, 2)
        .join('\n')}\n`,
    ],
  ]
  for (const [why, text] of cases) await t.rejects(checked(t, text), { message: why })
})

t.test('a file that is changed while it is read gives nothing more', async (t) => {
  const comments = someAdditions(5_000, ['a'])
  const { file, path } = await checked(t, additionText([articleAddition('a')], comments))
  const found = file.comments()
  await found.next()
  await writeFile(path, 'other')
  await t.rejects(all(found), { message: 'It was changed while it was read.' })
})

/** Those that come before their parents. */
function early(found: readonly CommentAddition[]): string[] {
  const seen = new Set<string | null>([null])
  return found.flatMap(({ comment: { id, parentId } }) => {
    seen.add(id)
    return seen.has(parentId) ? [] : [id]
  })
}

async function textOf(write: (out: Writable) => Promise<void>): Promise<string> {
  let text = ''
  await write(
    new Writable({
      write(chunk, _, done) {
        text += chunk
        done()
      },
    }),
  )
  return text
}

t.test('what the bench adds is such a file', async (t) => {
  const text = await textOf((out) => writeAdditions(out, 300, 6))
  const { file } = await checked(t, text)
  const found = await all(file.comments())
  t.equal(found.length, 300)
  t.ok(found.some(({ comment }) => comment.parentId !== null))
  t.ok(found.every(({ decisions }) => decisions.length === 1))
})
