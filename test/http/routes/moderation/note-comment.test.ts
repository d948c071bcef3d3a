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

const urlOf = (id: string) => `/v1/moderation/comments/${id}/notes`
const plan = {
  request: async ({ submit, token }: TestApp) => {
    const { id } = await submit('a')
    const headers = await token('moderate')
    return { method: 'POST', url: urlOf(id), headers, payload: { text: 'Two\nlines.' } } as const
  },
  success: 201,
  faultIn: 'addNote',
} as const

answersLikeEveryRoute(t, plan)
turnsAwayWhenOverloaded(t, plan)
needsToken(t, plan, 'moderate')
readsOnlyJson(t, plan)

t.test('stands in the log for moderators, and changes nothing', async (t) => {
  const nowMs = Date.parse('2026-05-04T09:30:00.000Z')
  const { call, log, store, token, publish } = await startApp(t, { clock: () => nowMs })
  const headers = await token('moderate')
  const name = (await store.listTokens())[0]?.name
  const { id, receipt } = await publish('a')
  const before = await store.findComment(id)
  log.length = 0
  const response = await call({ method: 'POST', url: urlOf(id), headers, payload: { text: 'Two\nlines.' } })
  t.match(response.json(), {
    commentId: id,
    articleId: 'a',
    position: 2,
    action: 'note',
    version: 2,
    decidedBy: name,
    reason: null,
    note: 'Two\nlines.',
    decidedAt: '2026-05-04T09:30:00.000Z',
    rejectedWith: null,
  })
  t.equal(response.headers.location, `/v1/moderation/comments/${id}`)
  t.same(await store.findComment(id), before)
  const { decisions } = (await call({ url: `/v1/moderation/comments/${id}`, headers })).json()
  t.match(decisions, [{ action: 'approve' }, { action: 'note', note: 'Two\nlines.' }])
  const own = { authorization: `Bearer ${receipt}` }
  t.notMatch((await call({ url: `/v1/comments/${id}`, headers: own })).body, /lines/)
  t.notMatch(log.join(''), /lines/)
  t.equal(JSON.parse(log[0] ?? '').event, 'note')
})

t.test('it stays when the comment is withdrawn, and can be written then too', async (t) => {
  const { call, token, submit } = await startApp(t)
  const headers = await token('moderate')
  const { id, receipt } = await submit('a')
  const write = (text: string) => call({ method: 'POST', url: urlOf(id), headers, payload: { text } })
  await write('Before.')
  await call({ method: 'DELETE', url: `/v1/comments/${id}`, headers: { authorization: `Bearer ${receipt}` } })
  await write('After.')
  const { status, decisions } = (await call({ url: `/v1/moderation/comments/${id}`, headers })).json()
  t.equal(status, 'withdrawn')
  t.match(decisions, [{ note: 'Before.' }, { action: 'withdraw' }, { note: 'After.' }])
})

t.test('needs a text, and a comment', async (t) => {
  const { call, token, submit } = await startApp(t)
  const headers = await token('moderate')
  const { id } = await submit('a')
  const write = (url: string, payload: object) => call({ method: 'POST', url, headers, payload })
  for (const [payload, error] of [
    [{}, 'body /text: is required'],
    [{ text: ' ' }, 'body /text: must not be blank'],
    [{ text: 'x'.repeat(2_001) }, 'body /text: must be at most 2000 characters long'],
  ] as const)
    equalProblem(t, await write(urlOf(id), payload), 400, 'invalid-request', [error])
  const unknown = urlOf('019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11')
  equalProblem(t, await write(unknown, { text: 'x' }), 404, 'comment-not-found')
})

everyStatusWasSeen(t, 'noteComment')
