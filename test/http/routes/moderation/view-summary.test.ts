import t from 'tap'
import { startApp, type TestApp } from '../../../support/app.ts'
import {
  answersHead,
  answersLikeEveryRoute,
  everyStatusWasSeen,
  isConditional,
  needsToken,
  turnsAwayWhenOverloaded,
} from '../../../support/routes.ts'

const url = '/v1/moderation/summary'

/** Within one hour of one day, which a test that runs at its end would leave. */
const nowMs = Date.parse('2026-05-04T09:30:00.000Z')
const clock = () => nowMs

const plan = {
  request: async ({ submit, token }: TestApp) => {
    await submit('a')
    return { url, headers: await token('moderate') }
  },
  success: 200,
  faultIn: 'countByStatus',
} as const

t.setTimeout(300_000)

answersLikeEveryRoute(t, plan)
turnsAwayWhenOverloaded(t, plan)
needsToken(t, plan, 'moderate')
answersHead(t, { ...plan })
isConditional(t, { ...plan, options: { clock } })

t.test('an empty desk has nothing to tell', async (t) => {
  const { call, store, token } = await startApp(t, { clock })
  const headers = await token('moderate')
  const [own] = await store.listTokens()
  const response = await call({ url, headers })
  const { arrivals, ...numbers } = response.json()
  t.same(numbers, {
    moderator: own?.name,
    at: '2026-05-04T09:30:00.000Z',
    counts: { pending: 0, approved: 0, rejected: 0, withdrawn: 0 },
    oldestPendingAt: null,
    claimed: { mine: 0, others: 0 },
    today: {
      since: '2026-05-04T00:00:00.000Z',
      approve: 0,
      reject: 0,
      reopen: 0,
      erase: 0,
      byModerator: [],
      byReason: [],
    },
    waits: { decided: 0, medianSeconds: null, p90Seconds: null },
  })
  t.equal(arrivals.length, 24)
  t.same(arrivals[0], { hour: '2026-05-03T10:00:00.000Z', count: 0 })
  t.same(arrivals[23], { hour: '2026-05-04T09:00:00.000Z', count: 0 })
})

t.test('counts what waits, who has taken it, and what was decided by whom and why', async (t) => {
  let atMs = nowMs
  const { call, store, submit, token } = await startApp(t, { clock: () => atMs })
  const [marie, jean] = [await token('moderate'), await token('moderate')]
  const [first, second] = (await store.listTokens()).map(({ name }) => name)
  const ids: string[] = []
  for (let count = 0; count < 6; count++) {
    ids.push((await submit('a')).id)
    atMs += 1_000
  }
  const decide = (index: number, verdict: string, headers: Record<string, string>, payload: object = {}) =>
    call({ method: 'POST', url: `/v1/moderation/comments/${ids[index]}/${verdict}`, headers, payload })
  atMs = nowMs + 60_000
  await decide(0, 'approve', marie)
  await decide(1, 'reject', marie, { reasonCode: 'spam' })
  atMs = nowMs + 600_000
  await decide(2, 'reject', jean, { reasonCode: 'spam' })
  await decide(3, 'reject', jean, { reasonCode: 'insult' })
  await decide(3, 'reopen', marie)
  await decide(4, 'erase', jean, { reason: 'It named somebody.' })
  await call({ method: 'POST', url: '/v1/moderation/claims', headers: jean, payload: { limit: 1 } })
  const summary = async (headers: Record<string, string>) => (await call({ url, headers })).json()
  t.match(await summary(marie), {
    moderator: first,
    counts: { pending: 2, approved: 1, rejected: 2, withdrawn: 1 },
    oldestPendingAt: '2026-05-04T09:30:03.000Z',
    claimed: { mine: 0, others: 1 },
    today: { approve: 1, reject: 3, reopen: 1, erase: 1 },
    // 60, 59, 598 and 597 seconds.
    waits: { decided: 4, medianSeconds: 60, p90Seconds: 598 },
  })
  const { today, claimed } = await summary(jean)
  t.same(claimed, { mine: 1, others: 0 })
  t.same(
    today.byModerator,
    [
      { name: first, approve: 1, reject: 1, reopen: 1, erase: 0 },
      { name: second, approve: 0, reject: 2, reopen: 0, erase: 1 },
    ].toSorted((one, other) => ((one.name ?? '') < (other.name ?? '') ? -1 : 1)),
  )
  t.same(today.byReason, [
    { code: 'spam', count: 2 },
    { code: 'insult', count: 1 },
  ])
  atMs = nowMs + 20 * 3_600_000
  t.match(await summary(marie), {
    today: { since: '2026-05-05T00:00:00.000Z', approve: 0, byModerator: [], byReason: [] },
    waits: { decided: 4 },
  })
  atMs = nowMs + 25 * 3_600_000
  t.match(await summary(marie), { waits: { decided: 0, medianSeconds: null } })
})

t.test('counts arrivals by the hour', async (t) => {
  let nowMs = Date.now()
  const { call, submit, token } = await startApp(t, { clock: () => nowMs })
  await submit('a')
  const { id } = await submit('a')
  // Where other tests of this process had a clock that is ahead, so are the ids that come after.
  nowMs = Number.parseInt(id.replace('-', '').slice(0, 12), 16)
  const { arrivals } = (await call({ url, headers: await token('moderate') })).json()
  const counts: number[] = arrivals.map(({ count }: { count: number }) => count)
  // The hour may have ended in between.
  t.equal((counts[22] ?? 0) + (counts[23] ?? 0), 2)
})

t.test('its ETag is that of the numbers, and another for each moderator', async (t) => {
  let atMs = nowMs
  const { call, submit, token } = await startApp(t, { clock: () => atMs })
  const [marie, jean] = [await token('moderate'), await token('moderate')]
  const tagOf = async (headers: Record<string, string>) => (await call({ url, headers })).headers.etag
  const first = await tagOf(marie)
  atMs += 1_000
  t.equal(await tagOf(marie), first)
  t.not(await tagOf(jean), first)
  await submit('a')
  t.not(await tagOf(marie), first)
})

everyStatusWasSeen(t, 'viewSummary')
