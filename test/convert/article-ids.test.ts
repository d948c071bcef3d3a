import { readFileSync } from 'node:fs'
import t from 'tap'
import {
  type ArticleRules,
  articleMapOf,
  articleOf,
  articleUrlOf,
  knownIdsOf,
  unmetLines,
} from '../../src/convert/article-ids.ts'
import { countsClicks } from '../../src/domain/articles/click-counts.ts'

const rules = (more: Partial<ArticleRules> = {}): ArticleRules => ({
  kind: 'path',
  slash: 'keep',
  origin: null,
  prefix: '',
  map: null,
  ...more,
})

const page = { url: 'https://www.example.org/2014/été/?p=4&x#top', identifier: 'post-4' }

const idOf = (
  from: typeof page | { url: string | null; identifier: string | null },
  more?: Partial<ArticleRules>,
) => {
  const made = articleOf(from, rules(more))
  return 'id' in made ? made.id : made.leftOut
}

t.test('an id is made of the part of the address that is asked for', async (t) => {
  t.equal(idOf(page), '/2014/été/')
  t.equal(idOf({ ...page, url: 'https://www.example.org/2014/%C3%A9t%C3%A9/' }), '/2014/été/')
  t.equal(
    idOf({ ...page, url: 'https://www.example.org/100%/%E9' }),
    '/100%/%E9',
    'no encoding that can be read',
  )
  t.equal(idOf(page, { kind: 'path-query' }), '/2014/été/?p=4&x')
  t.equal(idOf(page, { kind: 'url' }), 'https://www.example.org/2014/%C3%A9t%C3%A9/?p=4&x')
  t.equal(idOf(page, { kind: 'identifier' }), 'post-4')
  t.equal(idOf({ ...page, identifier: ' ' }, { kind: 'identifier' }), '/2014/été/')
  t.equal(idOf({ url: null, identifier: 'post-4' }), 'post-4')
  t.equal(idOf({ url: null, identifier: null }), 'page-without-address')
  t.equal(idOf({ url: '/a/b', identifier: null }), '/a/b')
  t.equal(idOf({ url: 'my-post', identifier: null }), 'my-post', 'a name that is no path stays what it is')
  t.equal(idOf({ url: '/', identifier: null }), '/')
  t.equal(idOf({ url: '//evil.example/a', identifier: null }), '/evil.example/a', 'names no other host')
  t.equal(idOf({ url: `/${'a'.repeat(3_000)}`, identifier: null }), 'article-id')
})

t.test('paths alone are of no site until it is said', async (t) => {
  t.throws(() => idOf({ url: '/a', identifier: null }, { kind: 'url' }), /paths only/)
  t.equal(
    idOf({ url: '/a', identifier: null }, { kind: 'url', origin: 'https://example.org' }),
    'https://example.org/a',
  )
  t.equal(articleUrlOf('/a', rules({ origin: 'https://example.org' })), 'https://example.org/a')
  t.equal(articleUrlOf('/a', rules()), null)
})

t.test('what opens a site is no part of an address', async (t) => {
  const url = 'https://admin:secret@example.org/a'
  t.equal(idOf({ url, identifier: null }, { kind: 'url' }), 'https://example.org/a')
  t.equal(articleUrlOf(url, rules()), 'https://example.org/a')
})

t.test('slashes at the end are kept, taken away or put there', async (t) => {
  const at = (url: string, slash: ArticleRules['slash'], kind: ArticleRules['kind'] = 'path') =>
    idOf({ url, identifier: null }, { slash, kind })
  t.equal(at('https://example.org/a/', 'strip'), '/a')
  t.equal(at('https://example.org/a', 'add'), '/a/')
  t.equal(at('https://example.org/a/', 'add'), '/a/')
  t.equal(at('https://example.org/', 'strip'), '/')
  t.equal(at('https://example.org/a/?b=/', 'strip', 'path-query'), '/a?b=/')
  t.equal(at('https://example.org/a?b=/', 'add', 'path-query'), '/a/?b=/')
})

t.test('a map goes before all rules: whole lines, then the longest beginning', async (t) => {
  const map = articleMapOf(
    '\ufeff/old\tnew\r\n\nhttps://www.example.org/2014/été/?p=4&x#top\tsummer\n/blog/*\t/news/*\n/blog/de/*\t/aktuell/*\npost-9\tnine\n',
  )
  const at = (url: string, identifier: string | null = null) =>
    idOf({ url, identifier }, { map, prefix: 'p:' })
  t.equal(at('/old'), 'p:new')
  t.equal(at('/older'), 'p:/older')
  t.equal(at(page.url), 'p:summer')
  t.equal(at('/blog/a/b'), 'p:/news/a/b')
  t.equal(at('/blog/de/b'), 'p:/aktuell/b')
  t.equal(at('/x', 'post-9'), 'p:nine')
  for (const wrong of ['/old', '/old\t', '/old\tnew\tmore', '/old*\tnew'])
    t.throws(() => articleMapOf(`/a\tb\n${wrong}`), /^Line 2 of the map/, wrong)
})

