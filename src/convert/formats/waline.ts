import type { Format } from '../format.ts'
import { pagesOnce } from '../pages-once.ts'
import type { Moment, SourceComment, SourcePage } from '../records.ts'
import { decodedLoosely } from '../source/decoding.ts'
import {
  contentIn,
  droppedIn,
  flagIn,
  idIn,
  isAbsent,
  type JsonList,
  type JsonObject,
  type JsonOutline,
  type JsonValue,
  outlineOf,
  readJson,
  textIn,
  timeIn,
} from '../source/json.ts'
import { beginningOf } from '../source/source-file.ts'
import { SourceFault } from '../source-fault.ts'
import { markdownOrHtmlToText, withoutMention } from '../text/markdown.ts'
import { momentOf } from '../text/moments.ts'
import { isUnclear } from './flags.ts'

/*
 * What Waline exports, and its forerunner Valine's class of comments as LeanCloud exports it. The former has the accounts beside the
 * comments, with hashes of passwords and secrets of the second factor: of those nothing is read. How ids and times are written
 * depends on the database below.
 */

export const waline: Format = {
  title: 'Waline',
  recognises: ({ text }) => kindOf(outlineOf(text)) !== null,
  async *read(file, { zone }) {
    const kind = kindOf(outlineOf(decodedLoosely(await beginningOf(file)))) ?? 'waline'
    const pages = pagesOnce()
    let version: JsonValue | undefined
    let hasComments = kind === 'lines'
    for await (const found of readJson(file, {
      lists: { comments: { path: paths[kind], fields } },
      scalars,
    })) {
      if (found.kind === 'scalar') {
        if (found.name === 'version' && kind === 'waline') version = checkedVersion(found.value)
      } else if (found.kind === 'list') {
        hasComments = true
      } else {
        yield* pages(pageOf(found.entry))
        yield commentOf(found.entry, zone)
      }
    }
    if (kind === 'waline') checkedVersion(version)
    if (!hasComments) throw new SourceFault('It has no list of comments.')
  },
}

/** All but the first are what LeanCloud has, as it was exported by different tools. */
type Kind = 'waline' | 'results' | 'list' | 'lines'

const paths: Record<Kind, JsonList['path']> = {
  waline: ['data', 'Comment'],
  results: ['results'],
  list: [],
  lines: null,
}

const scalars = ['version']

const fields = [
  'ACL',
  'comment',
  'createdAt',
  'id',
  'insertedAt',
  'isSpam',
  'like',
  'mail',
  'nick',
  'objectId',
  'pid',
  'rid',
  'status',
  'sticky',
  'url',
]

function kindOf({ has, value }: JsonOutline): Kind | null {
  if (
    value('type') === 'waline' ||
    has('data.Comment.*.comment') ||
    (has('data.Comment') && (has('data.Counter') || has('data.Users'))) ||
    (has('data.Counter') && has('data.Users'))
  )
    return 'waline'
  if (has('results.*.objectId') && has('results.*.comment')) return 'results'
  if (has('*.objectId') && has('*.comment') && has('*.nick')) return 'list'
  return has('objectId') && has('comment') && has('nick') ? 'lines' : null
}

function checkedVersion(version: JsonValue | undefined): JsonValue {
  if (version === 1 || version === '1') return version
  throw new SourceFault(
    version === undefined
      ? 'It does not say of which version it is: Waline writes version 1.'
      : 'It is of a version that cannot be read: Waline writes version 1.',
  )
}

function pageOf(entry: JsonObject): SourcePage {
  const url = textIn(entry, 'url')
  return {
    kind: 'page',
    key: url ?? '',
    url,
    identifier: url,
    title: null,
    publishedAtMs: null,
    isClosed: false,
    leftOut: null,
  }
}

function commentOf(entry: JsonObject, zone: string | null): SourceComment {
  const above = isAbsent(entry, 'pid') ? idIn(entry, 'rid') : idIn(entry, 'pid')
  const parent = above === '' ? null : above
  const content = contentIn(entry, 'comment')
  return {
    kind: 'comment',
    id: isAbsent(entry, 'objectId') ? idIn(entry, 'id') : idIn(entry, 'objectId'),
    site: '',
    page: textIn(entry, 'url') ?? '',
    parent,
    state: stateOf(entry),
    author: { name: textIn(entry, 'nick'), email: textIn(entry, 'mail') },
    text: content === null ? null : markdownOrHtmlToText(parent === null ? content : withoutMention(content)),
    at: timeOf(entry, zone),
    decidedAtMs: null,
    dropped: droppedIn(entry, { ip: 'ip', like: 'votes', link: 'website', sticky: 'pin', ua: 'userAgent' }),
  }
}

function stateOf(entry: JsonObject): SourceComment['state'] {
  if (isUnclear(entry, 'isSpam')) return 'unknown-state'
  if (flagIn(entry, 'isSpam') === true) return 'spam'
  if (isAbsent(entry, 'status')) return stateByAccess(entry)
  switch (textIn(entry, 'status')) {
    case 'approved':
      return 'approved'
    case 'waiting':
      return 'pending'
    case 'spam':
      return 'spam'
    default:
      return 'unknown-state'
  }
}

/** Rows of Valine have no status: there all was public but what LeanCloud was told to let nobody read, as Valine-Admin does. */
function stateByAccess(entry: JsonObject): SourceComment['state'] {
  if (isAbsent(entry, 'ACL')) return 'approved'
  const access = entry['ACL']
  if (!isObject(access)) return 'unknown-state'
  const everybody = Object.hasOwn(access, '*') ? access['*'] : {}
  if (!isObject(everybody) || isUnclear(everybody, 'read')) return 'unknown-state'
  return flagIn(everybody, 'read') === true ? 'approved' : 'pending'
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The other one is of the row, which came with the last move from database to database. */
function timeOf(entry: JsonObject, zone: string | null): Moment {
  return momentOf(timeIn(entry, isAbsent(entry, 'insertedAt') ? 'createdAt' : 'insertedAt'), zone)
}
