import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { v7 as uuidv7 } from 'uuid'
import type { Comment } from '../src/domain/comments/comment.ts'
import { type Databases, indexFew } from './databases.ts'
import { someComment } from './requests.ts'
import { seedSqlite } from './seed.ts'

/** Files of a folder, which goes as a whole. */
export function sqliteDatabases(folder: string): Databases {
  const newFile = () => join(folder, `${uuidv7()}.db`)
  return {
    async seed(comments) {
      const file = newFile()
      const seeded = seedSqlite(file, comments)
      await indexFew({ dialect: 'sqlite', file }, comments)
      return { url: `file:${file}`, ...seeded, discard: async () => {} }
    },
    async empty() {
      return { dialect: 'sqlite', file: newFile() }
    },
    async oneByOne(seconds) {
      return oneByOne(newFile(), seconds)
    },
  }
}

function oneByOne(file: string, seconds: number): number {
  const database = new SqliteDatabase(file)
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.exec('CREATE TABLE articles (article_id TEXT PRIMARY KEY) STRICT')
  database.exec(
    'CREATE TABLE comments (id TEXT PRIMARY KEY, article_id TEXT, status TEXT, name TEXT, email TEXT, body TEXT, at INTEGER, receipt TEXT) STRICT',
  )
  database.exec('CREATE INDEX by_article ON comments (article_id, status, id)')
  database.exec('CREATE INDEX by_status ON comments (status, id)')
  const addArticle = database.prepare('INSERT INTO articles VALUES (?) ON CONFLICT DO NOTHING')
  const addComment = database.prepare('INSERT INTO comments VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  const insert = database.transaction(
    ({ id, articleId, author, body, submittedAtMs, receiptHash }: Comment) => {
      addArticle.run(articleId)
      addComment.run(id, articleId, 'pending', author?.name, author?.email, body, submittedAtMs, receiptHash)
    },
  )
  const startMs = performance.now()
  let inserted = 0
  while (performance.now() < startMs + seconds * 1_000) {
    insert(someComment())
    inserted += 1
  }
  const rate = inserted / ((performance.now() - startMs) / 1_000)
  database.close()
  return rate
}
