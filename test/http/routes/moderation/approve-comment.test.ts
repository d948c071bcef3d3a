import t from 'tap'
import { startApp, type TestApp } from '../../../support/app.ts'
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
    rejectedReplyIds: [],
    restoredReplyIds: [],
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

t.test('replies stay as they are unless asked, and are counted', async (t) => {
  const { call, token, publish } = await startApp(t)
  const headers = await token('moderate')
  const { id } = await publish('a')
  await publish('a', { parentId: id })
  const url = `/v1/moderation/comments/${id}/approve`
  t.match((await call({ method: 'POST', url, headers })).json(), {
    changed: false,
    approvedReplies: 1,
    restoredReplyIds: [],
  })
})

/** A parent with a reply that has one itself, another that was rejected alone, and one below a sibling. */
async function rejectedThread(app: TestApp) {
  const { call, token, publish } = app
  const headers = await token('moderate')
  const post = async (id: string, verb: string, payload: object = {}) =>
    (await call({ method: 'POST', url: `/v1/moderation/comments/${id}/${verb}`, headers, payload })).json()
  const view = async (id: string) => (await call({ url: `/v1/moderation/comments/${id}`, headers })).json()
  const parent = await publish('a')
  const child = await publish('a', { parentId: parent.id })
  const grandchild = await publish('a', { parentId: child.id })
  const alone = await publish('a', { parentId: parent.id })
  await post(alone.id, 'reject')
  const rejected = await post(parent.id, 'reject', { replies: 'reject', reason: 'Insulting.' })
  t.same(rejected.rejectedReplyIds, [child.id, grandchild.id])
  return { parent, child, grandchild, alone, post, view }
}

t.test('a rejection with replies is undone: exactly what went along comes back', async (t) => {
  const app = await startApp(t)
  const { parent, child, grandchild, alone, post, view } = await rejectedThread(app)
  t.match((await view(child.id)).decisions.at(-1), {
    action: 'reject',
    reason: null,
    rejectedWith: parent.id,
  })
  t.match((await view(parent.id)).decisions.at(-1), { reason: 'Insulting.', rejectedWith: null })
  app.log.length = 0
  t.match(await post(parent.id, 'approve', { replies: 'restore', reason: 'A mistake.', note: 'Sorry.' }), {
    status: 'approved',
    changed: true,
    approvedReplies: 2,
    rejectedReplyIds: [],
    restoredReplyIds: [child.id, grandchild.id],
  })
  for (const { id } of [child, grandchild])
    t.match(await view(id), {
      status: 'approved',
      version: 4,
      decisions: [{}, {}, { action: 'approve', reason: null, note: 'Sorry.', rejectedWith: null }],
    })
  t.match(await view(alone.id), { status: 'rejected', version: 3 })
  t.match(
    app.log.map((line) => JSON.parse(line)),
    [
      { commentId: parent.id, action: 'approve', changed: true, restoredReplies: 2 },
      { commentId: child.id, action: 'approve', restoredWith: parent.id },
      { commentId: grandchild.id, action: 'approve', restoredWith: parent.id },
    ],
  )
  t.match(await post(parent.id, 'approve', { replies: 'restore' }), { changed: false, restoredReplyIds: [] })
})

t.test('what was decided about since, or withdrawn, stays as it is', async (t) => {
  const app = await startApp(t)
  const { parent, child, grandchild, post, view } = await rejectedThread(app)
  await post(child.id, 'approve')
  await post(child.id, 'reject')
  const headers = { authorization: `Bearer ${grandchild.receipt}` }
  await app.call({ method: 'DELETE', url: `/v1/comments/${grandchild.id}`, headers })
  t.match(await post(parent.id, 'approve', { replies: 'restore' }), {
    restoredReplyIds: [],
    approvedReplies: 0,
  })
  t.match(
    [await view(child.id), await view(grandchild.id)],
    [{ status: 'rejected' }, { status: 'withdrawn' }],
  )
})

t.test('replies come back also where the comment was approved without them a moment ago', async (t) => {
  const app = await startApp(t)
  const { parent, child, grandchild, post } = await rejectedThread(app)
  t.match(await post(parent.id, 'approve'), { restoredReplyIds: [], approvedReplies: 0 })
  t.match(await post(parent.id, 'approve', { replies: 'restore', repliesReason: 'All is well.' }), {
    changed: false,
    restoredReplyIds: [child.id, grandchild.id],
  })
  const headers = { authorization: `Bearer ${child.receipt}` }
  t.equal((await app.call({ url: `/v1/comments/${child.id}`, headers })).json().reason, 'All is well.')
})

t.test('an undo is of the last rejection, not of one before', async (t) => {
  const app = await startApp(t)
  const { parent, child, grandchild, post, view } = await rejectedThread(app)
  await post(parent.id, 'approve')
  await post(grandchild.id, 'approve')
  t.same((await post(parent.id, 'reject', { replies: 'reject' })).rejectedReplyIds, [grandchild.id])
  t.same((await post(parent.id, 'approve', { replies: 'restore' })).restoredReplyIds, [grandchild.id])
  t.match(await view(child.id), { status: 'rejected' })
})

t.test('knows two things to do with replies', async (t) => {
  const { call, token, submit } = await startApp(t)
  const { id } = await submit('a')
  const url = `/v1/moderation/comments/${id}/approve`
  for (const replies of ['reject', '', null, true])
    equalProblem(
      t,
      await call({ method: 'POST', url, headers: await token('moderate'), payload: { replies } }),
      400,
      'invalid-request',
      ['body /replies: must be keep or restore'],
    )
})

everyStatusWasSeen(t, 'approveComment')
