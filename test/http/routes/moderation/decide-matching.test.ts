import t from 'tap'
import type { Store } from '../../../../src/store/store.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import {
  answersLikeEveryRoute,
  equalProblem,
  everyStatusWasSeen,
  needsToken,
  readsOnlyJson,
  turnsAwayWhenOverloaded,
} from '../../../support/routes.ts'
import { emptyStore } from '../../../support/store.ts'

const url = '/v1/moderation/decisions/matching'

const plan = {
  request: async ({ submit, token }: TestApp) => {
    const { id } = await submit('a')
    return {
      method: 'POST',
      url,
      headers: await token('moderate'),
      payload: { where: { status: ['pending'] }, until: id, verdict: 'approve' },
    } as const
  },
  success: 200,
  faultIn: 'search',
} as const

answersLikeEveryRoute(t, plan)
turnsAwayWhenOverloaded(t, plan)
needsToken(t, plan, 'moderate')
readsOnlyJson(t, plan)

t.test('decides about what matches and had come by then, and about nothing else', async (t) => {
  const { call, store, log, submit, token } = await startApp(t)
  const headers = await token('moderate')
  const first = await submit('a', { body: 'Casino!' })
  const other = await submit('a', { body: 'A fine article.' })
  const last = await submit('b', { body: 'The casino again.' })
  const later = await submit('a', { body: 'Casino, unread.' })
  const payload = { where: { q: 'casino' }, until: last.id, verdict: 'reject', note: 'A wave.' }
  const nothing = { decided: 0, unchanged: 0, refused: 0, failed: 0, outcomes: [], until: null }

  const dry = await call({ method: 'POST', url, headers, payload: { ...payload, dryRun: true } })
  t.same(dry.json(), { ...nothing, matched: 2, remaining: 0 })
  t.equal((await store.queue()).pending, 4)
  const begun = await call({ method: 'POST', url, headers, payload: { ...payload, dryRun: true, limit: 1 } })
  t.same(begun.json(), { ...nothing, matched: 1, remaining: 1, until: before(last.id) })

  log.length = 0
  const part = await call({ method: 'POST', url, headers, payload: { ...payload, limit: 1 } })
  const decided = (commentId: string) => ({ commentId, outcome: 'decided', problem: null })
  t.same(part.json(), {
    ...nothing,
    matched: 1,
    decided: 1,
    remaining: 1,
    until: before(last.id),
    outcomes: [decided(last.id)],
  })
  t.match(
    log.map((line) => JSON.parse(line)),
    [{ event: 'decision', commentId: last.id, action: 'reject', changed: true }],
  )
  const rest = await call({ method: 'POST', url, headers, payload })
  t.same(rest.json(), { ...nothing, matched: 1, decided: 1, remaining: 0, outcomes: [decided(first.id)] })
  const again = await call({ method: 'POST', url, headers, payload })
  t.same(again.json(), { ...nothing, matched: 0, remaining: 0 })

  const statusOf = async (id: string) => (await store.findComment(id))?.status
  t.same(await Promise.all([first, other, last, later].map(({ id }) => statusOf(id))), [
    'rejected',
    'pending',
    'rejected',
    'pending',
  ])
  const [line] = (await store.findWithDecisions(first.id, 1))?.decisions ?? []
  t.match(line, { action: 'reject', note: 'A wave.' })
})

t.test('leaves alone what the verdict would not change, and what is withdrawn', async (t) => {
  const { call, store, submit, publish, token } = await startApp(t)
  const headers = await token('moderate')
  const pending = await submit('a')
  const approved = await publish('a')
  const withdrawn = await submit('a')
  await call({
    method: 'DELETE',
    url: `/v1/comments/${withdrawn.id}`,
    headers: { authorization: `Bearer ${withdrawn.receipt}` },
  })
  const every = { status: ['pending', 'approved', 'rejected', 'withdrawn'] }
  const matching = async (payload: object) =>
    (await call({ method: 'POST', url, headers, payload: { until: withdrawn.id, ...payload } })).json()
  t.match(await matching({ where: every, verdict: 'approve' }), { matched: 1, decided: 1, remaining: 0 })
  t.match(await matching({ where: every, verdict: 'reopen' }), { matched: 2, decided: 2, remaining: 0 })
  t.match(await matching({ where: { status: ['pending'] }, verdict: 'reopen' }), { matched: 0, remaining: 0 })
  t.match(await matching({ where: { q: approved.id }, verdict: 'approve' }), { matched: 1, decided: 1 })
  t.match(await matching({ where: { q: pending.id, articleIds: ['b'] }, verdict: 'approve' }), { matched: 0 })
  t.match(await matching({ where: { q: '!' }, verdict: 'approve' }), { matched: 0 })
  t.equal((await store.findComment(pending.id))?.status, 'pending')
})

