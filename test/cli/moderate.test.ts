import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { stripVTControlCharacters } from 'node:util'
import stringWidth from 'string-width'
import t, { type Test } from 'tap'
import { countLines, imprimatur, openPseudoTerminal } from '../support/process.ts'
import { type ModeratorAtDesk, startDeskService } from './desk-service.ts'

t.setTimeout(600_000)

countLines('moderate')

/* Each test has a queue of its own: what waits is what the one before has left, which is nothing. */

const service = await startDeskService(t)
const marie = await service.moderator('marie')
const jean = await service.moderator('jean')

const headers = await service.token('moderate')

async function viewed(id: string) {
  const { status, version, decisions } = (
    await service.call({ url: `/v1/moderation/comments/${id}`, headers })
  ).json()
  return { status, version, ...decisions.at(-1) }
}

/** Whatever was left over is not for the next test. */
async function clearQueue(): Promise<void> {
  await jean.run(['reject', '-', '--anyway'], { input: (await jean.run(['queue', '--all'])).out })
}

async function moderating(
  t: Test,
  who: ModeratorAtDesk,
  {
    args = [],
    ...more
  }: { args?: string[]; columns?: number; rows?: number; env?: Record<string, string> } = {},
) {
  t.teardown(clearQueue)
  return openPseudoTerminal(t, imprimatur(['moderate', ...args]), {
    ...more,
    env: { ...who.env, ...more.env },
  })
}

/** What the last drawing shows, line by line. */
function screenOf(written: string): string[] {
  const drawing = written.split('\u001b[H').at(-1)?.split('\u001b[J')[0] ?? ''
  return drawing.split(/\r+\n/).map((line) => stripVTControlCharacters(line))
}

const shows =
  (...texts: string[]) =>
  (written: string) =>
    written.includes('\u001b[H') &&
    written.endsWith('\u001b[J') &&
    texts.every((text) => screenOf(written).join('\n').includes(text))

t.test('fifty decisions by keys alone', async (t) => {
  const ids = await service.submitMany(50)
  const desk = await moderating(t, marie)
  await desk.shows(shows('Number 0.'))
  for (const [index] of ids.entries()) {
    const next = index === 49 ? 'Nothing waits.' : `Number ${index + 1}.`
    if (index % 5 === 1) {
      await desk.type('r', shows('Rejected, and why?'))
      await desk.type('2', shows(next, 'is rejected; u undoes.'))
    } else if (index % 5 === 2) {
      await desk.type('r', shows('Rejected, and why?'))
      await desk.type('\r', shows(next))
    } else await desk.type('a', shows(next, "Ada's comment is approved; u undoes."))
  }
  desk.type('q', () => true)
  t.equal(await desk.ended, 0)
  t.match(desk.written(), '30 approved, 20 rejected, 0 reopened, 0 skipped.')
  for (const [index, id] of ids.entries())
    t.match(await viewed(id), {
      status: index % 5 === 1 || index % 5 === 2 ? 'rejected' : 'approved',
      decidedBy: 'marie',
      version: 2,
    })
})

t.test('every key does what it says', async (t) => {
  const [first = '', second = '', third = ''] = await service.submitMany(3, 'keys')
  const reply = await service.publish('keys', { body: 'A parent.' })
  const below = await service.submit('keys', { parentId: reply.id, body: 'A reply.' })
  const desk = await moderating(t, marie, { rows: 60 })
  await desk.shows(shows('Number 0.', '4 pending', '4 yours'))
  await desk.type('?', shows('Any key goes back.'))
  await desk.type('x', shows('Number 0.'))
  await desk.type('u', shows('There is nothing of this run to undo.'))
  await desk.type('o', shows('It is pending already.'))
  t.match(await viewed(first), { status: 'pending', version: 1 })

  await desk.type('r', shows('Rejected, and why?', '1  It is not about the subject'))
  desk.type('x', () => true)
  await desk.type('\u001b', (written) => shows('Number')(written) && !shows('Rejected, and why?')(written))
  await desk.type('r', shows('Rejected, and why?'))
  await desk.type('/', (written) => written.includes('Reason: '))
  await desk.type('Not so\u007f here.\r', shows('is rejected; u undoes.'))
  const [decided, left] = [await viewed(second), await viewed(third)]
  t.match(decided, { status: 'rejected', reason: 'Not s here.' })
  t.match(left, { status: 'pending' })
  await desk.type('u', shows('Undone: it was rejected, and is pending again.', 'Number 1.'))
  t.match(await viewed(second), { status: 'pending', action: 'reopen', version: 3 })

  await desk.type('n', (written) => written.includes('Note: '))
  await desk.type('Not\u001b', shows('Number 1.'))
  await desk.type('n', (written) => written.includes('Note: '))
  await desk.type('Look at this.\r', shows('Noted, for moderators only.', 'marie noted', 'Look at this.'))
  t.match(await viewed(second), { action: 'note', note: 'Look at this.', status: 'pending' })
  await desk.type('c', shows('The article keys', 'Decisions:'))
  await desk.type('c', (written) => shows('Number 1.')(written) && !shows('Decisions:')(written))
  await desk.type('s', shows("Ada's comment is left to others.", 'Number 2.'))
  await desk.type('a', shows('is approved', 'A reply.', 'in reply to Ada (approved)', 'A parent.'))
  await desk.type('u', shows('Undone: it was approved, and is pending again.', 'Number 2.'))
  desk.type('q', () => true)
  t.equal(await desk.ended, 0)
  t.match(await viewed(below.id), { status: 'pending' })
})

