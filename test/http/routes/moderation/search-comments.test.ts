import t from 'tap'
import { idsOf, startApp, type TestApp } from '../../../support/app.ts'
import {
  answersLikeEveryRoute,
  equalProblem,
  everyStatusWasSeen,
  needsToken,
  readsOnlyJson,
  turnsAwayWhenOverloaded,
} from '../../../support/routes.ts'

const url = '/v1/moderation/search'

const plan = {
  request: async ({ submit, token }: TestApp) => {
    await submit('a')
    return { method: 'POST', url, headers: await token('moderate'), payload: { q: 'ada' } } as const
  },
  success: 200,
  faultIn: 'search',
} as const

answersLikeEveryRoute(t, plan)
turnsAwayWhenOverloaded(t, plan)
needsToken(t, plan, 'moderate')
readsOnlyJson(t, plan)

/** A search by a moderator of this name. */
async function searching({ call, token }: TestApp) {
  const headers = await token('moderate')
  return async (payload: object): Promise<string[]> =>
    idsOf([(await call({ method: 'POST', url, headers, payload })).json()])
}

t.test('finds words in name, address and text, and shows comments as the queue does', async (t) => {
  const app = await startApp(t)
  const search = await searching(app)
  const one = await app.submit('a', {
    author: { name: 'Zoë', email: 'zoe@example.org' },
    body: "L'été est fini.",
  })
  const two = await app.submit('a', { body: 'Summer is over.' })
  t.same(await search({}), [two.id, one.id])
  t.same(await search({ order: 'oldest' }), [one.id, two.id])
  t.same(await search({ q: 'ETE zoe fin' }), [one.id])
  t.same(await search({ q: 'zoe@example.org' }), [one.id])
  t.same(await search({ q: 'summer zoe' }), [])
  t.same(await search({ q: '?!' }), [])
  const headers = await app.token('moderate')
  const answer = await app.call({ method: 'POST', url, headers, payload: { q: 'summer' } })
  const queue = await app.call({ url: '/v1/moderation/comments?order=newest&limit=1', headers })
  t.same(answer.json().comments, queue.json().comments)
  t.equal(answer.json().nextCursor, null)
})

t.test('finds a comment by its id or the link to it, whatever else is asked for', async (t) => {
  const app = await startApp(t)
  const search = await searching(app)
  const { id } = await app.submit('a')
  await app.submit('a')
  t.same(await search({ q: id.toUpperCase(), status: ['rejected'] }), [id])
  t.same(await search({ q: `https://www.example.org/a#comment-${id}` }), [id])
  t.same(await search({ q: '019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11' }), [])
})

t.test('narrows by author, article, status, moment and what was decided', async (t) => {
  let nowMs = Date.now()
  const app = await startApp(t, { clock: () => nowMs })
  const search = await searching(app)
  const ada = await app.submit('news/1')
  nowMs += 1_000
  const eve = await app.publish('news/2', {
    author: { name: 'Eve', email: 'eve@example.org' },
    body: 'No, Ada.',
  })
  const at = new Date(nowMs).toISOString()
  t.same(await search({ sameAuthorAs: eve.id }), [eve.id])
  t.same(await search({ sameAuthorAs: '019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11' }), [])
  t.same(await search({ articleIds: ['news/1', 'sport'] }), [ada.id])
  t.same(await search({ articlePrefix: 'news/' }), [eve.id, ada.id])
  t.same(await search({ articlePrefix: 'news/2' }), [eve.id])
  t.same(await search({ q: 'ada', status: ['approved'] }), [eve.id])
  t.same(await search({ submittedAfter: at }), [eve.id])
  t.same(await search({ submittedBefore: at }), [ada.id])
  t.same(await search({ decidedBy: 'nobody' }), [])
  t.same(await search({ reasonCode: 'spam' }), [])
  t.same(await search({ claim: 'none' }), [eve.id, ada.id])
  t.same(await search({ claim: 'mine' }), [])
  t.same(await search({ claim: 'others' }), [])
})

