import t from 'tap'
import { languages } from '../../src/domain/language.ts'
import type { ShownComment } from '../../src/page/comment.ts'
import { toHtml } from '../../src/page/html.ts'
import { momentsIn } from '../../src/page/moment.ts'
import { isolated, numbered, phrase } from '../../src/page/phrase.ts'
import { idPrefixOf, type ThreadView, threadTree } from '../../src/page/thread.ts'
import { type Branch, flat, h } from '../../src/page/tree.ts'
import { wordsIn } from '../../src/words/words.ts'
import { allOf, dangersIn, elementsOf, fragmentOf, oneOf, textOf } from '../support/html.ts'

function viewOf(comments: readonly ShownComment[], more: Partial<ThreadView> = {}): ThreadView {
  return {
    articleId: 'a',
    language: 'en',
    direction: 'ltr',
    words: wordsIn('en'),
    total: comments.length,
    isClosed: false,
    comments,
    nextHref: null,
    firstHref: null,
    feedHref: null,
    tell: momentsIn('en', 'UTC'),
    heading: 2,
    depth: 3,
    replyHref: (id) => `#${id}`,
    formAt: 'below',
    form: {
      action: '/thread/a',
      values: {},
      errors: {},
      parent: null,
      cancelHref: '/thread/a',
      key: '1',
      shownAtMs: null,
      isSending: false,
      fault: null,
      rulesUrl: null,
      privacyUrl: null,
    },
    thanks: null,
    ownWords: null,
    ...more,
  }
}

const comment = (id: string, parentId: string | null = null): ShownComment => ({
  id,
  parentId,
  author: { name: `Name ${id}` },
  body: `Body ${id}`,
  submittedAt: '2026-05-04T09:30:00.000Z',
})

/** As `1(2(3)4)`: each comment, and in brackets what stands in the list below it. */
function nestingOf(list: Branch): string {
  return list.children
    .flatMap((item) => (typeof item === 'string' ? [] : [item]))
    .map(({ attributes, children }) => {
      const below = children.find((child) => typeof child !== 'string' && child.tag === 'ol')
      return attributes['data-id'] + (below === undefined ? '' : `(${nestingOf(below as Branch)})`)
    })
    .join('')
}

t.test('replies are indented down to a level, and deeper ones stand below what they answer', async (t) => {
  // 1 < 2 < 3 < 4 < 5, 6 answers 2, 7 nothing, 8 answers 4.
  const comments = [
    ...['1', '2', '3', '4', '5'].map((id, index) => comment(id, index === 0 ? null : String(index))),
    comment('6', '2'),
    comment('7'),
    comment('8', '4'),
  ]
  for (const [depth, expected] of [
    [0, '12345678'],
    [1, '1(234586)7'],
    [2, '1(2(34586))7'],
    [3, '1(2(3(458)6))7'],
    [4, '1(2(3(4(58))6))7'],
    [9, '1(2(3(4(58))6))7'],
  ] as const) {
    const tree = threadTree(viewOf(comments, { depth }))
    const [list] = allOf(tree, 'ol')
    t.equal(list && nestingOf(list), expected, `depth ${depth}`)
    t.same(fragmentOf(toHtml(tree)), tree, 'written and read again')
  }
})

t.test('a reply names whom it answers, also where that is not shown', async (t) => {
  const tree = threadTree(viewOf([comment('1'), comment('2', '1'), comment('3', 'elsewhere')]))
  t.same(allOf(tree, '.imprimatur-to').map(textOf), [
    'in reply to Name 1',
    'in reply to a comment that is not shown here',
  ])
  t.equal(nestingOf(allOf(tree, 'ol')[0] as Branch), '1(2)3')
})

t.test('a reply may come before what it answers, as where the newest are first', async (t) => {
  const tree = threadTree(viewOf([comment('2', '1'), comment('1')]))
  t.equal(nestingOf(allOf(tree, 'ol')[0] as Branch), '1(2)')
})

t.test(
  'all but the first ten of a list are marked, however they are nested: a style need not lay them out',
  async (t) => {
    const comments = Array.from({ length: 14 }, (_, index) =>
      comment(`${index}`, index % 7 === 0 ? null : `${index - 1}`),
    )
    for (const depth of [0, 3, 9]) {
      const items = elementsOf(threadTree(viewOf(comments, { depth }))).filter(({ tag }) => tag === 'li')
      t.same(
        items.flatMap(({ attributes }) => ('data-far' in attributes ? [attributes['data-id']] : [])),
        ['10', '11', '12', '13'],
        `depth ${depth}`,
      )
    }
  },
)

t.test('a chain of five thousand is shown whole', async (t) => {
  const chain = Array.from({ length: 5_000 }, (_, index) =>
    comment(`${index}`, index === 0 ? null : `${index - 1}`),
  )
  for (const depth of [0, 3, 9]) {
    const html = toHtml(threadTree(viewOf(chain, { depth })))
    t.equal(html.match(/<article /g)?.length, 5_000)
    t.ok(html.indexOf('Body 4999') > html.indexOf('Body 4998'))
  }
})

