import stringWidth from 'string-width'
import t, { type Test } from 'tap'
import { openDesk } from '../../src/cli/moderating/desk.ts'
import { drawn, keyLines, linesOf, reasonLines } from '../../src/cli/moderating/screen.ts'
import { type Answer, connect, type Service } from '../../src/cli/moderating/service.ts'
import { undo } from '../../src/cli/moderating/undo.ts'
import type { Context, QueuedComment } from '../../src/cli/moderating/wire.ts'
import { claimLimits } from '../../src/domain/moderation/claim.ts'
import { testTerminal } from '../support/process.ts'
import { startDeskService } from './desk-service.ts'

const nowMs = Date.parse('2026-11-30T12:00:00Z')

function comment(id: string, more: Partial<QueuedComment> = {}): QueuedComment {
  return {
    id,
    articleId: 'why-we-print',
    articleUrl: null,
    parentId: null,
    status: 'pending',
    version: 1,
    author: { name: 'Ada', email: 'ada@example.org' },
    body: 'A fine article.',
    submittedAt: '2026-11-30T11:00:00.000Z',
    publishedAt: null,
    repeats: null,
    claim: null,
    ...more,
  }
}

/** Answers each call by the first answer that is left for it, and keeps what was asked. */
type Answers = Record<string, (Answer<unknown> | 'lost')[]>

function answering(answers: Answers): { service: Service; asked: string[] } {
  const asked: string[] = []
  const ask = async (method: string, path: string): Promise<Answer<never>> => {
    const call = `${method} ${path}`
    asked.push(call)
    const answer = answers[call]?.shift()
    if (answer === 'lost') throw new Error('lost')
    if (answer === undefined) throw new Error(`nothing answers ${call}`)
    // A test says what it is.
    return answer as Answer<never>
  }
  const whole = async (method: string, path: string): Promise<never> => {
    const answer = await ask(method, path)
    if (!answer.ok) throw new Error(answer.problem.detail)
    return answer.body
  }
  return {
    service: { ask, get: (path) => whole('GET', path), post: (path) => whole('POST', path) },
    asked,
  }
}

const ok = (body: unknown): Answer<unknown> => ({ ok: true, body })
const gone: Answer<unknown> = {
  ok: false,
  problem: {
    type: 'urn:imprimatur:problem:comment-not-found',
    title: 'x',
    status: 404,
    detail: 'There is none.',
  },
}

const beginning = () => ({
  'GET summary': [ok({ moderator: 'marie', counts: { pending: 3 } })],
  'GET reasons': [ok({ reasons: [] })],
  'GET decisions?order=newest&limit=1': [ok({ decisions: [] })],
})

t.test('what a run before could not give back comes first, and what is skipped comes once', async (t) => {
  const twenty = Array.from({ length: 20 }, (_, index) => comment(`s${index}`))
  const all = `DELETE claims?${twenty.map(({ id }) => `commentId=${id}`).join('&')}`
  const { service, asked } = answering({
    ...beginning(),
    'GET claims': [ok({ comments: [comment('left')] })],
    'POST claims': [ok({ comments: twenty }), ok({ comments: twenty }), ok({ comments: [comment('next')] })],
    'DELETE claims?commentId=left': [ok({ released: 1 })],
    ...Object.fromEntries(
      twenty.map(({ id }) => [`DELETE claims?commentId=${id}`, [ok({ released: 1 })]] as const),
    ),
    [all]: [ok({ released: 20 })],
    'DELETE claims?commentId=next': [ok({ released: 1 })],
  })
  const desk = openDesk(service, { where: {} }, () => nowMs)
  await desk.start()
  t.equal(desk.mine(), 21)
  for (let shown = desk.current(); shown !== null; shown = desk.current()) {
    await desk.skip(shown)
    t.equal(asked.at(-1), `DELETE claims?commentId=${shown.id}`, 'others may have it at once')
  }
  // They are claimed again, and are not shown again.
  await desk.claim()
  t.equal(desk.current()?.id, 'next')
  t.equal(desk.mine(), 1)
  t.same(asked.slice(-3), ['POST claims', 'POST claims', all], 'and are given back once the next are found')
  await desk.release()
  t.equal(asked.at(-1), 'DELETE claims?commentId=next')
})