t.test('two at one queue never see the same, and each is told who was faster', async (t) => {
  const ids = await service.submitMany(22, 'two')
  const desk = await moderating(t, marie)
  await desk.shows(shows('Number 0.', '20 yours'))
  const other = await moderating(t, jean)
  await other.shows(shows('Number 20.', '2 yours'))
  // A decision needs no claim.
  await jean.run(['reject', ids[0] ?? '', '--reason', 'Too late.'])
  const told = await desk.type('a', shows('jean rejected it', '(Too late.)', 'It is rejected', 'Number 0.'))
  t.match(screenOf(told).join('\n'), /(?:Not decided: |Meanwhile )jean rejected it/)
  t.match(await viewed(ids[0] ?? ''), { status: 'rejected', decidedBy: 'jean' }, 'nothing was overruled')
  // Where it showed by itself before the key came, the key was for what it was.
  if (/Meanwhile/.test(told) && !/Press it again/.test(told)) await desk.shows(shows('Press it again'))
  await desk.type('a', shows('is approved; u undoes.', 'Number 1.'))
  t.match(
    await viewed(ids[0] ?? ''),
    { status: 'approved', decidedBy: 'marie', version: 3 },
    'but by who saw it',
  )
  await jean.run(['reopen', ids[0] ?? ''])
  await desk.type('u', shows('is not undone: jean reopened it'))
  // What a colleague decides goes by itself, and where it is shown it stays, and says so.
  await jean.run(['approve', ids[2] ?? ''])
  await desk.shows((written) => shows('18 yours')(written))
  await desk.type('r', shows('Rejected, and why?'))
  await jean.run(['approve', ids[1] ?? ''])
  await desk.shows(shows('Meanwhile jean approved it', 'It is approved', 'Number 1.'))
  // What was pressed for what stood there before decides nothing: not in the reasons, which are gone, and not on the card.
  t.notOk(shows('Rejected, and why?')(desk.written()))
  desk.type('1', () => true)
  await desk.type('r', shows('Press it again to decide. Meanwhile jean'))
  t.match(await viewed(ids[1] ?? ''), { status: 'approved', decidedBy: 'jean' }, 'nothing was overruled')
  await desk.type('r', shows('Rejected, and why?'))
  await desk.type('1', shows('is rejected; u undoes.', 'Number 3.'))
  t.match(await viewed(ids[1] ?? ''), { status: 'rejected', decidedBy: 'marie', version: 3 })
  await desk.type('s', shows('Number 4.'))
  for (const one of [desk, other]) one.type('q', () => true)
  t.same([await desk.ended, await other.ended], [0, 0])
})

t.test('nothing waits, and what comes is shown by itself', async (t) => {
  const desk = await moderating(t, marie)
  await desk.shows(shows('Nothing waits. What comes is shown here by itself.', '0 pending'))
  for (const key of ['a', 'r', 's', 'n', 'o', 'c']) desk.type(key, () => true)
  await service.submitMany(1, 'late')
  await desk.shows(shows('Number 0.', '1 pending', '1 yours'))
  desk.type('q', () => true)
  t.equal(await desk.ended, 0)
})

