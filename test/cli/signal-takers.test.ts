import t from 'tap'
import { endBy, takeSignals } from '../../src/cli/signals.ts'

t.test('a signal is for who took it last, and ends the process where nobody has', (t) => {
  const taken: string[] = []
  const ended = t.intercept(process, 'exit', { value: (code: number) => taken.push(`exit ${code}`) })
  const giveBack = takeSignals((signal) => taken.push(signal))
  const giveBackToo = takeSignals((signal) => taken.push(`inner ${signal}`))
  process.emit('SIGHUP', 'SIGHUP')
  giveBackToo()
  process.emit('SIGHUP', 'SIGHUP')
  giveBack()
  process.emit('SIGHUP', 'SIGHUP')
  endBy('SIGTERM')
  ended.restore?.()
  t.same(taken, ['inner SIGHUP', 'SIGHUP', 'exit 129', 'exit 143'])
  process.removeAllListeners('SIGHUP')
  t.end()
})
