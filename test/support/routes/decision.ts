import type { Test } from 'tap'
import { startApp, type TestApp } from '../app/app.ts'
import { logOf } from '../store/store.ts'
import { answersLikeEveryRoute, needsToken, readsOnlyJson, turnsAwayWhenOverloaded } from './every-route.ts'
import { equalProblem } from './problem.ts'

/** What approving and rejecting have in common: how they are asked for, and how they refuse. */
export function decidesAboutOne(t: Test, verdict: 'approve' | 'reject'): void {
  const becomes = verdict === 'approve' ? 'approved' : 'rejected'
  const urlOf = (id: string) => `/v1/moderation/comments/${id}/${verdict}`
  const plan = {
    request: async ({ submit, token }: TestApp) => {
      const { id } = await submit('a')
      return { method: 'POST', url: urlOf(id), headers: await token('moderate') } as const
    },
    success: 200,
    faultIn: 'commit',
  } as const

  answersLikeEveryRoute(t, plan)
  turnsAwayWhenOverloaded(t, plan)
  needsToken(t, plan, 'moderate')
  readsOnlyJson(t, plan)

  t.test('needs no body and no content type; an empty one is none, whatever it calls itself', async (t) => {
    const { call, submit, token } = await startApp(t)
    const moderator = await token('moderate')
    const bodies: { headers?: Record<string, string>; payload?: string | object }[] = [
      {},
      { headers: { 'content-type': 'application/json' } },
      { headers: { 'content-type': 'application/json' }, payload: '' },
      { headers: { 'content-type': 'application/x-www-form-urlencoded' }, payload: '' },
      { headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': '0' } },
      { payload: {} },
      { payload: { reason: null, note: null } },
    ]
    for (const body of bodies) {
      const { id } = await submit('a')
      const response = await call({
        method: 'POST',
        url: urlOf(id),
        ...body,
        headers: { ...moderator, ...body.headers },
      })
      t.match(response.json(), { id, status: becomes, version: 2, changed: true })
      t.equal(response.headers.etag, '"2"')
    }
  })

  t.test('keeps the reason and the note with the decision', async (t) => {
    const { call, store, submit, token } = await startApp(t)
    const { id } = await submit('a')
    const given = { reason: '🖋'.repeat(200), note: `Two\nlines. ${'é'.repeat(1_989)}` }
    await call({ method: 'POST', url: urlOf(id), headers: await token('moderate'), payload: given })
    t.match(await logOf(store, id, 10), [{ action: verdict, version: 2, ...given }])
  })

  t.test('takes a ready reason by its code, and none that there is not', async (t) => {
    const { call, store, submit, token } = await startApp(t)
    const headers = await token('moderate')
    const { id } = await submit('a')
    const decide = (reasonCode: unknown) =>
      call({ method: 'POST', url: urlOf(id), headers, payload: { reasonCode, reason: 'Mine.' } })
    equalProblem(t, await decide('no-such-reason'), 422, 'reason-unknown', [
      'body /reasonCode: There is no reason no-such-reason. Those that there are stand at /v1/moderation/reasons.',
    ])
    equalProblem(t, await decide('Spam'), 422, 'reason-unknown', [
      'body /reasonCode: There is no reason Spam. Those that there are stand at /v1/moderation/reasons.',
    ])
    equalProblem(t, await decide(''), 400, 'invalid-request', ['body /reasonCode: must not be blank'])
    t.match(await store.findComment(id), { status: 'pending', version: 1 })
    t.equal((await decide('spam')).statusCode, 200)
    t.match(await logOf(store, id, 10), [{ action: verdict, reasonCode: 'spam', reason: 'Mine.' }])
    const { decisions } = (await call({ url: `/v1/moderation/comments/${id}`, headers })).json()
    t.match(decisions, [{ reasonCode: 'spam' }])
  })

  t.test('deciding the same again changes nothing', async (t) => {
    const { call, store, submit, token } = await startApp(t)
    const headers = await token('moderate')
    const { id } = await submit('a')
    const decide = (payload: object) => call({ method: 'POST', url: urlOf(id), headers, payload })
    const first = (await decide({ reason: 'First.' })).json()
    const before = [await store.findComment(id), await logOf(store, id, 10)]
    const again = await decide({ reason: 'Second.' })
    t.equal(again.statusCode, 200)
    t.same(again.json(), { ...first, changed: false })
    t.equal(again.headers.etag, '"2"')
    t.same([await store.findComment(id), await logOf(store, id, 10)], before)
  })

  t.test('reverses the other decision, and both stay in the log', async (t) => {
    const { call, store, submit, token } = await startApp(t)
    const headers = await token('moderate')
    const { id } = await submit('a')
    const other = verdict === 'approve' ? 'reject' : 'approve'
    await call({ method: 'POST', url: `/v1/moderation/comments/${id}/${other}`, headers })
    const response = await call({ method: 'POST', url: urlOf(id), headers })
    t.match(response.json(), { status: becomes, version: 3, changed: true })
    t.match(await logOf(store, id, 10), [
      { action: other, version: 2 },
      { action: verdict, version: 3 },
    ])
    const { total } = (await call({ url: '/v1/articles/a/comments' })).json()
    t.equal(total, verdict === 'approve' ? 1 : 0)
  })

  t.test('with If-Match, decides about the version that was looked at only', async (t) => {
    const { call, store, submit, token } = await startApp(t)
    const headers = await token('moderate')
    const decide = async (id: string, ifMatch: string) =>
      call({ method: 'POST', url: urlOf(id), headers: { ...headers, 'if-match': ifMatch } })
    for (const matching of ['"1"', '*', '"7", "1"', '"x","1"', 'W/"9" , "1"']) {
      const { id } = await submit('a')
      t.match((await decide(id, matching)).json(), { version: 2, changed: true }, matching)
    }
    const { id } = await submit('a')
    const namesVersion = new Set(['"2"', '"0", "2"', '"9007199254740993"'])
    for (const stale of [
      '"2"',
      '"1-gzip"',
      'W/"1", W/"2"',
      'W/"1"',
      '"01"',
      '"1.0"',
      '""',
      '"x"',
      '"0", "2"',
      '"9007199254740993"',
    ]) {
      const response = await decide(id, stale)
      equalProblem(t, response, 412, 'version-mismatch')
      // Who is told that somebody else decided would look in vain.
      t.match(response.json().detail, namesVersion.has(stale) ? /has changed/ : /names no version/, stale)
    }
    for (const malformed of ['1', "'1'", '"1', '"1" "2"', '"1",', ',', 'w/"1"', '"é"', '*, "1"']) {
      equalProblem(t, await decide(id, malformed), 400, 'invalid-request', [
        'header /if-match: must be an entity tag in double quotes, as an ETag header gives it, or *',
      ])
    }
    t.match(await store.findComment(id), { status: 'pending', version: 1 })
    await decide(id, '"1"')
    equalProblem(t, await decide(id, '"1"'), 412, 'version-mismatch')
    t.match((await decide(id, '"2"')).json(), { version: 2, changed: false })
  })

  t.test('a withdrawn comment can no longer be decided about', async (t) => {
    const { call, store, submit, token } = await startApp(t)
    const headers = await token('moderate')
    const { id, receipt } = await submit('a')
    await call({
      method: 'DELETE',
      url: `/v1/comments/${id}`,
      headers: { authorization: `Bearer ${receipt}` },
    })
    const before = await store.findComment(id)
    equalProblem(t, await call({ method: 'POST', url: urlOf(id), headers }), 409, 'comment-withdrawn')
    t.same(await store.findComment(id), before)
  })

  t.test('decides again where another moderator was faster, and gives up at some point', async (t) => {
    const app = await startApp(t)
    const headers = await app.token('moderate')
    const { id } = await app.submit('a')
    const { commit } = app.store
    let attempts = 0
    Object.assign(app.store, {
      commit: async (changes: Parameters<typeof commit>[0]) => {
        attempts += 1
        return attempts < 3 ? 'stale' : commit(changes)
      },
    })
    t.match((await app.call({ method: 'POST', url: urlOf(id), headers })).json(), {
      status: becomes,
      version: 2,
    })
    t.equal(attempts, 3)

    const other = await app.submit('a')
    Object.assign(app.store, { commit: async () => 'stale' })
    const response = await app.call({ method: 'POST', url: urlOf(other.id), headers })
    equalProblem(t, response, 409, 'decision-conflict')
    t.equal(response.headers['retry-after'], '1')
  })

  t.test('a comment that never was is not found', async (t) => {
    const { call, token } = await startApp(t)
    const headers = await token('moderate')
    const url = urlOf('019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11')
    equalProblem(t, await call({ method: 'POST', url, headers }), 404, 'comment-not-found')
  })

  t.test('names everything that is wrong at once', async (t) => {
    const { call, token } = await startApp(t)
    const response = await call({
      method: 'POST',
      url: `${urlOf('1')}?force=1`,
      headers: { ...(await token('moderate')), 'if-match': '1', 'content-type': 'application/json' },
      payload: JSON.stringify({ reason: ' ', note: 'x'.repeat(2_001), status: 'approved' }).replace(
        '}',
        ',"__proto__":1}',
      ),
    })
    equalProblem(t, response, 400, 'invalid-request', [
      'path /commentId: must be a UUID',
      'query /force: is not known here',
      'header /if-match: must be an entity tag in double quotes, as an ETag header gives it, or *',
      'body /reason: must not be blank',
      'body /note: must be at most 2000 characters long',
      'body /status: is not known here',
      'body /__proto__: is not known here',
    ])
  })

  t.test('refuses a reason that is too long, and bodies that are no object', async (t) => {
    const { call, submit, token } = await startApp(t)
    const headers = { ...(await token('moderate')), 'content-type': 'application/json' }
    const { id } = await submit('a')
    const refused: [string, string][] = [
      ['null', 'body : must be an object'],
      ['[]', 'body : must be an object'],
      ['{"reason":7}', 'body /reason: must be a string'],
      ['{"note":"\\u0000"}', 'body /note: must not contain NUL characters or ill-formed Unicode'],
      [`{"reason":"${'🖋'.repeat(201)}"}`, 'body /reason: must be at most 200 characters long'],
    ]
    for (const [payload, error] of refused) {
      equalProblem(
        t,
        await call({ method: 'POST', url: urlOf(id), headers, payload }),
        400,
        'invalid-request',
        [error],
      )
    }
  })

  t.test('tells the log who decided what, and nothing of the comment', async (t) => {
    const { call, log, store, submit, token } = await startApp(t)
    const headers = await token('moderate')
    const name = (await store.listTokens())[0]?.name
    const { id, receipt } = await submit('a')
    log.length = 0
    const decide = () =>
      call({ method: 'POST', url: urlOf(id), headers, payload: { reason: 'My reason.', note: 'My note.' } })
    await decide()
    await call({
      method: 'DELETE',
      url: `/v1/comments/${id}`,
      headers: { authorization: `Bearer ${receipt}` },
    })
    await decide()
    const about = { level: 30, event: 'decision', commentId: id, action: verdict, decidedBy: name }
    t.match(JSON.parse(log[0] ?? ''), { ...about, version: 2, changed: true })
    t.match(JSON.parse(log[2] ?? ''), { ...about, refused: 'comment-withdrawn' })
    t.equal(log.length, 3)
    t.notMatch(log.join(''), /Ada|fine article|example\.org|My (?:reason|note)|im[tr]_/)
  })
}
