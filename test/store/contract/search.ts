import type { Comment } from '../../../src/domain/comments/comment.ts'
import {
  type CommentFilter,
  everyComment,
  type SearchOrder,
} from '../../../src/domain/moderation/comment-filter.ts'
import { askedWords, holdsWords } from '../../../src/domain/moderation/search-words.ts'
import type { Store } from '../../../src/store/store.ts'
import { someComment } from '../../support/comments.ts'
import { change, contract, submit } from './given.ts'

/** Long after whatever was submitted. */
const later = 4_000_000_000_000

/** All pages of a search, and how many there were. */
async function searched(
  store: Store,
  filter: Partial<CommentFilter>,
  { order = 'newest', limit = 20 }: { order?: SearchOrder; limit?: number } = {},
): Promise<string[]> {
  const ids: string[] = []
  for (let after: string | null = null; ; ) {
    const page = await store.search({ filter: { ...everyComment, ...filter }, order, after, limit })
    ids.push(...page.comments.map(({ id }) => id))
    after = page.next
    if (after === null) return ids
  }
}

const found = (store: Store, text: string, more: Partial<CommentFilter> = {}) =>
  searched(store, { words: askedWords(text), ...more })

/** Takes all in, one segment for what there is. */
async function indexed(store: Store): Promise<void> {
  while ((await store.indexSome(later, 1)) === 'more');
}

/** Each asks for more than the one before. All with `WHOLE=1`, as in `npm run test:long`. */
const rounds = process.env['WHOLE'] === '1' ? 6 : 4

