import t from 'tap'
import { progressOf } from '../../src/cli/progress.ts'
import { testTerminal } from '../support/process.ts'

function watched(isTTY: boolean) {
  const terminal = testTerminal()
  let nowMs = 0
  const progress = progressOf({ stderr: { ...terminal.stderr, isTTY } }, 'Exporting', 20_000, () => nowMs)
  return {
    err: terminal.errWithProgress,
    end: progress.end,
    add: (count: number, afterMs: number) => {
      nowMs += afterMs
      progress.add(count)
    },
  }
}

t.test('on a terminal a bar is drawn ten times a second, and taken away at the end', async (t) => {
  const { add, end, err } = watched(true)
  add(1_000, 99)
  t.equal(err(), '')
  add(9_500, 1)
  t.equal(err(), `\r\u001b[KExporting [${'#'.repeat(15)}${'.'.repeat(15)}] 52 %, 10,500 of 20,000 rows`)
  add(9_500, 50)
  end()
  t.ok(err().endsWith(' rows\r\u001b[K'))
})

t.test('in a log a line is written every ten seconds', async (t) => {
  const { add, end, err } = watched(false)
  for (let second = 1; second <= 25; second++) add(500, 1_000)
  end()
  t.equal(err(), 'Exporting: 25 %, 5,000 of 20,000 rows\nExporting: 50 %, 10,000 of 20,000 rows\n')
})

t.test('where there is nothing to do, all is done', async (t) => {
  const terminal = testTerminal()
  progressOf(
    terminal,
    'Importing',
    0,
    (() => {
      let nowMs = 0
      return () => {
        nowMs += 20_000
        return nowMs
      }
    })(),
  ).add(0)
  t.equal(terminal.errWithProgress(), 'Importing: 100 %, 0 of 0 rows\n')
  t.equal(terminal.err(), '', 'what only a slow machine makes is nothing that a test reads')
})
