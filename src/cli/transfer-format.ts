import { createHash, type Hash } from 'node:crypto'
import { z } from 'zod'
import { articleLimits } from '../domain/articles/article.ts'
import { articleIdFault, normalizedArticleId } from '../domain/articles/article-id.ts'
import { commentLimits, commentStatuses, isImportName, logActions } from '../domain/comments/comment.ts'
import { languages } from '../domain/language.ts'
import { lastMomentMs } from '../domain/moment.ts'
import { isStorable, textFault } from '../domain/text.ts'
import { isTokenName, tokenScopes } from '../domain/tokens/token.ts'
import { type Counts, type Key, type Kind, keyOf, kinds, type Row } from '../store/transfer.ts'

/*
 * The file that carries everything: one JSON object a line, in UTF-8. docs/operating.md describes it. A file comes from
 * outside, so nothing in it is believed before it is checked; no message quotes what readers wrote.
 */

/** A line that is not as it has to be, or a file that is not whole. */
export class FormatFault extends Error {}

/** A comment of 10,000 characters, each written as two escapes, takes 120 KB. */
const longestLine = 2 ** 20

/*
 * Each number leaves room to go on from it: what is made of it later has to fit both databases, and the API's answers. No
 * database comes near these by itself, so what was exported can be imported.
 */

const count = z.int().min(0).max(1_000_000_000_000)
const ms = z.int().min(0).max(lastMomentMs)
/** The next one is one more, or the moment where that is later. */
const revision = ms
/** The next decision's is one more, in 32 bits. */
const version = z.int().min(1).max(1_000_000_000)
const line = (max: number) => z.string().refine((value) => textFault(value, 'line', max) === null)
const prose = (max: number) => z.string().refine((value) => textFault(value, 'prose', max) === null)
/** Another spelling of an id would be a thread that no request can reach. */
const articleId = z
  .string()
  .refine((value) => normalizedArticleId(value) === value && articleIdFault(value) === null)
