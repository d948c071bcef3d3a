import t from 'tap'
import type { Store } from '../../../../src/store/store.ts'
import { StoreFault } from '../../../../src/store/store-fault.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import {
  answersLikeEveryRoute,
  equalProblem,
  everyStatusWasSeen,
  needsToken,
  readsOnlyJson,
  turnsAwayWhenOverloaded,
} from '../../../support/routes.ts'
import { emptyStore, logOf } from '../../../support/store.ts'

const url = '/v1/moderation/decisions'

const plan = {
  request: async ({ submit, token }: TestApp) => {
    const { id } = await submit('a')
    return {
      method: 'POST',
      url,
      headers: await token('moderate'),
      payload: { decisions: [{ commentId: id, verdict: 'approve' }] },
    } as const
  },
  success: 200,
  // A fault in a decision is that decision's outcome; signing in comes before all of them.
  faultIn: 'findTokenByHash',
} as const

answersLikeEveryRoute(t, plan)
turnsAwayWhenOverloaded(t, plan)
needsToken(t, plan, 'moderate')
readsOnlyJson(t, plan)

t.test('each decision stands on its own: one that is refused holds up no other', async (t) => {
  const { call, log, store, token, submit, publish } = await startApp(t)
  const headers = await token('moderate')
  const name = (await store.listTokens())[0]?.name
  const approve = await submit('a')
  const reject = await submit('a')
  const unchanged = await publish('a')
  const withdrawn = await submit('a')
  await call({
    method: 'DELETE',
    url: `/v1/comments/${withdrawn.id}`,
    headers: { authorization: `Bearer ${withdrawn.receipt}` },
  })
  const unknown = '019aa5c1-3b7e-7c3a-9d55-2f6f3f0c8e11'
  log.length = 0

  const response = await call({
    method: 'POST',
    url,
    headers,
    payload: {
      decisions: [
        { commentId: unknown, verdict: 'approve' },
        { commentId: approve.id.toUpperCase(), verdict: 'approve' },
        { commentId: withdrawn.id, verdict: 'reject' },
        { commentId: reject.id, verdict: 'reject', reason: 'Off topic.', note: 'Third time.' },
        { commentId: unchanged.id, verdict: 'approve', reason: null },
      ],
    },
  })
  t.equal(response.statusCode, 200)
  const { outcomes } = response.json()
  const refused = { outcome: 'refused', comment: null }
  t.match(outcomes, [
    {
      ...refused,
      commentId: unknown,
      problem: { type: 'urn:imprimatur:problem:comment-not-found', status: 404, instance: /^urn:uuid:/ },
    },
    {
      commentId: approve.id,
      outcome: 'decided',
      comment: { id: approve.id, status: 'approved', version: 2, author: { email: 'ada@example.org' } },
      problem: null,
    },
    {
      ...refused,
      commentId: withdrawn.id,
      problem: { type: 'urn:imprimatur:problem:comment-withdrawn', status: 409 },
    },
    {
      commentId: reject.id,
      outcome: 'decided',
      comment: { id: reject.id, status: 'rejected', version: 2 },
      problem: null,
    },
    {
      commentId: unchanged.id,
      outcome: 'unchanged',
      comment: { id: unchanged.id, status: 'approved', version: 2 },
      problem: null,
    },
  ])
  t.equal(outcomes.length, 5)
  t.match(await logOf(store, reject.id, 10), [
    { action: 'reject', decidedBy: name, reason: 'Off topic.', note: 'Third time.' },
  ])
  const lines = log.map((line) => JSON.parse(line))
  t.same(
    lines.map((line) => [line.event, line.commentId, line.refused ?? line.changed]),
    [
      ['decision', unknown, 'comment-not-found'],
      ['decision', approve.id, true],
      ['decision', withdrawn.id, 'comment-withdrawn'],
      ['decision', reject.id, true],
      ['decision', unchanged.id, false],
    ],
  )
})

