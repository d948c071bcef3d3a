import t from 'tap'
import { startApp, type TestApp } from '../../../support/app.ts'
import {
  answersLikeEveryRoute,
  equalProblem,
  everyStatusWasSeen,
  needsToken,
  readsOnlyJson,
  turnsAwayWhenOverloaded,
} from '../../../support/routes.ts'
import { logOf } from '../../../support/store.ts'

const urlOf = (id: string) => `/v1/moderation/comments/${id}/reopen`
const plan = {
  request: async ({ publish, token }: TestApp) => {
    const { id } = await publish('a')
    return { method: 'POST', url: urlOf(id), headers: await token('moderate') } as const
  },
  success: 200,
  faultIn: 'commit',
} as const

answersLikeEveryRoute(t, plan)
turnsAwayWhenOverloaded(t, plan)
needsToken(t, plan, 'moderate')
readsOnlyJson(t, plan)

t.test('what was approved is in no list, count or feed any more, and waits again', async (t) => {
  const { call, store, token, publish } = await startApp(t)
  const headers = await token('moderate')
  const { id, receipt } = await publish('a')
  const response = await call({ method: 'POST', url: urlOf(id), headers, payload: { note: 'Not mine.' } })
  t.match(response.json(), { id, status: 'pending', version: 3, publishedAt: null, changed: true })
  t.equal(response.headers.etag, '"3"')
  t.match((await call({ url: '/v1/articles/a/comments' })).json(), { total: 0, comments: { length: 0 } })
  t.same((await call({ url: '/v1/counts?articleId=a' })).json(), { counts: [{ articleId: 'a', total: 0 }] })
  t.notMatch((await call({ url: '/v1/articles/a/comments.atom' })).body, id)
  t.match((await call({ url: '/v1/moderation/comments', headers })).json(), {
    pending: 1,
    comments: [{ id }],
  })
  const decided = (await call({ url: '/v1/moderation/comments?order=decided', headers })).json()
  t.same(decided.comments, [], 'nobody has decided about it')
  t.match(await logOf(store, id), [
    { action: 'approve', version: 2 },
    { action: 'reopen', version: 3, reason: null, note: 'Not mine.' },
  ])
  const own = await call({ url: `/v1/comments/${id}`, headers: { authorization: `Bearer ${receipt}` } })
  t.match(own.json(), { status: 'pending', reason: null })
  t.match((await store.queue()).pending, 1)
})

t.test('what was rejected waits again, without the reason that it was rejected for', async (t) => {
  const { call, token, submit } = await startApp(t)
  const headers = await token('moderate')
  const { id, receipt } = await submit('a')
  const own = async () =>
    (await call({ url: `/v1/comments/${id}`, headers: { authorization: `Bearer ${receipt}` } })).json()
  await call({
    method: 'POST',
    url: `/v1/moderation/comments/${id}/reject`,
    headers,
    payload: { reason: 'Off topic.' },
  })
  t.match(await own(), { status: 'rejected', reason: 'Off topic.' })
  await call({ method: 'POST', url: urlOf(id), headers })
  t.match(await own(), { status: 'pending', reason: null })
  const approved = await call({ method: 'POST', url: `/v1/moderation/comments/${id}/approve`, headers })
  t.match(approved.json(), { status: 'approved', version: 4 })
})

t.test('undoes the decision that If-Match names, and none that came after it', async (t) => {
  const { call, token, submit } = await startApp(t)
  const headers = await token('moderate')
  const { id } = await submit('a')
  const act = (action: string, tag: string) =>
    call({
      method: 'POST',
      url: `/v1/moderation/comments/${id}/${action}`,
      headers: { ...headers, 'if-match': tag },
    })
  const mine = String((await act('approve', '"1"')).headers.etag)
  await act('reject', mine)
  equalProblem(t, await act('reopen', mine), 412, 'version-mismatch')
  t.match((await act('reopen', '"3"')).json(), { status: 'pending', version: 4 })
  t.match((await act('reopen', '"4"')).json(), { status: 'pending', version: 4, changed: false })
})

t.test('a note is no decision: what If-Match names is still there', async (t) => {
  const { call, token, publish } = await startApp(t)
  const headers = await token('moderate')
  const { id } = await publish('a')
  const url = `/v1/moderation/comments/${id}`
  await call({ method: 'POST', url: `${url}/notes`, headers, payload: { text: 'Look at this one.' } })
  const seen = await call({ url, headers })
  t.equal(seen.headers.etag, '"2"')
  const cached = { ...headers, 'if-none-match': '"2"' }
  t.equal((await call({ url, headers: cached })).statusCode, 200, 'the note is shown')
  const reopened = await call({
    method: 'POST',
    url: `${url}/reopen`,
    headers: { ...headers, 'if-match': '"2"' },
  })
  t.match(reopened.json(), { status: 'pending', changed: true })
})

t.test('replies stay, and are still found below it', async (t) => {
  const { call, store, token, publish } = await startApp(t)
  const headers = await token('moderate')
  const root = await publish('a')
  const middle = await publish('a', { parentId: root.id })
  const leaf = await publish('a', { parentId: middle.id })
  const reopened = await call({ method: 'POST', url: urlOf(middle.id), headers })
  t.match(reopened.json(), { approvedReplies: 1, rejectedReplyIds: [] })
  const rejected = await call({
    method: 'POST',
    url: `/v1/moderation/comments/${root.id}/reject`,
    headers,
    payload: { replies: 'reject' },
  })
  t.same(rejected.json().rejectedReplyIds, [leaf.id])
  t.match(await store.findComment(middle.id), { status: 'pending', version: 3 })
})

t.test('what was withdrawn, or never was, is given back to nobody', async (t) => {
  const { call, token, submit } = await startApp(t)
  const headers = await token('moderate')
  const { id, receipt } = await submit('a')
  await call({ method: 'DELETE', url: `/v1/comments/${id}`, headers: { authorization: `Bearer ${receipt}` } })
  equalProblem(t, await call({ method: 'POST', url: urlOf(id), headers }), 409, 'comment-withdrawn')
  const unknown = urlOf('019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11')
  equalProblem(t, await call({ method: 'POST', url: unknown, headers }), 404, 'comment-not-found')
})

t.test('takes a note and nothing else', async (t) => {
  const { call, token, publish } = await startApp(t)
  const { id } = await publish('a')
  const response = await call({
    method: 'POST',
    url: urlOf(id),
    headers: await token('moderate'),
    payload: { reason: 'Why.', note: '' },
  })
  equalProblem(t, response, 400, 'invalid-request', [
    'body /note: must not be blank',
    'body /reason: is not known here',
  ])
})

everyStatusWasSeen(t, 'reopenComment')
