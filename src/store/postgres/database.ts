import { setTimeout as wait } from 'node:timers/promises'
import pg, {
  type Client,
  type ClientBase,
  type ClientConfig,
  type PoolClient,
  type QueryConfig,
  type QueryResult,
} from 'pg'
import { parseIntoClientConfig } from 'pg-connection-string'
import type { PostgresLocation } from '../postgres-url.ts'
import { StoreFault } from '../store-fault.ts'
import { isDisconnection, isHostFault, isSilence, isWorthAnotherTry } from './fault.ts'

/** Bounded in every direction: connections, waiting for one, statements, locks, answers. */
export type Database = {
  /** Runs one statement, which is one transaction. The signature is the one that Drizzle calls. */
  query: (config: Statement, values?: unknown[]) => Promise<QueryResult>
  /** Runs statements as one transaction, on a connection of their own; undone where `run` throws. */
  transaction: <T>(run: (query: Database['query']) => Promise<T>) => Promise<T>
  /** A connection beside the pool, to the host that is written to. Who asked for it ends it. */
  connect: () => Promise<Connection>
  /** Lets statements under way finish. */
  close: () => Promise<void>
}

/** `query_timeout`, in ms, gives this statement's answer more time than others have; pg's types do not know it. */
export type Statement = QueryConfig & { query_timeout?: number }

export type Connection = {
  client: Client
  query: Database['query']
  /**
   * Whether nobody stands in between. Behind a pooler such as PgBouncer each transaction may run in another session:
   * a prepared statement, a setting or a LISTEN would not be found again, or by somebody else.
   */
  direct: boolean
  /** Whether it is to the host that statements go to now: after a failover the old one may live on, and hear nothing. */
  isCurrent: () => boolean
}

/** How long a connection may take, and how long a statement waits for one of the pool. */
const connectTimeoutMs = 3_000

/** The server's own limits of a statement, and of its wait for a lock; set for each session that is ours alone. */
const statementTimeoutMs = 5_000
const lockTimeoutMs = 3_000

/** A server that says nothing at all, not even that it gives up, is given up. What it did is then not known. */
const answerTimeoutMs = 8_000

/** How long a connection may take to end. */
const goodbyeMs = 1_000

/** Statements that wait for a connection. Beyond it they are turned away at once, and not kept in memory. */
const maxWaiting = 2_000

/** Deadlocks and serialisation failures undo their statement, so it may be run again; not for ever. */
const maxTries = 4

/** Opens no connection yet. */
export function openDatabase({ urls }: PostgresLocation, poolSize: number): Database {
  const hosts = hostsOf(urls)
  const directOnes = new WeakMap<Client, boolean>()

  const settings: ClientConfig = {
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: answerTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    application_name: 'imprimatur',
  }

  const greet = async (client: Client) => {
    directOnes.set(client, await prepareSession(client))
  }

  const pool = new pg.Pool({
    ...settings,
    max: poolSize,
    idleTimeoutMillis: 60_000,
    Client: clientOf(hosts),
    // It is a client of the class above, and its promise is waited for; the type says less.
    onConnect: greet as (client: ClientBase) => Promise<void>,
  })
  // An idle connection that breaks is replaced when one is needed.
  pool.on('error', ignore)
  pool.on('connect', (client) => client.on('error', ignore))
  const underWay = new Set<Promise<unknown>>()
  let closed: Promise<void> | null = null

  /** Another host is tried where one cannot be reached or only reads, each once. */
  async function acquire(): Promise<PoolClient> {
    if (pool.waitingCount >= maxWaiting) throw new StoreFault('STORE_BUSY', 'Too many statements wait.')
    for (let tried = 1; ; tried++) {
      const turn = hosts.turn()
      try {
        return await connectionOfThisTurn()
      } catch (error) {
        if (!isHostFault(error)) throw error
        hosts.leave(turn)
        if (tried >= urls.length) throw error
      }
    }
  }

  /** Idle connections to a host that has been left may be as silent as it is: each would cost somebody the whole wait. */
  async function connectionOfThisTurn(): Promise<PoolClient> {
    for (;;) {
      const client = await pool.connect()
      if (turns.get(client) === hosts.turn()) return client
      client.release(true)
    }
  }

  /** The pool's own end waits for nobody who waits for a connection. */
  async function end(): Promise<void> {
    while (underWay.size > 0) await Promise.allSettled(underWay)
    await pool.end()
  }

  async function withConnection<T>(use: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await acquire()
    try {
      const result = await use(client)
      client.release()
      return result
    } catch (error) {
      const unusable = isDisconnection(error)
      if (unusable) hosts.leave(turns.get(client))
      client.release(unusable)
      throw error
    }
  }

  const run = (client: PoolClient, config: Statement, values?: unknown[]) =>
    client.query(directOnes.get(client) ? config : withoutName(config), values)

  async function noted<T>(work: () => Promise<T>): Promise<T> {
    if (closed !== null) throw new StoreFault('STORE_CLOSED', 'The database is closed.')
    const promise = work()
    underWay.add(promise)
    try {
      return await promise
    } finally {
      underWay.delete(promise)
    }
  }

  const query: Database['query'] = (config, values) =>
    noted(() => again(isRead(config), () => withConnection((client) => run(client, config, values))))

  return {
    query,
    async transaction(work) {
      return noted(() =>
        again(false, () =>
          withConnection(async (client) => {
            // Whatever the database's own default is: who waited for a lock has to see what was done meanwhile.
            await client.query('BEGIN ISOLATION LEVEL READ COMMITTED')
            try {
              const result = await work((config, values) => run(client, config, values))
              await client.query('COMMIT')
              return result
            } catch (error) {
              if (!isDisconnection(error)) await client.query('ROLLBACK')
              throw error
            }
          }),
        ),
      )
    },
    async connect() {
      for (let tried = 1; ; tried++) {
        const client = new (clientOf(hosts))(settings)
        client.on('error', ignore)
        try {
          await client.connect()
          const direct = await prepareSession(client)
          return {
            client,
            direct,
            isCurrent: () => turns.get(client) === hosts.turn(),
            query: (statement, values) => client.query(statement, values),
          }
        } catch (error) {
          await client.end().catch(ignore)
          if (!isHostFault(error)) throw error
          hosts.leave(turns.get(client))
          if (tried >= urls.length) throw error
        }
      }
    },
    async close() {
      closed ??= end()
      return closed
    },
  }
}

