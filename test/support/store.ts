import type { Test } from 'tap'
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