t.test(
  'a line of the map is met however its letters are written, with or without what --slash does',
  async (t) => {
    const at = (
      lines: string,
      url: string,
      more: Partial<ArticleRules> = {},
      identifier: string | null = null,
    ) => idOf({ url, identifier }, { map: articleMapOf(lines), ...more })
    for (const from of ['/été/', '/%C3%A9t%C3%A9/', '/e\u0301te\u0301/', 'https://example.org/été/'])
      for (const url of ['https://example.org/été/', 'https://example.org/%c3%A9t%C3%A9/'])
        t.equal(at(`${from}\tsummer`, url), 'summer', `${from} ${url}`)
    t.equal(at('/a\tb', 'https://example.org/a/', { slash: 'strip' }), 'b')
    t.equal(at('/a/\tb', 'https://example.org/a/', { slash: 'strip' }), 'b')
    t.equal(at('/?p=4\thello', 'https://example.org/?p=4'), 'hello')
    t.equal(at('/?p=4\thello', 'https://example.org/?p=4', { kind: 'url' }), 'hello')
    t.equal(
      at('/\thome', 'https://example.org/?p=4', { kind: 'path-query' }),
      '/?p=4',
      'one page of many is not the first',
    )
    t.equal(
      at('/old\thttps://example.org/new', 'https://x.example/old', { kind: 'url' }),
      'https://example.org/new',
    )
    t.equal(
      at('https://x.example/*\thttps://example.org/*', 'https://x.example/é', { kind: 'url' }),
      'https://example.org/%C3%A9',
    )
    t.equal(at('/blog/*\t/news/*', 'https://x.example/blog/a?utm=1'), '/news/a')
    t.equal(at('https://x.example/blog/*\t/news/*', 'https://x.example/blog/%C3%A9?utm=1'), '/news/é')
    t.equal(at('https://y.example/blog/*\t/news/*', 'https://x.example/blog/a'), '/blog/a')
    t.equal(at('/blog/*\t/news/*', 'https://x.example/blog/a?b=1', { kind: 'path-query' }), '/news/a?b=1')
    t.equal(at('post-*\tarticle-*', 'https://x.example/a', {}, 'post-7'), 'article-7')
  },
)

t.test('lines of the map that no page meets are known by their numbers', async (t) => {
  const map = articleMapOf('/a\tb\n/c\td\n/e/*\tf/*\n/%C3%A9/*\tg/*\n/c\td\n')
  for (const url of ['/c', '/e/1']) idOf({ url, identifier: null }, { map })
  t.same(
    unmetLines(map).map(({ number, from }) => [number, from]),
    [
      [1, '/a'],
      [4, '/%C3%A9/*'],
    ],
  )
})

t.test('a map gives ids that articles can have, and one for each page', async (t) => {
  const long = 'x'.repeat(2_040)
  t.throws(() => articleMapOf(`/a\tb\n/c\t..`), /^Line 2 of the map: the new id can be no article's/)
  articleMapOf(`/a\t${long}`)
  t.throws(() => articleMapOf(`/a\t${long}`, 'shop-number-1:'), /^Line 1 of the map: the new id can be no/)
  t.throws(() => articleMapOf('/%C3%A9\tb\n\n/é\tc'), /^Line 3 of the map gives what line 1 gives another id/)
})

t.test('what counts clicks is taken away as the page’s own script does it', async (t) => {
  const script = readFileSync(new URL('../../client/embed/place.ts', import.meta.url), 'utf8')
  t.ok(script.includes(String(countsClicks)))
  const url = 'https://example.org/a?UTM_Source=x&p=4&fbclid=7&gbraid=&mc_cid=1&igshid=2&ref_src=3&clidx=5'
  t.equal(idOf({ url, identifier: null }, { kind: 'path-query' }), '/a?p=4&clidx=5')
})

t.test('what a site has is compared in the same form', async (t) => {
  t.ok(knownIdsOf('https://www.example.org/%C3%A9t%C3%A9/', rules()).includes('/été/'))
  t.ok(knownIdsOf('/a/', rules({ slash: 'strip', prefix: 'p:' })).includes('p:/a'))
  t.ok(knownIdsOf('post-4', rules()).includes('post-4'))
  t.ok(knownIdsOf('https://x.example/a', rules({ kind: 'identifier' })).includes('https://x.example/a'))
  t.ok(knownIdsOf('/node/1?x=2', rules({ kind: 'identifier' })).includes('/node/1?x=2'))
  t.notOk(knownIdsOf('/?p=4', rules()).includes('/'), 'a page that has an id of its own')
  t.ok(knownIdsOf('/%C3%A9/', rules()).includes('/é/'))
})
