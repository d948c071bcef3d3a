import type { Format } from '../format.ts'
import type { SourceComment, SourcePage, SourcePerson } from '../records.ts'
import {
  droppedIn,
  flagIn,
  idIn,
  type JsonObject,
  type JsonValue,
  outlineOf,
  readJson,
  textIn,
} from '../source/json.ts'
import { SourceFault } from '../source-fault.ts'
import { momentOf } from '../text/moments.ts'
import { isUnclear } from './flags.ts'
import { markdownElseHtml } from './markdown-else-html.ts'

/*
 * Version 3 of what Comentario exports. Version 1 is Commento's. A comment without a known author may have a name of its own.
 */

export const comentario: Format = {
  title: 'Comentario',
  recognises({ text }) {
    const { has, value } = outlineOf(text)
    return (
      has('comments.*.pageId') ||
      has('pages.*.isReadonly') ||
      has('commenters.*.colourIndex') ||
      (value('version') === '3' && has('comments') && (has('pages') || has('commenters')))
    )
  },
  async *read(file) {
    let version: JsonValue | undefined
    let hasComments = false
    for await (const found of readJson(file, { lists, scalars: ['version'] })) {
      if (found.kind === 'scalar') {
        version = checkedVersion(found.value)
      } else if (found.kind === 'list') {
        hasComments ||= found.list === 'comments'
      } else {
        yield recordOf[found.list](found.entry)
      }
    }
    checkedVersion(version)
    if (!hasComments) throw new SourceFault('It has no list of comments.')
  },
}

const lists = {
  pages: { path: ['pages'], fields: ['id', 'path', 'title', 'isReadonly'] },
  comments: {
    path: ['comments'],
    fields: [
      'authorName',
      'createdTime',
      'editedTime',
      'html',
      'id',
      'isApproved',
      'isDeleted',
      'isPending',
      'isSticky',
      'markdown',
      'moderatedTime',
      'pageId',
      'parentId',
      'score',
      'userCreated',
    ],
  },
  commenters: { path: ['commenters'], fields: ['email', 'hasAvatar', 'id', 'name', 'websiteUrl'] },
}

const recordOf = { pages: pageOf, comments: commentOf, commenters: personOf }

function checkedVersion(version: JsonValue | undefined): JsonValue {
  if (version === 3 || version === '3') return version
  throw new SourceFault(
    version === undefined
      ? 'It does not say of which version it is: version 3 can be read, and version 1 as a file of Commento.'
      : 'It is of a version that cannot be read: of Comentario that is version 3, and version 1 as a file of Commento.',
  )
}

function pageOf(entry: JsonObject): SourcePage {
  const path = textIn(entry, 'path')
  return {
    kind: 'page',
    key: idIn(entry, 'id'),
    url: path,
    identifier: path,
    title: textIn(entry, 'title'),
    // Its own time is when somebody first looked at the page.
    publishedAtMs: null,
    isClosed: flagIn(entry, 'isReadonly') === true,
    leftOut: null,
  }
}

function personOf(entry: JsonObject): SourcePerson {
  return {
    kind: 'person',
    key: idIn(entry, 'id'),
    name: textIn(entry, 'name'),
    email: textIn(entry, 'email'),
    dropped: droppedIn(entry, { hasAvatar: 'avatar', websiteUrl: 'website' }),
  }
}

function commentOf(entry: JsonObject): SourceComment {
  const parent = idIn(entry, 'parentId')
  const author = idIn(entry, 'userCreated')
  // Of one that nobody has decided about it is in the year 1.
  const decided = momentOf(textIn(entry, 'moderatedTime'), null)
  const edited = momentOf(textIn(entry, 'editedTime'), null)
  return {
    kind: 'comment',
    id: idIn(entry, 'id'),
    site: '',
    page: idIn(entry, 'pageId'),
    parent: isNoId(parent) ? null : parent,
    state: stateOf(entry),
    author: isNoId(author) ? { name: textIn(entry, 'authorName'), email: null } : { person: author },
    text: markdownElseHtml(entry),
    at: momentOf(textIn(entry, 'createdTime'), null),
    decidedAtMs: typeof decided === 'number' ? decided : null,
    dropped: [
      ...droppedIn(entry, { authorIp: 'ip', isSticky: 'pin', score: 'votes' }),
      ...(typeof edited === 'number' ? (['edits'] as const) : []),
    ],
  }
}

function isNoId(id: string): boolean {
  return /^[0-]*$/.test(id)
}

function stateOf(entry: JsonObject): SourceComment['state'] {
  if (flagIn(entry, 'isDeleted') === true) return 'deleted'
  if (isUnclear(entry, 'isDeleted', 'isPending')) return 'unknown-state'
  const isPending = flagIn(entry, 'isPending')
  const isApproved = flagIn(entry, 'isApproved')
  if (isPending === true) return 'pending'
  if (isApproved === null) return 'unknown-state'
  return isApproved ? 'approved' : 'rejected'
}
