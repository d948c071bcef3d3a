import { createHash } from 'node:crypto'
import { articleLimits, isArticleUrl } from '../domain/articles/article.ts'
import { dropClickCounts } from '../domain/articles/click-counts.ts'
import { commentLimits } from '../domain/comments/comment.ts'
import { codePointLength, textFault } from '../domain/text.ts'
import type { Counts, Kind, Row } from '../store/transfer.ts'
import { type ArticleRules, articleOf } from './article-ids.ts'
import { commentIdOf, decisionIdOf } from './comment-ids.ts'
import type { Beginning } from './format.ts'
import { type FormatName, formatNames } from './format-names.ts'
import { formatOf, formats } from './formats/index.ts'
import type { Dropped, LeftOut, SourceComment, SourceRecord } from './records.ts'
import { type Report, reportOn } from './report.ts'
import { resolve } from './resolve.ts'
import { decodedLoosely } from './source/decoding.ts'
import { beginningOf, type SourceFile, sourceFilesAt } from './source/source-file.ts'
import { SourceFault } from './source-fault.ts'
import { openSpool, type Spool, type SpoolRecord } from './spool.ts'
import { bodyOf, emailOf, nameOf, showsAddress } from './text/fields.ts'

export type ConvertOptions = {
  /** `null`: told from what is in the files. */
  format: FormatName | null
  articles: ArticleRules
  /** What becomes of comments that wait for a decision. */
  pending: 'pending' | 'approved' | 'skip'
  spam: 'skip' | 'rejected'
  /** `withdrawn`: where something stands below them. */
  deleted: 'withdrawn' | 'skip'
  /** What becomes of pages that take no comments any more. */
  closed: 'closed' | 'open'
  /** For authors who gave no name. */
  anonymous: string
  /** In which times are that say no zone, as IANA names it. */
  zone: string | null
  /** What is later than this is no time of a comment. */
  nowMs: number
  /** Told as the files are read: bytes as they lie on the disk. */
  onRead: (bytes: number) => void
}

/** All that the files hold, worked out, in a temporary database of its own. */
export type Conversion = {
  format: FormatName
  report: Report
  counts: Counts
  /** Is the same for the same content and rules. */
  id: string
  /** When the newest of it was written. */
  madeAtMs: number
  /** In the order that our own format asks for; as often as is asked for. */
  rows: () => Iterable<{ kind: Kind; row: Row }>
  leftOut: () => Iterable<LeftOutComment>
  articleIds: () => Iterable<string>
  close: () => void
}

export type LeftOutComment = { reason: LeftOut; id: string; article: string | null; page: string | null }

/** A file that cannot be converted: its name, and why in a sentence that quotes nothing of it. */
export class FileFault extends Error {
  readonly file: string

  constructor(file: string, sentence: string) {
    super(sentence)
    this.file = file
  }
}

/**
 * Reads files of another system, all of one site, and works out what they come to. Nothing is written but the temporary
 * database, and nothing read twice but their beginnings.
 *
 * @throws FileFault where a file is not what it has to be.
 * @throws ArticleRuleFault where the rules make no ids.
 */
export async function convert(paths: readonly string[], options: ConvertOptions): Promise<Conversion> {
  const spool = openSpool()
  try {
    const intake = intakeInto(spool, options)
    let format = options.format
    let number = 0
    for (const path of paths)
      await naming(path, async () => {
        for await (const file of sourceFilesAt(path, options.onRead))
          await naming(file.name, async () => {
            format = await formatFor(file, format, options.format !== null)
            number += 1
            for await (const record of formats[format].read(file, options))
              intake.take(format, record, number)
          })
      })
    spool.settle()
    if (format === null) throw new FileFault(paths[0] ?? '', 'There is nothing in it.')
    resolve(spool.database, { keepsDeleted: options.deleted === 'withdrawn' })
    return conversionOf(spool, format, intake.dropped(), options)
  } catch (error) {
    spool.close()
    throw error
  }
}

/** Of which system a file is; `null` where that cannot be told, or the file cannot be read. */
export async function formatOfFile(path: string): Promise<FormatName | null> {
  try {
    for await (const file of sourceFilesAt(path, () => {})) {
      const bytes = await beginningOf(file)
      return formatOf({ bytes, text: decodedLoosely(bytes) })
    }
  } catch {
    // Whoever asks has something to say about the file already.
  }
  return null
}

async function naming(file: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    throw error instanceof SourceFault ? new FileFault(file, error.message) : error
  }
}

