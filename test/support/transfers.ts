import { createHash, randomUUID } from 'node:crypto'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { Client } from 'pg'
import type { Test } from 'tap'
import { runCommand } from '../../src/cli/command.ts'
import { readConfig } from '../../src/config.ts'
import type { Comment, CommentAction } from '../../src/domain/comments/comment.ts'
import type { IdempotencyRecord } from '../../src/domain/comments/idempotency.ts'
import { decide } from '../../src/domain/moderation/decide.ts'
import type { Token } from '../../src/domain/tokens/token.ts'
import type { DatabaseLocation } from '../../src/store/location.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/store.ts'
import { someComment } from './comments.ts'
import { freshDatabase } from './postgres/databases.ts'
import { testTerminal } from './process/terminal.ts'

export const dialects = ['sqlite', 'postgres'] as const
export type Dialect = (typeof dialects)[number]

/** The URL of a database of the test's own: a file that is not there yet, or a PostgreSQL without tables. */
export async function freshUrl(t: Test, dialect: Dialect): Promise<string> {
  return dialect === 'postgres' ? freshDatabase(t) : `file:${join(folderOf(t), 'imprimatur.db')}`
}

/** A new folder in the test's own, which `testdir` would empty each time. */
export function folderOf(t: Test): string {
  const own = folders.get(t) ?? t.testdir()
  folders.set(t, own)
  return mkdtempSync(join(own, 'folder-'))
}

const folders = new WeakMap<Test, string>()

export function locationOf(url: string): DatabaseLocation {
  const read = readConfig({ DATABASE_URL: url })
  if (!read.ok) throw new Error(read.faults.join())
  return read.config.database
}

export type Ended = { code: number; out: string; err: string }

/** Runs one command on the database of this URL. */
export async function commandAt(url: string, args: readonly string[], input = ''): Promise<Ended> {
  const terminal = testTerminal({ DATABASE_URL: url, DATABASE_POOL_SIZE: '2' }, input)
  return { code: await runCommand(args, terminal), out: terminal.out(), err: terminal.err() }
}

export async function withStoreAt<T>(url: string, use: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(locationOf(url), { poolSize: 2 })
  try {
    return await use(store)
  } finally {
    await store.close()
  }
}

const tables = {
  tokens: 'id',
  articles: 'article_id',
  comments: 'id',
  decisions: 'comment_id, position',
  idempotency_records: 'key_hash',
  totals: 'name',
}

export type Content = Record<keyof typeof tables, Record<string, unknown>[]>

/** All rows of a database, read past the service. */
export async function contentOf(url: string): Promise<Content> {
  const content: [string, unknown][] = []
  await inSql(url, async (ask) => {
    for (const [table, key] of Object.entries(tables))
      content.push([table, (await ask(`SELECT * FROM ${table} ORDER BY ${key}`)).map(withNumbers)])
  })
  return Object.fromEntries(content) as Content
}

/** Asks the database itself. */
export async function inSql<T>(
  url: string,
  use: (ask: (sql: string) => Promise<Record<string, unknown>[]>) => Promise<T>,
): Promise<T> {
  if (url.startsWith('file:')) {
    const database = new SqliteDatabase(url.slice('file:'.length), { fileMustExist: true })
    try {
      return await use(async (sql) => {
        const statement = database.prepare<[], Record<string, unknown>>(sql)
        if (statement.reader) return statement.all()
        statement.run()
        return []
      })
    } finally {
      database.close()
    }
  }
  const client = new Client(url)
  await client.connect()
  try {
    return await use(async (sql) => (await client.query(sql)).rows)
  } finally {
    await client.end()
  }
}

/** Whether an import has brought comments in. Nobody else can read a SQLite file while it is filled, but a copy of it and of its log. */
export async function hasBegun(url: string): Promise<boolean> {
  const isThere = (ask: (sql: string) => Promise<object[]>) => ask('SELECT 1 FROM comments LIMIT 1')
  if (!url.startsWith('file:')) return (await inSql(url, isThere).catch(() => [])).length > 0
  const file = url.slice('file:'.length)
  const copy = `${file}-copy`
  try {
    for (const end of ['', '-wal']) copyFileSync(file + end, copy + end)
    return (await inSql(`file:${copy}`, isThere)).length > 0
  } catch {
    // Copied while it was written, or before it was there.
    return false
  } finally {
    for (const end of ['', '-wal', '-shm']) rmSync(copy + end, { force: true })
  }
}

/** The driver of PostgreSQL gives a bigint as a text. */
function withNumbers(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === 'string' && /_ms$|^(?:approved_count|revision|value)$/.test(name)
        ? Number(value)
        : value,
    ]),
  )
}

export const hostileTexts = [
  'Ligne une\nligne deux\r\n\t"quoted" \'too\' \\ \\n \\u0041 {"kind":"end"}',
  'U+2028 \u2028 and U+2029 \u2029, a BOM \ufeff, a tab \t',
  'ﬀ ～ 👩‍👩‍👧‍👦 𝒳 é e\u0301 Ω İ ı ß عربي \u202e',
  '👍'.repeat(10_000),
  '"'.repeat(10_000),
  '%s $1 :name ? -- ; DROP TABLE comments',
  ' leading and trailing ',
]

