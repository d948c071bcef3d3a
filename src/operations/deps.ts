/** What the use cases need of the world, as values: a test passes its own clock and ids. `S` is what they need of the store. */
export type Deps<S> = {
  store: S
  /** Now, in milliseconds since 1970. */
  clock: () => number
  /** A new UUIDv7, later in order than those before it. */
  newId: () => string
}
