import { randomBytes } from 'node:crypto'
import { Client, Pool } from 'pg'
import type { Test } from 'tap'
import { startServer } from './server.ts'

export type Owner = Pick<Test, 'teardown'>

/** Fills an empty database; has to close its connections, since a database in use cannot be copied. */
export type Prepare = (url: string) => Promise<unknown>

/**
 * The URL of a new and empty database, dropped with the test, on the server of `TEST_DATABASE_URL` or on one that this
 * process starts once.
 */
export async function freshDatabase(t: Owner): Promise<string> {
  return copyOf(t, 'template0')
}

/** The URL of a new database which `prepare` has filled: it runs once in this process, then its database is copied. */
export async function preparedDatabase(t: Owner, prepare: Prepare): Promise<string> {
  let template = templates.get(prepare)
  if (template === undefined) {
    template = makeTemplate(prepare)
    templates.set(prepare, template)
  }
  return copyOf(t, await template)
}

/** Asks once, through a connection of its own. */
export async function ask(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

const templates = new Map<Prepare, Promise<string>>()

async function makeTemplate(prepare: Prepare): Promise<string> {
  const { t: wholeFile } = await import('tap')
  const url = await copyOf(wholeFile, 'template0')
  await prepare(url)
  return new URL(url).pathname.slice(1)
}

async function copyOf(t: Owner, template: string): Promise<string> {
  admin ??= connectAdmin()
  const { pool, url, strategy } = await admin
  const name = `test_${randomBytes(8).toString('hex')}`
  await pool.query(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY ${strategy}`)
  t.teardown(() => pool.query(`DROP DATABASE ${name} WITH (FORCE)`))
  const database = new URL(url)
  database.pathname = `/${name}`
  return database.href
}

type Admin = {
  pool: Pool
  url: string
  /** Copying the files is faster where nothing waits for the disk; elsewhere it costs two checkpoints. */
  strategy: 'file_copy' | 'wal_log'
}

let admin: Promise<Admin> | undefined

async function connectAdmin(): Promise<Admin> {
  const url = process.env['TEST_DATABASE_URL'] ?? (await startServer()).url()
  const pool = new Pool({ connectionString: url, max: 1, allowExitOnIdle: true, idleTimeoutMillis: 0 })
  // An idle connection that breaks is replaced by the next question's.
  pool.on('error', () => {})
  const { rows } = await pool.query<{ fsync: string }>('SHOW fsync')
  return { pool, url, strategy: rows[0]?.fsync === 'off' ? 'file_copy' : 'wal_log' }
}
