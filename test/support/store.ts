import type { Test } from 'tap'
import type { Decision } from '../../src/domain/comment.ts'
import type { Store } from '../../src/store/store.ts'

/** Closes the store when the test ends, unless the test did. */
export function closedWith(t: Test, store: Store): Store {
  let closed: Promise<void> | undefined
  const close = () => {
    closed ??= store.close()
    return closed
  }
  t.teardown(close)
  return { ...store, close }
}

/** A comment's log, oldest first. */
export async function logOf(store: Store, id: string, limit = 100): Promise<Decision[]> {
  return (await store.findWithDecisions(id, limit))?.decisions ?? []
}
