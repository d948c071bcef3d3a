import { until } from '../until.ts'
import { type PostgresServer, type ServerOptions, startServer } from './server.ts'

export type PostgresCluster = {
  primary: PostgresServer
  standby: PostgresServer
  /** Names both; whoever takes it has to find out which one can be written to. */
  url: (database?: string) => string
  /** Makes the standby the one that can be written to, whatever has become of the primary. */
  promote: () => Promise<void>
  /** Kills the primary with all that it has not written yet, then promotes. */
  failOver: () => Promise<void>
  remove: () => Promise<void>
}

/** A primary, and a standby without which it acknowledges nothing. */
export async function startCluster(options: Omit<ServerOptions, 'standbyOf'> = {}): Promise<PostgresCluster> {
  const primary = await startServer(options)
  await primary.stop()
  const standby = await startServer({ standbyOf: primary })
  await primary.start()
  // Only now and here: the standby's copy must not wait for a standby once it is promoted.
  await primary.query("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
  await primary.query('SELECT pg_reload_conf()')
  await inStep(primary)

  const cluster: PostgresCluster = {
    primary,
    standby,
    url: (database = 'postgres') =>
      `postgres://postgres:${primary.password}@127.0.0.1:${primary.port},127.0.0.1:${standby.port}/${database}?target_session_attrs=read-write`,
    async promote() {
      // Waits for its end.
      const [row] = await standby.query('SELECT pg_promote() AS done')
      if (row?.['done'] !== true) throw new Error(`it was not promoted: ${standby.log()}`)
    },
    async failOver() {
      await primary.stop('SIGKILL')
      await cluster.promote()
    },
    async remove() {
      await Promise.all([primary.remove(), standby.remove()])
    },
  }
  return cluster
}

/** Resolves once what the primary acknowledges is on its standby. */
export async function inStep(primary: PostgresServer): Promise<void> {
  await until(async () => {
    const rows = await primary.query("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'")
    return rows.length === 1 ? true : undefined
  })
}
