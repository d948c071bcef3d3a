import fc from 'fast-check'
import t from 'tap'
import {
  closesAtMs,
  closingHoldsUntilMs,
  commentLinkOf,
  isClosed,
  linkOf,
} from '../../../src/domain/articles/article.ts'
import { lastMomentMs } from '../../../src/domain/moment.ts'

const dayMs = 86_400_000
const unknown = { closedAtMs: null, publishedAtMs: null, firstCommentAtMs: null }

t.test(
  'an article closes as it was told, or so long after its publication, or after its first comment',
  async (t) => {
    const table: [Partial<typeof unknownTimes>, number | null, number | null][] = [
      [{}, null, null],
      [{}, 14, null],
      [{ firstCommentAtMs: 5 }, null, null],
      [{ firstCommentAtMs: 5 }, 14, 5 + 14 * dayMs],
      [{ firstCommentAtMs: 5, publishedAtMs: 9 }, 14, 9 + 14 * dayMs],
      [{ closedAtMs: 3 }, null, 3],
      // A later moment can be written in no answer.
      [{ publishedAtMs: lastMomentMs - 1 }, 36_500, lastMomentMs],
      [{ firstCommentAtMs: 5, publishedAtMs: 9, closedAtMs: 99 * dayMs }, 14, 99 * dayMs],
    ]
    for (const [times, days, expected] of table)
      t.equal(closesAtMs({ ...unknown, ...times }, days), expected, JSON.stringify([times, days]))
  },
)

t.test('it is closed from that very moment on', async (t) => {
  const article = { ...unknown, closedAtMs: 1_000 }
  t.same(
    [999, 1_000, 1_001].map((nowMs) => isClosed(article, null, nowMs)),
    [false, true, true],
  )
  t.equal(isClosed(unknown, 1, Number.MAX_SAFE_INTEGER), false, 'what nobody has commented on stays open')
})

t.test('what is known of its closing holds until then, and for no longer than it could', async (t) => {
  t.equal(closingHoldsUntilMs({ ...unknown, closedAtMs: 1_000 }, null, 999), 1_000)
  t.equal(closingHoldsUntilMs({ ...unknown, closedAtMs: 1_000 }, null, 1_000), null, 'it stays closed')
  t.equal(closingHoldsUntilMs(unknown, null, 5), null)
  t.equal(closingHoldsUntilMs(unknown, 2, 5), 5 + 2 * dayMs, 'its first comment may come now')
})

t.test('its link is what was told, or made of its id', async (t) => {
  const template = 'https://www.example.org/{articleId}?from=comments'
  t.equal(linkOf('a', 'https://other.example/x', template), 'https://other.example/x')
  t.equal(linkOf('a', null, template), 'https://www.example.org/a?from=comments')
  t.equal(linkOf('2024/é b', null, template), 'https://www.example.org/2024/%C3%A9%20b?from=comments')
  t.equal(
    linkOf('https://www.example.org/a', null, template),
    'https://www.example.org/a',
    'an id that is its own',
  )
  t.equal(linkOf('a', null, null), null)
  t.equal(
    linkOf('javascript:alert(1)', null, template),
    'https://www.example.org/javascript%3Aalert(1)?from=comments',
  )
})

t.test("a comment's link is a place on its article's page, in the characters of a URL", async (t) => {
  t.equal(commentLinkOf('https://example.org/a?b=c', '7'), 'https://example.org/a?b=c#comment-7')
  t.equal(commentLinkOf('https://example.org/a#comments', '7'), 'https://example.org/a#comment-7')
  t.equal(commentLinkOf('https://example.org/a#comments', null), 'https://example.org/a#comments')
  t.equal(commentLinkOf('https://example.org/a#b#c', null), 'https://example.org/a#b%23c')
  t.equal(
    commentLinkOf('HTTPS://Example.org/é {|}\\^`"<>', null),
    'https://example.org/%C3%A9%20%7B%7C%7D/%5E%60%22%3C%3E',
  )
  t.equal(
    commentLinkOf('https://[::1]:80/%/%2f?[%]=%zz#%', null),
    'https://[::1]:80/%25/%2f?%5B%25%5D=%25zz#%25',
  )
  for (const link of [null, 'https://', 'https://a b/', 'https://[x]/'])
    t.equal(commentLinkOf(link, '7'), null)
})

t.test('no address that a site may tell leads to one that breaks a feed', async (t) => {
  const rfc3986 =
    /^https?:\/\/(?:\[[\da-f:.]+\]|(?:[\w.~!$&'()*+,;=:@-]|%[\da-f]{2})+)(?:\/(?:[\w.~!$&'()*+,;=:@/-]|%[\da-f]{2})*)(?:\?(?:[\w.~!$&'()*+,;=:@/?-]|%[\da-f]{2})*)?(?:#(?:[\w.~!$&'()*+,;=:@/?-]|%[\da-f]{2})*)?$/i
  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('%', '#', '?', '/', '[', ']', '\\', '|', '@', ':', '%2', 'é'),
  )
  const pieces = fc.array(piece).map((pieces) => pieces.join(''))
  const address = fc.oneof(
    pieces.map((rest) => `https://example.org/${rest}`),
    pieces.map((user) => `https://${user}@example.org/`),
    pieces.map((rest) => `https://${rest}`),
  )
  fc.assert(
    fc.property(address, fc.boolean(), (address, withId) => {
      const link = commentLinkOf(address, withId ? '7' : null)
      return link === null || (rfc3986.test(link) && commentLinkOf(link, null) === link)
    }),
    { numRuns: 2_000 },
  )
  t.pass()
})

type Times = { closedAtMs: number | null; publishedAtMs: number | null; firstCommentAtMs: number | null }
const unknownTimes: Times = unknown
