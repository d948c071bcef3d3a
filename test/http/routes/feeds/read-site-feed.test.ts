import t from 'tap'
import { publishAtOnce, startApp, type TestApp } from '../../../support/app.ts'
import { readFeed } from '../../../support/feeds.ts'
import { answersLikePublicRead, equalProblem, everyStatusWasSeen } from '../../../support/routes.ts'

const url = '/v1/comments.atom'

const plan = {
  request: async ({ publish }: TestApp) => {
    await publish('a')
    return { url }
  },
  success: 200,
  faultIn: 'listPublishedLast',
} as const

answersLikePublicRead(t, plan)

t.test('holds what is approved of all articles, by the moment of its approval', async (t) => {
  let nowMs = Date.parse('2026-05-04T09:30:00.000Z')
  const { call, submit, publish, token } = await startApp(t, {
    clock: () => nowMs,
    publicUrl: 'https://comments.example.org',
  })
  await call({
    method: 'PUT',
    url: '/v1/moderation/articles/b',
    headers: await token('submit'),
    payload: { title: 'Why we print', url: 'https://www.example.org/b' },
  })
  const late = await submit('b', { body: 'Submitted first.' })
  const early = await publish('a')
  await submit('a', { body: 'Waits.' })
  nowMs += 1_000
  const reply = await publish('a', { parentId: early.id })
  nowMs += 1_000
  await call({
    method: 'POST',
    url: `/v1/moderation/comments/${late.id}/approve`,
    headers: await token('moderate'),
  })
  const response = await call({ url })
  t.equal(response.headers['content-type'], 'application/atom+xml')
  t.equal(response.headers['cache-control'], 'public, max-age=0, s-maxage=5, stale-while-revalidate=30')
  t.match(readFeed(response.body), {
    language: 'en',
    title: 'Comments',
    updated: '2026-05-04T09:30:02.000Z',
    self: 'https://comments.example.org/v1/comments.atom',
    alternate: null,
    entries: [
      {
        id: `urn:uuid:${late.id}`,
        title: 'Ada on Why we print',
        published: '2026-05-04T09:30:00.000Z',
        updated: '2026-05-04T09:30:02.000Z',
        alternate: `https://www.example.org/b#comment-${late.id}`,
      },
      { id: `urn:uuid:${reply.id}`, alternate: null, replyTo: { ref: `urn:uuid:${early.id}` } },
      { id: `urn:uuid:${early.id}`, title: 'Ada on a', replyTo: null },
    ],
  })
})

t.test('without a comment is an empty feed', async (t) => {
  const { call, submit } = await startApp(t)
  await submit('a')
  t.match(readFeed((await call({ url })).body), { updated: '1970-01-01T00:00:00.000Z', entries: [] })
})

t.test(
  'has the fifty that were published last, whatever articles they are of; of one moment by their ids',
  async (t) => {
    const app = await startApp(t, { clock: () => Date.parse('2026-05-04T09:30:00.000Z') })
    const { call, token } = app
    const ids = await publishAtOnce(app, 52, (index) => `article ${index % 7}`)
    const read = async () => readFeed((await call({ url })).body).entries.map(({ id }) => id)
    const newest = (from: number) =>
      ids
        .slice(from)
        .toReversed()
        .map((id) => `urn:uuid:${id}`)
    t.same(await read(), newest(2))
    await call({
      method: 'POST',
      url: `/v1/moderation/comments/${ids.pop()}/reject`,
      headers: await token('moderate'),
    })
    t.same(await read(), newest(1), 'one that had no room comes back')
  },
)

t.test('what was moved stands under the article that answers for it', async (t) => {
  const { call, publish, token } = await startApp(t)
  await publish('old')
  const before = await call({ url })
  await call({
    method: 'POST',
    url: '/v1/moderation/articles/old/move',
    headers: await token('moderate'),
    payload: { to: 'new' },
  })
  const after = await call({ url })
  t.match(readFeed(before.body).entries, [{ title: 'Ada on old' }])
  t.match(readFeed(after.body).entries, [{ title: 'Ada on new' }])
})

t.test(
  'two deployments, and two feeds of one, are told apart by their ids; a language is none',
  async (t) => {
    const idOf = async (publicUrl: string, path: string) => {
      const { call } = await startApp(t, { publicUrl })
      return readFeed((await call({ url: path })).body).id
    }
    const [one, other] = ['https://one.example', 'https://other.example'] as const
    const ids = [
      await idOf(one, url),
      await idOf(other, url),
      await idOf(one, '/v1/articles/a/comments.atom'),
      await idOf(one, '/v1/articles/b/comments.atom'),
    ]
    t.equal(new Set(ids).size, ids.length)
    t.equal(await idOf(one, `${url}?lang=fr`), ids[0])
  },
)

t.test('is in the language that its URL names', async (t) => {
  const { call, publish } = await startApp(t)
  await publish('a')
  t.match(readFeed((await call({ url: `${url}?lang=fr` })).body), {
    language: 'fr',
    title: 'Commentaires',
    entries: [{ title: 'Ada sur «\u00a0a\u00a0»' }],
  })
  equalProblem(t, await call({ url: `${url}?lang=fr&lang=en` }), 400, 'invalid-request', [
    'query /lang: must be given once',
  ])
})

everyStatusWasSeen(t, 'readSiteFeed')
