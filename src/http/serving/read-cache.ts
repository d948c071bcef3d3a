import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { LRUCache } from 'lru-cache'
import type { Config } from '../../config.ts'
import { articleIdBytes } from '../../domain/articles/article-id.ts'
import type { Store } from '../../store/store.ts'
import { noneMatch } from '../entity-tag.ts'
import type { Metrics } from '../metrics.ts'
import type { Answer } from '../route.ts'
import { passedOver } from './header-lengths.ts'
import { hostFault } from './host.ts'

/** A finished answer: what goes out for a request of the same URL, byte for byte. */
type CachedRead = {
  articleId: string
  revision: number
  /** From then on it says something else, whatever the revision; `null` is never. */
  untilMs: number | null
  /** The store's stamp under which the revision was last seen to hold. */
  stamp: number
  etag: string
  /** As `writeHead` takes them fastest: name, value, name, value. */
  headers: string[]
  headersOf304: string[]
  body: Buffer
}

export type ReadCache = {
  /** Answers from the cache, before Fastify sees the request; `false` where it cannot, and nothing is done. */
  answer: (request: IncomingMessage, response: ServerResponse) => boolean
  /** Keeps an answer that the route has just made, if it may be given again. */
  keep: (request: FastifyRequest, reply: FastifyReply, answer: Answer, body: Buffer) => void
}

/** What an entry costs beyond its body, its key and its headers. */
const overheadBytes = 1_000

/**
 * No page asks for a list by a longer URL than its id takes, percent-encoded, with a cursor; who does has all the room there is
 * for spelling one anew each time.
 */
const longestKey = 3 * articleIdBytes + 500

/**
 * Finished bodies of the public lists, at most `maxBytes` of them, the least used forgotten first. An entry holds while
 * its article's revision does; that is asked only when the store's stamp says that anything was committed. A hit is not
 * counted by the limits: it is no work.
 */
export function createReadCache(
  store: Pick<Store, 'changeStamp' | 'currentRevision'>,
  metrics: Metrics,
  { readCacheMegabytes, corsOrigins }: Pick<Config, 'readCacheMegabytes' | 'corsOrigins'>,
  clock: () => number,
): ReadCache {
  const maxSize = Math.max(1, readCacheMegabytes * 1024 * 1024)
  const entries = new LRUCache<string, CachedRead>({
    maxSize,
    sizeCalculation: sizeOf,
  })
  // Where several origins are allowed, each has an answer of its own, with its own name in it.
  const byOrigin = corsOrigins !== '*' && corsOrigins.length > 0

  function find(key: string): CachedRead | undefined {
    const entry = entries.get(key)
    if (entry === undefined) return undefined
    if (entry.untilMs !== null && entry.untilMs <= clock()) {
      entries.delete(key)
      return undefined
    }
    const stamp = store.changeStamp()
    if (entry.stamp === stamp) return entry
    if (entry.revision !== store.currentRevision(entry.articleId)) {
      entries.delete(key)
      return undefined
    }
    entry.stamp = stamp
    return entry
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
      if (accept !== undefined && accept !== '*/*' && accept !== 'application/json') return false
      const entry = findOrNone(keyOf(request.url, origin))
      if (entry === undefined) return false
      if (noneMatch(ifNoneMatch, entry.etag)) {
        metrics.cachedReads[304] += 1
        response.writeHead(304, entry.headersOf304).end()
      } else {
        metrics.cachedReads[200] += 1
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
      if (key.length > longestKey) return
      entries.set(key, {
        ...reusable,
        // Its revision was read before now: let the first reader ask again.
        stamp: -1,
        etag,
        headers: [...shared, 'content-length', String(body.length)],
        headersOf304: withoutContentType(shared),
        body,
      })
    },
  }
}

/** In bytes; a character of a string may take two. */
function sizeOf({ body, headers }: CachedRead, key: string): number {
  return body.length + 2 * (key.length + headers.join('').length) + overheadBytes
}

const ofThisRequestAlone = new Set(['ratelimit', 'ratelimit-policy', 'content-length', 'date', 'connection'])

function withoutContentType(headers: readonly string[]): string[] {
  const at = headers.indexOf('content-type')
  return headers.filter((_, index) => index !== at && index !== at + 1)
}