async function formatFor(
  file: SourceFile,
  expected: FormatName | null,
  isSaid: boolean,
): Promise<FormatName> {
  const bytes = await beginningOf(file)
  const beginning: Beginning = { bytes, text: decodedLoosely(bytes) }
  const found = formatOf(beginning)
  if (expected === null) {
    if (found !== null) return found
    throw new SourceFault(
      `It cannot be told of which system it is. Name the format, if it is one of ${formatNames.join(', ')}; what is packed otherwise than by gzip or zip has to be unpacked first.`,
    )
  }
  // Of one that is like no other, its reader says what is wrong.
  if (found === null || found === expected || formats[expected].recognises(beginning)) return expected
  throw new SourceFault(
    isSaid
      ? `It is a file of ${formats[found].title}, not of ${formats[expected].title}.`
      : `It is a file of ${formats[found].title}, and those before are of ${formats[expected].title}. Convert them one by one.`,
  )
}

function intakeInto(spool: Spool, options: ConvertOptions) {
  const dropped = new Map<Dropped, number>()
  const drop = (what: Dropped) => dropped.set(what, (dropped.get(what) ?? 0) + 1)

  function emailFrom(text: string | null): string | null {
    const email = emailOf(text)
    if (email === null && text !== null && text.trim() !== '') drop('email')
    return email
  }

  function keptOr(text: string | null, isFine: (text: string) => boolean, what: Dropped): string | null {
    if (text === null || isFine(text)) return text
    drop(what)
    return null
  }

  /** The service itself refuses such a name: who signs with an address seldom knows that it is shown. */
  function nameFrom(text: string | null): string | null {
    const name = nameOf(text)
    if (name === null || !showsAddress(name)) return name
    drop('name')
    return null
  }

  return {
    dropped: () => dropped,
    take(format: FormatName, record: SourceRecord, file: number) {
      switch (record.kind) {
        case 'page': {
          const made = articleOf(record, options.articles)
          const url = 'id' in made ? made.url : null
          const title = record.title === null ? null : nameOf(record.title)
          spool.add(
            {
              kind: 'page',
              key: record.key,
              article: 'id' in made ? made.id : null,
              // Who names a page in the map says which it is.
              identifier:
                ('id' in made && made.isNamed) || record.identifier === record.url ? null : record.identifier,
              url: keptOr(url, isUrl, 'url'),
              title: keptOr(title, isTitle, 'title'),
              host: hostOf(record.url),
              query: queryOf(record.url),
              publishedAtMs: record.publishedAtMs,
              isClosed: record.isClosed && options.closed === 'closed',
              leftOut: record.leftOut ?? ('leftOut' in made ? made.leftOut : null),
            },
            file,
          )
          return
        }
        case 'person': {
          for (const what of record.dropped ?? []) drop(what)
          const name = nameFrom(record.name)
          spool.add(
            {
              kind: 'person',
              key: record.key,
              name,
              email: emailFrom(record.email),
              isTooLong: isTooLong(name),
            },
            file,
          )
          return
        }
        case 'comment':
          for (const what of record.dropped) drop(what)
          spool.add(taken(format, record, options, emailFrom, nameFrom), file)
      }
    },
  }
}

