import t from 'tap'
import { nextLink } from '../../src/http/next-link.ts'

t.test('the last page has no next one', async (t) => {
  t.same(nextLink('/v1/moderation/comments?limit=2', null), {})
})

t.test('keeps path and parameters, and moves the cursor on', async (t) => {
  const links: [string, string][] = [
    ['/list', '/list?cursor=c'],
    ['/list?', '/list?cursor=c'],
    ['/list?cursor=b', '/list?cursor=c'],
    ['/list?c%75rsor=b&limit=2', '/list?limit=2&cursor=c'],
    ['/list?cursors=b', '/list?cursors=b&cursor=c'],
    ['/list?a=1&a=2&b=%C3%A9', '/list?a=1&a=2&b=%C3%A9&cursor=c'],
    ['/list?a=what?&limit=2', '/list?a=what%3F&limit=2&cursor=c'],
    ['/a%2Fb/list?a=b>c,d;e"f', '/a%2Fb/list?a=b%3Ec%2Cd%3Be%22f&cursor=c'],
    ['/a<b>/list', '/a%3Cb%3E/list?cursor=c'],
  ]
  for (const [url, target] of links) t.same(nextLink(url, 'c'), { link: `<${target}>; rel="next"` }, url)
})
