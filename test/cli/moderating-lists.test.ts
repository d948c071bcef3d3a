import stringWidth from 'string-width'
import t from 'tap'
import { startDeskService } from './desk-service.ts'

const service = await startDeskService(t)
const marie = await service.moderator('marie')

t.test('a queue that is empty says so', async (t) => {
  t.match(await marie.run(['queue'], { columns: 80 }), {
    code: 0,
    out: '',
    err: 'None. 0 wait in the whole queue.\n',
  })
  t.match(await marie.run(['queue']), { code: 0, out: '', err: '' })
})

t.test('the queue is a table on a terminal, as wide as that, and lines of JSON in a pipe', async (t) => {
  const long = 'A long article that is about printing, and goes on and on and on and on and on and on.'
  const first = await service.submit('why-we-print', {
    body: long,
    author: { name: 'Ada', email: 'ada@example.org' },
  })
  const second = await service.submit('letters', {
    body: '日本語のコメントです。'.repeat(8),
    author: { name: '李小龍', email: 'li@example.org' },
  })
  await service.submit('letters', { body: '👩‍👩‍👧‍👦 '.repeat(40) })
  for (const columns of [72, 80, 100, 140, 200]) {
    const { out, err } = await marie.run(['queue', '--limit', '2'], { columns })
    const [heading = '', ...rows] = out.split('\n').slice(0, -1)
    t.equal(err, 'There are more: --limit or --all shows them. 3 wait in the whole queue.\n')
    t.match(heading, columns < 100 ? /^ID +AGE +AUTHOR +TEXT$/ : /^ID +AGE +ARTICLE +AUTHOR +TEXT$/)
    t.match(rows, [
      new RegExp(`^${first.id}  \\d+ s +.*Ada .*A long`),
      new RegExp(`^${second.id}  \\d+ s +.*李小龍 .*日本語`),
    ])
    t.equal(rows.length, 2)
    for (const line of [heading, ...rows]) t.ok(stringWidth(line) <= columns, `${columns}: ${line}`)
    const startOf = (line: string, text: string) => stringWidth(line.slice(0, line.indexOf(text)))
    t.equal(startOf(rows[0] ?? '', 'A long'), startOf(heading, 'TEXT'), 'columns stand one below the other')
    t.equal(
      startOf(rows[1] ?? '', '日本語'),
      startOf(heading, 'TEXT'),
      'where letters are two columns wide too',
    )
  }
  const narrow = await marie.run(['queue'], { columns: 40 })
  t.match(narrow.out, `${first.id}\n  Ada · `)
  for (const line of narrow.out.split('\n')) t.ok(stringWidth(line) <= 40, line)
  t.equal(narrow.err, '3 in all. 3 wait in the whole queue.\n')

  for (const printed of [await marie.run(['queue']), await marie.run(['queue', '--json'], { columns: 80 })]) {
    t.equal(printed.err, '')
    t.match(
      printed.out
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line)),
      [{ id: first.id, version: 1, author: { email: 'ada@example.org' } }, { id: second.id }, {}],
    )
  }
})

t.test('the queue goes by status, article and order, and page by page', async (t) => {
  const ids = await service.submitMany(120, 'pages')
  t.same(
    (await marie.json<{ id: string }>(['queue', '--article', 'pages', '--all'])).map(({ id }) => id),
    ids,
  )
  t.equal((await marie.json(['queue', '--article', 'pages'])).length, 20)
  t.equal((await marie.json(['queue', '--article', 'pages', '--limit', '110'])).length, 110)
  t.match(await marie.json(['queue', '--order', 'newest', '--limit', '1']), [{ id: ids.at(-1) }])
  await marie.run(['approve', ids[3] ?? ''])
  t.match(await marie.json(['queue', '--status', 'approved']), [{ id: ids[3], status: 'approved' }])
  const shown = await marie.run(['queue', '--status', 'approved'], { columns: 80 })
  t.match(shown.out, /^ID +AGE +STATUS +AUTHOR +TEXT\n\S+ +\d+ s +approved /)
})
