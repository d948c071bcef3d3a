import Database from 'better-sqlite3'
import type { LeftOut } from './records.ts'

/*
 * What is read is put down in a temporary database before anything is made of it: parents may come after their replies, pages after their
 * comments, and files in any order, and none of it has to fit into the memory. The file has no name: it is gone with the process,
 * and nobody else can open it.
 */

export type Spool = {
  database: Database.Database
  /** Of two files with the same comment the later one counts, `file` being its number. */
  add: (record: SpoolRecord, file: number) => void
  /** Puts down what still waits; then it can be worked on. */
  settle: () => void
  close: () => void
}

/** What is put down: with ids worked out, and nothing of anybody whose comment is not taken. */
export type SpoolRecord =
  | {
      kind: 'page'
      key: string
      article: string | null
      /** The site's own, where it is another than the address. */
      identifier: string | null
      url: string | null
      title: string | null
      /** Without `www.`. */
      host: string | null
      /** Of its address, from the question mark on. */
      query: string
      publishedAtMs: number | null
      isClosed: boolean
      leftOut: LeftOut | null
    }
  | { kind: 'person'; key: string; name: string | null; email: string | null; isTooLong: boolean }
  | {
      kind: 'comment'
      /** `null` where it has no time, or no id of its source. */
      id: string | null
      source: string
      site: string
      page: string
      parent: string | null
      status: 'approved' | 'pending' | 'rejected' | 'deleted' | null
      leftOut: LeftOut | null
      name: string | null
      email: string | null
      person: string | null
      body: string | null
      atMs: number | null
      decidedAtMs: number | null
    }

/** How many records go down in one transaction. */
const atOnce = 5_000

export function openSpool(): Spool {
  // An empty name is a temporary file (SQLite: "In-Memory Databases"); it spills to disk as it grows.
  const database = new Database('')
  database.pragma('journal_mode = OFF')
  database.pragma('synchronous = OFF')
  database.pragma('cache_size = -32768')
  database.exec(schema)
  const statements = {
    page: database.prepare(`INSERT INTO pages (key, article, identifier, url, host, query, title, published_at_ms, is_closed, left_out)
      VALUES (@key, @article, @identifier, @url, @host, @query, @title, @publishedAtMs, @isClosed, @leftOut)
      ON CONFLICT (key) DO UPDATE SET
        article = coalesce(min(article, excluded.article), article, excluded.article),
        identifier = coalesce(min(identifier, excluded.identifier), identifier, excluded.identifier),
        url = coalesce(min(url, excluded.url), url, excluded.url),
        title = coalesce(min(title, excluded.title), title, excluded.title),
        published_at_ms = coalesce(min(published_at_ms, excluded.published_at_ms), published_at_ms, excluded.published_at_ms),
        is_closed = min(is_closed, excluded.is_closed),
        left_out = coalesce(max(left_out, excluded.left_out), left_out, excluded.left_out)`),
    person:
      database.prepare(`INSERT INTO people (key, name, email, is_too_long) VALUES (@key, @name, @email, @isTooLong)
      ON CONFLICT (key) DO UPDATE SET name = min(name, excluded.name), email = min(email, excluded.email),
        is_too_long = max(is_too_long, excluded.is_too_long)`),
    comment:
      database.prepare(`INSERT INTO comments (file, id, source, site, page, parent, status, left_out, name, email, person, body, at_ms, decided_at_ms)
      VALUES (@file, @id, @source, @site, @page, @parent, @status, @leftOut, @name, @email, @person, @body, @atMs, @decidedAtMs)`),
  }
  let waiting = 0
  return {
    database,
    add(record, file) {
      if (waiting === 0) database.exec('BEGIN')
      const { kind, ...values } = record
      statements[kind].run(
        kind === 'page'
          ? { ...values, isClosed: record.isClosed ? 1 : 0 }
          : kind === 'person'
            ? { ...values, isTooLong: record.isTooLong ? 1 : 0 }
            : { ...values, file },
      )
      waiting += 1
      if (waiting < atOnce) return
      database.exec('COMMIT')
      waiting = 0
    },
    settle() {
      if (waiting > 0) database.exec('COMMIT')
      waiting = 0
    },
    close() {
      database.close()
    },
  }
}

const schema = `
CREATE TABLE pages (key TEXT PRIMARY KEY, article TEXT, identifier TEXT, url TEXT, host TEXT, query TEXT NOT NULL, title TEXT, published_at_ms INTEGER, is_closed INTEGER NOT NULL,
  left_out TEXT) WITHOUT ROWID;
CREATE TABLE people (key TEXT PRIMARY KEY, name TEXT, email TEXT, is_too_long INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE comments (seq INTEGER PRIMARY KEY, file INTEGER NOT NULL, id TEXT, source TEXT NOT NULL, site TEXT NOT NULL, page TEXT NOT NULL, parent TEXT,
  status TEXT, left_out TEXT, name TEXT, email TEXT, person TEXT, body TEXT, at_ms INTEGER, decided_at_ms INTEGER,
  article TEXT, parent_seq INTEGER, parent_id TEXT, parent_fate TEXT);`
