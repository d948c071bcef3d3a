import fc from 'fast-check'
import t from 'tap'
import { v7 as uuidv7 } from 'uuid'
import { firstIdOf, idNextTo, idsSubmitted } from '../../../src/domain/comments/comment-id.ts'

const moments = fc.integer({ min: 0, max: 2 ** 47 })

t.test('ids of a moment and later stand behind its first, all others before it', async (t) => {
  fc.assert(
    fc.property(moments, moments, (msecs, atMs) => uuidv7({ msecs }) > firstIdOf(atMs) === msecs >= atMs),
  )
  t.equal(firstIdOf(-1), firstIdOf(0))
})

t.test(
  'what was submitted between two moments is between two texts, made a day from it at the most',
  async (t) => {
    fc.assert(
      fc.property(moments, fc.integer({ min: -86_400_000, max: 86_400_000 }), (atMs, apartMs) => {
        const id = uuidv7({ msecs: Math.max(0, atMs + apartMs) })
        const { from, to } = idsSubmitted(atMs, atMs + 1)
        return from < id && id < to
      }),
    )
    t.same(idsSubmitted(null, null), { from: '', to: '~' })
  },
)

t.test('an id has a neighbour on either side, but for the ends', async (t) => {
  const id = '019aa5c1-3b7e-7c3a-9d55-00000000000f'
  t.equal(idNextTo(id, 1), '019aa5c1-3b7e-7c3a-9d55-000000000010')
  t.equal(idNextTo(id, -1), '019aa5c1-3b7e-7c3a-9d55-00000000000e')
  const [first, last] = ['0', 'f'].map((digit) => `019aa5c1-3b7e-7c3a-9d55-${digit.repeat(12)}`)
  t.equal(idNextTo(first ?? '', -1), first)
  t.equal(idNextTo(last ?? '', 1), last)
})