const tokenName = z.string().refine(isTokenName)
const decider = z.string().refine((value) => isTokenName(value) || isImportName(value))
const id = z.string().regex(/^[\da-f]{8}-[\da-f]{4}-[1-8][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
const scope = `(?:${tokenScopes.join('|')})`

const rowSchemas = {
  token: z.strictObject({
    kind: z.literal('token'),
    id: line(100),
    name: tokenName,
    scopes: z.string().regex(new RegExp(`^${scope}(?: ${scope})*$`)),
    hash: line(200),
    createdAtMs: ms,
    expiresAtMs: ms.nullable(),
    lastUsedAtMs: ms.nullable(),
    revokedAtMs: ms.nullable(),
  }),
  article: z.strictObject({
    kind: z.literal('article'),
    articleId: articleId,
    approvedCount: count,
    revision,
    title: line(articleLimits.title).nullable(),
    url: line(articleLimits.url).nullable(),
    publishedAtMs: ms.nullable(),
    closedAtMs: ms.nullable(),
    firstCommentAtMs: ms.nullable(),
    movedTo: articleId.nullable(),
    movingFrom: articleId.nullable(),
  }),
  comment: z
    .strictObject({
      kind: z.literal('comment'),
      id,
      articleId: articleId,
      parentId: id.nullable(),
      status: z.enum(commentStatuses),
      version,
      authorName: line(commentLimits.name).nullable(),
      authorEmail: line(commentLimits.email).nullable(),
      body: prose(commentLimits.body).nullable(),
      submittedAtMs: ms,
      publishedAtMs: ms.nullable(),
      receiptHash: line(200),
      publishedRevision: revision.nullable(),
      decidedAtMs: ms.nullable(),
    })
    .refine(
      ({ status, authorName, body }) =>
        [authorName, body].every((value) => (value === null) === (status === 'withdrawn')),
      { path: ['authorName', 'body'] },
    )
    // Elsewhere it may not be known.
    .refine(({ status, authorEmail }) => status !== 'withdrawn' || authorEmail === null, {
      path: ['authorEmail'],
    })
    .refine(({ status, publishedAtMs }) => (status === 'approved') === (publishedAtMs !== null), {
      path: ['publishedAtMs'],
    })
    .refine(({ status, publishedRevision }) => (status === 'approved') === (publishedRevision !== null), {
      path: ['publishedRevision'],
    })
    .refine(({ status, decidedAtMs }) => (status === 'pending') === (decidedAtMs === null), {
      path: ['decidedAtMs'],
    }),
  decision: z.strictObject({
    kind: z.literal('decision'),
    commentId: id,
    version,
    id,
    action: z.enum(logActions),
    decidedBy: decider.nullable(),
    reason: line(commentLimits.reason).nullable(),
    note: prose(commentLimits.note).nullable(),
    decidedAtMs: ms,
    rejectedWith: id.nullable(),
    rejectedWithVersion: version.nullable(),
    reasonCode: line(commentLimits.reasonCode).nullable(),
    position: count.min(1),
  }),
  idempotencyRecord: z.strictObject({
    kind: z.literal('idempotencyRecord'),
    keyHash: line(200),
    salt: line(200),
    fingerprint: z.string().max(200).refine(isStorable),
    commentId: id,
    language: z.enum(languages),
    expiresAtMs: ms,
  }),
} satisfies Record<Kind, z.ZodType<Row>>

const counts = z.strictObject({
  token: count,
  article: count,
  comment: count,
  decision: count,
  idempotencyRecord: count,
} satisfies Record<Kind, z.ZodType>)

const formatVersion = 1

const header = z.strictObject({
  kind: z.literal('header'),
  format: z.literal('imprimatur'),
  version: z.literal(formatVersion),
  id: z.uuid(),
  madeAt: z.iso.datetime(),
  dialect: z.enum(['sqlite', 'postgres']),
  counts,
  tokenTimes: z.string().regex(/^\d{1,30}$/),
})

const trailer = z.strictObject({
  kind: z.literal('end'),
  counts,
  sha256: z.string().regex(/^[\da-f]{64}$/),
})

export type Header = z.infer<typeof header>

export function headerLine(fields: Omit<Header, 'kind' | 'format' | 'version'>): string {
  return lineOf({ kind: 'header', format: 'imprimatur', version: formatVersion, ...fields })
}

export function rowLine(kind: Kind, row: Row): string {
  return lineOf({ kind, ...row })
}

export function endLine(counts: Counts, digest: Hash): string {
  return lineOf({ kind: 'end', counts, sha256: digest.copy().digest('hex') })
}

export function noCounts(): Counts {
  return { token: 0, article: 0, comment: 0, decision: 0, idempotencyRecord: 0 }
}

/** What was read of a file so far. */
export type Reading = {
  /** Reads the next line, without its end; gives its row, or `null` for the first and the last line. */
  take: (line: Buffer) => { kind: Kind; row: Row } | null
  lines: () => number
  /** @throws FormatFault where the first line is not read yet. */
  header: () => Header
  counts: () => Counts
  /** Of all lines but the last, their ends included. */
  digest: Hash
  last: () => { kind: Kind; key: Key; row: Row } | null
  hasEnded: () => boolean
}

/** Checks a file line by line: types, order, and at its end counts and digest. Throws a FormatFault with the line's number. */
export function readingOf(): Reading {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const digest = createHash('sha256')
  const read = noCounts()
  let lines = 0
  let head: Header | null = null
  let last: { kind: Kind; key: Key; row: Row } | null = null
  let ended = false

  const fail = (what: string): never => {
    throw new FormatFault(`Line ${lines}: ${what}`)
  }

  function parse(line: Buffer): unknown {
    try {
      return JSON.parse(decoder.decode(line))
    } catch {
      return fail(head === null ? noExport : 'it is no JSON object in UTF-8.')
    }
  }

  function end(value: unknown): null {
    const parsed = trailer.safeParse(value)
    if (!parsed.success) return fail('the end is not as it has to be.')
    for (const counts of [parsed.data.counts, head?.counts])
      for (const kind of kinds)
        if (counts?.[kind] !== read[kind])
          fail(`the file has ${read[kind]} lines of the kind ${kind}, and says ${counts?.[kind]}.`)
    if (parsed.data.sha256 !== digest.copy().digest('hex'))
      fail('the digest is another one: the file was changed.')
    ended = true
    return null
  }

  return {
    take(line) {
      lines += 1
      if (ended) fail('there is more behind the end.')
      const value = parse(line)
      if (head === null) {
        head = headerOf(value, fail)
        digest.update(line).update('\n')
        return null
      }
      const { kind } = (value ?? {}) as { kind?: unknown }
      if (kind === 'end') return end(value)
      const known = kinds.find((one) => one === kind) ?? fail('its kind is unknown.')
      const parsed = rowSchemas[known].safeParse(value)
      if (!parsed.success) return fail(faultsIn(known, parsed.error))
      const { kind: _, ...row } = parsed.data
      const key = keyOf(known, row)
      if (last !== null && !isBehind({ kind: known, key }, last)) fail('it is out of order.')
      last = { kind: known, key, row }
      read[known] += 1
      digest.update(line).update('\n')
      return { kind: known, row }
    },
    lines: () => lines,
    header: () => head ?? fail(noExport),
    counts: () => read,
    digest,
    last: () => last,
    hasEnded: () => ended,
  }
}

/**
 * The lines of a file, without their ends, as many at a time as came in one piece. What stands behind the last end of a
 * line is dropped.
 *
 * @throws FormatFault where a line is longer than any can be.
 */
export async function* linesOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer[]> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const piece of pieces) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece])
    const lines: Buffer[] = []
    let start = 0
    for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, start)) {
      lines.push(bytes.subarray(start, at))
      start = at + 1
    }
    rest = bytes.subarray(start)
    if (rest.length > longestLine || lines.some(({ length }) => length > longestLine))
      throw new FormatFault('There is a line longer than any can be.')
    yield lines
  }
}

const newline = 0x0a
const noExport = 'an export of Imprimatur begins otherwise.'

function lineOf(value: object): string {
  return `${JSON.stringify(value)}\n`
}

function headerOf(value: unknown, fail: (what: string) => never): Header {
  const parsed = header.safeParse(value)
  if (parsed.success) return parsed.data
  const { format, version } = (value ?? {}) as { format?: unknown; version?: unknown }
  if (format !== 'imprimatur') return fail(noExport)
  return fail(
    version === formatVersion
      ? 'the header is not as it has to be.'
      : 'another version of Imprimatur made it.',
  )
}

/** By the names of the fields alone: what is in them may be a reader's. */
function faultsIn(kind: Kind, error: z.ZodError): string {
  const fields = error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? 'a field that is unknown' : issue.path.map(String),
  )
  return `it is no ${kind} as it has to be: ${[...new Set(fields)].join(', ')}.`
}

function isBehind(one: { kind: Kind; key: Key }, other: { kind: Kind; key: Key }): boolean {
  const by = kinds.indexOf(one.kind) - kinds.indexOf(other.kind)
  if (by !== 0) return by > 0
  for (const [index, part] of one.key.entries()) {
    const compared = compare(part, other.key[index] ?? '')
    if (compared !== 0) return compared > 0
  }
  return false
}

/** Texts by their bytes in UTF-8, as both databases do; JavaScript compares units of UTF-16. */
function compare(one: string | number, other: string | number): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other
  return Buffer.compare(Buffer.from(String(one)), Buffer.from(String(other)))
}
