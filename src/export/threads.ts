import SqliteDatabase, { type Database } from 'better-sqlite3'
import type { Article } from '../domain/articles/article.ts'
import { type CommentStatus, commentStatuses } from '../domain/comments/comment.ts'
import type { Row, Snapshot } from '../store/transfer.ts'

/*
 * The rows of a snapshot come by kind and by id; others' files want them by article, under numbers. They are put in order in
 * a database of SQLite's own making, without a name: it lies in a file of the temporary folder (`SQLITE_TMPDIR`, `TMPDIR`,
 * `/var/tmp`, `/tmp`) that no other process finds, and that is gone with this one. So a million comments take no more memory
 * than a hundred.
 */

export type ThreadedArticle = Pick<Article, 'articleId' | 'title' | 'publishedAtMs' | 'closedAtMs'> & {
  /** From 1 on, in the order of their first comments. */
  number: number
  url: string | null
  firstCommentAtMs: number
  isClosed: boolean
}

export type ThreadedComment = {
  /**
   * Greater than that of any comment before it and than its parent's. It is made of the moment of its submission, and is the
   * same in each export, whatever else is in the file. Every language's numbers hold it: it is below 2^53.
   */
  number: number
  /** Of the nearest comment above it that is public and in the file: who reads it shows no reply to one that is not. */
  parentNumber: number | null
  /** The article's. */
  article: number
  id: string
  /** As the database has it. */
  parentId: string | null
  status: CommentStatus
  name: string | null
  email: string | null
  body: string | null
  submittedAtMs: number
  publishedAtMs: number | null
}

export type Threads = {
  /** Those with comments in the file, in the order of their numbers. */
  articles: () => Iterable<ThreadedArticle>
  article: (number: number) => ThreadedArticle
  /** In the order of their numbers: all, or one article's. */
  comments: (article?: number) => Iterable<ThreadedComment>
  /** Articles in the file that have no URL: how many, and the id of the first. */
  withoutUrl: { count: number; articleId: string }
  articleCount: number
  taken: Record<CommentStatus, number>
  leftOut: Record<CommentStatus, number>
  close: () => void
}

type Options = {
  statuses: readonly CommentStatus[]
  urlOf: (articleId: string, url: string | null) => string | null
  isClosed: (article: Pick<Article, 'closedAtMs' | 'publishedAtMs' | 'firstCommentAtMs'>) => boolean
  /** So many rows more were read. */
  onRows: (count: number) => void
}

/** @throws SqliteError where there is no room for the temporary file. */
export async function threadsOf(
  snapshot: Pick<Snapshot, 'pages'>,
  { statuses, onRows, ...rules }: Options,
): Promise<Threads> {
  const database = new SqliteDatabase('')
  try {
    // What breaks off is gone anyway.
    database.pragma('journal_mode = OFF')
    database.pragma('synchronous = OFF')
    database.exec(tables)
    database.exec('BEGIN')
    const fillers = { article: articleFiller(database, rules), comment: commentFiller(database) } as const
    for (const kind of ['article', 'comment'] as const) {
      for await (const page of snapshot.pages(kind, null)) {
        for (const row of page) fillers[kind](row)
        onRows(page.length)
      }
    }
    database.exec('CREATE INDEX comments_by_time ON comments (submitted_at_ms, id)')
    const counts = number(database, statuses)
    database.exec('CREATE INDEX numbers_by_article ON numbers (article, number)')
    database.exec('COMMIT')
    return { ...reading(database), ...counts, close: () => database.close() }
    /* c8 ignore next 4: no room for what is put in order. */
  } catch (error) {
    database.close()
    throw error
  }
}

const tables = `
CREATE TABLE articles (
  id TEXT PRIMARY KEY, heir TEXT, title TEXT, url TEXT, published_at_ms INTEGER, closed_at_ms INTEGER,
  first_comment_at_ms INTEGER, is_closed INTEGER, number INTEGER UNIQUE, is_taken INTEGER NOT NULL DEFAULT 0);
CREATE TABLE comments (
  row INTEGER PRIMARY KEY, id TEXT UNIQUE, article TEXT, parent_id TEXT, status TEXT, name TEXT, email TEXT, body TEXT,
  submitted_at_ms INTEGER, published_at_ms INTEGER);
CREATE TABLE numbers (
  number INTEGER PRIMARY KEY, comment INTEGER UNIQUE, article INTEGER, parent INTEGER, is_taken INTEGER);
CREATE TABLE waiting (parent INTEGER, comment INTEGER, PRIMARY KEY (parent, comment)) WITHOUT ROWID;
CREATE INDEX waiting_comments ON waiting (comment);`

