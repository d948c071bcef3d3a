import stringWidth from 'string-width'
import t from 'tap'
import { startDeskService } from './desk-service.ts'

const service = await startDeskService(t)
const marie = await service.moderator('marie')
const jean = await service.moderator('jean')
const unknown = '01a227f5-c73e-7101-99b4-d0990bacc2ac'

const statusOf = async (id: string) => {
  const headers = await service.token('moderate')
  const seen = await service.call({ url: `/v1/moderation/comments/${id}`, headers })
  const { status, decisions } = seen.json()
  return { status, ...decisions.findLast((one: { action: string }) => one.action !== 'note') }
}

t.test('several are decided at once, each with an outcome of its own', async (t) => {
  const [one = '', other = ''] = await service.submitMany(2)
  const outcomes = await marie.json(['approve', one, unknown, other, one])
  t.match(outcomes, [
    { commentId: one, outcome: 'decided', comment: { status: 'approved' } },
    { commentId: unknown, outcome: 'refused', problem: { type: 'urn:imprimatur:problem:comment-not-found' } },
    { commentId: other, outcome: 'decided' },
  ])
  t.equal(outcomes.length, 3, 'who is named twice is decided about once')
  t.match(await marie.run(['approve', one, other]), { code: 0, err: '' })
  const { code, out, err } = await marie.run(['reject', unknown, one, '--reason', 'Not here.'], {
    columns: 100,
  })
  t.equal(code, 3)
  t.match(
    out,
    `refused   ${unknown}  There is no comment with this id.\nrejected  ${one}  Ada on why-we-print\n`,
  )
  t.equal(err, '1 of 2 not done: 1 refused, 0 failed.\n')
  t.match(await statusOf(one), { status: 'rejected', decidedBy: 'marie', reason: 'Not here.' })
  t.match(await marie.run(['reject', one], { columns: 100 }), {
    code: 0,
    out: `unchanged ${one}  it is rejected already\n`,
  })
})

