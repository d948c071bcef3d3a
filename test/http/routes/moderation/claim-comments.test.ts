import t from 'tap'
import { commentsMovedAtOnce } from '../../../../src/store/articles.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { someComment } from '../../../support/comments.ts'
import {
  answersLikeEveryRoute,
  equalProblem,
  everyStatusWasSeen,
  needsToken,
  readsOnlyJson,
  turnsAwayWhenOverloaded,
} from '../../../support/routes.ts'
import { until } from '../../../support/until.ts'

const plan = {
  request: async ({ submit, token }: TestApp) => {
    await submit('a')
    return { method: 'POST', url: '/v1/moderation/claims', headers: await token('moderate') } as const
  },
  success: 200,
  faultIn: 'claim',
} as const

t.setTimeout(300_000)

answersLikeEveryRoute(t, plan)
turnsAwayWhenOverloaded(t, plan)
needsToken(t, plan, 'moderate')
readsOnlyJson(t, plan)

t.test('gives what waits longest to whoever asks first, and to nobody else', async (t) => {
  const app = await startApp(t)
  const [marie, jean] = [await app.token('moderate'), await app.token('moderate')]
  const [name] = (await app.store.listTokens()).map((token) => token.name)
  const ids = [(await app.submit('a')).id, (await app.submit('b')).id, (await app.submit('a')).id]
  await app.publish('a')
  const before = Date.now()
  const answer = await claim(app, marie, { limit: 2, seconds: 60 })
  t.same(answer.ids, ids.slice(0, 2))
  const until = Date.parse(answer.body.until)
  t.ok(until > before + 50_000 && until < Date.now() + 70_000, 'by the clock of the database')
  t.match(answer.body.comments[0], {
    status: 'pending',
    version: 1,
    author: { email: 'ada@example.org' },
    repeats: null,
    claim: { by: name, until: answer.body.until },
  })
  t.same((await claim(app, jean)).ids, ids.slice(2), 'fewer than asked for are all that there are')
  const nothing = await claim(app, jean)
  t.same(nothing.ids, [])
  t.ok(Date.parse(nothing.body.until) > before)
})

t.test('the queue and the comment show who looks at it', async (t) => {
  const app = await startApp(t)
  const [marie, jean] = [await app.token('moderate'), await app.token('moderate')]
  const [, name] = (await app.store.listTokens()).map((token) => token.name)
  const { id } = await app.submit('a')
  const { id: free } = await app.submit('a')
  const shown = async () => {
    const { comments } = (await app.call({ url: '/v1/moderation/comments', headers: marie })).json()
    const one = (await app.call({ url: `/v1/moderation/comments/${id}`, headers: marie })).json()
    return [
      ...comments.map(({ claim }: { claim: { by: string } | null }) => claim?.by ?? null),
      one.claim?.by,
    ]
  }
  t.same(await shown(), [null, null, undefined])
  await claim(app, jean, { limit: 1 })
  t.same(await shown(), [name, null, name])
  const decide = { method: 'POST', url: `/v1/moderation/comments/${id}/reject`, headers: marie } as const
  t.equal((await app.call(decide)).statusCode, 200, 'a decision needs none, and overrules none')
  t.same(await shown(), [null, undefined], 'and it ends the claim')
  t.same((await claim(app, jean)).ids, [free])
  await app.call({ ...decide, url: `/v1/moderation/comments/${id}/reopen` })
  t.same((await claim(app, marie)).ids, [id], 'given back, it is free')
})

t.test('a claim past its end is free within a second', async (t) => {
  const app = await startApp(t)
  const [marie, jean] = [await app.token('moderate'), await app.token('moderate')]
  const { id } = await app.submit('a')
  await claim(app, marie, { seconds: 30 })
  // As if half a minute had gone by.
  const own = { call: 'test', by: (await app.store.listTokens())[0]?.name ?? '', ids: [id] }
  const [renewed] = await app.store.renewClaims({ ...own, forMs: 500 })
  const endMs = renewed?.untilMs ?? 0
  const taken = await until(async () => {
    const { ids } = await claim(app, jean)
    return ids.length === 0 ? undefined : { ids, atMs: Date.now() }
  })
  t.same(taken.ids, [id])
  t.ok(taken.atMs >= endMs)
})

