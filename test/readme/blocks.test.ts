import t from 'tap'
import { blocksOf, outputMatcher, withOutputs } from './blocks.ts'

const one = '01a20f90-b693-75d7-ad22-5a2aa3e6ba16'
const other = '01a20f90-b693-75d7-ad22-5a2aa3e6ba17'

t.test('reads commands, their further lines, their outputs and the files to make', async (t) => {
  const markdown = [
    'Text.',
    '```console',
    '$ one \\',
    '>   more',
    'printed',
    '> quoted',
    '$ two',
    '```',
    '```sh',
    '$ not run',
    '```',
    '```js site.mjs',
    'code()',
    '```',
    '',
  ].join('\n')
  t.same(blocksOf(markdown), [
    { kind: 'command', command: 'one \\\n  more', output: 'printed\n> quoted\n', line: 3, outputLines: 2 },
    { kind: 'command', command: 'two', output: '', line: 7, outputLines: 0 },
    { kind: 'file', name: 'site.mjs', text: 'code()\n', line: 13 },
  ])
  t.throws(() => blocksOf('```console\nprinted\n```\n'), /README.md:2: an output without a command/)
})

t.test('an output matches but for times, durations, ids and secrets', async (t) => {
  const { matches } = outputMatcher()
  t.equal(matches('a\n', 'a\n'), true)
  t.equal(matches('a\n', 'b\n'), false)
  t.equal(matches('a\n', 'a\nb\n'), false)
  t.equal(matches('', 'a\n'), false)
  t.equal(matches('at 2026-01-01T00:00:00.000Z\n', 'at 2030-12-31T23:59:59.999Z\n'), true)
  t.equal(matches('took 3.5 ms\n', 'took 12ms\n'), true)
  t.equal(matches(`"${one}"\n`, '"no id"\n'), false)
  t.equal(matches(`imt_${'a'.repeat(43)}\n`, `imt_${'b'.repeat(43)}\n`), true)
  t.equal(matches(`imt_${'a'.repeat(43)}\n`, `imr_${'b'.repeat(43)}\n`), false)
})

t.test('a line of three dots stands for any lines', async (t) => {
  const { matches } = outputMatcher()
  t.equal(matches('…\nb\n…\n', 'a\na\nb\nc\n'), true)
  t.equal(matches('…\nb\n…\n', 'b\n'), true)
  t.equal(matches('…\nb\n…\n', 'a\nc\n'), false)
})

t.test('what is shown as one id is one id all through the session, and two are two', async (t) => {
  const { matches } = outputMatcher()
  const real = '01a20f90-b693-75d7-ad22-5a2aa3e6ba18'
  t.equal(matches(`${one} ${one}\n`, `${real} ${real}\n`), true)
  t.equal(matches(`${one}\n`, `${real}\n`), true)
  t.equal(matches(`${one}\n`, `${other}\n`), false)
  t.equal(matches(`${other}\n`, `${real}\n`), false)
  t.equal(matches(`${one} ${one}\n`, `${real} ${other}\n`), false)
})

t.test('writes what was printed in the place of what is shown', async (t) => {
  const markdown = '```console\n$ a\nold\nold\n$ b\n…\nkept\n$ c\n```\n'
  const blocks = blocksOf(markdown)
  const printed = new Map(blocks.map((block, index) => [block, `new ${index}\n`]))
  t.equal(withOutputs(markdown, printed), '```console\n$ a\nnew 0\n$ b\n…\nkept\n$ c\nnew 2\n```\n')
  t.equal(
    withOutputs(markdown, new Map(blocks.map((block) => [block, '']))),
    '```console\n$ a\n$ b\n…\nkept\n$ c\n```\n',
  )
})
