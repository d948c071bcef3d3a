import type { DatabaseLocation } from '../src/store/location.ts'

/** What the rows need of a database: the same of each kind, so that there is one table. */
export type Databases = {
  /** A new one with approved comments, brought up to this version. */
  seed: (comments: number) => Promise<Seeded>
  /** A new one without any table. */
  empty: () => Promise<DatabaseLocation>
  /**
   * The control of writes: the same inserts in a database of their own, each committed alone, without service, thread or
   * HTTP: how many a second.
   */
  oneByOne: (seconds: number) => Promise<number>
}

export type Seeded = {
  /** For DATABASE_URL. */
  url: string
  articles: number
  /** Comments of the one article that has many. */
  bigArticle: number
  bigArticleId: string
  /** Frees its disk, once nobody uses it. */
  discard: () => Promise<void>
}