t.test('a service that is away for a moment loses nothing', async (t) => {
  const [id = ''] = await service.submitMany(1, 'away')
  let isAway = false
  const before = createServer(async (request, response) => {
    if (isAway) {
      response.socket?.destroy()
      return
    }
    let body = ''
    for await (const piece of request) body += piece
    const answer = await fetch(`${service.origin}${request.url}`, {
      method: request.method ?? '',
      headers: request.headers as Record<string, string>,
      ...(body !== '' && { body }),
    })
    response.writeHead(answer.status)
    response.end(await answer.text())
  })
  before.listen(0, '127.0.0.1')
  await once(before, 'listening')
  t.teardown(() => before.close())
  const { port } = before.address() as AddressInfo
  const desk = await moderating(t, marie, { env: { IMPRIMATUR_URL: `http://127.0.0.1:${port}` } })
  await desk.shows(shows('Number 0.'))
  isAway = true
  await desk.type('a', shows('Nothing answers at http://127.0.0.1:', 'Number 0.'))
  isAway = false
  // The end waits for what is on its way.
  desk.type('aq', () => true)
  t.equal(await desk.ended, 0)
  t.match(await viewed(id), { status: 'approved' })
})

for (const [name, keys, signal, code] of [
  ['Ctrl-C', '\u0003', null, 130],
  ['Ctrl-C while something is typed', 'n\u0003', null, 130],
  ['SIGTERM', null, 'SIGTERM', 143],
  ['SIGHUP', null, 'SIGHUP', 129],
] as const)
  t.test(`${name} gives back what is claimed, and the terminal as it was`, async (t) => {
    await service.submitMany(3, 'ending')
    const desk = await moderating(t, marie)
    await desk.shows(shows('Number 0.', '3 yours'))
    t.match(await desk.settings(), '-icanon')
    if (signal !== null) desk.signal(signal)
    else if (keys.length === 1) desk.type(keys, () => true)
    else {
      await desk.type('n', (written) => written.includes('Note: '))
      desk.type('\u0003', () => true)
    }
    t.equal(await desk.ended, code)
    const [, after = ''] = desk.written().split('\u001b[?25h\u001b[?1049l')
    t.match(after, /\d approved, .* icanon\b/s)
    const other = await moderating(t, jean)
    await other.shows(shows('3 yours'))
    other.type('q', () => true)
    await other.ended
  })

t.test('a long comment is read page by page, and a terminal may become narrower', async (t) => {
  const body = Array.from({ length: 60 }, (_, index) => `Line ${index} ${'of many words '.repeat(8)}`).join(
    '\n',
  )
  await service.submit('long', { body })
  const desk = await moderating(t, marie, { rows: 20 })
  const first = screenOf(await desk.shows(shows('Line 0', 'space more')))
  t.equal(first.length, 20)
  await desk.type(' ', (written) => shows('space more')(written) && !shows('Line 0 ')(written))
  await desk.type('b', shows('Line 0'))
  await desk.type('\u001b[B', (written) => !screenOf(written).join('\n').includes('Ada  ada@'))
  await desk.type('\u001b[A', shows('Ada  ada@example.org'))
  for (const columns of [40, 20, 120]) {
    await desk.resize(columns)
    const written = await desk.shows(
      (all) => all.endsWith('\u001b[J') && stringWidth(screenOf(all)[0] ?? '') === columns,
    )
    const lines = screenOf(written)
    t.equal(lines.length, 20)
    for (const line of lines) t.ok(stringWidth(line) <= columns, line)
  }
  desk.type('q', () => true)
  await desk.ended
})

t.test(
  'it narrows down to articles, tells reasons in the language of the terminal, and has no colours unasked',
  async (t) => {
    await service.submitMany(2, 'letters/one')
    await service.submitMany(1, 'other')
    const desk = await moderating(t, marie, {
      args: ['--article-prefix', 'letters/', '--order', 'newest'],
      env: { LC_ALL: 'fr_FR.UTF-8', NO_COLOR: '1' },
    })
    await desk.shows(shows('Number 1.', '2 yours'))
    await desk.type('r', shows('2  Il insulte'))
    t.notMatch(desk.written().replaceAll('\u001b', 'ESC'), /ESC\[[\d;]*m/)
    await desk.type('é', shows('is rejected'))
    desk.type('q', () => true)
    await desk.ended
  },
)
