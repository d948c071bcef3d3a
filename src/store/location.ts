import type { PostgresLocation } from './postgres-url.ts'

export type SqliteLocation = { dialect: 'sqlite'; file: string }

/** Where the comments are kept, as `DATABASE_URL` says. */
export type DatabaseLocation = SqliteLocation | PostgresLocation

export type OpenOptions = {
  /** Called before a database is made that is not there yet; what it throws keeps it from being made. */
  onNew?: () => void
  /** Called where the store can never work again, and the process had better end. */
  onDeath?: (error: Error) => void
  /** How many connections a PostgreSQL gets from this process, beside the one that listens. */
  poolSize?: number
  /** How long a server is waited for that cannot be reached, or is not ready yet. */
  waitMs?: number
  /** Called once with why it is waited for. */
  onWait?: (error: Error) => void
  /** Called when it is known whether other replicas' changes are heard of as they happen, and when that becomes otherwise. */
  onHearing?: (hearing: Hearing) => void
}

/** Whether changes by others are heard of as they happen; if not, because a pooler stands in between or the connection broke. */
export type Hearing = 'listening' | 'pooled' | 'broken'
