import t from 'tap'
import { contentTag, etagOf, noneMatch } from '../../src/http/entity-tag.ts'

t.test('a version or a revision is its own tag', async (t) => {
  t.equal(etagOf(0), '"0"')
  t.equal(etagOf(1_767_225_600_000), '"1767225600000"')
})

t.test('a digest is the same for the same content only', async (t) => {
  t.match(contentTag('a'), /^"[\w-]{22}"$/)
  t.equal(contentTag('a'), contentTag('a'))
  t.not(contentTag('a'), contentTag('b'))
})

t.test('If-None-Match compares weakly, in a list as well', async (t) => {
  for (const header of ['"1"', 'W/"1"', '*', ' * ', '"0", "1"', '"0",W/"1" , "2"', '"1",'])
    t.equal(noneMatch(header, '"1"'), true, header)
  for (const header of [undefined, '', '1', '"11"', '"1', 'w/"1"', 'W/W/"1"', '"0" "1"'])
    t.equal(noneMatch(header, '"1"'), false, String(header))
})
