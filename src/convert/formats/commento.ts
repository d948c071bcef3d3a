import type { Format } from '../format.ts'
import { pagesOnce } from '../pages-once.ts'
import type { SourceComment, SourcePage, SourcePerson } from '../records.ts'
import {
  contentIn,
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
 * Version 1 of what Commento exports, which early Comentarios write too: there `url` is named `path`, and `domain` is `host`. What
 * waits for a moderator is among the public ones, with a state of its own; of what was deleted authors and addresses are still there.
 */

export const commento: Format = {
  title: 'Commento',
  recognises({ text }) {
    const { has, value } = outlineOf(text)
    return (
      has('comments.*.commentHex') ||
      has('commenters.*.commenterHex') ||
      (value('version') === '1' && has('comments') && has('commenters'))
    )
  },
  async *read(file) {
    const pages = pagesOnce()
    let version: JsonValue | undefined
    let hasComments = false
    for await (const found of readJson(file, { lists, scalars: ['version'] })) {
      if (found.kind === 'scalar') {
        version = checkedVersion(found.value)
      } else if (found.kind === 'list') {
        hasComments ||= found.list === 'comments'
      } else if (found.list === 'commenters') {
        yield* personOf(found.entry)
      } else {
        yield* pages(pageOf(found.entry))
        yield commentOf(found.entry)
      }
    }
    checkedVersion(version)
    if (!hasComments) throw new SourceFault('It has no list of comments.')
  },
}

const lists = {
  comments: {
    path: ['comments'],
    fields: [
      'commentHex',
      'commenterHex',
      'creationDate',
      'deleted',
      'domain',
      'host',
      'html',
      'markdown',
      'parentHex',
      'path',
      'score',
      'state',
      'url',
    ],
  },
  commenters: { path: ['commenters'], fields: ['commenterHex', 'email', 'link', 'name', 'photo'] },
}

function checkedVersion(version: JsonValue | undefined): JsonValue {
  if (version === 1 || version === '1') return version
  throw new SourceFault(
    version === undefined
      ? 'It does not say of which version it is: Commento writes version 1.'
      : 'It is of a version that cannot be read: Commento writes version 1.',
  )
}

function* personOf(entry: JsonObject): Generator<SourcePerson> {
  const key = idIn(entry, 'commenterHex')
  if (isNobody(key)) return
  yield {
    kind: 'person',
    key,
    name: textIn(entry, 'name'),
    email: textIn(entry, 'email'),
    dropped: droppedIn(entry, { link: 'website', photo: 'avatar' }),
  }
}

function pageOf(entry: JsonObject): SourcePage {
  const { address, url } = addressOf(entry)
  return {
    kind: 'page',
    key: url ?? '',
    url,
    identifier: address,
    title: null,
    publishedAtMs: null,
    isClosed: false,
    leftOut: null,
  }
}

/** The path, or what the site calls its page instead; and the whole URL, where a host is said. */
function addressOf(entry: JsonObject): { address: string | null; url: string | null } {
  const address = textIn(entry, 'url') ?? textIn(entry, 'path')
  const host = (textIn(entry, 'domain') ?? textIn(entry, 'host'))
    ?.replace(/^https?:\/\//i, '')
    .replace(/\/.*$/s, '')
  if (address === null || host === undefined || host === '' || /^https?:\/\//i.test(address))
    return { address, url: address }
  const path = address.startsWith(`${host}/`) ? address.slice(host.length) : address.replace(/^\/*/, '/')
  return { address, url: `https://${host}${path}` }
}

function commentOf(entry: JsonObject): SourceComment {
  const parent = idIn(entry, 'parentHex')
  const commenter = idIn(entry, 'commenterHex')
  return {
    kind: 'comment',
    id: idIn(entry, 'commentHex'),
    site: '',
    page: addressOf(entry).url ?? '',
    parent: parent === 'root' ? null : parent,
    state: isDeleted(entry) ? 'deleted' : isUnclear(entry, 'deleted') ? 'unknown-state' : stateOf(entry),
    author: isNobody(commenter) ? { name: null, email: null } : { person: commenter },
    text: markdownElseHtml(entry),
    at: momentOf(textIn(entry, 'creationDate'), null),
    decidedAtMs: null,
    dropped: droppedIn(entry, { score: 'votes' }),
  }
}

function isNobody(commenter: string): boolean {
  return commenter === 'anonymous' || /^0*$/.test(commenter)
}

function isDeleted(entry: JsonObject): boolean {
  const markdown = contentIn(entry, 'markdown')?.trim()
  return (
    flagIn(entry, 'deleted') === true ||
    markdown === '[deleted]' ||
    (markdown === '' && /^(?:<p>)?(?:\[deleted\])?(?:<\/p>)?$/.test(contentIn(entry, 'html')?.trim() ?? ' '))
  )
}

function stateOf(entry: JsonObject): SourceComment['state'] {
  switch (textIn(entry, 'state')) {
    case 'approved':
      return 'approved'
    case 'unapproved':
    case 'flagged':
      return 'pending'
    default:
      return 'unknown-state'
  }
}
