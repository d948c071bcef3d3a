import t from 'tap'
import { looksAutomated } from '../../../src/domain/comments/form-use.ts'

t.test('what nobody sees and somebody fills in is a robot’s', async (t) => {
  t.equal(looksAutomated({ trap: 'x', shownForMs: 60_000 }, 3_000), true)
  t.equal(looksAutomated({ trap: ' ', shownForMs: null }, 0), true)
  t.equal(looksAutomated({ trap: '', shownForMs: 60_000 }, 3_000), false)
})

t.test('so is what is sent sooner than the least time, where it is known when it was shown', async (t) => {
  for (const [shownForMs, leastMs, expected] of [
    [2_999, 3_000, true],
    [3_000, 3_000, false],
    [0, 3_000, true],
    [0, 0, false],
    [null, 3_000, false],
  ] as const)
    t.equal(looksAutomated({ trap: '', shownForMs }, leastMs), expected, `${shownForMs} of ${leastMs}`)
})
