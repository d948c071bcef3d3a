import t from 'tap'
import { startApp, type TestApp } from '../../../support/app.ts'
import { decidesAboutOne, equalProblem, everyStatusWasSeen } from '../../../support/routes.ts'
import { logOf } from '../../../support/store.ts'

decidesAboutOne(t, 'reject')

t.test('the comment is not public from now on', async (t) => {
  const nowMs = Date.parse('2026-05-04T09:30:00.000Z')
  const { call, token, publish } = await startApp(t, { clock: () => nowMs })
  const { id } = await publish('a')
  const response = await call({
    method: 'POST',
    url: `/v1/moderation/comments/${id}/reject`,
    headers: await token('moderate'),
    payload: { reason: 'Off topic.' },
  })
  t.same(response.json(), {
    id,
    articleId: 'a',
    articleUrl: null,
    parentId: null,
    status: 'rejected',
    version: 3,
    author: { name: 'Ada', email: 'ada@example.org' },
    body: 'A fine article.',
    submittedAt: '2026-05-04T09:30:00.000Z',
    publishedAt: null,
    changed: true,
    approvedReplies: 0,
    rejectedReplyIds: [],
    restoredReplyIds: [],
  })
  t.match((await call({ url: '/v1/articles/a/comments' })).json(), { total: 0, comments: { length: 0 } })
  t.same((await call({ url: '/v1/counts?articleId=a' })).json(), { counts: [{ articleId: 'a', total: 0 }] })
})

/** parent ← child ← grandchild, all approved; below the parent also a pending and a rejected reply; and a bystander. */
async function thread({ call, token, submit, publish }: TestApp) {
  const headers = await token('moderate')
  const parent = await publish('a')
  const child = await publish('a', { parentId: parent.id })
  const grandchild = await publish('a', { parentId: child.id })
  const pending = await submit('a', { parentId: parent.id })
  const rejected = await publish('a', { parentId: parent.id })
  await call({ method: 'POST', url: `/v1/moderation/comments/${rejected.id}/reject`, headers })
  const bystander = await publish('a')
  const reject = async (id: string, payload: object = {}) =>
    (await call({ method: 'POST', url: `/v1/moderation/comments/${id}/reject`, headers, payload })).json()
  return { parent, child, grandchild, pending, rejected, bystander, reject }
}

t.test('replies stay as they are, and are counted at any depth', async (t) => {
  const app = await startApp(t)
  const { parent, child, grandchild, bystander, reject } = await thread(app)
  for (const payload of [{}, { replies: 'keep' }]) {
    t.match(await reject(parent.id, payload), {
      status: 'rejected',
      approvedReplies: 2,
      rejectedReplyIds: [],
      restoredReplyIds: [],
    })
  }
  const { comments } = (await app.call({ url: '/v1/articles/a/comments' })).json()
  t.same(
    comments.map(({ id }: { id: string }) => id),
    [child.id, grandchild.id, bystander.id],
  )
})

t.test('takes the approved replies along where asked, each with its own line in the log', async (t) => {
  const app = await startApp(t)
  const { parent, child, grandchild, pending, rejected, bystander, reject } = await thread(app)
  const decided = await reject(parent.id, { replies: 'reject', reason: 'Off topic.', note: 'All of it.' })
  t.match(decided, {
    status: 'rejected',
    changed: true,
    approvedReplies: 0,
    rejectedReplyIds: [child.id, grandchild.id],
  })
  for (const { id } of [parent, child, grandchild]) {
    const lines = await logOf(app.store, id, 10)
    t.equal(lines.length, 2)
    const reason = id === parent.id ? 'Off topic.' : null
    const rejectedWith = id === parent.id ? null : parent.id
    t.match(lines[1], { commentId: id, action: 'reject', reason, note: 'All of it.', rejectedWith })
    t.match(await app.store.findComment(id), { status: 'rejected', version: 3, publishedAtMs: null })
  }
  t.match(await app.store.findComment(pending.id), { status: 'pending', version: 1 })
  t.match(await app.store.findComment(rejected.id), { status: 'rejected', version: 3 })
  t.match((await app.call({ url: '/v1/articles/a/comments' })).json(), {
    total: 1,
    comments: [{ id: bystander.id }],
  })
})

t.test(
  'the author of a reply is told a reason of the reply, and not that of what it replied to',
  async (t) => {
    const app = await startApp(t)
    const { parent, child, grandchild, reject } = await thread(app)
    const reasonFor = async ({ id, receipt }: typeof parent) =>
      (await app.call({ url: `/v1/comments/${id}`, headers: { authorization: `Bearer ${receipt}` } })).json()
        .reason
    await reject(child.id, { reason: 'Insulting.', repliesReason: 'For nothing.' })
    t.same([await reasonFor(child), await reasonFor(grandchild)], ['Insulting.', null])
    await reject(parent.id, {
      replies: 'reject',
      reason: 'Insulting.',
      repliesReason: 'It stood below another.',
    })
    t.same(
      [await reasonFor(parent), await reasonFor(child), await reasonFor(grandchild)],
      ['Insulting.', 'Insulting.', 'It stood below another.'],
    )
  },
)

