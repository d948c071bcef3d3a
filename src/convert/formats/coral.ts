import type { Format, ReadOptions } from '../format.ts'
import type { Dropped, Moment, SourceComment, SourcePage, SourcePerson, SourceRecord } from '../records.ts'
import { csvRowsIn, firstCsvRowOf } from '../source/csv.ts'
import { decodedLoosely } from '../source/decoding.ts'
import {
  fieldOf,
  isTextOrNone,
  type JsonRecord,
  jsonRecordsIn,
  listOf,
  recordOf,
  textOf,
} from '../source/json-lines.ts'
import { beginningOf, type SourceFile } from '../source/source-file.ts'
import { SourceFault } from '../source-fault.ts'
import { htmlToText } from '../text/html-to-text.ts'
import { momentOf } from '../text/moments.ts'

/*
 * What mongoexport makes of Coral's collections of comments, users and stories, a file each; or the tables that Coral's own
 * importer takes, which have no names of columns. Of which kind a file is shows in it. What nobody has decided about is public.
 */

export const coral: Format = {
  title: 'Coral',
  recognises: ({ text }) => (isJson(text) ? isCollection(text) : tableOf(text) !== null),
  read: recordsOf,
}

async function* recordsOf(file: SourceFile, options: ReadOptions): AsyncGenerator<SourceRecord> {
  const beginning = decodedLoosely(await beginningOf(file))
  if (beginning.trim() === '') throw new SourceFault('There is nothing in it.')
  yield* isJson(beginning) ? fromCollection(file, options) : fromTable(file, options)
}

