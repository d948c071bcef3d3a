import type { Database } from 'better-sqlite3'
import type { Format, ReadOptions } from '../format.ts'
import type { Dropped, SourceComment, SourceRecord } from '../records.ts'
import { readSqlite, sqliteMagic } from '../source/sqlite.ts'
import { SourceFault } from '../source-fault.ts'
import { withEntitiesRead } from '../text/fields.ts'
import { htmlToText } from '../text/html-to-text.ts'

/*
 * Isso's database. What a reader deletes below which something stands keeps its e-mail address in the row, for all that is said
 * there: of such a row nothing is read but where it stands.
 */

export const isso: Format = {
  title: 'Isso',
  recognises: ({ bytes }) =>
    bytes.subarray(0, sqliteMagic.length).equals(sqliteMagic) &&
    ['threads', 'comments', 'remote_addr', 'voters'].every((name) => bytes.includes(name)),
  read: (file, options) => readSqlite<SourceRecord>(file, (database) => recordsOf(database, options)),
}

const newestVersion = 5

/** In bytes: no comment, name or address of a page is longer. */
const longest = 2 ** 20

function* recordsOf(database: Database, options: ReadOptions): Generator<SourceRecord> {
  const columns = {
    threads: columnsOf(database, 'threads'),
    comments: columnsOf(database, 'comments'),
  }
  if (
    !['id', 'uri'].every((name) => columns.threads.has(name)) ||
    !['id', 'tid', 'parent', 'created', 'mode', 'text', 'author', 'email'].every((name) =>
      columns.comments.has(name),
    )
  )
    throw new SourceFault('It is a database of SQLite, and none of Isso.')
  const version = database.pragma('user_version', { simple: true }) as number
  if (version > newestVersion || version < 0)
    throw new SourceFault(
      `It is of a version of Isso that is not known here: its database has the number ${version}, and those up to ${newestVersion} are.`,
    )
  if (hasNumberTwice(database))
    throw new SourceFault('Several of its pages have the same number: each has one of its own in Isso.')
  refuseAnotherSite(database, options)
  const decode = decoderOf(database)
  yield* pagesIn(database, columns.threads, decode)
  yield* commentsIn(database, columns.comments, decode)
}

/** None of a view, or of what is worked out as it is read: Isso has neither. */
function columnsOf(database: Database, table: string): Set<string> {
  const tables = database.pragma('table_list') as { schema: string; name: string; type: string }[]
  if (!tables.some(({ schema, name, type }) => schema === 'main' && name === table && type === 'table'))
    return new Set()
  return new Set((database.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name))
}

/** Of the first comments of the files that are read with the same options when they were written, by number. */
const firstTimes = new WeakMap<ReadOptions, Map<string, number>>()

const mostCompared = 1_000

/**
 * A site's files of different days have the same comments under the same numbers. Those of several sites do not, and replies would
 * come to stand below another site's.
 */
function refuseAnotherSite(database: Database, options: ReadOptions): void {
  const before = firstTimes.get(options) ?? new Map<string, number>()
  firstTimes.set(options, before)
  const rows = database
    .prepare<[], { id: string; created: number }>(
      `SELECT CAST(id AS TEXT) AS id, created FROM comments
      WHERE typeof(id) = 'integer' AND typeof(created) IN ('integer', 'real') ORDER BY comments.id LIMIT ${mostCompared}`,
    )
    .all()
  for (const { id, created } of rows)
    if ((before.get(id) ?? created) !== created)
      throw new SourceFault(
        'It is of another site than a file before: its comments have the same numbers. Convert them one by one.',
      )
  if (before.size < mostCompared) for (const { id, created } of rows) before.set(id, created)
}

/** Each comment would be on all of them. */
function hasNumberTwice(database: Database): boolean {
  return (
    database
      .prepare('SELECT 1 FROM threads WHERE id IS NOT NULL GROUP BY id HAVING count(*) > 1 LIMIT 1')
      .get() !== undefined
  )
}

function* pagesIn(database: Database, columns: ReadonlySet<string>, decode: Decode): Generator<SourceRecord> {
  const title = columns.has('title') ? bytesOf('title') : 'NULL'
  const rows = database
    .prepare<[], { key: string; uri: Buffer | null; title: Buffer | null }>(
      `SELECT ${pageKey} AS key, ${bytesOf('uri')} AS uri, ${title} AS title FROM threads`,
    )
    .iterate()
  for (const { key, uri, title } of rows)
    yield {
      kind: 'page',
      key,
      url: decode(uri) ?? null,
      identifier: null,
      title: decode(title) ?? null,
      publishedAtMs: null,
      isClosed: false,
      leftOut: null,
    }
}

