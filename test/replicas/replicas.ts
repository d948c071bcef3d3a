import pg from 'pg'
import type { Test } from 'tap'
import type { Hearing } from '../../src/store/location.ts'
import { openStore } from '../../src/store/open-store.ts'
import { parsePostgresUrl } from '../../src/store/postgres-url.ts'
import type { Store } from '../../src/store/store.ts'
import { startApp, type TestApp, type TestAppOptions } from '../support/app.ts'
import { preparedDatabase } from '../support/postgres.ts'
import { migrated } from '../support/store.ts'
import { until } from '../support/until.ts'

export type Replica = TestApp & {
  origin: string
  get: (path: string, headers?: Record<string, string>) => Promise<Got>
  /** How many lists, and how many counts, were read from the database. */
  listed: () => number
  counted: () => number
}

export type Got = { status: number; etag: string | null; body: string }

export type Replicas = {
  replicas: Replica[]
  /** What all replicas told, in turn, of whether they hear of changes. */
  hearings: Hearing[]
  /** One statement past the service. */
  query: (sql: string, values?: unknown[]) => Promise<Record<string, unknown>[]>
}

/** Services that listen, on one new PostgreSQL database, each with a store of its own; once all of them hear of changes. */
export async function startReplicas(
  t: Test,
  count: number,
  options: TestAppOptions & { through?: (url: string, index: number) => string | Promise<string> } = {},
): Promise<Replicas> {
  const { through = throughPooler, ...appOptions } = options
  const url = await preparedDatabase(t, migrated)
  const replicas: Replica[] = []
  const hearings: Hearing[] = []
  for (let index = 0; index < count; index++) {
    const own = await through(url, index)
    const parsed = parsePostgresUrl(own)
    if (!parsed.ok) throw new Error(parsed.fault)
    const store = await openStore(parsed.location, {
      poolSize: 4,
      onHearing: (hearing) => hearings.push(hearing),
    })
    if (own === url) await until(() => hears(store))
    replicas.push(await replicaOver(t, store, appOptions))
  }
  const pool = new pg.Pool({ connectionString: url, max: 2 })
  pool.on('error', () => {})
  t.teardown(() => pool.end())
  return { replicas, hearings, query: async (sql, values) => (await pool.query(sql, values)).rows }
}

/**
 * TEST_DATABASE_URL=… TEST_POOLER=127.0.0.1:6432 node test/replicas/decisions.test.ts
 *
 * runs it through a pooler that stands before that server, such as PgBouncer with `* = host=…`.
 */
function throughPooler(url: string): string {
  const pooler = process.env['TEST_POOLER']
  return pooler === undefined ? url : Object.assign(new URL(url), { host: pooler }).href
}

/** While it does not, each question gets another stamp. */
function hears(store: Store): true | undefined {
  const stamp = store.changeStamp()
  return stamp === store.changeStamp() ? true : undefined
}

async function replicaOver(t: Test, store: Store, options: TestAppOptions): Promise<Replica> {
  let listed = 0
  let counted = 0
  const counting: Store = {
    ...store,
    countApproved(articleIds) {
      counted += 1
      return store.countApproved(articleIds)
    },
    listApproved(query) {
      listed += 1
      return store.listApproved(query)
    },
  }
  const service = await startApp(t, { ...options, store: counting })
  const origin = await service.app.listen({ port: 0, host: '127.0.0.1' })
  const get: Replica['get'] = async (path, headers = {}) => {
    const response = await fetch(origin + path, { headers })
    return { status: response.status, etag: response.headers.get('etag'), body: await response.text() }
  }
  return { ...service, origin, get, listed: () => listed, counted: () => counted }
}