function isJson(text: string): boolean {
  return /^\s*[[{]/.test(text)
}

/** Each of its records belongs to a tenant; the names of other fields are those that only one collection has. */
function isCollection(text: string): boolean {
  const has = (name: string) => new RegExp(String.raw`(?<!\\)"${name}"\s*:`).test(text)
  return has('tenantID') && (has('revisions') || has('profiles') || (has('url') && has('commentCounts')))
}

type Kind = 'comments' | 'users' | 'stories'

async function* fromCollection(file: SourceFile, options: ReadOptions): AsyncGenerator<SourceRecord> {
  let kind: Kind | null = null
  for await (const { record } of jsonRecordsIn(file)) {
    // Collections may stand behind one another in it. What is like none is broken, and counts as what is before it.
    kind = kindOf(record) ?? kind
    if (kind === null) throw noCollection(record)
    if (kind === 'comments') yield commentOf(record, options)
    else if (kind === 'users') yield personOf(record)
    else yield pageOf(record, options)
  }
}

function kindOf(record: JsonRecord): Kind | null {
  const has = (...names: string[]) => names.every((name) => Object.hasOwn(record, name))
  if (has('storyID', 'revisions') || has('storyID', 'authorID', 'status')) return 'comments'
  if (has('url') && !has('storyID')) return 'stories'
  return has('username') || has('profiles') ? 'users' : null
}

function noCollection(record: JsonRecord): SourceFault {
  return new SourceFault(
    Object.hasOwn(record, 'asset_id') || Object.hasOwn(record, 'body_history')
      ? 'It is of a version of Coral before 5, which was Talk. Bring it to a later one first.'
      : 'It is no file of the comments, users or stories of Coral.',
  )
}

function commentOf(record: JsonRecord, { zone }: ReadOptions): SourceComment {
  const state = stateOf(record)
  const isKept = state === 'approved' || state === 'pending' || state === 'rejected'
  const author = textOf(fieldOf(record, 'authorID'))
  const revisions = listOf(fieldOf(record, 'revisions'))
  return {
    kind: 'comment',
    id: idOf(fieldOf(record, 'id')),
    site: '',
    page: idOf(fieldOf(record, 'storyID')),
    parent: textOf(fieldOf(record, 'parentID')),
    state,
    author: isKept && author !== null ? { person: author } : nobody,
    text: isKept ? textFrom(fieldOf(recordOf(revisions.at(-1)), 'body')) : '',
    at: timeOf(fieldOf(record, 'createdAt'), zone),
    decidedAtMs: null,
    dropped: droppedOf(record, revisions.length),
  }
}

const nobody = { name: null, email: null }

function stateOf(record: JsonRecord): SourceComment['state'] {
  if ((fieldOf(record, 'deletedAt') ?? null) !== null) return 'deleted'
  const bodies = listOf(fieldOf(record, 'revisions')).map(
    (revision) => fieldOf(recordOf(revision), 'body') ?? '',
  )
  if (
    !['parentID', 'authorID'].every((name) => isTextOrNone(record, name)) ||
    !Array.isArray(fieldOf(record, 'revisions') ?? []) ||
    typeof (bodies.at(-1) ?? '') !== 'string'
  )
    return 'unreadable'
  return stateIn(fieldOf(record, 'status'))
}

function stateIn(status: unknown): SourceComment['state'] {
  switch (status) {
    case 'NONE':
    case 'APPROVED':
      return 'approved'
    case 'PREMOD':
    case 'SYSTEM_WITHHELD':
      return 'pending'
    case 'REJECTED':
      return 'rejected'
    default:
      return 'unknown-state'
  }
}

function droppedOf(record: JsonRecord, revisions: number): Dropped[] {
  const kinds: [Dropped, boolean][] = [
    [
      'votes',
      Object.keys(recordOf(fieldOf(record, 'actionCounts'))).some((name) => name.startsWith('REACTION')),
    ],
    ['edits', revisions > 1],
    ['rating', (fieldOf(record, 'rating') ?? null) !== null],
  ]
  return kinds.flatMap(([kind, isSaid]) => (isSaid ? [kind] : []))
}

/** Of a user nothing else is looked at: passwords and tokens are among it. */
function personOf(record: JsonRecord): SourcePerson {
  const isDeleted = (fieldOf(record, 'deletedAt') ?? null) !== null
  return {
    kind: 'person',
    key: idOf(fieldOf(record, 'id')),
    name: isDeleted ? null : textOf(fieldOf(record, 'username')),
    email: isDeleted ? null : textOf(fieldOf(record, 'email')),
  }
}

function pageOf(record: JsonRecord, { zone, nowMs }: ReadOptions): SourcePage {
  const metadata = recordOf(fieldOf(record, 'metadata'))
  const published = timeOf(fieldOf(metadata, 'publishedAt'), zone)
  return {
    kind: 'page',
    key: idOf(fieldOf(record, 'id')),
    url: textOf(fieldOf(record, 'url')),
    identifier: idOf(fieldOf(record, 'id')),
    title: textOf(fieldOf(metadata, 'title')),
    publishedAtMs: isOver(published, nowMs) && published >= 0 ? published : null,
    // `false` where it was opened again.
    isClosed: isOver(timeOf(fieldOf(record, 'closedAt'), zone), nowMs),
    leftOut: null,
  }
}

function isOver(moment: Moment, nowMs: number): moment is number {
  return typeof moment === 'number' && moment <= nowMs
}

/** As a text, or as MongoDB's tools wrap it. */
function idOf(value: unknown): string {
  return textOf(value) ?? textOf(fieldOf(recordOf(value), '$oid')) ?? ''
}

/** A number is of milliseconds, in whatever way it is written. */
function timeOf(value: unknown, zone: string | null): Moment {
  const inner = fieldOf(recordOf(value), '$date') ?? value
  const number = numberIn(inner)
  if (number !== null) return Number.isFinite(number) ? Math.floor(number) : 'no-time'
  return momentOf(textOf(inner), zone)
}

function numberIn(value: unknown): number | null {
  if (typeof value === 'number') return value
  for (const name of ['$numberLong', '$numberDouble', '$numberInt']) {
    const digits = textOf(fieldOf(recordOf(value), name))
    if (digits !== null) return Number(digits)
  }
  return null
}

/** Of which kind a table is shows in how many columns it has. */
const tables: Readonly<Record<number, Kind>> = { 6: 'users', 7: 'stories', 8: 'comments' }

/** Of a file that nobody has said to be one more has to fit than the number. */
function tableOf(text: string): Kind | null {
  const row = firstCsvRowOf(text)
  const kind = tables[row?.length ?? 0] ?? null
  if (row === null || kind === null) return null
  const fits = {
    users: () => row[1]?.includes('@') === true,
    stories: () => /^https?:\/\//i.test(row[1] ?? ''),
    comments: () => momentOf(row[3], 'UTC') !== 'no-time',
  }
  return fits[kind]() ? kind : null
}

async function* fromTable(file: SourceFile, options: ReadOptions): AsyncGenerator<SourceRecord> {
  for await (const row of csvRowsIn(file)) {
    switch (tables[row.length]) {
      case 'comments':
        yield commentIn(row, options)
        break
      case 'users':
        yield personIn(row)
        break
      case 'stories':
        yield pageIn(row, options)
        break
      default:
        throw new SourceFault(
          'It is no table of Coral: those have 6 columns of users, 7 of stories, or 8 of comments.',
        )
    }
  }
}

function commentIn(row: readonly string[], { zone }: ReadOptions): SourceComment {
  const [id = '', author = '', page = '', created, body = '', parent, status = '', rating] = row
  return {
    kind: 'comment',
    id: id.trim(),
    site: '',
    page: page.trim(),
    parent: textOf(parent),
    state: stateIn(status.trim() === '' ? 'NONE' : status.trim()),
    author: author.trim() === '' ? nobody : { person: author.trim() },
    text: textFrom(body),
    at: momentOf(created, zone),
    decidedAtMs: null,
    dropped: textOf(rating) === null ? [] : ['rating'],
  }
}

function personIn([id = '', email, username]: readonly string[]): SourcePerson {
  return { kind: 'person', key: id.trim(), name: textOf(username), email: textOf(email) }
}

function pageIn(row: readonly string[], { zone, nowMs }: ReadOptions): SourcePage {
  const [id = '', url, title, , publishedAt, closedAt] = row
  const published = momentOf(publishedAt, zone)
  return {
    kind: 'page',
    key: id.trim(),
    url: textOf(url),
    identifier: textOf(id),
    title: textOf(title),
    publishedAtMs: isOver(published, nowMs) && published >= 0 ? published : null,
    isClosed: isOver(momentOf(closedAt, zone), nowMs),
    leftOut: null,
  }
}

function textFrom(html: unknown): string | null {
  return htmlToText(typeof html === 'string' ? html : '', { lineBreaks: 'markup' })
}
