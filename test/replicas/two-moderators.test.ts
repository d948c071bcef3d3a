import t, { type Test } from 'tap'
import { startApp, type TestApp } from '../support/app.ts'
import { logOf } from '../support/store.ts'
import { startReplicas } from './replicas.ts'

/*
 * Two people at one queue, each with a page that grows old while they read: whatever they decide, they have seen the ground for
 * it, and none of them overrules the other unseen.
 *
 * REPETITIONS=20 node test/replicas/two-moderators.test.ts
 */
const repetitions = Number(process.env['REPETITIONS'] ?? 1)

t.setTimeout(600_000 + repetitions * 60_000)

type Desk = Pick<TestApp, 'call' | 'token'>
type Seen = { id: string; version: number; status: string; body: string }
type Outcome = {
  commentId: string
  outcome: string
  comment: Seen | null
  lastDecision: { decidedBy: string; action: string; version: number } | null
}

for (let repetition = 0; repetition < repetitions; repetition++) {
  t.test('at one service on SQLite', async (t) => {
    const app = await startApp(t)
    await play(t, app, [app, app])
  })

  t.test('at two of three replicas on PostgreSQL', async (t) => {
    const { replicas } = await startReplicas(t, 3)
    const [site, one, other] = replicas
    if (site === undefined || one === undefined || other === undefined) throw new Error('three were started')
    await play(t, site, [one, other])
  })
}

async function play(t: Test, site: TestApp, desks: readonly [Desk, Desk]): Promise<void> {
  const ids: string[] = []
  for (let count = 0; count < 40; count++) ids.push((await site.submit('a')).id)
  // One after the other: each is known by the token that was not there before.
  const people = [await personAt(desks[0], 0, site), await personAt(desks[1], 1, site)]
  await Promise.all(people.map((person) => person.work()))

  const refused = people.flatMap((person) => person.refused)
  t.ok(refused.length > 0, 'they were in each other’s way')
  for (const { lastDecision, comment } of refused) {
    t.ok(lastDecision !== null && comment !== null, 'who was too late is told')
    t.equal(lastDecision?.version, comment?.version)
  }
  for (const id of ids) {
    const log = await logOf(site.store, id)
    t.same(
      log.map(({ version }) => version),
      log.map((_, index) => index + 2),
      'no version was decided about twice',
    )
    for (const { version, decidedBy } of log) {
      const maker = people.find(({ name }) => name === decidedBy)
      t.ok(maker?.saw.has(`${id} ${version - 1}`), `${decidedBy} had seen version ${version - 1}`)
    }
  }
  t.equal((await site.store.queue()).pending, 0)
}

/** Reads a page, decides about all of it after a while, and looks at what was refused before deciding about that, if at all. */
async function personAt(desk: Desk, index: number, { store }: TestApp) {
  const known = new Set((await store.listTokens()).map(({ name }) => name))
  const headers = await desk.token('moderate')
  const name = (await store.listTokens()).find((token) => !known.has(token.name))?.name ?? ''
  const saw = new Set<string>()
  const refused: Outcome[] = []
  const note = ({ id, version }: Seen) => saw.add(`${id} ${version}`)

  async function decide(page: readonly Seen[]): Promise<Outcome[]> {
    const verdicts = ['approve', 'reject', index === 0 ? 'approve' : 'reject']
    const decisions = page.map(({ id, version }, place) => ({
      commentId: id,
      version,
      verdict: verdicts[place % verdicts.length],
    }))
    const url = '/v1/moderation/decisions'
    return (await desk.call({ method: 'POST', url, headers, payload: { decisions } })).json().outcomes
  }

  return {
    name,
    saw,
    refused,
    async work() {
      for (;;) {
        const queue = (await desk.call({ url: '/v1/moderation/comments?limit=10', headers })).json()
        if (queue.comments.length === 0) return
        for (const comment of queue.comments) note(comment)
        const outcomes = await decide(queue.comments)
        const late = outcomes.filter(({ outcome }) => outcome === 'refused')
        refused.push(...late)
        // One of them is worth a second decision, now that it was looked at.
        const again = late.flatMap(({ comment }) => (comment === null ? [] : [comment])).slice(0, 1)
        for (const comment of again) note(comment)
        if (again.length > 0) await decide(again)
      }
    },
  }
}
