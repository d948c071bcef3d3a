import t from 'tap'
import { until } from '../until.ts'
import { inStep, startCluster } from './cluster.ts'

t.setTimeout(600_000)

t.test('a primary and its standby', async (t) => {
  const { primary, standby, url, failOver, remove } = await startCluster()
  t.teardown(remove)
  await primary.query('CREATE TABLE notes (id int)')

  await t.test('have one URL, and only the primary can be written to', async (t) => {
    const [, first, second] =
      /:(\d+),127\.0\.0\.1:(\d+)\/notes\?target_session_attrs=read-write$/.exec(url('notes')) ?? []
    t.same([first, second], [String(primary.port), String(standby.port)])
    await t.rejects(standby.query('INSERT INTO notes VALUES (-1)'), { code: '25006' })
  })

  await t.test('acknowledge nothing while the standby is away', async (t) => {
    await standby.stop()
    let acknowledged = false
    const insert = primary.query('INSERT INTO notes VALUES (-2)').then(() => {
      acknowledged = true
    })
    await until(async () => {
      const waiting = await primary.query("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
      return waiting.length === 1 ? true : undefined
    })
    t.equal(acknowledged, false)
    await standby.start()
    await inStep(primary)
    await insert
    t.same(await primary.query('SELECT id FROM notes'), [{ id: -2 }])
  })

  await t.test('lose nothing that was acknowledged when the primary dies', async (t) => {
    const acknowledged: unknown[] = []
    const writing = (async () => {
      for (let id = 0; ; id += 1) {
        await primary.query('INSERT INTO notes VALUES ($1)', [id])
        acknowledged.push(id)
      }
    })()
    await Promise.all([t.rejects(writing), until(() => acknowledged[20]).then(failOver)])
    const there = new Set((await standby.query('SELECT id FROM notes')).map(({ id }) => id))
    t.same(
      acknowledged.filter((id) => !there.has(id)),
      [],
    )
    await standby.query('INSERT INTO notes VALUES (-3)')
    t.same(await standby.query('SELECT id FROM notes WHERE id = -3'), [{ id: -3 }])
  })
})