for (const order of ['oldest', 'newest'] as const)
  t.test(
    `who skips more than anybody may hold is given what stands behind them, ${order} first`,
    async (t) => {
      const desk = await startDeskService(t)
      const ids = await desk.submitMany(claimLimits.held + 45)
      const marie = await desk.moderator('marie')
      const service = await connect({ ...testTerminal(), env: marie.env }, {})
      const run = openDesk(service, { where: {}, order }, Date.now)
      await run.start()
      const seen: string[] = []
      for (let shown = run.current(); shown !== null; shown = run.current()) {
        seen.push(shown.id)
        await run.skip(shown)
        if (run.current() === null) await run.claim()
      }
      t.same(seen, order === 'oldest' ? ids : ids.toReversed())
      const { claims } = (await service.get('claims')) as { claims?: unknown[] }
      t.same(claims ?? [], [], 'and holds none of them')
    },
  )

t.test('what is no longer claimed goes, but for what stands on the screen', async (t) => {
  const { service, asked } = answering({
    ...beginning(),
    'POST claims': [ok({ comments: ['a', 'b', 'c'].map((id) => comment(id)) })],
    'PATCH claims': [ok({ commentIds: ['c'] }), gone],
    'DELETE claims?commentId=a&commentId=c': [ok({ released: 2 })],
  })
  const desk = openDesk(service, { where: { articlePrefix: 'why' }, order: 'newest' }, () => nowMs)
  await desk.start()
  await desk.renew()
  t.equal(desk.mine(), 2)
  t.equal(desk.current()?.id, 'a')
  await desk.renew()
  await desk.release()
  await desk.renew()
  t.notOk(asked.includes('GET claims'), 'where it is narrowed down, others of mine are left where they are')
  t.equal(
    asked.filter((call) => call === 'PATCH claims').length,
    2,
    'nothing is renewed where there is nothing',
  )
})

t.test('a comment that is gone is gone, and the next is shown', async (t) => {
  const { service } = answering({
    ...beginning(),
    'POST claims': [ok({ comments: [comment('a'), comment('b')] })],
    'POST comments/a/approve': [gone],
    'GET comments/a': [gone],
    'POST comments/b/notes': [gone],
  })
  const desk = openDesk(service, { where: { articlePrefix: 'why' } }, () => nowMs)
  await desk.start()
  await desk.decide(comment('a'), 'approve')
  t.equal(desk.said(), 'Not decided: There is none.')
  t.equal(desk.current()?.id, 'b')
  await desk.note(comment('b'), 'x')
  t.equal(desk.said(), 'There is none.')
})

const logged = (version: number, action: 'approve' | 'reject' = 'approve', decidedBy = 'marie') => ({
  id: `${version}`,
  position: version,
  action,
  version,
  decidedBy,
  reason: null,
  reasonCode: null,
  note: null,
  decidedAt: '2026-11-30T11:59:00.000Z',
  rejectedWith: null,
})
const stale: Answer<unknown> = {
  ok: false,
  problem: {
    type: 'urn:imprimatur:problem:version-mismatch',
    title: 'x',
    status: 412,
    detail: 'It has changed.',
  },
}
const mineOf = (id: string) => `GET decisions?decidedBy=me&commentId=${id}&order=newest&limit=100`

