import type { Store } from './store.ts'

/** The same store, its errors told as `faultOf` tells them, whichever method they come from. */
export function withFaults(store: Store, faultOf: (error: unknown) => unknown): Store {
  const guarded = Object.entries(store).map(([name, method]: [string, Method]) => [
    name,
    guard(method, faultOf),
  ])
  // Each name keeps a method of its own signature.
  return Object.fromEntries(guarded) as Store
}

function guard(method: Method, faultOf: (error: unknown) => unknown): Method {
  const rethrow = (error: unknown): never => {
    throw faultOf(error)
  }
  return (...args) => {
    try {
      const result = method(...args)
      return result instanceof Promise ? result.catch(rethrow) : result
    } catch (error) {
      return rethrow(error)
    }
  }
}

type Method = (...args: unknown[]) => unknown
