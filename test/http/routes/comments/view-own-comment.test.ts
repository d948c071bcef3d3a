import t from 'tap'
import { startApp, submission, type TestApp } from '../../../support/app.ts'
import {
  answersHead,
  answersLikeEveryRoute,
  equalProblem,
  everyStatusWasSeen,
  isConditional,
  isLimited,
  limitsFailedSignIns,
  turnsAwayWhenOverloaded,
} from '../../../support/routes.ts'

const plan = {
  request: async ({ submit }: TestApp) => {
    const { id, receipt } = await submit('a')
    return { url: `/v1/comments/${id}`, headers: { authorization: `Bearer ${receipt}` } }
  },
  success: 200,
  faultIn: 'findStanding',
} as const

answersLikeEveryRoute(t, plan)
turnsAwayWhenOverloaded(t, plan)
isLimited(t, plan, 'reads', { readsPerMinute: 1 })
limitsFailedSignIns(t, plan)
answersHead(t, plan)
isConditional(t, plan)

t.test('tells its author where the comment stands, and what the last decision said', async (t) => {
  const nowMs = Date.parse('2026-05-04T09:30:00.000Z')
  const { call, token, submit, publish } = await startApp(t, { clock: () => nowMs })
  const moderator = await token('moderate')
  const parent = await publish('a')
  const { id, receipt } = await submit('a', { parentId: parent.id })
  const look = async () =>
    (await call({ url: `/v1/comments/${id}`, headers: { authorization: `Bearer ${receipt}` } })).json()
  const decide = (verdict: string, payload: object = {}) =>
    call({ method: 'POST', url: `/v1/moderation/comments/${id}/${verdict}`, headers: moderator, payload })

  const pending = {
    id,
    articleId: 'a',
    articleUrl: null,
    parentId: parent.id,
    status: 'pending',
    author: { name: 'Ada' },
    body: submission.body,
    reason: null,
    submittedAt: '2026-05-04T09:30:00.000Z',
    publishedAt: null,
  }
  t.same(await look(), pending)
  await decide('reject', { reason: 'Off topic.', note: 'Third time.' })
  t.same(await look(), { ...pending, status: 'rejected', reason: 'Off topic.' })
  await decide('approve')
  t.same(await look(), { ...pending, status: 'approved', publishedAt: '2026-05-04T09:30:00.000Z' })
  await call({
    method: 'DELETE',
    url: `/v1/comments/${id}`,
    headers: { authorization: `Bearer ${receipt}` },
  })
  t.same(await look(), { ...pending, status: 'withdrawn', author: null, body: null })
})

t.test('a reason that has a code alone is told in the language that the author asks in', async (t) => {
  const { call, token, submit } = await startApp(t, { defaultLanguage: 'de' })
  const headers = await token('moderate')
  const { id, receipt } = await submit('a')
  const look = (more: Record<string, string> = {}) =>
    call({ url: `/v1/comments/${id}`, headers: { authorization: `Bearer ${receipt}`, ...more } })
  const reject = (payload: object) =>
    call({ method: 'POST', url: `/v1/moderation/comments/${id}/reject`, headers, payload })
  await reject({ reasonCode: 'off-topic' })
  const told = async (language: string) => {
    const response = await look({ 'accept-language': language })
    return [response.headers['content-language'], response.json().reason]
  }
  t.same(await told('fr-CA, en;q=0.5'), ['fr', "Il ne porte pas sur le sujet de l'article."])
  t.same(await told('en'), ['en', 'It is not about the subject of the article.'])
  t.same(await told('ja'), ['de', 'Er hat nichts mit dem Thema des Artikels zu tun.'])
  const [english, french] = [await look({ 'accept-language': 'en' }), await look({ 'accept-language': 'fr' })]
  t.not(english.headers.etag, french.headers.etag)
  await call({ method: 'POST', url: `/v1/moderation/comments/${id}/reopen`, headers })
  t.same(await told('en'), ['en', null])
  await reject({ reasonCode: 'off-topic', reason: 'It is about football.' })
  t.same(await told('fr'), ['fr', 'It is about football.'], 'what was written stays as it is')
})