t.test('takes 100 decisions, and no more', async (t) => {
  const { call, store, token, submit } = await startApp(t)
  const headers = await token('moderate')
  const decisions: object[] = []
  for (let count = 0; count < 101; count++) {
    decisions.push({ commentId: (await submit('a')).id, verdict: count % 2 === 0 ? 'approve' : 'reject' })
  }
  equalProblem(
    t,
    await call({ method: 'POST', url, headers, payload: { decisions } }),
    400,
    'invalid-request',
    ['body /decisions: must hold at most 100 decisions'],
  )
  t.equal((await store.queue()).pending, 101)
  const response = await call({
    method: 'POST',
    url,
    headers,
    payload: { decisions: decisions.slice(0, 100) },
  })
  t.match(response.json(), { outcomes: Array(100).fill({ outcome: 'decided' }) })
  t.equal((await store.queue()).pending, 1)
  t.same((await call({ url: '/v1/counts?articleId=a' })).json(), { counts: [{ articleId: 'a', total: 50 }] })
})

t.test('needs one decision at least', async (t) => {
  const { call, token } = await startApp(t)
  const headers = { ...(await token('moderate')), 'content-type': 'application/json' }
  const refused: [string | undefined, string][] = [
    ['{"decisions":[]}', 'body /decisions: must hold at least one decision'],
    [undefined, 'body : is required'],
    ['{}', 'body /decisions: is required'],
    ['{"decisions":{}}', 'body /decisions: must be an array'],
    ['{"decisions":null}', 'body /decisions: must be an array'],
    ['[]', 'body : must be an object'],
    ['null', 'body : must be an object'],
  ]
  for (const [payload, error] of refused) {
    equalProblem(
      t,
      await call({ method: 'POST', url, headers, ...(payload !== undefined && { payload }) }),
      400,
      'invalid-request',
      [error],
    )
  }
})

t.test('names everything that is wrong at once, comments named twice included', async (t) => {
  const { call, store, token, submit } = await startApp(t)
  const { id } = await submit('a')
  const response = await call({
    method: 'POST',
    url: `${url}?dry=1`,
    headers: await token('moderate'),
    payload: {
      decisions: [
        { commentId: id, verdict: 'approve' },
        { commentId: '1', verdict: 'spam', reason: '', note: 7 },
        { commentId: id.toUpperCase(), verdict: 'reject', replies: 'all', version: 0 },
        {},
        null,
        { commentId: id, verdict: 'approve' },
      ],
    },
  })
  equalProblem(t, response, 400, 'invalid-request', [
    'query /dry: is not known here',
    'body /decisions/1/commentId: must be a UUID',
    'body /decisions/1/verdict: must be approve, reject or reopen',
    'body /decisions/1/reason: must not be blank',
    'body /decisions/1/note: must be a string',
    'body /decisions/2/version: must be at least 1',
    'body /decisions/2/replies: must be keep, reject or restore',
    'body /decisions/3/commentId: is required',
    'body /decisions/3/verdict: is required',
    'body /decisions/4: must be an object',
    'body /decisions/2/commentId: must not be named twice',
    'body /decisions/5/commentId: must not be named twice',
  ])
  t.match(await store.findComment(id), { status: 'pending', version: 1 })
})

t.test('what somebody has decided since it was looked at is refused, and shown as it is now', async (t) => {
  const { call, store, token, submit, publish } = await startApp(t)
  const headers = await token('moderate')
  const [seen, changed, gone] = [await submit('a'), await publish('a'), await submit('a')]
  await call({
    method: 'DELETE',
    url: `/v1/comments/${gone.id}`,
    headers: { authorization: `Bearer ${gone.receipt}` },
  })
  await call({
    method: 'POST',
    url: `/v1/moderation/comments/${changed.id}/notes`,
    headers,
    payload: { text: 'Mine, please.' },
  })
  const decide = async (version: number, verdict = 'reject') =>
    (
      await call({
        method: 'POST',
        url,
        headers,
        payload: {
          decisions: [seen, changed, gone].map(({ id }) => ({ commentId: id, verdict, version })),
        },
      })
    ).json().outcomes
  const stale = { type: 'urn:imprimatur:problem:version-mismatch', status: 412 }
  t.match(await decide(1), [
    { outcome: 'decided', comment: { status: 'rejected', version: 2 }, lastDecision: null },
    {
      outcome: 'refused',
      comment: { id: changed.id, status: 'approved', version: 2 },
      lastDecision: { action: 'approve', version: 2, decidedBy: /./, note: null },
      problem: stale,
    },
    {
      outcome: 'refused',
      comment: { status: 'withdrawn', author: null, body: null },
      lastDecision: { action: 'withdraw', decidedBy: null },
      problem: stale,
    },
  ])
  t.match(await decide(2, 'reopen'), [
    { outcome: 'decided', comment: { status: 'pending', version: 3 } },
    { outcome: 'decided', comment: { status: 'pending', version: 3 } },
    { outcome: 'refused', comment: null, lastDecision: null, problem: { status: 409 } },
  ])
  t.equal((await store.queue()).pending, 2)
})