type Row = {
  id: string
  page: string
  parent: string | null
  mode: number | null
  created: number | null
  author: Buffer | null
  email: Buffer | null
  text: Buffer | null
  isTooLong: number
  isNameTooLong: number
} & Record<Dropped, number>

function* commentsIn(
  database: Database,
  columns: ReadonlySet<string>,
  decode: Decode,
): Generator<SourceRecord> {
  const has = (column: string, condition: string) => (columns.has(column) ? condition : '0')
  const rows = database
    .prepare<[], Row>(
      `SELECT coalesce(CAST(comments.id AS TEXT), '') AS id, coalesce(page.key, 'absent') AS page, CAST(parent AS TEXT) AS parent,
        CASE WHEN typeof(mode) IN ('integer', 'real') THEN mode END AS mode,
        CASE WHEN typeof(created) IN ('integer', 'real') THEN created END AS created,
        ${kept(bytesOf('author'))} AS author, ${kept(bytesOf('email'))} AS email, ${kept(bytesOf('text'))} AS text,
        ${kept(isLong('text'))} IS TRUE AS isTooLong, ${kept(isLong('author'))} IS TRUE AS isNameTooLong,
        ${has('remote_addr', 'coalesce(octet_length(remote_addr), 0) > 0')} AS ip,
        ${has('website', kept('coalesce(octet_length(website), 0) > 0'))} IS TRUE AS website,
        ${has('likes', 'coalesce(likes, 0) <> 0')} OR ${has('dislikes', 'coalesce(dislikes, 0) <> 0')} AS votes,
        ${has('modified', 'modified IS NOT NULL')} AS edits,
        ${has('notification', 'coalesce(notification, 0) <> 0')} AS subscription
      FROM comments LEFT JOIN (SELECT id, ${pageKey} AS key FROM threads) AS page ON page.id = comments.tid`,
    )
    .iterate()
  for (const row of rows) yield commentOf(row, decode)
}

/** The page's address is the same in each file of the site; its number is not. */
const pageKey = `coalesce(CASE WHEN ${isText('uri')} THEN 'uri ' || nullif(uri, '') END, 'id ' || id, 'none')`

/** As they are in the file: as a text the driver would put something in the place of what is none. */
function bytesOf(column: string): string {
  return `CASE WHEN ${isText(column)} THEN CAST(${column} AS BLOB) END`
}

function isText(column: string): string {
  return `typeof(${column}) = 'text' AND NOT ${isLong(column)}`
}

/** Without it being read. */
function isLong(column: string): string {
  return `(octet_length(${column}) > ${longest})`
}

/** Only of comments that are there. */
function kept(expression: string): string {
  return `CASE WHEN mode IN (1, 2) THEN ${expression} END`
}

/** `null` where there is nothing, `undefined` where it is no text in the database's encoding. */
type Decode = (bytes: Buffer | null) => string | null | undefined

function decoderOf(database: Database): Decode {
  const encoding = String(database.pragma('encoding', { simple: true })).toLowerCase()
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true })
  return (bytes) => {
    try {
      return bytes === null ? null : decoder.decode(bytes)
    } catch {
      return undefined
    }
  }
}

function commentOf(row: Row, decode: Decode): SourceComment {
  const [name, email, text] = [row.author, row.email, row.text].map(decode)
  const isUnreadable = [name, email, text].includes(undefined)
  return {
    kind: 'comment',
    id: row.id,
    site: '',
    page: row.page,
    parent: row.parent,
    state: isUnreadable ? 'unreadable' : row.isNameTooLong === 1 ? 'name-too-long' : stateOf(row.mode),
    // Isso escapes both before it puts them down.
    author: { name: withEntitiesRead(name ?? ''), email: withEntitiesRead(email ?? '') },
    text: row.isTooLong === 1 ? null : textOf(text ?? ''),
    at: row.created !== null && Number.isFinite(row.created) ? Math.round(row.created * 1_000) : 'no-time',
    decidedAtMs: null,
    dropped: (['ip', 'website', 'votes', 'edits', 'subscription'] as const).filter((name) => row[name] === 1),
  }
}

function stateOf(mode: number | null): SourceComment['state'] {
  switch (mode) {
    case 1:
      return 'approved'
    case 2:
      return 'pending'
    case 4:
      return 'deleted'
    default:
      return 'unknown-state'
  }
}

/**
 * Markdown as it is. What came from Disqus once is HTML from its first tag to its last, and means the same in Markdown: then it
 * is read as what it is.
 */
function textOf(markdown: string): string | null {
  return /^\s*<p>.*<\/p>\s*$/s.test(markdown) ? htmlToText(markdown, { lineBreaks: 'markup' }) : markdown
}
