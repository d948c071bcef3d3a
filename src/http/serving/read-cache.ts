import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { LRUCache } from 'lru-cache'
import type { Config } from '../../config.ts'
import { articleIdBytes } from '../../domain/articles/article-id.ts'
import type { Store } from '../../store/store.ts'
import { noneMatch } from '../entity-tag.ts'
import type { CachedReads, Metrics } from '../metrics.ts'
import type { Answer } from '../route.ts'
import { passedOver } from './header-lengths.ts'
import { hostFault } from './host.ts'

/** A finished answer: what goes out for a request of the same URL, byte for byte. */
type CachedRead = {
  /** The articles that it tells of, and their revisions, in turn. */
  articleIds: readonly string[]
  revisions: readonly number[]
  /** From then on it says something else, whatever the revision; `null` is never. */
  untilMs: number | null
  /** The store's stamp under which the revisions were last seen to hold. */
  stamp: number
  /** Without parameters. */
  mediaType: string
  etag: string
  /** As `writeHead` takes them fastest: name, value, name, value. */
  headers: string[]
  headersOf304: string[]
  body: Buffer
  given: CachedReads
}

export type ReadCache = {
  /** Answers from the cache, before Fastify sees the request; `false` where it cannot, and nothing is done. */
  answer: (request: IncomingMessage, response: ServerResponse) => boolean
  /** Keeps an answer that the route has just made, if it may be given again. */
  keep: (request: FastifyRequest, reply: FastifyReply, answer: Answer, body: Buffer) => void
}

/** What an entry costs beyond its body, its key and its headers, and what each article of it costs beyond its id. */
const overheadBytes = 1_000
const articleBytes = 50

/**
 * No page asks for a list by a longer URL than its id takes, percent-encoded, with a cursor; who does has all the room there is
 * for spelling one anew each time.
 */
const longestKey = 3 * articleIdBytes + 500

/** Of an answer about many articles: a hundred ids of 150 characters, percent-encoded. Proxies let no more through. */
const longestKeyOfMany = 16_000

/**
 * How much of the memory answers about many articles have, and no more: whoever makes up ids has a new one for each request,
 * and pushes out counts, never a list.
 */
const shareOfMany = 1 / 4

/**
 * Finished bodies of public lists, pages, feeds and counts, the least used forgotten first. An entry holds while its articles'
 * revisions do; that is asked only when the store's stamp says that anything was committed. A hit is not counted by the
 * limits: it is no work.
 */
export function createReadCache(
  store: Pick<Store, 'changeStamp' | 'currentRevisions'>,
  metrics: Metrics,
  { readCacheMegabytes, corsOrigins }: Pick<Config, 'readCacheMegabytes' | 'corsOrigins'>,
  clock: () => number,
): ReadCache {
  const room = (share: number) =>
    new LRUCache<string, CachedRead>({
      maxSize: Math.max(1, readCacheMegabytes * 1024 * 1024 * share),
      sizeCalculation: sizeOf,
    })
  const [ofOne, ofMany] = [room(1 - shareOfMany), room(shareOfMany)]
  // Where several origins are allowed, each has an answer of its own, with its own name in it.
  const byOrigin = corsOrigins !== '*' && corsOrigins.length > 0

  function find(key: string): CachedRead | undefined {
    const entry = ofOne.get(key) ?? ofMany.get(key)
    if (entry === undefined) return undefined
    if (entry.untilMs !== null && entry.untilMs <= clock()) {
      forget(key)
      return undefined
    }
    const stamp = store.changeStamp()
    if (entry.stamp === stamp) return entry
    const now = store.currentRevisions(entry.articleIds)
    if (entry.revisions.some((revision, index) => revision !== now[index])) {
      forget(key)
      return undefined
    }
    entry.stamp = stamp
    return entry
  }

  function forget(key: string): void {
    ofOne.delete(key)
    ofMany.delete(key)
  }

  /** Where the store cannot tell, the route may find out why. */
  function findOrNone(key: string): CachedRead | undefined {
    try {
      return find(key)
    } catch {
      return undefined
    }
  }

  function keyOf(url: string, origin: string | undefined): string {
    return byOrigin && origin !== undefined ? `${url}\n${origin}` : url
  }

  return {
    answer(request, response) {
      if (request.method !== 'GET' || request.url === undefined) return false
      const { accept, origin, 'cache-control': cacheControl, 'if-none-match': ifNoneMatch } = request.headers
      if (hostFault(request) !== null) return false
      // What is longer than anybody needs is not read here: the route passes over it.
      if (ifNoneMatch !== undefined && ifNoneMatch.length > passedOver['if-none-match']) return false
      if (cacheControl !== undefined && cacheControl.length > passedOver['cache-control']) return false
      // Who must not be shown what another replica has changed a moment ago says so (RFC 9111, section 5.2.1.4). With a
      // condition it is no wish: a page's fetch adds it to each (Fetch, section 4.6).
      if (ifNoneMatch === undefined && cacheControl !== undefined && /\bno-cache\b/i.test(cacheControl))
        return false
      const entry = findOrNone(keyOf(request.url, origin))
      if (entry === undefined || !isFirstChoice(entry.mediaType, accept)) return false
      if (noneMatch(ifNoneMatch, entry.etag)) {
        entry.given[304] += 1
        response.writeHead(304, entry.headersOf304).end()
      } else {
        entry.given[200] += 1
        response.writeHead(200, entry.headers).end(entry.body)
      }
      return true
    },
    keep(request, reply, { reusable, status, etag }, body) {
      if (reusable === undefined || status !== 200 || etag === undefined || readCacheMegabytes === 0) return
      const { origin } = request.headers
      if (byOrigin && origin !== undefined && !reply.hasHeader('access-control-allow-origin')) return
      const shared = Object.entries(reply.getHeaders()).flatMap(([name, value]) =>
        ofThisRequestAlone.has(name) || value === undefined ? [] : [name, String(value)],
      )
      const key = keyOf(request.url, origin)
      const { articles, untilMs } = reusable
      const [entries, longest] = articles.length > 1 ? [ofMany, longestKeyOfMany] : [ofOne, longestKey]
      if (key.length > longest) return
      entries.set(key, {
        articleIds: articles.map(({ articleId }) => articleId),
        revisions: articles.map(({ revision }) => revision),
        untilMs,
        // Its revisions were read before now: let the first reader ask again.
        stamp: -1,
        mediaType: String(reply.getHeader('content-type')).replace(/;.*$/, ''),
        etag,
        headers: [...shared, 'content-length', String(body.length)],
        headersOf304: withoutContentType(shared),
        body,
        given: metrics.cachedReads(request.routeOptions.config.operationId ?? ''),
      })
    },
  }
}

/** Whoever would rather have another, or says it in another way, is left to the route, which weighs all that is asked for. */
function isFirstChoice(mediaType: string, accept: string | undefined): boolean {
  return (
    accept === undefined ||
    accept === '*/*' ||
    accept === mediaType ||
    (accept.startsWith(mediaType) && accept[mediaType.length] === ',')
  )
}

/** In bytes; a character of a string may take two. */
function sizeOf({ body, headers, articleIds }: CachedRead, key: string): number {
  const texts = key.length + headers.join('').length + articleIds.join('').length
  return body.length + 2 * texts + articleBytes * articleIds.length + overheadBytes
}

const ofThisRequestAlone = new Set(['ratelimit', 'ratelimit-policy', 'content-length', 'date', 'connection'])

function withoutContentType(headers: readonly string[]): string[] {
  const at = headers.indexOf('content-type')
  return headers.filter((_, index) => index !== at && index !== at + 1)
}
