import fc from 'fast-check'
import t from 'tap'
import { timestamp } from '../../src/http/timestamp.ts'

t.test('a timestamp is what toISOString writes', async (t) => {
  const edges = [
    0, 1, 999, 1_000, 59_999, 86_399_999, 86_400_000, -1, -86_400_001, 951_782_400_000, 253_402_300_799_999,
  ]
  for (const ms of edges) t.equal(timestamp(ms), new Date(ms).toISOString())
  fc.assert(
    fc.property(
      fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }),
      (ms) => timestamp(ms) === new Date(ms).toISOString(),
    ),
    { numRuns: 5_000 },
  )
  t.pass('and so for 5,000 others')
})
