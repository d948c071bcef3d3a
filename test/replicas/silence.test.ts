import t from 'tap'
import { startProxy } from '../crash/postgres-proxy.ts'
import { until } from '../support/until.ts'
import { type Got, type Replica, startReplicas } from './replicas.ts'

const path = '/v1/articles/a/comments'

t.setTimeout(600_000)

t.test('a replica that hears nothing any more shows no list that is older than two seconds', async (t) => {
  let proxy: Awaited<ReturnType<typeof startProxy>> | undefined
  const { replicas } = await startReplicas(t, 2, {
    through: async (url, index) => {
      if (index === 0) return url
      proxy ??= await startProxy(t, Number(new URL(url).port))
      return proxy.through(url)
    },
  })
  const [one, cutOff] = replicas as [Replica, Replica]
  await one.publish('a')
  await until(async () => (totalIn(await cutOff.get(path)) === 1 ? true : undefined))
  // It listens: what it has shown once is not read again.
  await until(async () => {
    const before = cutOff.listed()
    await cutOff.get(path)
    return cutOff.listed() === before ? true : undefined
  })

  proxy?.silence(true)
  await one.publish('a')
  const changedMs = performance.now()
  const old: number[] = []
  let last: Got
  do {
    const askedMs = performance.now()
    last = await cutOff.get(path)
    if (totalIn(last) === 1) old.push(askedMs - changedMs)
  } while (last.status === 200)
  t.equal(last.status, 503, 'better nothing than what was')
  t.ok(old.length > 0, 'it did show what was, for a moment')
  t.ok(Math.max(...old) < 2_000, `for ${Math.max(...old)} ms`)

  proxy?.silence(false)
  const back = await until(async () => {
    const got = await cutOff.get(path)
    return got.status === 200 ? got : undefined
  })
  t.equal(totalIn(back), 2)
  await until(async () => {
    const before = cutOff.listed()
    await cutOff.get(path)
    return cutOff.listed() === before ? true : undefined
  })
})

function totalIn({ body }: { body: string }): number {
  return JSON.parse(body).total
}
