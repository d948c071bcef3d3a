import { join } from 'node:path'
import type { Test } from 'tap'
import t from 'tap'
import { countLines, startService } from '../support/process.ts'
import { until } from '../support/until.ts'
import { clientOf, unlimited } from './client.ts'
import { faultsOf, newLedger } from './ledger.ts'
import { load } from './load.ts'
import { randomFrom } from './random.ts'
import { readState } from './state.ts'

countLines()

t.test('a process whose writer dies ends with an error, and what it acknowledged is there', async (t) => {
  const file = join(t.testdir(), 'imprimatur.db')
  const service = await startService(t, unlimited(file), [], ['--inspect=127.0.0.1:0'])
  const address = /Debugger listening on (ws:\S+)/.exec(service.stderr())?.[1] ?? ''
  const writer = await attachToWorker(t, address)

  const ledger = newLedger()
  let answers = 0
  await load(clientOf(service.origin), ledger, randomFrom(1), {
    clients: 12,
    onAnswer: () => {
      answers += 1
      if (answers === 100) writer.run('process.exit(7)')
    },
  })

  t.equal(await service.ended, 1)
  const fatal = service
    .stdout()
    .split('\n')
    .filter((line) => line.includes('"level":60'))
    .map((line) => JSON.parse(line))
  t.match(fatal, [{ msg: 'ending after a fault', err: { message: 'The writer thread ended with code 7.' } }])
  // What was on its way when the writer died was refused, if it was answered at all; of many decisions each by itself.
  const refused = ledger.contradictions.splice(0)
  for (const answer of refused) t.match(answer, /^answered (?:503|200: .*"outcome": "failed").*not-ready/s)
  t.same(faultsOf(readState(file), ledger), [])
})

/** Speaks to a process's inspector, which lets in whom the process let in on its own machine, and to its one worker. */
async function attachToWorker(t: Test, address: string): Promise<{ run: (expression: string) => void }> {
  const socket = new WebSocket(address)
  t.teardown(() => socket.close())
  let sessionId: string | undefined
  socket.addEventListener('message', ({ data }) => {
    const { method, params } = JSON.parse(String(data))
    if (method === 'NodeWorker.attachedToWorker') sessionId = params.sessionId
    // A process that ends waits for its inspector to go.
    if (method === 'NodeWorker.detachedFromWorker') socket.close()
  })
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', reject)
  })
  let id = 0
  const send = (method: string, params: object) => {
    id += 1
    socket.send(JSON.stringify({ id, method, params }))
  }
  send('NodeWorker.enable', { waitForDebuggerOnStart: false })
  await until(() => sessionId)
  return {
    run: (expression) =>
      send('NodeWorker.sendMessageToWorker', {
        sessionId,
        message: JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression } }),
      }),
  }
}