t.test('a decision whose answer was lost is known again, and is what u undoes', async (t) => {
  const isAt = (id: string, version: number, decisions: ReturnType<typeof logged>[]) =>
    ok({ ...comment(id, { version, status: decisions.length === 0 ? 'pending' : 'approved' }), decisions })
  const decided = (id: string, status: 'approved' | 'pending', version: number) =>
    ok({ ...comment(id, { status, version }), changed: true, approvedReplies: 0 })
  async function opened(t: Test, more: Answers) {
    const { service } = answering({
      ...beginning(),
      'POST claims': [ok({ comments: ['a', 'b', 'c'].map((id) => comment(id)) }), ok({ comments: [] })],
      'POST comments/a/approve': ['lost', stale],
      ...more,
    })
    const desk = openDesk(service, { where: { articlePrefix: 'why' } }, () => nowMs)
    await desk.start()
    await t.rejects(desk.decide(comment('a'), 'approve'), /lost/)
    t.match(desk.current(), { id: 'a', version: 1 })
    return desk
  }

  t.test('by the same key again', async (t) => {
    const desk = await opened(t, {
      'GET comments/a': [isAt('a', 2, [logged(2)]), isAt('a', 2, [logged(2)])],
      [mineOf('a')]: [ok({ decisions: [logged(2)] })],
      'POST comments/a/reopen': [decided('a', 'pending', 3)],
    })
    await desk.decide(comment('a'), 'approve')
    t.equal(desk.said(), "Ada's comment is approved; u undoes.")
    t.equal(desk.current()?.id, 'b')
    t.same([desk.tally().approve, desk.pending()], [1, 2])
    await desk.undo()
    t.equal(desk.said(), 'Undone: it was approved, and is pending again.')
    t.match(desk.current(), { id: 'a', version: 3 })
    t.equal(desk.tally().approve, 0)
  })

  t.test('by another key, which decides nothing', async (t) => {
    const desk = await opened(t, {
      'POST comments/a/reject': [stale],
      'GET comments/a': [isAt('a', 2, [logged(2)])],
      [mineOf('a')]: [ok({ decisions: [logged(2)] })],
    })
    await desk.decide(comment('a'), 'reject')
    t.match(desk.said(), /^Not decided: marie approved it 60 s ago\./)
    t.match(desk.current(), { id: 'a', version: 2, status: 'approved' })
    t.equal(desk.tally().approve, 1)
  })

  t.test('by u, where it was skipped and another was decided about after it', async (t) => {
    const desk = await opened(t, {
      'DELETE claims?commentId=a': [ok({ released: 0 })],
      'POST comments/b/approve': [decided('b', 'approved', 2)],
      'GET comments/a': [isAt('a', 1, []), isAt('a', 2, [logged(2)]), isAt('a', 2, [logged(2)])],
      [mineOf('a')]: [ok({ decisions: [logged(2)] })],
      'GET comments/b': [isAt('b', 2, [logged(2)])],
      'POST comments/b/reopen': [decided('b', 'pending', 3)],
      'POST comments/a/reopen': [decided('a', 'pending', 3)],
    })
    await desk.undo()
    t.equal(desk.said(), 'There is nothing of this run to undo.', 'it is on its way still')
    await desk.skip(comment('a'))
    await desk.decide(comment('b'), 'approve')
    await desk.undo()
    t.match(desk.current(), { id: 'b', version: 3 }, 'the last one first')
    await desk.undo()
    t.match(desk.current(), { id: 'a', version: 3 })
  })

  t.test('by itself', async (t) => {
    const desk = await opened(t, {
      'GET decisions?after=0&limit=100': [
        ok({ decisions: [{ ...logged(2), commentId: 'a' }], nextAfter: 2 }),
      ],
      'GET summary': [
        ...(beginning()['GET summary'] ?? []),
        ok({ moderator: 'marie', counts: { pending: 2 } }),
      ],
      'GET comments/a': [isAt('a', 2, [logged(2)])],
      [mineOf('a')]: [ok({ decisions: [logged(2)] })],
    })
    await desk.follow()
    t.equal(desk.said(), "Ada's comment is approved; u undoes.")
    t.same([desk.current()?.id, desk.pending()], ['b', 2])
  })

  t.test('and not where a colleague was first', async (t) => {
    const desk = await opened(t, {
      'GET comments/a': [isAt('a', 2, [logged(2, 'approve', 'jean')])],
      [mineOf('a')]: [ok({ decisions: [] })],
    })
    await desk.decide(comment('a'), 'approve')
    t.match(desk.said(), /^Not decided: jean approved it 60 s ago\./)
    await desk.undo()
    t.equal(desk.said(), 'There is nothing of this run to undo.')
  })
})

