import { EventEmitter, once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { followChanges } from '../../../src/store/postgres/changes.ts'
import type { Connection } from '../../../src/store/postgres/database.ts'
import { until } from '../../support/until.ts'

/** Listens on a connection that never says anything but that it is there. */
async function following(t: Test) {
  const silent = {
    client: { on() {}, async end() {} },
    query: async () => ({ rows: [], rowCount: 0 }),
    isCurrent: () => true,
    direct: true,
  }
  // No other method of a client's is called.
  const changes = followChanges(async () => silent as unknown as Connection)
  t.teardown(() => changes.close())
  await until(() => {
    const stamp = changes.stamp()
    return stamp === changes.stamp() ? true : undefined
  })
  return changes
}

/** More than there is room for. */
const many = Array.from({ length: 1_500 }, (_, index) => `made-up-${index}`.padEnd(2_000, 'x'))

t.test('what is counted, however much, makes no list be read again', async (t) => {
  const changes = await following(t)
  const nowMs = performance.now()
  changes.learn('read', 7, nowMs)
  for (const articleId of many) changes.learnCounted(articleId, 0, nowMs)
  t.equal(changes.revisionOf('read'), 7)
  t.equal(changes.revisionOf(many[0] ?? ''), null)
  t.equal(changes.revisionOf(many.at(-1) ?? ''), 0)
})

t.test('the later revision counts, whoever tells it, and none that is older comes back', async (t) => {
  const changes = await following(t)
  const nowMs = performance.now()
  changes.learnCounted('a', 1, nowMs)
  t.equal(changes.revisionOf('a'), 1)
  changes.learn('a', 2, nowMs)
  t.equal(changes.revisionOf('a'), 2)
  changes.learnCounted('a', 1, nowMs)
  t.equal(changes.revisionOf('a'), 2, 'a count that was overtaken on its way')
  changes.learnCounted('a', 3, nowMs)
  t.equal(changes.revisionOf('a'), 3)
  for (const articleId of many) changes.learn(articleId, 1, nowMs)
  t.equal(changes.revisionOf('a'), null, 'forgotten, and not known by what was counted once')
})

t.test('a connection that breaks is made anew at once, and one that breaks again in a while', async (t) => {
  const connections = new EventEmitter()
  const made = async (): Promise<EventEmitter> => (await once(connections, 'made'))[0]
  const first = made()
  const changes = followChanges(async () => {
    const client = Object.assign(new EventEmitter(), { async end() {} })
    connections.emit('made', client)
    const connection = {
      client,
      query: async () => ({ rows: [], rowCount: 0 }),
      isCurrent: () => true,
      direct: true,
    }
    return connection as unknown as Connection
  })
  t.teardown(() => changes.close())
  const client = await first
  // As long as one has to hold that is worth another at once.
  await setTimeout(600)
  // Timers end in the order in which they are due, however busy the machine is.
  const second = Promise.race([made(), setTimeout(450, null)])
  client.emit('end')
  const next = await second
  t.ok(next)
  const third = made()
  const soon = Promise.race([third, setTimeout(400, null)])
  next?.emit('end')
  t.equal(await soon, null)
  t.ok(await third)
})