/** The part of search. */
export const searchContract = contract((test) => {
  test('a segment of very many words goes in with several commits, and nothing of it is lost', async (t, store) => {
    const wordOf = (comment: number, word: number) => `c${comment}w${word}${'x'.repeat(8)}`
    const comments = Array.from({ length: 60 }, (_, number) =>
      someComment({ body: Array.from({ length: 600 }, (_, word) => wordOf(number, word)).join(' ') }),
    )
    for (const comment of comments) await submit(store, comment)
    await indexed(store)
    for (const number of [0, 31, 59])
      for (const word of [0, 299, 599])
        t.same(await found(store, `${wordOf(number, word)} `), [comments[number]?.id])
    t.same(await found(store, `${wordOf(60, 0)} `), [])
  })

  test('words are found whatever their case and accents, before they are in the index and after', async (t, store) => {
    const summer = someComment({
      author: { name: 'Zoë Ångström', email: 'zoe@example.org' },
      body: "L'ŒUVRE d'été.",
    })
    const city = someComment({ author: { name: '東 京子', email: null }, body: '東京都は大きい。Straße.' })
    for (const comment of [summer, city]) await submit(store, comment)
    const check = async (when: string) => {
      const answers = []
      for (const text of [
        'ete oeuv',
        'ANGSTROM zoe',
        'zoe@example.org',
        'example',
        '東京',
        '京',
        'strasse',
        '東都',
      ])
        answers.push([text, await found(store, text)])
      t.strictSame(
        answers,
        [
          ['ete oeuv', [summer.id]],
          ['ANGSTROM zoe', [summer.id]],
          ['zoe@example.org', [summer.id]],
          ['example', [summer.id]],
          ['東京', [city.id]],
          ['京', [city.id]],
          ['strasse', [city.id]],
          ['東都', []],
        ],
        when,
      )
    }
    await check('before')
    await indexed(store)
    await check('after')
  })

  test('whatever is asked, the answer is what a look at each comment gives', async (t, store) => {
    const random = numbers(7)
    const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T
    const vocabulary = [
      'red',
      'redder',
      'blue',
      'green',
      '𝒢reen',
      '\ufb01ne',
      '𐌰𐌱',
      '豈',
      'every',
      'été',
      'ete',
      '東京',
      'a',
    ]
    const all = new Map<string, Comment>()
    for (let round = 0; round < rounds; round++) {
      for (let index = 0; index < 24; index++) {
        const comment = someComment({
          articleId: pick(['news/1', 'news/2', 'sport']),
          author: {
            name: pick(['Ada', 'Eve', 'Zoë']),
            email: pick(['ada@example.org', 'eve@example.org', null]),
          },
          body: Array.from({ length: 1 + Math.floor(random() * 5) }, () => pick(vocabulary)).join(' '),
        })
        await submit(store, comment)
        all.set(comment.id, comment)
        if (index % 5 === round % 5) await store.indexSome(later, 1)
        const other = pick([...all.values()])
        const action = pick(['approve', 'reject', 'withdraw'] as const)
        if (other.status !== 'pending') continue
        const decided = change(other, action)
        t.equal(await store.commit([decided]), 'committed')
        all.set(other.id, decided.after)
      }
      for (let asked = 0; asked < 30; asked++) {
        const text = Array.from({ length: Math.floor(random() * 3) }, () => pick(vocabulary)).join(' ')
        const filter: CommentFilter = {
          ...everyComment,
          words: askedWords(text.slice(0, pick([2, 3, 20])) + pick(['', ' '])),
          statuses: pick([null, ['pending'], ['approved', 'rejected']]),
          articleIds: pick([null, null, ['sport', 'nowhere'], ['news/1']]),
          articlePrefix: pick([null, null, 'news/']),
          address: pick([null, null, 'eve@example.org']),
          decidedBy: pick([null, null, null, 'marie', 'nobody']),
        }
        const order = pick(['newest', 'oldest'] as const)
        const wanted = [...all.values()]
          .filter((comment) => matches(comment, filter))
          .map(({ id }) => id)
          .sort()
        t.strictSame(
          await searched(store, filter, { order, limit: pick([1, 3, 20]) }),
          order === 'newest' ? wanted.reverse() : wanted,
          JSON.stringify({ filter, order }),
        )
      }
    }
  })

  test('a word of very many comments is followed through all segments, either way', async (t, store) => {
    const ids: string[] = []
    for (let segment = 0; segment < 6; segment++) {
      for (let index = 0; index < 12; index++) {
        const comment = someComment({ body: `everywhere ${index === 0 ? 'first' : ''}` })
        await submit(store, comment)
        ids.push(comment.id)
      }
      await store.indexSome(later, 1)
    }
    const words = askedWords('everywhere ')
    for (const limit of [20, 200]) {
      t.strictSame(await searched(store, { words }, { order: 'oldest', limit }), ids, `oldest, ${limit}`)
      t.strictSame(await searched(store, { words }, { limit }), ids.toReversed(), `newest, ${limit}`)
    }
    const firsts = ids.filter((_, index) => index % 12 === 0)
    t.strictSame(await found(store, 'first everywhere '), firsts.toReversed())
  })

  test('comments of one author are found whatever signs are in the address', async (t, store) => {
    for (const address of ["o'brien@example.org", 'a|b/{c}@example.org', '`x`¨y@example.org']) {
      const comment = someComment({ author: { name: 'Ada', email: address } })
      await submit(store, comment)
      t.strictSame(await searched(store, { address }), [comment.id], address)
      await indexed(store)
      t.strictSame(await searched(store, { address }), [comment.id], `${address} in the index`)
      t.equal(await store.commit([change(comment, 'withdraw')]), 'committed')
      t.strictSame(await searched(store, { address }), [], `${address} erased`)
    }
  })

  test('what is erased is found no more, wherever it stood, and its neighbours are', async (t, store) => {
    const bodies = ['alone', 'red alone', 'red', 'blue']
    const comments = bodies.map((body) => someComment({ body: `${body} ${'again '.repeat(3)}` }))
    for (const comment of comments) await submit(store, comment)
    await store.indexSome(later, 1)
    await indexed(store)
    const unread = someComment({ body: 'alone, and not in the index' })
    await submit(store, unread)
    const [first, second, third] = comments.map(({ id }) => id)
    t.strictSame(await found(store, 'alone '), [unread.id, second, first])
    for (const comment of [...comments.slice(0, 2), unread])
      t.equal(await store.commit([change(comment, 'withdraw')]), 'committed')
    t.strictSame(await found(store, 'alone '), [])
    t.strictSame(await found(store, 'red again '), [third])
    await indexed(store)
    t.strictSame(await found(store, 'aga'), [comments[3]?.id, third])
  })

  test('many may erase and index at once', async (t, store) => {
    const comments = Array.from({ length: 24 }, (_, index) =>
      someComment({ body: `word${index} everywhere` }),
    )
    for (const comment of comments.slice(0, 12)) await submit(store, comment)
    await indexed(store)
    for (const comment of comments.slice(12)) await submit(store, comment)
    const outcomes = await Promise.all([
      ...comments.map(async (comment, index) =>
        index % 2 === 0 ? store.commit([change(comment, 'withdraw')]) : 'committed',
      ),
      ...Array.from({ length: 4 }, () => store.indexSome(later, 1)),
    ])
    t.strictSame(new Set(outcomes.slice(0, comments.length)), new Set(['committed']))
    const left = comments.filter((_, index) => index % 2 === 1).map(({ id }) => id)
    t.strictSame(await searched(store, { words: askedWords('everywhere') }, { order: 'oldest' }), left)
    await indexed(store)
    t.strictSame(await searched(store, { words: askedWords('everywhere') }, { order: 'oldest' }), left)
  })

  test('a decision that is stale stays so where it erases as well', async (t, store) => {
    const comment = someComment()
    await submit(store, comment)
    await indexed(store)
    const [approval, withdrawal] = [change(comment, 'approve'), change(comment, 'withdraw')]
    t.equal(await store.commit([approval]), 'committed')
    t.equal(await store.commit([withdrawal]), 'stale')
    t.strictSame(await found(store, 'article'), [comment.id])
  })

  test('a rare word is found beside one that stands in thousands of texts, and not without it', async (t, store) => {
    const rare: string[] = []
    for (let segment = 0; segment < 3; segment++) {
      const all = Array.from({ length: 2_100 }, (_, index) => {
        if (index === 700) return someComment({ body: 'Rare, and not with it.' })
        const comment = someComment({ body: index % 900 === 1 ? 'A common one, and rare.' : 'Common.' })
        if (index % 900 === 1) rare.unshift(comment.id)
        return comment
      })
      for (let from = 0; from < all.length; from += 300)
        await Promise.all(all.slice(from, from + 300).map((comment) => submit(store, comment)))
      await indexed(store)
    }
    t.equal(rare.length, 9)
    t.strictSame(await found(store, 'common rare '), rare)
    t.strictSame(
      await searched(store, { words: askedWords('rare common ') }, { order: 'oldest', limit: 2 }),
      rare.toReversed(),
    )
  })

  test('comments that are added among those in the index are found at once, and stay so', async (t, store) => {
    const [before, added, after] = [someComment(), someComment({ body: 'Brought along.' }), someComment()]
    for (const comment of [before, after]) await submit(store, comment)
    await indexed(store)
    await bring(store, added)
    for (const when of ['at once', 'in the index']) {
      t.strictSame(await found(store, 'brought '), [added.id], when)
      t.strictSame(await found(store, 'ada '), [after.id, added.id, before.id], when)
      await indexed(store)
    }
    for (let index = 0; index < 20; index++) {
      await submit(store, someComment({ body: 'More.' }))
      await store.indexSome(later, 1)
    }
    await indexed(store)
    t.strictSame(await found(store, 'brought '), [added.id], 'in a segment of several')
    t.strictSame((await found(store, 'ada ')).slice(-3), [after.id, added.id, before.id])
  })

  test('comments that are added while those around them are being read stand in the index once', async (t, store) => {
    const all = Array.from({ length: 3_000 }, (_, index) =>
      someComment({ body: `word${index % 7} and more` }),
    )
    await submit(store, all[0] ?? someComment())
    t.equal(await store.indexSome(later, 1), 'more', 'the beginning')
    for (let from = 1; from < all.length; from += 600) {
      const some = all.slice(from, from + 600)
      const isBrought = (index: number) => index > 200 && index % 50 === 0
      await Promise.all(some.filter((_, index) => !isBrought(index)).map((comment) => submit(store, comment)))
      const indexing = store.indexSome(later, 1)
      for (const comment of some.filter((_, index) => isBrought(index))) await bring(store, comment)
      await indexing
      await indexed(store)
    }
    // So many that segments become one.
    for (let index = 0; index < 20; index++) {
      all.push(someComment({ body: `word${index % 7} and more` }))
      await submit(store, all.at(-1) ?? someComment())
      await indexed(store)
    }
    for (const word of ['word0', 'word3', 'and'])
      t.strictSame(
        await searched(store, { words: askedWords(`${word} `) }, { order: 'oldest', limit: 500 }),
        all.filter(({ body }) => body?.split(' ').includes(word)).map(({ id }) => id),
        word,
      )
    // More than one look at those of a status finds: first among the first of them, then behind.
    const third = all.filter(({ body }) => body?.startsWith('word3 ')).map(({ id }) => id)
    for (const order of ['oldest', 'newest'] as const)
      t.strictSame(
        await searched(store, { words: askedWords('word3 '), statuses: ['pending'] }, { order, limit: 400 }),
        order === 'oldest' ? third : third.toReversed(),
        `${order} first`,
      )
    t.strictSame(await searched(store, { words: askedWords('word3 '), statuses: ['approved'] }), [])
  })

  test('what is not settled, and a few new ones, are left to the next time', async (t, store) => {
    const comment = someComment()
    await submit(store, comment)
    const madeAtMs = Number.parseInt(comment.id.replace('-', '').slice(0, 12), 16)
    t.equal(await store.indexSome(madeAtMs, 1), 'done', 'it may not be the last of its time')
    t.equal(await store.indexSome(later, 1), 'more', 'the beginning')
    await indexed(store)
    await submit(store, someComment())
    t.equal(await store.indexSome(later, 2), 'done')
    t.equal(await store.indexSome(later, 1), 'more')
  })

  test('moments narrow, the first of them included', async (t, store) => {
    const at = (ms: number, more: Partial<Comment> = {}) =>
      someComment({ id: uuidAt(ms), submittedAtMs: ms, ...more })
    const [one, two, three] = [at(1_000_000), at(900_000_000), at(1_700_000_000)]
    for (const comment of [one, two, three]) await submit(store, comment)
    for (const words of [null, askedWords('fine')]) {
      const between = (submittedFromMs: number | null, submittedBeforeMs: number | null) =>
        searched(store, { words, submittedFromMs, submittedBeforeMs }, { order: 'oldest' })
      t.strictSame(await between(one.submittedAtMs, null), [one.id, two.id, three.id])
      t.strictSame(await between(one.submittedAtMs + 1, three.submittedAtMs), [two.id])
      t.strictSame(await between(null, two.submittedAtMs), [one.id])
      await indexed(store)
    }
  })

  test('words among hundreds that something else leaves', async (t, store) => {
    const comments = Array.from({ length: 1_000 }, (_, index) =>
      someComment({
        articleId: index % 2 === 0 ? 'even' : 'odd',
        body: index % 3 === 0 ? 'threefold again' : 'again',
      }),
    )
    for (let from = 0; from < comments.length; from += 500)
      await Promise.all(comments.slice(from, from + 500).map((comment) => submit(store, comment)))
    const wanted = comments.filter((_, index) => index % 6 === 0).map(({ id }) => id)
    for (const when of ['not in the index', 'in the index']) {
      for (const text of ['threefold ', 'th', 'again th']) {
        const filter = { words: askedWords(text), articleIds: ['even'] }
        const newest = await searched(store, filter, { limit: 30 })
        const oldest = await searched(store, filter, { order: 'oldest', limit: 30 })
        t.strictSame([newest, oldest], [wanted.toReversed(), wanted], `${text} ${when}`)
      }
      await indexed(store)
    }
  })

  test('one call looks at so many and no more, and the next goes on', async (t, store) => {
    const odd = someComment({ body: 'needle' })
    await submit(store, odd)
    for (let batch = 0; batch < 4; batch++)
      await Promise.all(Array.from({ length: 600 }, () => submit(store, someComment({ body: 'hay' }))))
    const filter = { ...everyComment, words: askedWords('needle') }
    const first = await store.search({ filter, order: 'newest', after: null, limit: 20 })
    t.strictSame([first.comments, typeof first.next], [[], 'string'])
    t.strictSame(await found(store, 'needle'), [odd.id])
    await indexed(store)
    const indexedNow = await store.search({ filter, order: 'newest', after: null, limit: 20 })
    t.strictSame([indexedNow.comments.map(({ id }) => id), indexedNow.next], [[odd.id], null])
  })
})

/** As an addition from elsewhere. */
async function bring(store: Store, { author, ...rest }: Comment): Promise<void> {
  const row = { ...rest, authorName: author?.name ?? null, authorEmail: author?.email ?? null }
  await store.addComments(
    [{ comment: { ...row, publishedRevision: null }, decisions: [] }],
    rest.submittedAtMs,
  )
}

/** An id of this moment. */
function uuidAt(ms: number): string {
  const digits = ms.toString(16).padStart(12, '0')
  return `${digits.slice(0, 8)}-${digits.slice(8)}-7000-8000-000000000000`
}

function matches(comment: Comment, filter: CommentFilter): boolean {
  const { words, statuses, articleIds, articlePrefix, address, decidedBy } = filter
  return (
    (words === null || holdsWords(comment, words)) &&
    (statuses?.includes(comment.status) ?? true) &&
    (articleIds?.includes(comment.articleId) ?? true) &&
    comment.articleId.startsWith(articlePrefix ?? '') &&
    (address === null || comment.author?.email === address) &&
    (decidedBy === null || (decidedBy === 'marie' && ['approved', 'rejected'].includes(comment.status)))
  )
}

/** Numbers from 0 to 1, the same with the same seed. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