t.test('overrules nobody who decides in the meantime, and tells of faults', async (t) => {
  const store = await emptyStore(t)
  let meanwhile: (id: string) => Promise<void> = async () => {}
  const withOthers: Store = {
    ...store,
    async commit(changes, unit) {
      const [change] = changes
      if (change !== undefined) await meanwhile(change.before.id)
      return store.commit(changes, unit)
    },
  }
  const { call, submit, token } = await startApp(t, { store: withOthers })
  const headers = await token('moderate')
  const ids: string[] = []
  for (let index = 0; index < 3; index++) ids.push((await submit('a')).id)
  const [taken = '', faulty = '', last = ''] = ids
  const colleague = await startApp(t, { store })
  meanwhile = async (id) => {
    if (id === faulty) throw new Error('the disk is gone')
    if (id !== taken) return
    await colleague.call({ method: 'POST', url: `/v1/moderation/comments/${id}/approve`, headers })
  }
  const payload = { where: { status: ['pending'] }, until: last, verdict: 'reject' }
  const response = await call({ method: 'POST', url, headers, payload })
  t.match(response.json(), { matched: 3, decided: 1, refused: 1, failed: 1, remaining: 0 })
  t.match(response.json().outcomes, [
    { commentId: last, outcome: 'decided', problem: null },
    { commentId: faulty, outcome: 'failed', problem: { status: 500 } },
    { commentId: taken, outcome: 'refused', problem: { status: 412 } },
  ])
  t.equal((await store.findComment(taken))?.status, 'approved')
})

t.test('looks at so many and no more, says that there may be others, and goes on behind them', async (t) => {
  const store = await emptyStore(t)
  let asked = 0
  const shortSighted: Store = {
    ...store,
    async search({ filter, ...query }) {
      asked += 1
      const { comments, next } = await store.search({
        ...query,
        filter: { ...filter, words: null },
        limit: 1,
      })
      return { comments: comments.filter(({ body }) => body === 'Casino!'), next }
    },
  }
  const { call, submit, token } = await startApp(t, { store: shortSighted })
  const headers = await token('moderate')
  const casino = await submit('a', { body: 'Casino!' })
  let newest = casino
  for (let index = 0; index < 60; index++) newest = await submit('a', { body: `A fine article, ${index}.` })
  let until: string | null = newest.id
  const answers = []
  while (until !== null && answers.length < 10) {
    asked = 0
    const payload: object = { where: { q: 'casino' }, until, verdict: 'reject' }
    const answer: { until: string | null } = (await call({ method: 'POST', url, headers, payload })).json()
    t.equal(asked <= 24, true)
    answers.push(answer)
    until = answer.until
  }
  t.equal(until, null)
  t.match(answers[0], { matched: 0, remaining: 1 })
  t.match(answers.at(-1), { decided: 1, remaining: 0, outcomes: [{ commentId: casino.id }] })
  t.equal((await store.findComment(casino.id))?.status, 'rejected')
})

t.test('an unknown ready reason is refused before anything is looked for', async (t) => {
  const { call, store, submit, token } = await startApp(t)
  const headers = await token('moderate')
  const { id } = await submit('a')
  for (const where of [{ status: ['pending'] }, { q: 'nowhere' }])
    for (const dryRun of [true, false]) {
      const payload = { where, until: id, verdict: 'reject', reasonCode: 'unheard-of', dryRun }
      const problem = await call({ method: 'POST', url, headers, payload })
      t.equal(problem.json().errors[0].pointer, '/reasonCode')
      equalProblem(t, problem, 422, 'reason-unknown', [
        'body /reasonCode: There is no reason unheard-of. Those that there are stand at /v1/moderation/reasons.',
      ])
    }
  t.equal((await store.queue()).pending, 1)
})

t.test('says what is wrong', async (t) => {
  const { call, token } = await startApp(t)
  const headers = await token('moderate')
  const payload = { where: { status: [] }, until: 'now', verdict: 'withdraw', limit: 1_001 }
  equalProblem(t, await call({ method: 'POST', url, headers, payload }), 400, 'invalid-request', [
    'body /where/status: must hold at least one status',
    'body /until: must be a UUID',
    'body /verdict: must be approve, reject or reopen',
    'body /limit: must be at most 1000',
  ])
})

/** The id just before another one. */
function before(id: string): string {
  return id.slice(0, 24) + (Number.parseInt(id.slice(24), 16) - 1).toString(16).padStart(12, '0')
}

t.test('a filter that says nothing is no filter', async (t) => {
  const { call, token, submit, store } = await startApp(t)
  const { id } = await submit('a')
  const headers = await token('moderate')
  for (const where of [{}, { q: null }, { status: null, articleIds: null }])
    equalProblem(
      t,
      await call({
        method: 'POST',
        url,
        headers,
        payload: { where, until: id, verdict: 'approve', dryRun: true },
      }),
      400,
      'invalid-request',
      ['body /where: must say something of the comments; all that wait are {"status": ["pending"]}'],
    )
  t.equal((await store.findComment(id))?.status, 'pending')
})

everyStatusWasSeen(t, 'decideMatching')
