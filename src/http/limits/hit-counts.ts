import { createHash } from 'node:crypto'
import type { FastifyRateLimitStore, FastifyRateLimitStoreCtor } from '@fastify/rate-limit'
import { LRUCache } from 'lru-cache'
import type { Store } from '../../store/store.ts'

/** How many clients each limit remembers in memory, the latest ones. */
const clientsRemembered = 10_000

/** How long the shared count may take. A limit must not make anybody wait for a database that has trouble of its own. */
const sharedCountTimeoutMs = 500

/** For how long none may fail before all is well again. */
const calmMs = 2_000

/** Told whenever the shared count begins to fail, and with `null` when it works again. */
export type OnTrouble = (error: Error | null) => void

/**
 * The counts behind @fastify/rate-limit: in memory, and for the keys that are `shared` in the database too, where several
 * replicas have one. The database's count is the one that limits; where it fails or is late the replica's own does, so
 * that nobody is let through uncounted, and nobody turned away for that alone. A client that is over the limit by what
 * this replica alone has seen costs the database nothing. `elapsedMs` is time that only ever goes on: a wall clock that is
 * set back by an hour would make an hour of a minute.
 */
export function hitCounts(
  countHit: Store['countHit'],
  isShared: (key: string) => boolean,
  onTrouble: OnTrouble,
  elapsedMs: () => number = () => performance.now(),
): FastifyRateLimitStoreCtor {
  // Whole ones: of fractions a minute would not always be left a minute.
  const nowInMs = () => Math.floor(elapsedMs())
  let inTrouble = false
  let failedAtMs = Number.NEGATIVE_INFINITY

  function note(error: Error | null): void {
    const nowMs = nowInMs()
    if (error !== null) failedAtMs = nowMs
    // Where each second count is late, trouble is told once, not once for each.
    else if (nowMs - failedAtMs < calmMs) return
    if (inTrouble === (error !== null)) return
    inTrouble = error !== null
    onTrouble(error)
  }

  async function countShared(key: string, windowMs: number): Promise<Count | null> {
    try {
      const count = await inTime(countHit(digest(key), windowMs))
      note(null)
      return count === null ? null : { current: count.hits, ttl: count.resetsInMs }
    } catch (error) {
      note(error as Error)
      return null
    }
  }

  return class HitCounts implements FastifyRateLimitStore {
    #kept: LRUCache<string, Window> | undefined

    /** Its place for so many clients is taken with the first: of most limits there are none for days. */
    get #windows(): LRUCache<string, Window> {
      this.#kept ??= new LRUCache({ max: clientsRemembered })
      return this.#kept
    }

    incr(
      key: string,
      callback: (error: Error | null, count?: Count) => void,
      windowMs: number,
      max: number,
    ): void {
      const own = this.#countHere(key, windowMs)
      if (!isShared(key) || own.current > max) callback(null, own)
      else
        void countShared(key, windowMs).then((shared) => {
          // From now on this replica's window is the shared one: who is told to wait until it ends is let in then.
          if (shared !== null)
            this.#windows.set(key, { hits: shared.current, endsAtMs: nowInMs() + shared.ttl })
          callback(null, shared ?? own)
        })
    }

    /** What this process knows, without counting. */
    read(
      key: string,
      callback: (error: Error | null, count?: Count) => void,
      windowMs: number,
      _max: number,
    ): void {
      const nowMs = nowInMs()
      const { hits, endsAtMs } = this.#windows.get(key) ?? { hits: 0, endsAtMs: nowMs }
      const isOver = endsAtMs <= nowMs
      callback(null, isOver ? { current: 0, ttl: windowMs } : { current: hits, ttl: endsAtMs - nowMs })
    }

    /** Each limit counts for itself. */
    child(): FastifyRateLimitStore {
      return new HitCounts()
    }

    #countHere(key: string, windowMs: number): Count {
      const nowMs = nowInMs()
      const known = this.#windows.get(key)
      const isOver = known === undefined || known.endsAtMs <= nowMs
      const window = isOver ? { hits: 1, endsAtMs: nowMs + windowMs } : { ...known, hits: known.hits + 1 }
      this.#windows.set(key, window)
      return { current: window.hits, ttl: window.endsAtMs - nowMs }
    }
  }
}

/** An address is nobody's business in a table. */
function digest(key: string): string {
  return createHash('sha256').update(key).digest('base64url')
}

async function inTime<T>(promise: Promise<T>): Promise<T> {
  const timeout = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => timeout.reject(new Error(`The shared count took more than ${sharedCountTimeoutMs} ms.`)),
    sharedCountTimeoutMs,
  )
  try {
    return await Promise.race([promise, timeout.promise])
  } finally {
    clearTimeout(timer)
  }
}

type Window = { hits: number; endsAtMs: number }
type Count = { current: number; ttl: number }
