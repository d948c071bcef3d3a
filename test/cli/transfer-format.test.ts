import { randomUUID } from 'node:crypto'
import t from 'tap'
import { headerLine, noCounts, readingOf, rowLine } from '../../src/cli/transfer-format.ts'
import { articleBody, moveBody } from '../../src/http/routes/articles/requests.ts'
import { submissionBody } from '../../src/http/routes/comments/requests.ts'
import { noteBody, rejectionBody } from '../../src/http/routes/moderation/requests.ts'
import { commentToRow, unknownArticle } from '../../src/store/rows.ts'
import type { Kind, Row } from '../../src/store/transfer.ts'
import { someComment } from '../support/comments.ts'

/*
 * Whatever the API takes, an export has, and its import must take: a single text that only one of them takes would be found by
 * whoever has to restore.
 */

type Field = {
  name: string
  /** A text with the character in it. */
  shape: (character: string) => string
  isTaken: (text: string) => boolean
  kind: Kind
  row: (text: string) => Row
}

const author = { name: 'Ada', email: 'ada@example.org' }
const comment = (more: object): Row => ({ ...commentToRow(someComment()), publishedRevision: null, ...more })
const article = (more: object): Row => ({ ...unknownArticle('a'), approvedCount: 0, revision: 0, ...more })
const decision = (more: object): Row => ({
  commentId: randomUUID(),
  version: 2,
  id: randomUUID(),
  action: 'reject',
  decidedBy: null,
  reason: null,
  note: null,
  decidedAtMs: 0,
  rejectedWith: null,
  rejectedWithVersion: null,
  reasonCode: null,
  position: 1,
  ...more,
})
const within = (character: string) => `a${character}a`

const fields: Field[] = [
  {
    name: 'a title',
    shape: within,
    isTaken: (title) => articleBody.safeParse({ title }).success,
    kind: 'article',
    row: (title) => article({ title }),
  },
  {
    name: 'the URL of an article',
    shape: (character) => `https://example.org/${character}?${character}#${character}`,
    isTaken: (url) => articleBody.safeParse({ url }).success,
    kind: 'article',
    row: (url) => article({ url }),
  },
  {
    name: 'an id of an article',
    shape: within,
    isTaken: (to) => moveBody.safeParse({ to }).success,
    kind: 'article',
    row: (to) => article({ articleId: moveBody.safeParse({ to }).data?.to ?? to }),
  },
  {
    name: 'a name',
    shape: within,
    isTaken: (name) => submissionBody.safeParse({ author: { ...author, name }, body: 'b' }).success,
    kind: 'comment',
    row: (authorName) => comment({ authorName }),
  },
  {
    name: 'an address',
    shape: (character) => `a${character}a@example.org`,
    isTaken: (email) => submissionBody.safeParse({ author: { ...author, email }, body: 'b' }).success,
    kind: 'comment',
    row: (authorEmail) => comment({ authorEmail }),
  },
  {
    name: 'a comment',
    shape: within,
    isTaken: (body) => submissionBody.safeParse({ author, body }).success,
    kind: 'comment',
    row: (body) => comment({ body }),
  },
  {
    name: 'a reason',
    shape: within,
    isTaken: (reason) => rejectionBody.safeParse({ reason }).success,
    kind: 'decision',
    row: (reason) => decision({ reason }),
  },
  {
    name: 'the note of a decision',
    shape: within,
    isTaken: (note) => rejectionBody.safeParse({ note }).success,
    kind: 'decision',
    row: (note) => decision({ note }),
  },
  {
    name: 'a note',
    shape: within,
    isTaken: (text) => noteBody.safeParse({ text }).success,
    kind: 'decision',
    row: (note) => decision({ action: 'note', note }),
  },
]

const header = Buffer.from(
  headerLine({
    id: randomUUID(),
    madeAt: new Date(0).toISOString(),
    dialect: 'sqlite',
    tokenTimes: '0',
    counts: noCounts(),
  }).trimEnd(),
)

function faultOf(kind: Kind, row: Row): string | null {
  const reading = readingOf()
  reading.take(header)
  try {
    reading.take(Buffer.from(rowLine(kind, row).trimEnd()))
    return null
  } catch (error) {
    return (error as Error).message
  }
}

for (const { name, shape, isTaken, kind, row } of fields)
  t.test(`the import takes whatever the API takes as ${name}`, async (t) => {
    const refused: string[] = []
    let taken = 0
    for (
      let code = 0;
      code <= 0x10ffff;
      code += code < 0x3100 || (code >= 0xd800 && code <= 0xdfff) ? 1 : 97
    ) {
      const text = shape(String.fromCodePoint(code))
      if (!isTaken(text)) continue
      taken += 1
      const fault = faultOf(kind, row(text))
      if (fault !== null) refused.push(`${code.toString(16)}: ${fault}`)
    }
    t.same(refused, [])
    t.ok(taken > 10_000, `${taken} characters`)
    t.match(faultOf(kind, row('a\u0000')), /^Line 2: it is no /, 'and has its own eyes')
  })
