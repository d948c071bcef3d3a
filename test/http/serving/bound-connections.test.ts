import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import t from 'tap'
import { boundConnections, mostConnections } from '../../../src/http/serving/bound-connections.ts'
import { until } from '../../support/until.ts'

t.test('files are kept for what else needs one, and some connections whatever is allowed', async (t) => {
  t.equal(mostConnections(11, 1_024), 949)
  t.equal(mostConnections(11, 64), 16)
  t.equal(mostConnections(0, null), null)
  t.ok((mostConnections(0) ?? 1) > 0)
})

t.test('what is one too many is closed at once, told once, and told again once there is room', async (t) => {
  const told: unknown[] = []
  const log = { warn: (_: object, text: string) => told.push(text), info: (text: string) => told.push(text) }
  const server = createServer()
  boundConnections(2, () => log as never)(server)
  server.listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await until(() => (server.listening ? true : undefined))
  const open = () => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    t.teardown(() => socket.destroy())
    return socket
  }
  const state = (socket: Socket) =>
    until(() => (socket.readyState === 'open' || socket.closed ? socket : undefined))
  const kept = [await state(open()), await state(open())]
  for (let more = 0; more < 3; more++) {
    const socket = open()
    await until(() => (socket.closed ? true : undefined))
  }
  t.same(told, ['as many connections are open as there are files for'])
  for (const socket of kept) socket.destroy()
  await until(() => (told.length > 1 ? true : undefined))
  t.same(told.slice(1), ['there are files for more connections again'])
})
