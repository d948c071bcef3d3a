import { setTimeout } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import type { Hearing } from '../location.ts'
import { StoreFault } from '../store-fault.ts'
import type { Connection, Database } from './database.ts'

/** What each commit that changes a public list tells all replicas, as `revision articleId`. */
export const changeChannel = 'imprimatur_changes'

/**
 * How long a revision that was read is taken to hold while nobody can tell of changes: the connection that listens is
 * down, or a pooler stands in between.
 */
const recheckMs = 1_000

/**
 * How often it is proved that the listening connection still hears, and how long a proof holds. Together with the time
 * that a notification takes, this bounds for how long a replica shows what another has changed.
 */
const proveEveryMs = 500
const proofHoldsMs = 2_000

/**
 * How long until a connection that could not be made, or broke again within this time, is made anew; any other at once. And how
 * long until a pooler is looked at again.
 */
const reconnectMs = 500
const poolerAgainMs = 30_000

/**
 * About twice as many bytes, for some 20,000 articles with ids of a usual length. An article that was forgotten is read again.
 * Those whose comments alone were counted have as much room of their own: one call names a hundred, which may all be made up.
 */
const revisionsKept = {
  maxSize: 2_000_000,
  sizeCalculation: (_: object, articleId: string) => 80 + articleId.length,
}

export type Changes = {
  stamp: () => number
  /** `null` where it is not known without asking the database. */
  revisionOf: (articleId: string) => number | null
  /** Notes a revision that was read, or committed, by a statement that began at `sinceMs` (`performance.now()`). */
  learn: (articleId: string, revision: number, sinceMs: number) => void
  /** The same of an article that was counted with many others. It makes no room at the cost of those that were read. */
  learnCounted: (articleId: string, revision: number, sinceMs: number) => void
  close: () => Promise<void>
}

/**
 * Knows the revisions of articles that were read or changed lately, and hears of those that other replicas change: by
 * LISTEN, on a connection of its own. A revision only grows, so of two that are told the greater is the later.
 */
export function followChanges(
  connect: Database['connect'],
  onHearing: (hearing: Hearing) => void = () => {},
): Changes {
  const revisions = new LRUCache<string, { revision: number; sinceMs: number }>(revisionsKept)
  /** Of those that are not in `revisions`. */
  const counted = new LRUCache<string, { revision: number; sinceMs: number }>(revisionsKept)
  let count = 0
  /** Since when nothing can have been missed; `null` where it can. */
  let hearsSinceMs: number | null = null
  let provenUntilMs = 0
  const closing = new AbortController()
  let told: Hearing | null = null

  function tell(hearing: Hearing): void {
    if (hearing === told || closing.signal.aborted) return
    told = hearing
    onHearing(hearing)
  }

  function learn(articleId: string, revision: number, sinceMs: number, kept = revisions): void {
    const known = knownOf(articleId)
    if (known !== undefined && known.revision > revision) return
    // Known in one place only: what is forgotten there must not be found, older, in the other.
    if (kept === revisions) counted.delete(articleId)
    kept.set(articleId, {
      revision,
      sinceMs: known?.revision === revision ? Math.max(known.sinceMs, sinceMs) : sinceMs,
    })
    if (known?.revision !== revision) count += 1
  }

  function learnCounted(articleId: string, revision: number, sinceMs: number): void {
    learn(articleId, revision, sinceMs, revisions.has(articleId) ? revisions : counted)
  }

  const knownOf = (articleId: string) => revisions.get(articleId) ?? counted.get(articleId)

  const listens = () => hearsSinceMs !== null && performance.now() <= provenUntilMs

  async function follow(): Promise<void> {
    while (!closing.signal.aborted) {
      const connection = await connect().catch(() => null)
      const connectedMs = performance.now()
      // Through a pooler it would look as if it listened, and hear nothing.
      const isPooled = connection?.direct === false
      if (connection !== null && !isPooled) await hear(connection).catch(() => {})
      hearsSinceMs = null
      tell(isPooled ? 'pooled' : 'broken')
      await connection?.client.end().catch(() => {})
      const wasOfUse = connection !== null && performance.now() - connectedMs > reconnectMs
      const againMs = isPooled ? poolerAgainMs : wasOfUse ? 0 : reconnectMs
      await setTimeout(againMs, null, { signal: closing.signal }).catch(() => {})
    }
  }

  /** Ends when the connection does, when it no longer proves that it hears, or when statements go to another host. */
  async function hear({ client, query, isCurrent }: Connection): Promise<void> {
    client.on('notification', ({ payload = '' }) => {
      const [, revision, articleId] = /^(\d+) (.*)$/s.exec(payload) ?? []
      if (articleId !== undefined) learn(articleId, Number(revision), performance.now())
    })
    // What another server knew may be less, or more, than what this one knows: a standby may not have had the latest.
    revisions.clear()
    counted.clear()
    await query({ text: `LISTEN ${changeChannel}` })
    const listensSinceMs = performance.now()
    const broken = new AbortController()
    client.on('end', () => broken.abort())
    const ends = AbortSignal.any([closing.signal, broken.signal])
    while (!ends.aborted && isCurrent()) {
      const askedMs = performance.now()
      // The server sends what was notified before it answers what was asked later.
      await query({ text: 'SELECT 1', query_timeout: proofHoldsMs })
      // What was taken to hold for a moment, while nobody listened, does not hold from now on.
      if (!listens()) count += 1
      hearsSinceMs ??= listensSinceMs
      provenUntilMs = askedMs + proofHoldsMs
      tell('listening')
      await setTimeout(proveEveryMs, null, { signal: ends })
    }
  }

  const following = follow()

  return {
    stamp() {
      // While nobody tells of changes, each request may be the first after one.
      if (!listens()) count += 1
      return count
    },
    revisionOf(articleId) {
      if (closing.signal.aborted) throw new StoreFault('STORE_CLOSED', 'The database is closed.')
      const known = knownOf(articleId)
      if (known === undefined) return null
      const holds = listens()
        ? known.sinceMs >= (hearsSinceMs ?? Number.POSITIVE_INFINITY)
        : performance.now() - known.sinceMs <= recheckMs
      return holds ? known.revision : null
    },
    learn,
    learnCounted,
    async close() {
      closing.abort()
      await following
    },
  }
}