/** As much of it as a name can have, which is one line. */
function lineOf(text: string): string {
  return [...text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, ' ')].slice(0, 40).join('')
}

/** Articles whose order by bytes is another one than by UTF-16 or by any language. */
export const hostileArticles = [
  'a',
  'B',
  'é',
  'e\u0323\u0302'.normalize('NFC'),
  '\uff5e',
  '\u{1f4f0}',
  'https://example.org/à?b=c#d',
  'a b',
]

/**
 * Fills a database by the store alone: comments of every state on articles of every kind, some without an address and decided
 * about by an import, replies, decisions, idempotency records and tokens, as many more pending comments as are asked for, and
 * `articles` more articles.
 */
export async function fillAt(url: string, more = 0): Promise<Comment[]> {
  const all: Comment[] = []
  await withStoreAt(url, async (store) => {
    const submit = async (comment: Comment, withKey = false) => {
      all.push(comment)
      const idempotency = withKey ? recordOf(comment) : null
      await store.submit({ comment, idempotency, maxPending: 0 })
    }
    for (const [index, body] of hostileTexts.entries())
      await submit(fresh({ body, author: { name: lineOf(body), email: 'ada@example.org' } }), index % 2 === 0)
    for (const [index, articleId] of hostileArticles.entries()) {
      const [email, decidedBy] = index % 2 === 0 ? ['ada@example.org', 'marie'] : [null, 'import:disqus']
      for (const action of ['approve', 'reject', 'withdraw'] as const) {
        const comment = fresh({ articleId, parentId: all[0]?.id ?? null, author: { name: 'Ada', email } })
        await submit(comment, true)
        await decideAt(store, comment, decidedBy, action, 'approve')
      }
    }
    for (let from = 0; from < more; from += 500) {
      const indexes = Array.from({ length: Math.min(500, more - from) }, (_, index) => from + index)
      await Promise.all(indexes.map((index) => submit(fresh({ articleId: `more-${index % 7}` }))))
    }
    await store.createToken(tokenNamed('marie', { expiresAtMs: 4_000_000_000_000 }))
    await store.createToken(tokenNamed('gone'))
    await store.revokeToken('gone', 1_700_000_000_000)
    await store.createToken(tokenNamed('gone', { lastUsedAtMs: 1_700_000_000_001 }))
  })
  return all
}

function fresh(more: Partial<Comment>): Comment {
  return someComment({ receiptHash: randomUUID(), ...more })
}

/** Decides one after the other, as far as each changes something. */
async function decideAt(
  store: Store,
  comment: Comment,
  decidedBy: string,
  ...actions: CommentAction[]
): Promise<void> {
  let before = comment
  for (const action of actions) {
    const decided = decide(before, {
      action,
      decisionId: randomUUID(),
      decidedBy: action === 'withdraw' ? null : decidedBy,
      reason: 'Why "not"? \\n',
      reasonCode: null,
      note: action === 'withdraw' ? null : 'é 👍',
      along: action === 'reject' && comment.parentId !== null ? { id: comment.parentId, version: 3 } : null,
      decidedAtMs: 1_700_000_000_777,
    })
    if (decided.kind !== 'changed') return
    await store.commit([decided.change])
    before = decided.change.after
  }
}

export function recordOf(comment: Comment): IdempotencyRecord {
  return {
    keyHash: createHash('sha256').update(comment.id).digest('hex'),
    salt: 'salt',
    fingerprint: 'fingerprint',
    commentId: comment.id,
    language: 'fr',
    expiresAtMs: 4_000_000_000_000,
  }
}

export function tokenNamed(name: string, more: Partial<Token> = {}): Token {
  return {
    id: randomUUID(),
    name,
    scopes: ['moderate', 'admin'],
    hash: randomUUID(),
    createdAtMs: 1_690_000_000_000,
    expiresAtMs: null,
    lastUsedAtMs: null,
    revokedAtMs: null,
    ...more,
  }
}

/** A file's rows: all but its first line, which no other file has, and its last. */
export function rowsIn(text: string): string[] {
  return text.split('\n').slice(1, -2)
}

/** The same file with other lines, and an end that is right for them. */
export function withLines(text: string, change: (rows: string[]) => string[]): string {
  const [header = ''] = text.split('\n')
  const rows = change(rowsIn(text))
  const counts = countsOf(rows)
  const body = [JSON.stringify({ ...JSON.parse(header), counts }), ...rows]
    .map((line) => `${line}\n`)
    .join('')
  return `${body}${JSON.stringify({ kind: 'end', counts, sha256: createHash('sha256').update(body).digest('hex') })}\n`
}

function countsOf(rows: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {
    token: 0,
    article: 0,
    comment: 0,
    decision: 0,
    idempotencyRecord: 0,
  }
  for (const row of rows) {
    const kind = /^\{"kind":"(\w+)"/.exec(row)?.[1] ?? ''
    if (counts[kind] !== undefined) counts[kind] += 1
  }
  return counts
}
