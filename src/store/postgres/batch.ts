import { StoreFault } from '../store-fault.ts'

/** What became of one item of a batch. */
export type Settled<R> = { ok: true; value: R } | { ok: false; error: unknown }

export type Batches<T, R> = {
  add: (item: T) => Promise<R>
  /** Resolves once none waits and none is under way; none is taken any more. */
  drained: () => Promise<void>
}

/** How many items may wait. Past that they are turned away rather than kept in memory. */
const maxWaiting = 2_000

/**
 * Runs items together: those that come while others are under way make up the next batch. One statement for many costs
 * a tenth of a statement for each, and one sync of the server's disk makes them all durable.
 */
export function batches<T, R>(
  run: (items: readonly T[]) => Promise<Settled<R>[]>,
  { maxItems, maxUnderWay }: { maxItems: number; maxUnderWay: number },
): Batches<T, R> {
  const waiting: Entry<T, R>[] = []
  const { promise: drained, resolve: setDrained } = Promise.withResolvers<void>()
  let underWay = 0
  let closing = false

  function sendNext(): void {
    while (waiting.length > 0 && underWay < maxUnderWay) void send(waiting.splice(0, maxItems))
    if (closing && underWay === 0) setDrained()
  }

  async function send(entries: readonly Entry<T, R>[]): Promise<void> {
    underWay += 1
    try {
      const settled = await run(entries.map(({ item }) => item))
      for (const [index, { resolve, reject }] of entries.entries()) {
        const outcome = settled[index]
        if (outcome?.ok) resolve(outcome.value)
        else reject(outcome?.error ?? new StoreFault('STORE_FAILED', 'The answer was lost.'))
      }
    } catch (error) {
      for (const { reject } of entries) reject(error)
    } finally {
      underWay -= 1
      sendNext()
    }
  }

  return {
    async add(item) {
      if (closing) throw new StoreFault('STORE_CLOSED', 'The database is closed.')
      if (waiting.length >= maxWaiting) throw new StoreFault('STORE_BUSY', 'Too many writes wait.')
      const { promise, resolve, reject } = Promise.withResolvers<R>()
      waiting.push({ item, resolve, reject })
      sendNext()
      return promise
    },
    async drained() {
      closing = true
      sendNext()
      return drained
    },
  }
}

type Entry<T, R> = { item: T; resolve: (value: R) => void; reject: (error: unknown) => void }
