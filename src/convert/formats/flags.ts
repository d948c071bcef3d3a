import { flagIn, isAbsent, type JsonObject } from '../source/json.ts'

/** Whether something is said there that is neither true nor false. What decides about being public must not be guessed. */
export function isUnclear(entry: JsonObject, ...names: readonly string[]): boolean {
  return names.some((name) => !isAbsent(entry, name) && flagIn(entry, name) === null)
}