type Hosts = { turn: () => number; config: () => ClientConfig; leave: (turn: number | undefined) => void }

/** The host that was found good last, until it is left; then the next, round and round. A turn is one host's, once. */
function hostsOf(urls: readonly string[]): Hosts {
  // Once, since it reads the files of TLS: one that is away for a moment must not end the process.
  const configs = urls.map((url) => parseIntoClientConfig(url))
  let current = 0
  return {
    turn: () => current,
    config: () => configs[current % configs.length] ?? {},
    leave(turn) {
      // Of several who met the same dead host one moves on.
      if (turn === current) current += 1
    },
  }
}

/** In whose turn a connection was made. */
const turns = new WeakMap<ClientBase, number>()

/**
 * `pg` knows one host only, and its pool makes its clients by itself: each new one is told the host of the moment. It also
 * waits for the other side's goodbye when it ends a connection, and a host that is frozen or out of reach never says one.
 */
function clientOf(hosts: Hosts): typeof Client {
  return class extends pg.Client {
    constructor(config?: ClientConfig) {
      super({ ...hosts.config(), ...config })
      turns.set(this, hosts.turn())
    }

    override connect(): Promise<Client>
    override connect(callback: (error: Error) => void): void
    override connect(callback?: (error: Error) => void): Promise<Client> | undefined {
      // Where the greeting fails on this side, the server would be left waiting, and this process with it.
      const { stream } = this.connection
      if (callback === undefined) {
        return super.connect().catch((error: unknown) => {
          stream.destroy()
          throw error
        })
      }
      super.connect((error: Error) => {
        if (error) stream.destroy()
        callback(error)
      })
      return undefined
    }

    override end(): Promise<void>
    override end(callback: (error: Error) => void): void
    override end(callback?: (error: Error) => void): Promise<void> | undefined {
      const { stream } = this.connection
      const timer = setTimeout(() => stream.destroy(), goodbyeMs)
      stream.once('close', () => clearTimeout(timer))
      if (callback === undefined) return super.end()
      super.end(callback)
      return undefined
    }
  }
}

/**
 * Refuses a server that only reads, and sets the limits of a session that is ours alone, in one round trip. A pooler
 * gives a process id of its own; through it nothing is set, since others would meet it. `ALTER ROLE … SET` serves there.
 * Every statement has its index: one that was prepared while a table was small must not go on reading all of it.
 */
async function prepareSession(client: Client): Promise<boolean> {
  const processId = Reflect.get(client, 'processID') as number | null
  const { rows } = await client.query<{ direct: boolean; reads_only: boolean }>({
    text: `SELECT
      pg_backend_pid() = $1 AS direct,
      pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean AS reads_only,
      CASE WHEN pg_backend_pid() = $1 THEN set_config('statement_timeout', $2, false) END,
      CASE WHEN pg_backend_pid() = $1 THEN set_config('lock_timeout', $3, false) END,
      CASE WHEN pg_backend_pid() = $1 THEN set_config('idle_in_transaction_session_timeout', $2, false) END,
      CASE WHEN pg_backend_pid() = $1 THEN set_config('enable_seqscan', 'off', false) END,
      CASE WHEN pg_backend_pid() = $1 THEN set_config('default_transaction_isolation', 'read committed', false) END`,
    values: [processId, String(statementTimeoutMs), String(lockTimeoutMs)],
  })
  const [session] = rows
  if (session?.reads_only !== false)
    throw new StoreFault('STORE_READ_ONLY', 'The server is a standby, or takes no writes.')
  return session.direct
}

/**
 * What was undone as a whole may be run again: by the server, for a deadlock; or because the connection broke under a
 * statement that only reads. After a silence its caller has waited for long enough.
 */
async function again<T>(onlyReads: boolean, work: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await work()
    } catch (error) {
      const broke = isDisconnection(error) && !isSilence(error)
      const mayBeRunAgain = isWorthAnotherTry(error) || (onlyReads && tried === 1 && broke)
      if (!mayBeRunAgain || tried >= maxTries) throw error
      // Not all at the same moment again.
      await wait(Math.random() * 20 * tried)
    }
  }
}

/** What reads begins so, whoever wrote it; what writes begins with another word, `with` among them. */
function isRead({ text }: Statement): boolean {
  return /^select /i.test(text)
}

function withoutName({ name: _, ...config }: Statement): Statement {
  return config
}

function ignore(): void {}
