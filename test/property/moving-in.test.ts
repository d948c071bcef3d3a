import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import type { Test } from 'tap'
import t from 'tap'
import { type FormatName, formatNames } from '../../src/convert/format-names.ts'
import { openStore } from '../../src/store/open-store.ts'
import { faultsAt } from '../support/additions.ts'
import { wholeNumber } from '../support/amount.ts'
import { startApp } from '../support/app.ts'
import { inZones } from '../support/conversions.ts'
import {
  furtherWriters,
  pathOf,
  type State,
  titleOf,
  type Writer,
  type Written,
  writers,
} from '../support/other-systems.ts'
import { commandAt, dialects, folderOf, freshUrl, locationOf } from '../support/transfers.ts'

/*
 * What went in comes out: threads at random, written as each system would export them, converted, added to a database, listed and
 * exported. What is to come of them is worked out here in another way, comment by comment.
 */

t.setTimeout(600_000)

const rounds = wholeNumber('ROUNDS') ?? 1
const seed = wholeNumber('SEED') ?? 20_261_129
const most = 60

const allWriters: [name: string, format: FormatName, writer: Writer][] = [
  ...formatNames.map((format) => [format, format, writers[format]] as [string, FormatName, Writer]),
  ...Object.entries(furtherWriters).map(
    ([name, writer]) => [name, writer.format, writer] as [string, FormatName, Writer],
  ),
]

const word = fc.string({
  unit: fc.constantFrom(...'abcdé&;"\'«»日本😀‏עا.,!?#$%()=@/'),
  minLength: 1,
  maxLength: 12,
})
const lineText = fc.array(word, { minLength: 1, maxLength: 8 }).map((words) => `x${words.join(' ')}x`)
const text = fc.array(lineText, { minLength: 1, maxLength: 3 }).map((lines) => lines.join('\n'))
const name = fc
  .string({ unit: fc.constantFrom(..."Aabcé日😀-'."), minLength: 1, maxLength: 20 })
  .map((some) => `N${some}n`)

const commentsOf = (states: readonly State[]) =>
  fc
    .array(
      fc.record({
        page: fc.nat(4),
        parent: fc.option(fc.nat(most + 5)),
        state: fc.constantFrom(...states, 'approved' as const),
        name,
        email: fc.option(fc.constantFrom('ada@example.org', 'zoë@exämple.org')),
        text,
        second: fc.integer({ min: 1_000_000_000, max: 1_000_000_200 }),
      }),
      { minLength: 10, maxLength: most },
    )
    .map((all) =>
      all.map(
        ({ second, parent, ...one }, index): Written => ({
          ...one,
          number: index + 1,
          parent: parent === null || parent === 0 ? null : parent,
          atMs: second * 1_000,
        }),
      ),
    )

type Expected = {
  articleId: string
  status: string
  name: string | null
  email: string | null
  body: string | null
  submittedAtMs: number
  parent: number | null
}

/** By the number of each: what is to be there. */
function expectedOf(comments: readonly Written[], { keepsEmails }: Writer): Map<number, Expected> {
  const byNumber = new Map(comments.map((one) => [one.number, one]))
  const parentOf = (one: Written): Written | null => {
    const parent = one.parent === null ? undefined : byNumber.get(one.parent)
    return parent === undefined || parent.page !== one.page || parent.state === 'spam' ? null : parent
  }
  const isInCircle = (one: Written): boolean => {
    const seen = new Set<Written>()
    for (let at = parentOf(one); at !== null && !seen.has(at); at = parentOf(at)) {
      if (at === one) return true
      seen.add(at)
    }
    return false
  }
  const above = (one: Written): Written | null => (isInCircle(one) ? null : parentOf(one))
  const carrying = new Set<Written>()
  for (const one of comments) {
    if (one.state === 'spam' || one.state === 'deleted') continue
    for (let at = above(one); at !== null; at = above(at)) carrying.add(at)
  }
  const expected = new Map<number, Expected>()
  for (const one of comments) {
    if (one.state === 'spam' || (one.state === 'deleted' && !carrying.has(one))) continue
    const isGone = one.state === 'deleted'
    expected.set(one.number, {
      articleId: pathOf(one.page),
      status: isGone ? 'withdrawn' : one.state,
      name: isGone ? null : one.name,
      email: isGone || !keepsEmails ? null : one.email,
      body: isGone ? null : one.text,
      submittedAtMs: one.atMs,
      parent: above(one)?.number ?? null,
    })
  }
  return expected
}

/** Of each: everything that is said above, with its parent told by what that one is. */
function comparable(all: readonly Expected[], parentOf: (one: Expected) => Expected | undefined): string[] {
  return all
    .map((one) => {
      const parent = parentOf(one)
      const { parent: _, ...rest } = one
      const above = parent === undefined ? null : [parent.name, parent.body, parent.submittedAtMs]
      return JSON.stringify([rest, above])
    })
    .toSorted()
}

