import type { Test } from 'tap'
import { v7 as uuidv7 } from 'uuid'
import type { SubmitDeps } from '../../../src/operations/comments/submit-comment.ts'
import type { Deps } from '../../../src/operations/deps.ts'
import type { DecideDeps } from '../../../src/operations/moderation/decide-comment.ts'
import type { Store } from '../../../src/store/store.ts'
import { closedWith, storeInMemory } from './store.ts'

export type TestDeps = Deps<Store> & SubmitDeps & Pick<DecideDeps, 'reasons'>

/** What a use case needs, over an empty database in memory, with a clock that the test moves. */
export async function testDeps(
  t: Test,
  more: Partial<TestDeps> = {},
): Promise<TestDeps & { setClock: (ms: number) => void }> {
  let nowMs = 1_700_000_000_000
  return {
    store: closedWith(t, storeInMemory()),
    clock: () => nowMs,
    newId: uuidv7,
    maxPending: 0,
    closeAfterDays: null,
    leastFormMs: 3_000,
    submissionsInFlight: new Set(),
    reasons: [],
    mayWrite: async () => true,
    setClock: (ms) => {
      nowMs = ms
    },
    ...more,
  }
}