t.test('what changes while it stands there is seen before it is decided about', async (t) => {
  const now = (id: string) => ({
    ...comment(id, { version: 2, status: 'approved' }),
    decisions: [logged(2, 'approve', 'jean')],
  })
  const { service } = answering({
    ...beginning(),
    'POST claims': [ok({ comments: ['a', 'b', 'c'].map((id) => comment(id)) }), ok({ comments: [] })],
    'GET comments/a/context': [ok({ comment: now('a') })],
    'GET comments/b/context': [ok({ comment: now('b') })],
    'POST comments/a/reject': [stale],
    'GET comments/a': [ok({ ...now('a'), version: 3 })],
  })
  const desk = openDesk(service, { where: { articlePrefix: 'why' } }, () => nowMs)
  await desk.start()
  t.notOk(desk.isUnseen())
  await desk.look()
  t.match(desk.said(), /^Meanwhile jean approved it 60 s ago\..* a key pressed twice decides/)
  t.ok(desk.isUnseen())
  desk.see()
  t.match(desk.said(), /^Press it again to decide\. Meanwhile jean approved it/)
  t.notOk(desk.isUnseen())
  await desk.decide(comment('a', { version: 2 }), 'reject')
  t.match(desk.said(), /^Not decided: jean approved it/)
  t.notOk(desk.isUnseen(), 'whoever is told so after a key has seen it')
})

t.test('an undo that somebody overtakes at the last moment undoes nothing', async (t) => {
  const seen = (version: number, by: string) =>
    ok({ ...comment('a', { version }), decisions: [logged(version, 'approve', by)] })
  for (const [after, sentence] of [
    [seen(3, 'jean'), 'jean approved it 60 s ago.'],
    [seen(2, 'marie'), 'It has changed.'],
    [gone, 'It has changed.'],
  ] as const) {
    const { service } = answering({
      'GET comments/a': [seen(2, 'marie'), after],
      'POST comments/a/reopen': [stale],
    })
    t.match(await undo(service, 'a', 2, nowMs), { kind: 'refused', sentence })
  }
  const { service } = answering({ 'GET comments/a': [gone] })
  t.match(await undo(service, 'a', 2, nowMs), { kind: 'refused', comment: null, sentence: 'There is none.' })
})

t.test('on the screen nothing of what others wrote is obeyed, and every line fits', async (t) => {
  const hostile = 'a\u001b[2J\u001b]0;owned\u0007\u009b31m\r\nroot\t\u202e日本語👩‍👩‍👧‍👦\u2028b '.repeat(4)
  const obeyed = /\p{Cc}|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u
  const one = comment('a', {
    status: 'rejected',
    articleId: hostile,
    articleUrl: hostile,
    author: { name: hostile, email: hostile },
    body: hostile,
    repeats: 'b',
  })
  const decision = {
    id: 'd',
    position: 1,
    action: 'reject',
    version: 2,
    decidedBy: hostile,
    reason: hostile,
    reasonCode: null,
    note: hostile,
    decidedAt: '2026-11-30T11:59:00.000Z',
    rejectedWith: null,
  } as const
  const erased = comment('c', { author: null, body: null, status: 'withdrawn' })
  const context: Context = {
    comment: { ...one, decisions: [decision, { ...decision, action: 'note' }] },
    parents: [one, erased],
    parentsLeftOut: true,
    replies: { total: 3, comments: [one, erased] },
    article: { articleId: hostile, title: hostile, url: hostile, approved: 1, pending: 1, closed: true },
    author: {
      last: [
        { comment: one, lastDecision: decision },
        { comment: erased, lastDecision: null },
      ],
      counts: { pending: 1, approved: 1, rejected: 1 },
      decided30Days: 3,
      rejected30Days: 1,
    },
  }
  const views = [
    { comment: one, context },
    { comment: one, context: undefined },
    { comment: { ...erased, author: { name: 'Ada', email: null } }, context: { ...context, author: null } },
    { comment: erased, context: { ...context, article: { ...context.article, title: null } } },
    { comment: null, context: undefined },
  ]
  for (const columns of [10, 20, 40, 80, 200])
    for (const rows of [5, 24, 200]) {
      const size = { columns, rows }
      const middles = [
        ...views.flatMap((view) => [true, false].map((isOpen) => linesOf({ ...view, isOpen, nowMs }, size))),
        reasonLines(
          [
            { code: 'x', texts: { en: hostile } },
            { code: 'y', texts: {} },
            { code: 'z', texts: { fr: 'z' } },
          ],
          'de',
          size,
        ),
        keyLines(size),
      ]
      for (const middle of middles) {
        const lines = drawn(
          { head: 'head', said: hostile, feet: ['long '.repeat(9), 'short'] },
          middle,
          0,
          size,
          false,
        )
        const bad = lines.filter((line) => stringWidth(line) > columns || obeyed.test(line))
        t.same({ rows: lines.length, bad }, { rows, bad: [] }, `${columns} columns`)
      }
    }
})