t.test('takes replies along, or brings them back, where the verdict is one for that', async (t) => {
  const { call, token, publish } = await startApp(t)
  const headers = await token('moderate')
  const root = await publish('a')
  await publish('a', { parentId: root.id })
  const total = async () => (await call({ url: '/v1/articles/a/comments' })).json().total
  const steps: [string, string, number][] = [
    ['reject', 'restore', 1],
    ['approve', 'restore', 2],
    ['reject', 'reject', 0],
    ['approve', 'reject', 1],
    ['reopen', 'restore', 0],
    ['reject', 'keep', 0],
  ]
  for (const [verdict, replies, left] of steps) {
    await call({
      method: 'POST',
      url,
      headers,
      payload: { decisions: [{ commentId: root.id, verdict, replies }] },
    })
    t.equal(await total(), left, `${verdict}, replies: ${replies}`)
  }
})

t.test('a conflict is the outcome of the one comment that has it', async (t) => {
  const app = await startApp(t)
  const contested = await app.submit('a')
  const other = await app.submit('a')
  const { commit } = app.store
  Object.assign(app.store, {
    commit: async (changes: Parameters<typeof commit>[0]) =>
      changes[0]?.before.id === contested.id ? 'stale' : commit(changes),
  })
  const response = await app.call({
    method: 'POST',
    url,
    headers: await app.token('moderate'),
    payload: { decisions: [contested, other].map(({ id }) => approval(id)) },
  })
  t.match(response.json(), {
    outcomes: [
      { outcome: 'refused', problem: { type: 'urn:imprimatur:problem:decision-conflict', status: 409 } },
      { outcome: 'decided', comment: { status: 'approved' } },
    ],
  })
})

t.test('a fault is the outcome of the one decision that meets it; the others stand', async (t) => {
  const faults: [fault: Error, status: number, problem: string][] = [
    [new StoreFault('STORE_BUSY', 'locked by Perec'), 503, 'overloaded'],
    [new StoreFault('STORE_FULL', 'locked by Perec'), 503, 'not-ready'],
    [new StoreFault('STORE_FAILED', 'locked by Perec'), 503, 'not-ready'],
    [new TypeError('locked by Perec'), 500, 'internal-error'],
  ]
  for (const [fault, status, problem] of faults) {
    const { call, log, store, token, submit } = await startApp(t)
    const headers = await token('moderate')
    const ids = [(await submit('a')).id, (await submit('a')).id, (await submit('a')).id]
    const failing = ids[1]
    failsFor(store, (id) => id === failing, fault)
    log.length = 0

    const response = await call({ method: 'POST', url, headers, payload: { decisions: ids.map(approval) } })
    t.equal(response.statusCode, 200)
    const { outcomes } = response.json()
    t.match(outcomes, [
      { commentId: ids[0], outcome: 'decided', comment: { status: 'approved', version: 2 }, problem: null },
      {
        commentId: failing,
        outcome: 'failed',
        comment: null,
        problem: { type: `urn:imprimatur:problem:${problem}`, status },
      },
      { commentId: ids[2], outcome: 'decided', comment: { status: 'approved', version: 2 }, problem: null },
    ])
    t.equal(outcomes.length, 3)
    t.notMatch(response.body, /Perec/)
    const lines = log.map((line) => JSON.parse(line))
    t.match(lines, [
      { level: 30, event: 'decision', commentId: ids[0], changed: true },
      {
        level: 50,
        event: 'decision',
        msg: 'decision failed',
        commentId: failing,
        action: 'approve',
        err: { message: fault.message },
      },
      { level: 30, event: 'decision', commentId: ids[2], changed: true },
    ])
    t.equal(lines.length, 3)
    t.equal(outcomes[1].problem.instance, `urn:uuid:${lines[1].requestId}`)
    t.same((await call({ url: '/v1/counts?articleId=a' })).json(), {
      counts: [{ articleId: 'a', total: 2 }],
    })
    t.match(await store.findComment(failing ?? ''), { status: 'pending', version: 1 })
  }
})

