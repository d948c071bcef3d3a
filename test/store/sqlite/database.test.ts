import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { openAlone, openDatabase } from '../../../src/store/sqlite/database.ts'

t.test('of two that want a file alone at the same moment each gets it, one after the other', async (t) => {
  const file = join(t.testdir(), 'imprimatur.db')
  openDatabase(file).close()
  const ended = await Promise.all([1, 2].map(() => openedAlone(file, 200)))
  t.same(ended, [
    { code: 0, err: '' },
    { code: 0, err: '' },
  ])
})

/** Opens the file alone and lets go of it so many times, in a process of its own. */
async function openedAlone(file: string, times: number): Promise<{ code: number; err: string }> {
  const from = JSON.stringify(new URL('../../../src/store/sqlite/database.ts', import.meta.url))
  const script = `import { openAlone } from ${from}
    for (let time = 0; time < ${times}; time++) openAlone(${JSON.stringify(file)}).close()`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const [[code], err] = await Promise.all([once(child, 'close'), text(child.stderr)])
  return { code, err }
}

t.test('a file that another keeps open is not had alone', (t) => {
  const file = join(t.testdir(), 'imprimatur.db')
  const other = openDatabase(file)
  other.exec('CREATE TABLE things (id TEXT)')
  t.throws(() => openAlone(file), { code: 'SQLITE_BUSY' })
  other.close()
  openAlone(file).close()
  t.end()
})