t.test('no two elements have one id, and what is referred to is there', async (t) => {
  const tree = threadTree(
    viewOf([comment('1'), comment('2', '1')], {
      form: {
        ...viewOf([]).form,
        errors: { name: 'x', email: 'y', body: 'z' },
        parent: { id: '1', author: { name: 'Name 1' } },
      },
    }),
  )
  const elements = elementsOf(tree)
  const ids = elements.flatMap(({ attributes }) => attributes['id'] ?? [])
  t.equal(new Set(ids).size, ids.length)
  const referred = elements.flatMap(({ attributes }) =>
    ['for', 'aria-labelledby', 'aria-describedby'].flatMap((name) => attributes[name]?.split(' ') ?? []),
  )
  t.ok(referred.length > 10)
  t.same(
    referred.filter((id) => !ids.includes(id)),
    [],
  )
  const [first] = allOf(tree, 'li')
  t.equal(first && allOf(first, 'form').length, 1, 'the form stands below the comment that it replies to')
})

t.test('two threads on a page have elements of their own', async (t) => {
  t.equal(idPrefixOf('a'), idPrefixOf('a'))
  const ids = Array.from({ length: 2_000 }, (_, index) => idPrefixOf(`https://example.org/${index}`))
  t.equal(new Set(ids).size, ids.length)
  for (const id of [...ids, idPrefixOf(''), idPrefixOf('"><漢🖋')])
    if (!/^imprimatur-[0-9a-z]+$/.test(id)) t.fail(id)
})

t.test('the form’s heading is one below, down to the last', async (t) => {
  for (const heading of [2, 5, 6]) {
    const tree = threadTree(viewOf([], { heading }))
    t.equal(oneOf(tree, '.imprimatur-count').tag, `h${heading}`)
    t.equal(allOf(oneOf(tree, 'form'), `h${Math.min(6, heading + 1)}`).length, 1)
  }
})

t.test('a sentence takes what is put in as it is, and nothing else for it', async (t) => {
  const name = h('bdi', {}, '{name} $& <b>')
  t.same(phrase('Reply to {name}!', { name }), ['Reply to ', name, '!'])
  t.same(phrase('{name}', { name: '{other}', other: 'x' }), ['{other}'])
  t.same(phrase('No {such} thing', {}), ['No  thing'])
  t.equal(isolated('a\u202e'), '\u2068a\u202e\u2069')
})

t.test('a number has the form and the digits of its language', async (t) => {
  const { comments } = wordsIn('en')
  t.same(
    [0, 1, 2, 1_000].map((n) => numbered(comments, n, 'en')),
    ['0 comments', '1 comment', '2 comments', '1,000 comments'],
  )
  for (const language of languages)
    for (const n of [0, 1, 2, 3, 11, 100, 1_000_000])
      t.notMatch(numbered(wordsIn(language).comments, n, language), /[{}]|undefined/)
  t.equal(numbered({ other: '{n}' }, 1, 'fr'), '1', 'a site’s own words may have one form alone')
})

t.test(
  'a moment is told in each language, and near ones from now where it is known when that is',
  async (t) => {
    const moment = '2026-05-04T09:30:00.000Z'
    const at = Date.parse(moment)
    const days = languages.map((language) => momentsIn(language, 'UTC')(moment))
    t.equal(new Set(days.map(({ text }) => text)).size, languages.length)
    for (const { text, exact } of days) {
      t.match(text, /\p{Nd}/u)
      t.match(exact, /UTC|غرينتش|GMT/, exact)
    }
    const ago = (ms: number) => momentsIn('en', 'UTC', at + ms)(moment).text
    t.same([-5_000, 0, 59_999, 60_000, 7_200_000, 86_400_000, 29 * 86_400_000, 30 * 86_400_000].map(ago), [
      'this minute',
      'this minute',
      'this minute',
      '1 minute ago',
      '2 hours ago',
      'yesterday',
      '29 days ago',
      'May 4, 2026',
    ])
  },
)

t.test('texts side by side are one, and what is not there is left out', async (t) => {
  t.same(flat(['a', null, ['b', false, ['', 'c']], undefined, h('br', {}), 'd']), ['abc', h('br', {}), 'd'])
  t.same(h('p', { a: true, b: false, c: null, d: undefined, e: 0, f: '' }), {
    tag: 'p',
    attributes: { a: '', e: '0', f: '' },
    children: [],
  })
})

t.test('a comment’s own text is the one thing in it that a reader chose', async (t) => {
  const evil = '"><script>alert(1)</script>'
  const tree = threadTree(
    viewOf([{ ...comment('1'), author: { name: evil }, body: `${evil} https://example.org/${evil}` }]),
  )
  const read = fragmentOf(toHtml(tree))
  t.same(read, tree)
  t.same(dangersIn(read), [])
})
