import t from 'tap'
import { startApp } from '../../../support/app.ts'
import { decidesAboutOne, equalProblem, everyStatusWasSeen } from '../../../support/routes.ts'

decidesAboutOne(t, 'approve')

t.test('the comment is public from now on', async (t) => {
  const nowMs = Date.parse('2026-05-04T09:30:00.000Z')
  const { call, token, submit } = await startApp(t, { clock: () => nowMs })
  const { id } = await submit('a')
  const response = await call({
    method: 'POST',
    url: `/v1/moderation/comments/${id}/approve`,
    headers: await token('moderate'),
  })
  t.same(response.json(), {
    id,
    articleId: 'a',
    articleUrl: null,
    parentId: null,
    status: 'approved',
    version: 2,
    author: { name: 'Ada', email: 'ada@example.org' },
    body: 'A fine article.',
    submittedAt: '2026-05-04T09:30:00.000Z',
    publishedAt: '2026-05-04T09:30:00.000Z',
    changed: true,
    approvedReplies: 0,
    rejectedReplies: 0,
  })
  t.match(response.body, /^\{\n {2}"id".*\}\n$/s, 'it is pleasant to read')
  t.match((await call({ url: '/v1/articles/a/comments' })).json(), { total: 1, comments: [{ id }] })
  t.same((await call({ url: '/v1/counts?articleId=a' })).json(), { counts: [{ articleId: 'a', total: 1 }] })
})

t.test('is published anew when it is approved anew', async (t) => {
  let nowMs = Date.parse('2026-05-04T09:30:00.000Z')
  const { call, token, publish } = await startApp(t, { clock: () => nowMs })
  const headers = await token('moderate')
  const { id } = await publish('a')
  nowMs += 60_000
  await call({ method: 'POST', url: `/v1/moderation/comments/${id}/reject`, headers })
  nowMs += 60_000
  await call({ method: 'POST', url: `/v1/moderation/comments/${id}/approve`, headers })
  t.match((await call({ url: '/v1/articles/a/comments' })).json(), {
    comments: [{ submittedAt: '2026-05-04T09:30:00.000Z', publishedAt: '2026-05-04T09:32:00.000Z' }],
  })
})

t.test('knows nothing of replies but how many stand below', async (t) => {
  const { call, token, publish } = await startApp(t)
  const headers = await token('moderate')
  const { id } = await publish('a')
  await publish('a', { parentId: id })
  const url = `/v1/moderation/comments/${id}/approve`
  t.match((await call({ method: 'POST', url, headers })).json(), { changed: false, approvedReplies: 1 })
  equalProblem(
    t,
    await call({ method: 'POST', url, headers, payload: { replies: 'reject' } }),
    400,
    'invalid-request',
    ['body /replies: is not known here'],
  )
})

everyStatusWasSeen(t, 'approveComment')
