import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import t from 'tap'

const script = fileURLToPath(new URL('../.ci/count', import.meta.url))

t.test('the last line of CI has the counts of the runner, whatever bytes the tests printed', async (t) => {
  const report = Buffer.concat([
    Buffer.from('ok 1 - a name with \0, '),
    Buffer.from([0xff, 0xc3, 0x0a]),
    Buffer.from('# { total: 12, pass: 4, fail: 6, todo: 1, skip: 1 }\n# time=1ms\n'),
  ])
  t.same(await counted(t, report, 1), { status: 1, last: '4 passed, 6 failed, 2 skipped' })
  t.same(await counted(t, report, 0), { status: 1, last: '4 passed, 6 failed, 2 skipped' })
})

t.test('a run in which all passed ends well, and only that', async (t) => {
  const all = '# { total: 12, pass: 12 }\n'
  t.same(await counted(t, all, 0), { status: 0, last: '12 passed, 0 failed' })
  t.same(await counted(t, all, 3), { status: 3, last: '12 passed, 0 failed' })
  t.same(await counted(t, '# { total: 0 }\n', 0), { status: 1, last: '0 passed, 0 failed' })
  t.same(await counted(t, 'ok 1 - of a run that was cut short\n', 0), {
    status: 1,
    last: '0 passed, 0 failed',
  })
})

async function counted(t: Test, report: string | Uint8Array, status: number) {
  const file = join(t.testdir(), 'report.tap')
  await writeFile(file, report)
  const run = spawnSync(script, [file, String(status)], { encoding: 'utf8' })
  return { status: run.status, last: run.stdout.trim().split('\n').at(-1) }
}