function articleFiller(
  database: Database,
  { urlOf, isClosed }: Pick<Options, 'urlOf' | 'isClosed'>,
): (row: Row) => void {
  const insert = database.prepare(
    `INSERT INTO articles (id, heir, title, url, published_at_ms, closed_at_ms, first_comment_at_ms, is_closed)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  return (row) => {
    // The store's schema says what a row of an article has.
    const { articleId, title, url, publishedAtMs, closedAtMs, firstCommentAtMs, movedTo } = row as Article
    insert.run(
      articleId,
      movedTo,
      title,
      urlOf(articleId, url),
      publishedAtMs,
      closedAtMs,
      firstCommentAtMs,
      isClosed({ publishedAtMs, closedAtMs, firstCommentAtMs }) ? 1 : 0,
    )
  }
}

/** Each under the article that answers for its own: of one that is being moved some comments may not have come yet. */
function commentFiller(database: Database): (row: Row) => void {
  const insert = database.prepare(
    `INSERT INTO comments (id, article, parent_id, status, name, email, body, submitted_at_ms, published_at_ms)
    VALUES (?, (SELECT coalesce(heir, id) FROM articles WHERE id = ?), ?, ?, ?, ?, ?, ?, ?)`,
  )
  return ({
    id,
    articleId,
    parentId,
    status,
    authorName,
    authorEmail,
    body,
    submittedAtMs,
    publishedAtMs,
  }) => {
    insert.run(id, articleId, parentId, status, authorName, authorEmail, body, submittedAtMs, publishedAtMs)
  }
}

type Unnumbered = {
  row: number
  id: string
  article: string
  parentId: string | null
  status: CommentStatus
  submittedAtMs: number
}

/** From one millisecond's first number to the next one's. */
const numbersPerMs = 1_000
/** In the year 2255; behind it numbers only count on, so that none reaches 2^53. */
const lastNumberedMs = 9_000_000_000_000

/**
 * Gives numbers to articles and comments, also to those that are left out, so that they are the same whatever is. A parent
 * comes first even where its clock was ahead: a reply that is older waits for it. Who waits for itself is in a circle, which is
 * cut at its first comment.
 */
function number(database: Database, statuses: readonly CommentStatus[]): Counts {
  const page = database.prepare<[number, string], Unnumbered>(
    `SELECT ${unnumbered} WHERE (submitted_at_ms, id) > (?, ?) ORDER BY submitted_at_ms, id LIMIT 1000`,
  )
  const numberOf = database.prepare<[number], number>('SELECT number FROM numbers WHERE comment = ?').pluck()
  const parentOf = parentIn(database)
  const waiting = waitingIn(database)
  const { give, counts } = giverIn(database, statuses)

  const giveWithThoseUnder = (comment: Unnumbered, parent: number | null) => {
    give(comment, parent)
    const above = waiting.isEmpty() ? [] : [comment.row]
    for (let row = above.pop(); row !== undefined; row = above.pop()) {
      for (const child of waiting.takeUnder(row)) {
        give(child, numberOf.get(row) ?? null)
        above.push(child.row)
      }
    }
  }

  for (let from: [number, string] | null = [-1, '']; from !== null; ) {
    const comments: Unnumbered[] = page.all(...from)
    for (const comment of comments) {
      const parent = parentOf(comment)
      const parentNumber = parent === null ? null : numberOf.get(parent)
      if (parent !== null && parentNumber === undefined) waiting.add(parent, comment)
      else giveWithThoseUnder(comment, parentNumber ?? null)
    }
    const end = comments.at(-1)
    from = end === undefined ? null : [end.submittedAtMs, end.id]
  }
  for (let cut = waiting.takeFirst(); cut !== undefined; cut = waiting.takeFirst())
    giveWithThoseUnder(cut, null)
  return counts
}

const unnumbered =
  'row, id, article, parent_id AS parentId, status, submitted_at_ms AS submittedAtMs FROM comments'

/** Finds the row of the nearest approved comment above, of the same article. */
function parentIn(database: Database): (comment: Unnumbered) => number | null {
  const byId = database.prepare<[string], Unnumbered>(`SELECT ${unnumbered} WHERE id = ?`)
  return ({ id, article, parentId }) => {
    const seen = new Set([id])
    for (let next = parentId; next !== null && !seen.has(next); ) {
      seen.add(next)
      const above = byId.get(next)
      if (above === undefined || above.article !== article) return null
      if (above.status === 'approved') return above.row
      next = above.parentId
    }
    return null
  }
}

function giverIn(database: Database, statuses: readonly CommentStatus[]) {
  const insert = database.prepare(
    `INSERT INTO numbers (number, comment, article, parent, is_taken)
    VALUES (?, ?, (SELECT number FROM articles WHERE id = ?), ?, ?)`,
  )
  const numberArticle = database.prepare(
    `UPDATE articles SET number = ?, first_comment_at_ms = coalesce(first_comment_at_ms, ?)
    WHERE id = ? AND number IS NULL`,
  )
  const takeArticle = database.prepare('UPDATE articles SET is_taken = 1 WHERE id = ? AND is_taken = 0')
  const counts: Counts = { taken: noneOfEach(), leftOut: noneOfEach() }
  const keepsParents = statuses.includes('approved')
  let [last, lastArticle] = [0, 0]
  return {
    counts,
    give({ row, article, status, submittedAtMs }: Unnumbered, parent: number | null) {
      last = Math.max(last + 1, Math.min(submittedAtMs, lastNumberedMs) * numbersPerMs)
      lastArticle += numberArticle.run(lastArticle + 1, submittedAtMs, article).changes
      const isTaken = statuses.includes(status)
      counts[isTaken ? 'taken' : 'leftOut'][status] += 1
      if (isTaken) takeArticle.run(article)
      insert.run(last, row, article, keepsParents ? parent : null, isTaken ? 1 : 0)
    },
  }
}

/** The comments that come before their parents, which are few or none. */
function waitingIn(database: Database) {
  const insert = database.prepare('INSERT INTO waiting (parent, comment) VALUES (?, ?)')
  const under = database.prepare<[number], Unnumbered>(
    `SELECT ${unnumbered} WHERE row IN (SELECT comment FROM waiting WHERE parent = ?) ORDER BY row`,
  )
  const first = database.prepare<[], Unnumbered>(
    `SELECT ${unnumbered} WHERE row = (SELECT min(comment) FROM waiting)`,
  )
  const remove = database.prepare('DELETE FROM waiting WHERE comment = ?')
  let count = 0
  const take = <T extends Unnumbered | undefined>(comment: T): T => {
    if (comment !== undefined) count -= remove.run(comment.row).changes
    return comment
  }
  return {
    isEmpty: () => count === 0,
    add(parent: number, { row }: Unnumbered) {
      insert.run(parent, row)
      count += 1
    },
    takeUnder: (parent: number) => (count === 0 ? [] : under.all(parent).map(take)),
    takeFirst: () => (count === 0 ? undefined : take(first.get())),
  }
}

type Counts = Pick<Threads, 'taken' | 'leftOut'>

function noneOfEach(): Record<CommentStatus, number> {
  // One of each status.
  return Object.fromEntries(commentStatuses.map((status) => [status, 0])) as Record<CommentStatus, number>
}

function reading(database: Database): Omit<Threads, keyof Counts | 'close'> {
  const ofArticles = `number, id AS articleId, title, url, published_at_ms AS publishedAtMs, closed_at_ms AS closedAtMs,
    first_comment_at_ms AS firstCommentAtMs, is_closed AS isClosed FROM articles`
  const articles = database.prepare<[], StoredArticle>(
    `SELECT ${ofArticles} WHERE is_taken = 1 ORDER BY number`,
  )
  const article = database.prepare<[number], StoredArticle>(`SELECT ${ofArticles} WHERE number = ?`)
  // CROSS JOIN has SQLite go through the numbers first: they are the order.
  const ofComments = `number, parent AS parentNumber, numbers.article, id, parent_id AS parentId, status, name, email, body,
    submitted_at_ms AS submittedAtMs, published_at_ms AS publishedAtMs
    FROM numbers CROSS JOIN comments ON comments.row = numbers.comment WHERE is_taken = 1`
  const comments = database.prepare<[], ThreadedComment>(`SELECT ${ofComments} ORDER BY number`)
  const commentsOf = database.prepare<[number], ThreadedComment>(
    `SELECT ${ofComments} AND numbers.article = ? ORDER BY number`,
  )
  const counted = (more: string) =>
    Number(database.prepare(`SELECT count(*) FROM articles WHERE is_taken = 1 ${more}`).pluck().get())
  const without = database
    .prepare<[], string>('SELECT id FROM articles WHERE is_taken = 1 AND url IS NULL ORDER BY number LIMIT 1')
    .pluck()
  return {
    *articles() {
      for (const stored of articles.iterate()) yield articleFrom(stored)
    },
    article(number) {
      const stored = article.get(number)
      if (stored === undefined) throw new Error(`There is no article of the number ${number}.`)
      return articleFrom(stored)
    },
    comments: (number) => (number === undefined ? comments.iterate() : commentsOf.iterate(number)),
    withoutUrl: { count: counted('AND url IS NULL'), articleId: without.get() ?? '' },
    articleCount: counted(''),
  }
}

type StoredArticle = Omit<ThreadedArticle, 'isClosed'> & { isClosed: number }

function articleFrom({ isClosed, ...article }: StoredArticle): ThreadedArticle {
  return { ...article, isClosed: isClosed === 1 }
}
