import t from 'tap'
import { json, jsonBytes } from '../../../src/http/serving/json.ts'

const long = 'é"\\\n\u202e\u{1F600}'.repeat(2_000)

t.test('what is written a few items at a time is what is written at once', async (t) => {
  const bodies = [
    {},
    { comments: [] },
    { pending: 3, comments: [{ id: 'a', author: { name: 'Ada' }, body: long }], nextCursor: null },
    { comments: Array.from({ length: 20 }, (_, index) => ({ index, body: long, tags: ['a', { b: [] }] })) },
    {
      outcomes: [null, 'a\nb', long, { comment: { body: long } }],
      more: { deep: [long, { a: 1 }] },
      not: undefined,
    },
    { ['a"\u202e']: [long, long], empty: {}, none: [] },
    [long, long],
    long,
    null,
  ]
  for (const body of bodies) {
    for (const indented of [false, true])
      t.equal((await jsonBytes(body, indented)).toString(), json(body, indented))
  }
})

t.test('others have their turn while a long list is written', async (t) => {
  let turns = 0
  let done = false
  const count = () => {
    turns += 1
    if (!done) setImmediate(count)
  }
  setImmediate(count)
  await jsonBytes({ comments: Array.from({ length: 100 }, () => ({ body: '\u202e'.repeat(10_000) })) })
  done = true
  t.ok(turns >= 100, `${turns} turns`)
})