t.test(
  'a code that the deployment no longer has tells nothing; a text stands in for a missing language',
  async (t) => {
    const first = await startApp(t, { reasons: [{ code: 'rules', texts: { fr: 'Voir la charte.' } }] })
    const { id, receipt } = await first.submit('a')
    await first.call({
      method: 'POST',
      url: `/v1/moderation/comments/${id}/reject`,
      headers: await first.token('moderate'),
      payload: { reasonCode: 'rules' },
    })
    const look = { url: `/v1/comments/${id}`, headers: { authorization: `Bearer ${receipt}` } }
    t.equal((await first.call(look)).json().reason, 'Voir la charte.')
    const later = await startApp(t, { store: { ...first.store, close: async () => {} }, reasons: [] })
    t.match((await later.call(look)).json(), { status: 'rejected', reason: null })
  },
)

t.test('its ETag moves with each decision', async (t) => {
  const { call, token, submit } = await startApp(t)
  const moderator = await token('moderate')
  const { id, receipt } = await submit('a')
  const tags = new Set<unknown>()
  for (const verdict of ['approve', 'reject', 'approve', 'reject']) {
    await call({ method: 'POST', url: `/v1/moderation/comments/${id}/${verdict}`, headers: moderator })
    const response = await call({
      url: `/v1/comments/${id}`,
      headers: { authorization: `Bearer ${receipt}` },
    })
    tags.add(response.headers.etag)
    t.equal(response.headers['cache-control'], 'no-store')
  }
  t.equal(tags.size, 4)
})

t.test('is for who holds the receipt of this very comment', async (t) => {
  const { call, token, submit } = await startApp(t)
  const { id } = await submit('a')
  const other = await submit('a')
  const look = (headers: Record<string, string>) => call({ url: `/v1/comments/${id}`, headers })

  const missing = await look({})
  equalProblem(t, missing, 401, 'token-missing')
  t.equal(missing.headers['www-authenticate'], 'Bearer realm="imprimatur"')
  const wrong = [
    { authorization: `Bearer ${other.receipt}` },
    { authorization: 'Bearer imr_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' },
    { authorization: 'Basic YTpi' },
    { authorization: 'Bearer' },
    await token('moderate', 'admin', 'submit'),
  ]
  for (const headers of wrong) {
    const response = await look(headers)
    equalProblem(t, response, 401, 'token-invalid')
    t.equal(response.headers['www-authenticate'], 'Bearer realm="imprimatur", error="invalid_token"')
  }
})

t.test('the scheme has no case, and the id neither', async (t) => {
  const { call, submit } = await startApp(t)
  const { id, receipt } = await submit('a')
  const response = await call({
    url: `/v1/comments/${id.toUpperCase()}`,
    headers: { authorization: `bearer   ${receipt}` },
  })
  t.match(response.json(), { id, status: 'pending' })
})

t.test('who has no receipt is not told whether there is a comment', async (t) => {
  const { call, submit, publish } = await startApp(t)
  const ids = ['019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11', (await submit('a')).id, (await publish('a')).id]
  for (const method of ['GET', 'DELETE'] as const) {
    const answers = []
    for (const id of ids) {
      const headers = { authorization: 'Bearer imr_x' }
      const response = await call({ method, url: `/v1/comments/${id}`, headers })
      equalProblem(t, response, 401, 'token-invalid')
      answers.push({ ...response.json(), instance: null, headers: { ...response.headers, date: null } })
    }
    t.same(answers, [answers[0], answers[0], answers[0]])
  }
})

t.test('refuses an id that is no UUID', async (t) => {
  const { call } = await startApp(t)
  for (const id of ['1', '%20', '019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e1', '019aa5c13b7e7c3a9d552f6f3f0c8e11']) {
    const response = await call({ url: `/v1/comments/${id}`, headers: { authorization: 'Bearer imr_x' } })
    equalProblem(t, response, 400, 'invalid-request', ['path /commentId: must be a UUID'])
  }
})

everyStatusWasSeen(t, 'viewOwnComment')
