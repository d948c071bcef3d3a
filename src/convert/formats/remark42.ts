import type { Format, ReadOptions } from '../format.ts'
import type { Dropped, SourceComment, SourcePage, SourceRecord } from '../records.ts'
import {
  fieldOf,
  isTextOrNone,
  type JsonRecord,
  jsonRecordsIn,
  listOf,
  recordOf,
  textOf,
} from '../source/json-lines.ts'
import type { SourceFile } from '../source/source-file.ts'
import { SourceFault } from '../source-fault.ts'
import { withEntitiesRead } from '../text/fields.ts'
import { htmlToText } from '../text/html-to-text.ts'
import { momentOf } from '../text/moments.ts'

/*
 * A backup of Remark42: a line about the site, then each comment on one. There are no addresses in it. What somebody wrote who is
 * blocked is shown to nobody there, and says nothing of it itself.
 */

export const remark42: Format = {
  title: 'Remark42',
  recognises: ({ text }) => /^\s*\{\s*"version"\s*:\s*-?\d+\s*,\s*"(?:users|posts)"\s*:/.test(text),
  read: recordsOf,
}

/** What the line about the site says. */
type Site = { blocked: ReadonlySet<string>; closed: ReadonlySet<string> }

async function* recordsOf(file: SourceFile, { zone }: ReadOptions): AsyncGenerator<SourceRecord> {
  let site: Site | null = null
  let page: SourcePage | null = null
  for await (const { record } of jsonRecordsIn(file)) {
    if (isHeader(record)) {
      // Backups that are put together have one each.
      site = siteOf(record)
      continue
    }
    if (site === null)
      throw new SourceFault('It is no backup of Remark42: that begins with a line which says its version.')
    const next = pageOf(record, site)
    // They stand together in the file, and each says which page it is on.
    if (page === null || page.key !== next.key || page.title !== next.title) yield next
    page = next
    yield commentOf(record, site, zone)
  }
  if (site === null) throw new SourceFault('There is nothing in it.')
}

function isHeader(record: JsonRecord): boolean {
  return (
    fieldOf(record, 'id') === undefined &&
    fieldOf(record, 'locator') === undefined &&
    fieldOf(record, 'version') !== undefined
  )
}

function siteOf(record: JsonRecord): Site {
  const version = fieldOf(record, 'version')
  if (version !== 0 && version !== 1)
    throw new SourceFault(
      `It is a backup of a version of Remark42 that is not known here${typeof version === 'number' ? `: ${version}, and 0 and 1 are` : ''}.`,
    )
  return {
    blocked: namesIn(
      record,
      'users',
      'id',
      (user) => fieldOf(recordOf(fieldOf(user, 'blocked')), 'status') === true,
    ),
    closed: namesIn(record, 'posts', 'url', (post) => fieldOf(post, 'read_only') === true),
  }
}

function namesIn(
  record: JsonRecord,
  list: string,
  name: string,
  isMeant: (entry: JsonRecord) => boolean,
): Set<string> {
  const entries = listOf(fieldOf(record, list)).map(recordOf).filter(isMeant)
  return new Set(entries.flatMap((entry) => textOf(fieldOf(entry, name)) ?? []))
}

function urlOf(record: JsonRecord): string | null {
  return textOf(fieldOf(recordOf(fieldOf(record, 'locator')), 'url'))
}

function pageOf(record: JsonRecord, { closed }: Site): SourcePage {
  const url = urlOf(record)
  return {
    kind: 'page',
    key: url ?? '',
    url,
    identifier: null,
    title: textOf(fieldOf(record, 'title')),
    publishedAtMs: null,
    isClosed: url !== null && closed.has(url),
    leftOut: null,
  }
}

function commentOf(record: JsonRecord, { blocked }: Site, zone: string | null): SourceComment {
  const user = recordOf(fieldOf(record, 'user'))
  const parent = textOf(fieldOf(record, 'pid'))
  const state = stateOf(record, blocked)
  const isKept = state === 'approved' || state === 'rejected'
  return {
    kind: 'comment',
    id: textOf(fieldOf(record, 'id')) ?? '',
    site: textOf(fieldOf(recordOf(fieldOf(record, 'locator')), 'site')) ?? '',
    page: urlOf(record) ?? '',
    // What was taken over from Commento once says `root` for none.
    parent: parent === 'root' ? null : parent,
    state,
    // Remark42 escapes it before it puts it down.
    author: { name: isKept ? withEntitiesRead(textOf(fieldOf(user, 'name')) ?? '') : null, email: null },
    text: isKept ? textIn(record) : '',
    at: momentOf(textOf(fieldOf(record, 'time')), zone),
    decidedAtMs: null,
    dropped: droppedOf(record, user),
  }
}

function stateOf(record: JsonRecord, blocked: ReadonlySet<string>): SourceComment['state'] {
  const user = fieldOf(record, 'user') ?? {}
  const isDeleted = fieldOf(record, 'delete') ?? false
  if (isDeleted === true) return 'deleted'
  if (
    isDeleted !== false ||
    typeof user !== 'object' ||
    !['id', 'pid', 'text', 'orig', 'time'].every((name) => isTextOrNone(record, name)) ||
    !['id', 'name'].every((name) => isTextOrNone(recordOf(user), name))
  )
    return 'unreadable'
  const author = textOf(fieldOf(recordOf(user), 'id'))
  return author !== null && blocked.has(author) ? 'rejected' : 'approved'
}

/** What was written is in `orig`; where it came from elsewhere there is only what is shown. */
function textIn(record: JsonRecord): string | null {
  const [orig, text] = ['orig', 'text'].map((name) => fieldOf(record, name))
  if (typeof orig === 'string' && orig.trim() !== '') return orig
  return htmlToText(typeof text === 'string' ? text : '', { lineBreaks: 'markup' })
}

function droppedOf(record: JsonRecord, user: JsonRecord): Dropped[] {
  const isThere = (name: string) => Object.keys(recordOf(fieldOf(record, name))).length > 0
  const kinds: [Dropped, boolean][] = [
    ['ip', textOf(fieldOf(user, 'ip')) !== null || isThere('voted_ips')],
    ['avatar', textOf(fieldOf(user, 'picture')) !== null],
    ['votes', isThere('votes') || (fieldOf(record, 'score') ?? 0) !== 0],
    ['edits', isThere('edit')],
    ['pin', fieldOf(record, 'pin') === true],
  ]
  return kinds.flatMap(([kind, isSaid]) => (isSaid ? [kind] : []))
}