t.test('ids come by standard input, and so do the lines that a list prints', async (t) => {
  const ids = await service.submitMany(3, 'by-input')
  const listed = await marie.run(['queue', '--article', 'by-input', '--json'])
  t.match(await marie.json(['reject', '-'], { input: listed.out }), [
    { commentId: ids[0], outcome: 'decided', comment: { version: 2 } },
    { commentId: ids[1] },
    { commentId: ids[2] },
  ])
  t.match(await marie.json(['reopen', '-'], { input: `${ids.join('\r\n')}\n\n` }), [
    { comment: { status: 'pending' } },
    {},
    {},
  ])
  const stale = await jean.run(['approve', '-'], { input: listed.out })
  t.equal(stale.code, 3)
  t.equal(stale.out.match(/"type":"urn:imprimatur:problem:version-mismatch"/g)?.length, 3)
  t.match(JSON.parse(stale.out.split('\n')[0] ?? ''), {
    outcome: 'refused',
    comment: { status: 'pending', version: 3 },
    lastDecision: { action: 'reopen', decidedBy: 'marie' },
  })
  t.match(await jean.run(['approve', '-'], { input: listed.out, columns: 120 }), {
    out: new RegExp(`^refused   ${ids[0]}  marie reopened it \\d+ s ago\\.\n`),
  })
  t.match(await marie.run(['approve', '-']), {
    code: 0,
    out: '',
    err: 'Nothing was named, and nothing decided.\n',
  })
  t.match(await marie.run(['approve', '-'], { input: '{"id":' }), { code: 1, err: /is no comment's id/ })
})

t.test('more than one call takes are decided in several', async (t) => {
  const ids = await service.submitMany(103, 'many')
  const outcomes = await marie.json(['approve', '-'], { input: ids.join('\n') })
  t.same(
    outcomes.map((one) => (one as { commentId: string }).commentId),
    ids,
  )
})

t.test('what a colleague has decided is overruled by nobody unseen', async (t) => {
  const [id = ''] = await service.submitMany(1)
  await marie.run(['approve', id])
  const refused = await jean.run(['reject', id], { columns: 60 })
  t.match(refused, { code: 3, err: '1 of 1 not done: 1 refused, 0 failed.\n' })
  t.match(
    refused.out.replaceAll(/\s+/g, ' '),
    /marie approved it \d+ s ago\. --anyway decides all the same\./,
  )
  for (const line of refused.out.split('\n')) t.ok(stringWidth(line) <= 60)
  t.match(await jean.json(['reject', id]), [
    { outcome: 'refused', comment: { status: 'approved' }, lastDecision: { decidedBy: 'marie' } },
  ])
  t.match(await statusOf(id), { status: 'approved', decidedBy: 'marie' })
  t.match(await jean.run(['reject', id, '--anyway']), { code: 0 })
  t.match(await statusOf(id), { status: 'rejected', decidedBy: 'jean' })
  t.match(await jean.run(['approve', id]), { code: 0 }, 'their own they may change')
  t.match(await marie.run(['reopen', id, '--note', 'Look again.']), { code: 0 })
  t.match(await statusOf(id), { status: 'pending', note: 'Look again.' })
})

t.test('what goes along with a rejection comes back with an approval', async (t) => {
  const { id } = await service.publish('letters')
  const reply = await service.publish('letters', { parentId: id })
  const reject = ['reject', id, '--replies', 'reject', '--replies-reason', 'Its parent went.', '--anyway']
  t.match(await marie.run(reject), { code: 0 })
  t.match(await statusOf(reply.id), { status: 'rejected', reason: 'Its parent went.', rejectedWith: id })
  t.match(await marie.run(['undo']), { code: 0 })
  t.match(await statusOf(id), { status: 'approved' })
  t.match(await statusOf(reply.id), { status: 'approved' })
})

t.test('an approval that brought replies back is undone by halves by nobody', async (t) => {
  const { id } = await service.publish('letters')
  const replies = [
    await service.publish('letters', { parentId: id }),
    await service.publish('letters', { parentId: id }),
  ]
  const other = await service.submit('letters', { parentId: id, body: 'Another.' })
  await marie.run(['reject', id, '--replies', 'reject', '--anyway'])
  await marie.run(['approve', id, '--replies', 'restore'])
  const statuses = () =>
    Promise.all([id, ...replies.map((one) => one.id)].map(async (one) => (await statusOf(one)).status))
  t.same(await statuses(), ['approved', 'approved', 'approved'])
  const last = (await marie.run(['undo'])).err
  t.match(last, `Not undone: replies came back with ${id}; imprimatur undo `)
  t.match(last, `imprimatur reject ${id} --replies reject takes all replies along.\n`)
  t.match(await marie.run(['undo', id]), {
    code: 3,
    err: `Not undone: replies came back with ${id}; they would stay without it.`,
  })
  t.same(await statuses(), ['approved', 'approved', 'approved'], 'nothing was undone')
  t.match(await marie.run(['undo', replies[0]?.id ?? '']), { code: 0 }, 'one that is named is meant')
  t.same(await statuses(), ['approved', 'rejected', 'approved'])
  t.match(await marie.run(['reject', id, '--replies', 'reject']), { code: 0 })
  t.same(await statuses(), ['rejected', 'rejected', 'rejected'])
  await marie.run(['approve', id])
  t.match(await marie.run(['undo', id]), { code: 0 }, 'where none came back')
  await marie.run(['approve', replies[1]?.id ?? ''])
  t.match(await marie.run(['undo']), { code: 0 }, 'nor where the reply came back alone')
  await marie.run(['approve', id, other.id])
  t.match(await marie.run(['undo', id]), { code: 0 }, 'nor where another was approved next')
})

t.test('undo leads back to before, and to before that', async (t) => {
  const [id = ''] = await service.submitMany(1)
  const undone = async (columns?: number) => {
    const { code, out, err } = await marie.run(['undo', id], { ...(columns !== undefined && { columns }) })
    t.match({ code, err }, { code: 0, err: '' })
    return out
  }
  await marie.run(['approve', id])
  t.match(await undone(100), `undone    ${id}  was approved, is pending  Ada on why-we-print\n`)
  t.match(JSON.parse(await undone()), { id, status: 'approved', version: 4 }, 'the undoing too')
  await marie.run(['reject', id, '--reason', 'Off the subject.'])
  await undone()
  t.match(await statusOf(id), { status: 'approved', version: 6 })
  await marie.run(['reject', id, '--reason', 'Off the subject.'])
  await marie.run(['approve', id])
  await undone()
  t.match(await statusOf(id), { status: 'rejected', reason: 'Off the subject.' }, 'with the reason as it was')
  await marie.run(['reopen', id])
  await undone()
  t.match(await statusOf(id), { status: 'rejected', reason: 'Off the subject.' })
})

t.test('undo without an id is about what this token decided last, whatever it noted since', async (t) => {
  const [one = '', other = ''] = await service.submitMany(2)
  await marie.run(['approve', one])
  await jean.run(['approve', other])
  t.match(await marie.run(['note', one, 'a', 'note'], { columns: 80 }), {
    code: 0,
    out: `noted     ${one}\n`,
  })
  t.match(await marie.json(['note', one, 'another']), [
    { action: 'note', note: 'another', decidedBy: 'marie' },
  ])
  t.match(await marie.json(['undo']), [{ id: one, status: 'pending' }])
  t.match(await statusOf(other), { status: 'approved' })
})

t.test('what somebody decided since is not undone, and who it was is said', async (t) => {
  const [id = ''] = await service.submitMany(1)
  t.match(await marie.run(['undo', id]), { code: 3, err: 'Nobody has decided about it yet.\n' })
  t.match(await marie.run(['undo', unknown]), { code: 3, err: 'There is no comment with this id.\n' })
  await marie.run(['approve', id])
  t.match(await jean.run(['undo', id]), { code: 3, err: /^Not undone: marie approved it \d+ s ago\.\n$/ })
  await jean.run(['reject', id, '--anyway', '--reason', 'Look closer.'])
  t.match(await marie.run(['undo']), {
    code: 3,
    err: /^Not undone: jean rejected it \d+ s ago \(Look closer\.\)\.\n$/,
  })
  t.match(await statusOf(id), { status: 'rejected', decidedBy: 'jean' })
  const newcomer = await service.moderator('newcomer')
  t.match(await newcomer.run(['undo']), { code: 3, err: 'You have decided nothing yet.\n' })
})

t.test('what is erased is erased for good', async (t) => {
  const [id = ''] = await service.submitMany(1)
  t.match(
    await marie.run(['erase', id, '--reason', 'It named a private address.', '--note', 'By letter.'], {
      columns: 80,
    }),
    {
      code: 0,
      out: `erased    ${id}  for good\n`,
    },
  )
  t.match(await statusOf(id), {
    status: 'withdrawn',
    reason: 'It named a private address.',
    note: 'By letter.',
  })
  t.match(await marie.run(['erase', id, '--reason', 'x'], { columns: 80 }), {
    code: 0,
    out: `unchanged ${id}  it is erased already\n`,
  })
  for (const args of [['undo'], ['undo', id]])
    t.match(await marie.run(args), {
      code: 3,
      err: 'Your last decision was an erasure, which cannot be undone.\n',
    })
  t.match(await marie.json(['approve', id]), [{ outcome: 'refused', problem: { status: 409 } }])
})