t.test('finds what I decided about, also after somebody decided otherwise', async (t) => {
  const { call, submit, token } = await startApp(t)
  const [marie, jean] = [await token('moderate'), await token('moderate')]
  const { id } = await submit('a')
  await submit('a')
  await call({ method: 'POST', url: `/v1/moderation/comments/${id}/approve`, headers: marie })
  await call({ method: 'POST', url: `/v1/moderation/comments/${id}/reject`, headers: jean })
  const own = { decidedBy: 'me' }
  const found = async (headers: typeof marie, payload: object) =>
    idsOf([(await call({ method: 'POST', url, headers, payload })).json()])
  t.same(await found(marie, own), [id])
  t.same(await found(jean, { ...own, status: ['rejected'] }), [id])
  t.same(await found(marie, { ...own, status: ['pending'] }), [])
})

t.test('tells what I have claimed from what others have, and from what nobody has', async (t) => {
  const { call, submit, token } = await startApp(t)
  const [marie, jean] = [await token('moderate'), await token('moderate')]
  const [one, two, three] = [await submit('a'), await submit('a'), await submit('a')]
  const claims = '/v1/moderation/claims'
  await call({ method: 'POST', url: claims, headers: marie, payload: { limit: 1 } })
  await call({ method: 'POST', url: claims, headers: jean, payload: { limit: 1 } })
  const found = async (payload: object) =>
    idsOf([(await call({ method: 'POST', url, headers: marie, payload })).json()])
  t.same(await found({ claim: 'mine' }), [one.id])
  t.same(await found({ claim: 'others', q: 'ada' }), [two.id])
  t.same(await found({ claim: 'none' }), [three.id])
  const approval = {
    method: 'POST',
    url: `/v1/moderation/comments/${one.id}/approve`,
    headers: jean,
  } as const
  await call({ ...approval, payload: { reasonCode: 'other' } })
  t.same(await found({ claim: 'mine' }), [], 'a decision ends it')
  t.same(await found({ reasonCode: 'other' }), [one.id])
  t.same(await found({ reasonCode: 'other', decidedBy: 'me' }), [])
})

t.test('an article that was moved is found by both of its ids', async (t) => {
  const app = await startApp(t)
  const search = await searching(app)
  const { id } = await app.submit('old')
  const moved = await app.call({
    method: 'POST',
    url: '/v1/moderation/articles/old/move',
    headers: await app.token('moderate'),
    payload: { to: 'new' },
  })
  t.equal(moved.statusCode, 200)
  t.same(await search({ articleIds: ['old'] }), [id])
  t.same(await search({ articleIds: ['new'] }), [id])
})

t.test('goes on from page to page in either order', async (t) => {
  const app = await startApp(t)
  const headers = await app.token('moderate')
  const ids: string[] = []
  for (let index = 0; index < 5; index++) ids.push((await app.submit('a')).id)
  for (const order of ['oldest', 'newest']) {
    const found: string[] = []
    let cursor: string | null = null
    do {
      const payload: object = { q: 'ada', limit: 2, order, cursor }
      const page = (await app.call({ method: 'POST', url, headers, payload })).json()
      found.push(...idsOf([page]))
      cursor = page.nextCursor
    } while (cursor !== null)
    t.same(found, order === 'oldest' ? ids : ids.toReversed(), order)
  }
})

t.test('says what is wrong, and repeats nothing of what was asked for in the log', async (t) => {
  const { call, log, submit, token } = await startApp(t)
  const headers = await token('moderate')
  await submit('a')
  log.length = 0
  const payload = { q: 'ada@example.org', limit: 0, cursor: '1.019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11' }
  equalProblem(t, await call({ method: 'POST', url, headers, payload }), 400, 'invalid-request', [
    'body /limit: must be at least 1',
    'body /cursor: must be the nextCursor of an earlier page in this order',
  ])
  await call({ method: 'POST', url, headers, payload: { q: 'ada@example.org' } })
  t.notMatch(JSON.stringify(log), /ada@example/)
})

everyStatusWasSeen(t, 'searchComments')