/** What of an address is not in its path, and names another page: behind the question mark, and behind `#!`, where some sites have theirs. */
function queryOf(url: string | null): string {
  const [query = ''] = /\?[^#]*/.exec(url ?? '') ?? []
  if (query === '') return /#!.*/.exec(url ?? '')?.[0] ?? ''
  const alone = new URL(`${anyAddress}${query}`)
  dropClickCounts(alone)
  return alone.search
}

/** Stands before a query that is looked at alone. */
const anyAddress = 'https://site.invalid/'

function hostOf(url: string | null): string | null {
  return URL.parse(url ?? '')?.host.replace(/^www\./, '') ?? null
}

function isUrl(url: string): boolean {
  return url.length <= articleLimits.url && isArticleUrl(url)
}

function isTitle(title: string): boolean {
  return textFault(title, 'line', articleLimits.title) === null
}

/** Of what is left out nothing is put down but where it is from; of what is deleted where it stands besides. */
function taken(
  format: FormatName,
  record: SourceComment,
  options: ConvertOptions,
  emailFrom: (text: string | null) => string | null,
  nameFrom: (text: string | null) => string | null,
): SpoolRecord {
  const { id, site, page, parent, at, author } = record
  const atMs = typeof at === 'number' && at >= 0 && at <= options.nowMs ? at : null
  const body = record.text === null ? null : bodyOf(record.text)
  const name = 'name' in author ? nameFrom(author.name) : null
  const status = statusOf(record.state, options)
  const leftOut =
    typeof status === 'object'
      ? status.leftOut
      : id === ''
        ? 'no-id'
        : atMs === null
          ? typeof at === 'number'
            ? 'time-out-of-range'
            : at
          : status === 'deleted'
            ? null
            : faultOf(record.text, body, name)
  const isKept = leftOut === null && status !== 'deleted'
  return {
    kind: 'comment',
    id: id === '' || atMs === null ? null : commentIdOf(format, site, id, atMs),
    source: id,
    site,
    page,
    parent: parent === '' ? null : parent,
    status: typeof status === 'object' ? null : status,
    leftOut,
    name: isKept ? name : null,
    email: isKept && 'name' in author ? emailFrom(author.email) : null,
    person: isKept && 'person' in author ? author.person : null,
    body: isKept ? body : null,
    atMs,
    decidedAtMs:
      isKept && record.decidedAtMs !== null ? within(record.decidedAtMs, atMs, options.nowMs) : null,
  }
}

function statusOf(
  state: SourceComment['state'],
  { spam, pending }: ConvertOptions,
): 'approved' | 'pending' | 'rejected' | 'deleted' | { leftOut: LeftOut } {
  switch (state) {
    case 'approved':
    case 'rejected':
    case 'deleted':
      return state
    case 'pending':
      return pending === 'skip' ? { leftOut: 'pending' } : pending
    case 'spam':
      return spam === 'rejected' ? 'rejected' : { leftOut: 'spam' }
    default:
      return { leftOut: state }
  }
}

function faultOf(text: string | null, body: string | null, name: string | null): LeftOut | null {
  if (text === null || (body !== null && codePointLength(body) > commentLimits.body)) return 'text-too-long'
  if (body === null) return 'no-text'
  return isTooLong(name) ? 'name-too-long' : null
}

function isTooLong(name: string | null): boolean {
  return name !== null && codePointLength(name) > commentLimits.name
}

/** Nothing is decided about before it was written, or later than now. */
function within(ms: number, atMs: number | null, nowMs: number): number | null {
  return atMs === null || ms < atMs || ms > nowMs ? null : ms
}

function conversionOf(
  spool: Spool,
  format: FormatName,
  dropped: ReadonlyMap<Dropped, number>,
  options: ConvertOptions,
): Conversion {
  const { database } = spool
  const report = reportOn(database, formats[format].title, dropped)
  const decisions = report.taken.approved + report.taken.rejected + report.taken.withdrawn
  return {
    format,
    report,
    counts: {
      token: 0,
      article: report.articles,
      comment: report.taken.approved + report.taken.pending + report.taken.rejected + report.taken.withdrawn,
      decision: decisions,
      idempotencyRecord: 0,
    },
    id: idOf(spool, format),
    madeAtMs: report.newestMs ?? 0,
    *rows() {
      for (const row of articleRows(spool)) yield { kind: 'article', row }
      for (const row of commentRows(spool, options.anonymous)) yield { kind: 'comment', row }
      for (const row of decisionRows(spool, format)) yield { kind: 'decision', row }
    },
    leftOut: () =>
      database
        .prepare<[], LeftOutComment>(
          `SELECT comments.left_out AS reason, source AS id, comments.article, pages.url AS page
          FROM comments LEFT JOIN pages ON pages.key = comments.page
          WHERE comments.left_out IS NOT NULL ORDER BY source, comments.id, comments.article, comments.left_out`,
        )
        .iterate(),
    articleIds: () =>
      database.prepare<[], string>('SELECT article FROM articles ORDER BY article').pluck().iterate(),
    close: spool.close,
  }
}

/** A UUID of what the rows are told apart by, so that a file which is made again goes on where its import broke off. */
function idOf({ database }: Spool, format: FormatName): string {
  const hash = createHash('sha256').update(format)
  for (const row of database
    .prepare<[], unknown[]>(
      `SELECT id, status, article, parent_id, length(body), name FROM taken JOIN comments USING (seq, id) ORDER BY id`,
    )
    .raw()
    .iterate())
    hash.update(JSON.stringify(row))
  const digits = hash.digest('hex')
  // RFC 9562, section 5.8: a version for whatever one makes oneself.
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-8${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20, 32)}`
}

/** Of several addresses of one page the one that its readers would be sent to: encrypted, and without a trail of where somebody came from. */
const bestUrl = `(SELECT url FROM pages AS own WHERE own.article = articles.article AND url IS NOT NULL AND left_out IS NULL
  ORDER BY url NOT LIKE 'https:%', instr(url, '?') > 0, length(url), url LIMIT 1)`

function* articleRows({ database }: Spool): Generator<Row> {
  const rows = database
    .prepare<
      [],
      {
        article: string
        approved: number
        firstMs: number
        lastMs: number
        url: string | null
        title: string | null
        publishedAtMs: number | null
        isClosed: number
      }
    >(
      `SELECT articles.article, approved, first_ms AS firstMs, last_ms AS lastMs, ${bestUrl} AS url, min(title) AS title,
        min(published_at_ms) AS publishedAtMs, min(is_closed) AS isClosed
      FROM articles JOIN pages USING (article) WHERE pages.left_out IS NULL GROUP BY articles.article ORDER BY articles.article`,
    )
    .iterate()
  for (const { article, approved, firstMs, lastMs, url, title, publishedAtMs, isClosed } of rows)
    yield {
      articleId: article,
      approvedCount: approved,
      revision: approved,
      title,
      url,
      publishedAtMs,
      // When it was closed no file says: not before its newest comment.
      closedAtMs: isClosed === 1 ? lastMs : null,
      firstCommentAtMs: firstMs,
      movedTo: null,
      movingFrom: null,
    }
}

/** Is the hash of no receipt: nobody has one for what was written elsewhere. */
const noReceipt = 'none'

function* commentRows({ database }: Spool, anonymous: string): Generator<Row> {
  const rows = database
    .prepare<
      [],
      {
        id: string
        article: string
        parentId: string | null
        status: 'approved' | 'pending' | 'rejected' | 'deleted'
        name: string | null
        email: string | null
        body: string | null
        atMs: number
        decidedAtMs: number | null
        publishedRevision: number | null
      }
    >(
      `SELECT taken.id, article, parent_id AS parentId, status, name, email, body, at_ms AS atMs, decided_at_ms AS decidedAtMs,
        published_revision AS publishedRevision
      FROM taken JOIN comments USING (seq) ORDER BY taken.id`,
    )
    .iterate()
  for (const {
    id,
    article,
    parentId,
    status,
    name,
    email,
    body,
    atMs,
    decidedAtMs,
    publishedRevision,
  } of rows) {
    const isGone = status === 'deleted'
    yield {
      id,
      articleId: article,
      parentId,
      status: isGone ? 'withdrawn' : status,
      version: status === 'pending' ? 1 : 2,
      authorName: isGone ? null : (name ?? anonymous),
      authorEmail: isGone ? null : email,
      body: isGone ? null : body,
      submittedAtMs: atMs,
      // What readers saw it from: the source's time, and no other is known.
      publishedAtMs: status === 'approved' ? atMs : null,
      receiptHash: noReceipt,
      publishedRevision,
      decidedAtMs: status === 'pending' ? null : (decidedAtMs ?? atMs),
    }
  }
}

function* decisionRows({ database }: Spool, format: FormatName): Generator<Row> {
  const rows = database
    .prepare<
      [],
      {
        id: string
        status: 'approved' | 'rejected' | 'deleted'
        source: string
        atMs: number
        decidedAtMs: number | null
      }
    >(
      `SELECT taken.id, status, source, at_ms AS atMs, decided_at_ms AS decidedAtMs
      FROM taken JOIN comments USING (seq) WHERE status <> 'pending' ORDER BY taken.id`,
    )
    .iterate()
  let position = 0
  for (const { id, status, source, atMs, decidedAtMs } of rows) {
    position += 1
    yield {
      commentId: id,
      version: 2,
      id: decisionIdOf(id, decidedAtMs ?? atMs),
      action: actions[status],
      decidedBy: `import:${format}`,
      reason: null,
      note: noteOf(format, source),
      decidedAtMs: decidedAtMs ?? atMs,
      rejectedWith: null,
      rejectedWithVersion: null,
      reasonCode: null,
      position,
    }
  }
}

const actions = { approved: 'approve', rejected: 'reject', deleted: 'withdraw' } as const

function noteOf(format: FormatName, source: string): string | null {
  const note = `${formats[format].title} ${source}`
  return textFault(note, 'prose', commentLimits.note) === null ? note : null
}