t.test('sent again after a fault, what stands is unchanged and what failed is decided', async (t) => {
  const { call, store, token, submit } = await startApp(t)
  const headers = await token('moderate')
  const ids = [(await submit('a')).id, (await submit('a')).id]
  const request = { method: 'POST', url, headers, payload: { decisions: ids.map(approval) } } as const
  const recover = failsFor(store, (id) => id === ids[0], new StoreFault('STORE_CLOSED', 'away'))
  t.match((await call(request)).json(), { outcomes: [{ outcome: 'failed' }, { outcome: 'decided' }] })
  recover()
  t.match((await call(request)).json(), { outcomes: [{ outcome: 'decided' }, { outcome: 'unchanged' }] })
})

t.test('where every decision fails there is still an outcome for each', async (t) => {
  const { call, log, store, token, submit } = await startApp(t)
  const headers = await token('moderate')
  const ids: string[] = []
  while (ids.length < 12) ids.push((await submit('a')).id)
  failsFor(store, () => true, new StoreFault('STORE_READ_ONLY', 'a standby'))
  log.length = 0
  const response = await call({ method: 'POST', url, headers, payload: { decisions: ids.map(approval) } })
  t.equal(response.statusCode, 200)
  const { outcomes } = response.json() as { outcomes: { commentId: string }[] }
  t.same(
    outcomes.map(({ commentId }) => commentId),
    ids,
  )
  t.match(
    outcomes,
    ids.map(() => ({ outcome: 'failed', problem: { type: 'urn:imprimatur:problem:not-ready' } })),
  )
  t.same(
    log.map((line) => JSON.parse(line)).map(({ level, commentId }) => [level, commentId]),
    ids.map((id) => [50, id]),
  )
})

function approval(commentId: string): { commentId: string; verdict: 'approve' } {
  return { commentId, verdict: 'approve' }
}

/** Commits about these comments meet a fault, until the function that it gives is called. */
function failsFor(store: Store, fails: (id: string) => boolean, fault: Error): () => void {
  const { commit } = store
  Object.assign(store, {
    commit: async (changes: Parameters<typeof commit>[0]) => {
      if (changes.some(({ before }) => fails(before.id))) throw fault
      return commit(changes)
    },
  })
  return () => Object.assign(store, { commit })
}

t.test('a batch counts no replies, which it does not tell, and lets others have their turn', async (t) => {
  const store = await emptyStore(t)
  let counted = 0
  const { call, token, publish } = await startApp(t, {
    store: {
      ...store,
      approvedReplies: async (...asked) => {
        counted += 1
        return store.approvedReplies(...asked)
      },
    },
  })
  const headers = await token('moderate')
  const ids: string[] = []
  for (let count = 0; count < 20; count++) {
    const parent = ids.at(-1)
    ids.push((await publish('a', parent === undefined ? {} : { parentId: parent })).id)
  }
  counted = 0
  let turns = 0
  let done = false
  const count = () => {
    turns += 1
    if (!done) setImmediate(count)
  }
  setImmediate(count)
  const choices = ['keep', 'reject', 'restore']
  const payload = {
    decisions: ids.map((commentId, index) => ({
      commentId,
      verdict: 'approve',
      replies: choices[index % 3],
    })),
  }
  const { statusCode } = await call({ method: 'POST', url: '/v1/moderation/decisions', headers, payload })
  done = true
  t.equal(statusCode, 200)
  t.equal(counted, 0)
  t.ok(turns >= 4, `${turns} turns`)
})

t.test(
  'each takes a ready reason by its code; one that there is not refuses its own decision alone',
  async (t) => {
    const { call, store, token, submit } = await startApp(t)
    const [one, other] = [await submit('a'), await submit('a')]
    const response = await call({
      method: 'POST',
      url,
      headers: await token('moderate'),
      payload: {
        decisions: [
          { commentId: one.id, verdict: 'reject', reasonCode: 'nothing' },
          { commentId: other.id, verdict: 'reject', reasonCode: 'duplicate' },
        ],
      },
    })
    t.match(response.json().outcomes, [
      {
        outcome: 'refused',
        comment: null,
        problem: { status: 422, type: 'urn:imprimatur:problem:reason-unknown' },
      },
      { outcome: 'decided', problem: null },
    ])
    t.match(await logOf(store, other.id), [{ reasonCode: 'duplicate', reason: null }])
  },
)

everyStatusWasSeen(t, 'decideComments')