for (const dialect of dialects)
  t.test(`${dialect}: what went in, in any of the formats, comes out`, async (t) => {
    for (let round = 0; round < rounds; round++)
      for (const [index, [name, format, writer]] of allWriters.entries()) {
        const url = await freshUrl(t, dialect)
        const [comments = []] = fc.sample(commentsOf(writer.states), {
          numRuns: 1,
          seed: seed + round * 100 + index,
        })
        await throughAll(t, url, format, writer, comments, `${name}, SEED=${seed}`)
      }
  })

type Listed = {
  id: string
  parentId: string | null
  author: { name: string }
  body: string
  submittedAt: string
}

async function throughAll(
  t: Test,
  url: string,
  format: FormatName,
  writer: Writer,
  comments: readonly Written[],
  label: string,
): Promise<void> {
  const folder = folderOf(t)
  const files = Object.entries(writer.write(comments, folder)).map(([name, content]) => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  })
  await commandAt(url, ['migrate'])
  const args = ['import', '--add', '--from', format, ...files]
  const first = await commandAt(url, args)
  t.equal(first.code, 0, `${label}: ${first.err}`)
  t.match(first.err, new RegExp(`^\\w+: ${comments.length} comments read`), label)
  t.match(
    (await commandAt(url, args)).err,
    /^Added 0 comments \(0 decisions, 0 articles\)/m,
    `${label}: twice is once`,
  )
  t.same(await faultsAt(url), [], label)

  const expected = expectedOf(comments, writer)
  const lines = (await commandAt(url, ['export', '-'])).out.split('\n')
  const rowsOf = (kind: string) =>
    lines
      .filter((line) => line.startsWith(`{"kind":"${kind}"`))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  const pages = [...new Set(comments.map(({ page }) => page))]
  for (const { articleId, title } of rowsOf('article')) {
    const page = pages.find((one) => pathOf(one) === articleId)
    t.equal(title, page === undefined || !writer.keepsTitles ? null : titleOf(page), label)
  }
  const rows = rowsOf('comment')
  const found = new Map(
    rows.map((row) => [
      String(row['id']),
      {
        articleId: row['articleId'],
        status: row['status'],
        name: row['authorName'],
        email: row['authorEmail'],
        body: row['body'],
        submittedAtMs: row['submittedAtMs'],
        parent: row['parentId'],
      } as unknown as Expected,
    ]),
  )
  t.same(
    comparable([...found.values()], ({ parent }) => found.get(parent as unknown as string)),
    comparable([...expected.values()], ({ parent }) => expected.get(parent ?? -1)),
    label,
  )

  const store = await openStore(locationOf(url), { poolSize: 2 })
  const { call, app } = await startApp(t, { store })
  for (const page of pages) {
    const response = await call({
      method: 'GET',
      url: `/v1/articles/${encodeURIComponent(pathOf(page))}/comments?limit=100`,
    })
    const { comments: listed } = response.json() as { comments: Listed[] }
    const wanted = [...expected.values()].filter(
      ({ articleId, status }) => articleId === pathOf(page) && status === 'approved',
    )
    const bodyAbove = (id: string | null) => listed.find((one) => one.id === id)?.body ?? null
    t.same(
      listed
        .map(({ author, body, parentId }) => JSON.stringify([author.name, body, bodyAbove(parentId)]))
        .toSorted(),
      wanted
        .map(({ name, body, parent }) => {
          const above = expected.get(parent ?? -1)
          // A comment below one that nobody sees says so itself, and names none that is not in the list.
          return JSON.stringify([name, body, above?.status === 'approved' ? above.body : null])
        })
        .toSorted(),
      `${label}: names, texts and threads`,
    )
    const times = listed.map(({ submittedAt }) => Date.parse(submittedAt))
    t.same(
      times,
      times.toSorted((one, other) => one - other),
      `${label}: in the order of their times`,
    )
  }
  await app.close()
  await store.close()
}

t.test('no order of the comments, and no zone of the machine, changes a byte', async (t) => {
  for (const [index, [name, format, writer]] of allWriters.entries()) {
    const [comments = []] = fc.sample(commentsOf(writer.states), { numRuns: 1, seed: seed + index })
    const convert = async (some: readonly Written[]) => {
      const folder = folderOf(t)
      const files = Object.entries(writer.write(some, folder)).map(([name, content]) => {
        writeFileSync(join(folder, name), content)
        return join(folder, name)
      })
      return (await commandAt('file::memory:', ['convert', format, ...files])).out
    }
    const outs = await inZones(() => convert(comments))
    const shuffled = comments.toSorted(
      (one, other) => ((one.number * 7_919) % 101) - ((other.number * 7_919) % 101),
    )
    t.equal(await convert(shuffled), outs[0], `${name}: shuffled`)
    for (const out of outs) t.equal(out, outs[0], name)
  }
})
