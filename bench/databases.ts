import type { DatabaseLocation } from '../src/store/location.ts'
import { openStore } from '../src/store/open-store.ts'

/** What the rows need of a database: the same of each kind, so that there is one table. */
export type Databases = {
  /** A new one with approved comments, brought up to this version; their words are in the index, unless they are very many. */
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

/** Their words are in the index after some seconds; those of ten million would take an hour. */
const mostIndexed = 50_000

/** What a service in use has done long ago, and would otherwise do while it is measured. */
export async function indexFew(location: DatabaseLocation, comments: number): Promise<void> {
  if (comments <= mostIndexed) await indexAll(location)
}

/** By the same steps as the job's, without its pauses. */
export async function indexAll(location: DatabaseLocation): Promise<void> {
  const store = await openStore(location)
  while ((await store.indexSome(Date.now())) === 'more');
  await store.close()
}
