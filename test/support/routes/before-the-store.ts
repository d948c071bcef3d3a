import type { Test } from 'tap'

/**
 * Whether this run leaves out what is answered before a store is asked, or made of its answer afterwards (HEAD, 304, a fault):
 * it is the same code over either, and `npm test` has it over SQLite. With `WHOLE=1`, as in `npm run test:long`, it is asked of PostgreSQL too.
 */
export const leavesOut = process.env['TEST_STORE'] === 'postgres' && process.env['WHOLE'] !== '1'

/** A test of what no store has a part in. */
export function beforeTheStore(t: Test, name: string, run: (t: Test) => Promise<void>): void {
  if (!leavesOut) t.test(name, run)
}
