import t from 'tap'
import { validate, version } from 'uuid'
import { commentIdOf, decisionIdOf } from '../../src/convert/comment-ids.ts'

const atMs = Date.parse('2014-01-14T17:32:12Z')

t.test('an id is a function of the source, and never another one', async (t) => {
  const id = commentIdOf('wordpress', 'example.org', '42', atMs)
  // Whoever has moved in already would have all comments twice.
  t.equal(id, '014391cf-8160-7000-8000-000aaa2b4fa6')
  t.equal(version(id), 7)
  t.ok(validate(decisionIdOf(id, atMs)))
  const others = [
    commentIdOf('disqus', 'example.org', '42', atMs),
    commentIdOf('wordpress', 'example.com', '42', atMs),
    commentIdOf('wordpress', 'example.org', '43', atMs),
    commentIdOf('wordpress', 'example.org', '42', atMs + 1),
    decisionIdOf(id, atMs),
  ]
  t.equal(new Set([id, ...others]).size, 6)
})

t.test('ids have the order of times, and within one that of numbers', async (t) => {
  const ids = ['9', '10', '4095', '4096', '4294967295', '4294967296', '17592186044415'].map((id) =>
    commentIdOf('disqus', '', id, atMs),
  )
  t.same(ids.toSorted(), ids)
  t.ok(commentIdOf('disqus', '', '1', atMs + 1) > (ids.at(-1) ?? ''))
  t.ok(validate(commentIdOf('coral', '', 'b3f1', 0)))
  t.ok(validate(commentIdOf('disqus', '', '9'.repeat(30), 253_402_300_799_999)))
})
