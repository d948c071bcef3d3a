import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import type { PostgresServer } from '../support/postgres.ts'
import type { RunningService, ServiceProcess } from '../support/process.ts'
import { until } from '../support/until.ts'
import { clientOf } from './client.ts'

/** The URL of a new database, empty or a copy, on a server of the test's own; it goes with its server. */
export async function newDatabase(server: PostgresServer, template = 'template1'): Promise<string> {
  const name = `test_${randomBytes(8).toString('hex')}`
  await server.query(`CREATE DATABASE ${name} TEMPLATE ${template}`)
  return server.url(name)
}

/**
 * Kills all of a server at one moment, as a machine that goes dark does. Only its postmaster dies otherwise, and a
 * session that is at work may still finish.
 */
export async function killWhole(server: PostgresServer): Promise<void> {
  const pids = await server.query('SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()')
  const postmaster = server.pid()
  // So that it neither starts others nor cleans up after those that go.
  if (postmaster !== undefined) process.kill(postmaster, 'SIGSTOP')
  for (const { pid } of pids) signal(Number(pid), 'SIGKILL')
  await server.stop('SIGKILL')
}

/** Stops all of a server as it stands, open connections and all; gives what lets it go on. */
export async function freeze(server: PostgresServer): Promise<() => void> {
  const rows = await server.query('SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()')
  const pids = [Number(server.pid()), ...rows.map(({ pid }) => Number(pid))]
  for (const pid of pids) signal(pid, 'SIGSTOP')
  return () => {
    for (const pid of pids) signal(pid, 'SIGCONT')
  }
}

/** The sessions that the services have on a server. */
export async function sessionsOf(server: PostgresServer): Promise<number[]> {
  const rows = await server.query("SELECT pid FROM pg_stat_activity WHERE application_name = 'imprimatur'")
  return rows.map(({ pid }) => Number(pid))
}

/** Does nothing where the process is gone already. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Waits until /readyz is answered so: a database is not looked at unless somebody asks. */
export async function turns({ origin }: RunningService, status: 200 | 503): Promise<void> {
  await until(async () => {
    const answer = await clientOf(origin).get('/readyz')
    if (answer === null) throw new Error('the service is gone')
    return answer.statusCode === status ? true : undefined
  })
}

/** Nothing that a reader wrote and no password may be in what a service says, whatever happens to it; nor a crash. */
export function saysNothingPrivate(t: Test, service: ServiceProcess, url: string): void {
  const said = service.stdout() + service.stderr()
  const secrets = [decodeURIComponent(new URL(firstHost(url)).password), /reader-\d+@/, /Comment \d+ /]
  for (const secret of secrets) t.notMatch(said, secret)
  t.notMatch(said, /unhandled|uncaught|TypeError|ReferenceError/i)
}

/** `URL` knows one host only. */
function firstHost(url: string): string {
  return url.replace(/,[^/]*/, '')
}