t.test('takes replies along also where the comment itself was rejected before', async (t) => {
  const app = await startApp(t)
  const { parent, child, reject } = await thread(app)
  await reject(parent.id)
  t.match(await reject(parent.id, { replies: 'reject' }), {
    version: 3,
    changed: false,
    approvedReplies: 0,
    rejectedReplyIds: { length: 2 },
  })
  t.match(await reject(parent.id, { replies: 'reject' }), {
    changed: false,
    rejectedReplyIds: [],
    restoredReplyIds: [],
  })
  t.equal((await logOf(app.store, child.id, 10)).length, 2)
})

t.test('tells the log of each comment that was rejected, in a line of its own', async (t) => {
  const app = await startApp(t)
  const { parent, child, grandchild, reject } = await thread(app)
  app.log.length = 0
  await reject(parent.id, { replies: 'reject', reason: 'My reason.', note: 'My note.' })
  await reject(parent.id, { replies: 'reject' })
  const [own, ...others] = app.log.map((line) => JSON.parse(line))
  const about = { level: 30, event: 'decision', action: 'reject', decidedBy: own.decidedBy }
  t.match(own, { ...about, commentId: parent.id, changed: true, rejectedReplies: 2 })
  t.match(others, [
    { ...about, commentId: child.id, rejectedWith: parent.id },
    { ...about, commentId: grandchild.id, rejectedWith: parent.id },
    { ...about, commentId: parent.id, changed: false, rejectedReplies: 0 },
  ])
  t.equal(others.length, 3)
  t.notMatch(app.log.join(''), /Ada|fine article|example\.org|My (?:reason|note)/)
})

t.test('takes along what stands below it only, not beside or above', async (t) => {
  const app = await startApp(t)
  const { parent, child, grandchild, bystander, reject } = await thread(app)
  t.match(await reject(child.id, { replies: 'reject' }), {
    approvedReplies: 0,
    rejectedReplyIds: [grandchild.id],
  })
  t.match(await app.store.findComment(parent.id), { status: 'approved' })
  t.match(await app.store.findComment(grandchild.id), { status: 'rejected' })
  t.match(await app.store.findComment(bystander.id), { status: 'approved' })
})

t.test('all of it or nothing: a stale If-Match leaves the replies as well', async (t) => {
  const app = await startApp(t)
  const { parent, child } = await thread(app)
  const response = await app.call({
    method: 'POST',
    url: `/v1/moderation/comments/${parent.id}/reject`,
    headers: { ...(await app.token('moderate')), 'if-match': '"1"' },
    payload: { replies: 'reject' },
  })
  equalProblem(t, response, 412, 'version-mismatch')
  t.match(await app.store.findComment(child.id), { status: 'approved' })
})

t.test('a reason is one line that can be seen; a note may have many lines', async (t) => {
  const { call, store, token, submit } = await startApp(t)
  const { id } = await submit('a')
  const headers = await token('moderate')
  const reject = (payload: object) =>
    call({ method: 'POST', url: `/v1/moderation/comments/${id}/reject`, headers, payload })
  for (const reason of ['Off\ntopic.', 'Off\ttopic.', 'Off\u0085topic.', 'Off\u2029topic.', 'Off\u001b[2J'])
    equalProblem(t, await reject({ reason }), 400, 'invalid-request', [
      'body /reason: must be one line, without control characters',
    ])
  equalProblem(t, await reject({ reason: '\u3164', note: 'a\u001b[2J' }), 400, 'invalid-request', [
    'body /reason: must not be blank',
    'body /note: must not contain control characters other than line breaks and tabs',
  ])
  const note = 'Twice:\n\tonce here,\r\n\tonce there.'
  t.equal((await reject({ reason: 'Off topic.', note })).statusCode, 200)
  t.match(await logOf(store, id, 10), [{ reason: 'Off topic.', note }])
})

t.test('knows two things to do with replies', async (t) => {
  const { call, token, submit } = await startApp(t)
  const { id } = await submit('a')
  for (const replies of ['approve', '', null, true]) {
    equalProblem(
      t,
      await call({
        method: 'POST',
        url: `/v1/moderation/comments/${id}/reject`,
        headers: await token('moderate'),
        payload: { replies },
      }),
      400,
      'invalid-request',
      ['body /replies: must be keep or reject'],
    )
  }
})

everyStatusWasSeen(t, 'rejectComment')