t.test('of an article that is being moved, what is still to go over is found too', async (t) => {
  const app = await startApp(t)
  const marie = await app.token('moderate')
  // Of so many some are left after the first step.
  const comments = Array.from({ length: 2 * commentsMovedAtOnce }, () => someComment({ articleId: 'old' }))
  await Promise.all(
    comments.map(async (comment) => app.store.submit({ comment, idempotency: null, maxPending: 0 })),
  )
  t.equal(await app.store.beginMove('old', 'new', 1), 'committed')
  const ends = []
  for (const order of ['oldest', 'newest'])
    ends.push(...(await claim(app, marie, { limit: 1, order, where: { articleIds: ['new'] } })).ids)
  t.same(ends, [comments[0]?.id, comments.at(-1)?.id])
})

t.test('takes what is asked for', async (t) => {
  const app = await startApp(t)
  const ids: string[] = []
  for (const article of ['news/1', 'news/2', 'sports/1']) ids.push((await app.submit(article)).id)
  const [a, b, c] = ids
  const ask = async (more: object) => {
    const headers = await app.token('moderate')
    const got = await claim(app, headers, more)
    await app.call({ method: 'DELETE', url: '/v1/moderation/claims', headers })
    return got.ids
  }
  t.same(await ask({ order: 'newest' }), [c, b, a])
  t.same(await ask({ where: { articleIds: ['sports/1', 'news/2'] } }), [b, c])
  t.same(await ask({ where: { articlePrefix: 'news/' } }), [a, b])
  t.same(await ask({ where: { submittedAfter: '2999-01-01T00:00:00Z' } }), [])
  t.same(await ask({ where: { submittedBefore: '2999-01-01T00:00:00+01:00' } }), [a, b, c])
  t.same(await ask({ where: null }), [a, b, c])
  const headers = await app.token('moderate')
  await app.call({
    method: 'POST',
    url: `/v1/articles/${encodeURIComponent('news/1')}/move`,
    headers,
    payload: { to: 'archive/1' },
  })
  t.same(await ask({ where: { articleIds: ['news/1'] } }), [a], 'by the id that the article had before, too')
})

t.test('two hundred who claim at once are given each comment once', async (t) => {
  const app = await startApp(t)
  const headers = await Promise.all(Array.from({ length: 10 }, async () => app.token('moderate')))
  await Promise.all(Array.from({ length: 100 }, async () => app.submit('a')))
  const given = await Promise.all(
    Array.from({ length: 200 }, async (_, index) => claim(app, headers[index % 10] ?? {}, { limit: 3 })),
  )
  const ids = given.flatMap((answer) => answer.ids)
  t.equal(ids.length, 100)
  t.equal(new Set(ids).size, 100)
})

t.test('names everything that is wrong at once', async (t) => {
  const app = await startApp(t)
  const payload = {
    limit: 51,
    seconds: 29,
    order: 'decided',
    where: { articleIds: [], articlePrefix: '', submittedAfter: 'today', status: ['pending'] },
  }
  const headers = await app.token('moderate')
  equalProblem(
    t,
    await app.call({ method: 'POST', url: '/v1/moderation/claims', headers, payload }),
    400,
    'invalid-request',
    [
      'body /limit: must be at most 50',
      'body /where/articleIds: must hold at least one id',
      'body /where/articlePrefix: must not be blank',
      'body /where/submittedAfter: must be a time since 1970 as RFC 3339 writes it, such as 2026-05-04T09:30:00Z',
      'body /where/status: is not known here',
      'body /order: must be oldest or newest',
      'body /seconds: must be at least 30',
    ],
  )
})

type Claims = { comments: { id: string }[]; until: string }

async function claim(app: TestApp, headers: Record<string, string>, payload: object = {}) {
  const response = await app.call({ method: 'POST', url: '/v1/moderation/claims', headers, payload })
  const body = response.json<Claims>()
  return { ids: body.comments.map(({ id }) => id), body }
}

everyStatusWasSeen(t, 'claimComments')
