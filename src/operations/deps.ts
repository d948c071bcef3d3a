import type { Store } from '../store/store.ts'

/** What the use cases need of the world, as values: a test passes its own clock and ids. */
export type Deps = {
  store: Store
  /** Now, in milliseconds since 1970. */
  clock: () => number
  /** A new UUIDv7, later in order than those before it. */
  newId: () => string
  /** How many comments may wait; 0 is no limit. */
  maxPending: number
  /** The hashes of the idempotency keys whose submissions this process is committing. */
  submissionsInFlight: Set<string>
}
