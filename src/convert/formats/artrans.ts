import type { Format } from '../format.ts'
import { pagesOnce } from '../pages-once.ts'
import type { SourceComment, SourcePage } from '../records.ts'
import {
  contentIn,
  droppedIn,
  flagIn,
  idIn,
  isAbsent,
  type JsonObject,
  outlineOf,
  readJson,
  textIn,
} from '../source/json.ts'
import { markdownOrHtmlToText, withoutMention } from '../text/markdown.ts'
import { momentOf } from '../text/moments.ts'

/*
 * Artalk's own format, which its tools make of other systems' files too: a list of comments, each with all of its page and its site.
 * Values are texts, those that are true or false as well; older tools write them as they are. An old file has passwords in it.
 */

export const artrans: Format = {
  title: 'Artalk',
  recognises({ text }) {
    const { has } = outlineOf(text)
    return has('*.page_key') && (has('*.content') || has('*.rid'))
  },
  async *read(file, { zone }) {
    const pages = pagesOnce()
    for await (const found of readJson(file, { lists, scalars: [] })) {
      if (found.kind !== 'entry') continue
      yield* pages(pageOf(found.entry))
      yield commentOf(found.entry, zone)
    }
  },
}

const lists = {
  comments: {
    path: [],
    fields: [
      'content',
      'created_at',
      'email',
      'id',
      'is_pending',
      'is_pinned',
      'nick',
      'page_admin_only',
      'page_key',
      'page_title',
      'rid',
      'site_name',
      'site_urls',
      'vote_down',
      'vote_up',
    ],
  },
}

function pageOf(entry: JsonObject): SourcePage {
  const key = textIn(entry, 'page_key')
  return {
    kind: 'page',
    key: pageKeyOf(entry),
    url: urlOf(key, textIn(entry, 'site_urls')),
    identifier: key,
    title: textIn(entry, 'page_title'),
    publishedAtMs: null,
    // Where only its owner may comment.
    isClosed: flagIn(entry, 'page_admin_only') === true,
    leftOut: null,
  }
}

function pageKeyOf(entry: JsonObject): string {
  return JSON.stringify([textIn(entry, 'site_name') ?? '', textIn(entry, 'page_key') ?? ''])
}

/** A site may have several URLs, with commas in between; the first that readers can reach. */
function urlOf(key: string | null, siteUrls: string | null): string | null {
  if (key === null || !key.startsWith('/')) return key
  const site = (siteUrls?.split(',') ?? []).find((url) =>
    /^https?:\/\/(?!localhost\b|127\.|\[)/i.test(url.trim()),
  )
  return site === undefined ? key : (URL.parse(key.replace(/^\/+/, '/'), site.trim())?.href ?? key)
}

function commentOf(entry: JsonObject, zone: string | null): SourceComment {
  const rid = idIn(entry, 'rid')
  const parent = rid === '' || rid === '0' ? null : rid
  const content = contentIn(entry, 'content')
  return {
    kind: 'comment',
    id: idIn(entry, 'id'),
    site: textIn(entry, 'site_name') ?? '',
    page: pageKeyOf(entry),
    parent,
    state: stateOf(entry),
    author: { name: textIn(entry, 'nick'), email: textIn(entry, 'email') },
    text: content === null ? null : markdownOrHtmlToText(parent === null ? content : withoutMention(content)),
    at: momentOf(textIn(entry, 'created_at'), zone),
    decidedAtMs: null,
    dropped: droppedIn(entry, {
      ip: 'ip',
      is_pinned: 'pin',
      link: 'website',
      ua: 'userAgent',
      vote_down: 'votes',
      vote_up: 'votes',
    }),
  }
}

/** What other systems had deleted is in the file without a sign of it, and without a text. */
function stateOf(entry: JsonObject): SourceComment['state'] {
  if (isAbsent(entry, 'is_pending')) return 'approved'
  switch (flagIn(entry, 'is_pending')) {
    case true:
      return 'pending'
    case false:
      return 'approved'
    default:
      return 'unknown-state'
  }
}
