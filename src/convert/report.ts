import type { Database } from 'better-sqlite3'
import type { Dropped, LeftOut } from './records.ts'
import type { ParentFate } from './resolve.ts'

/** What a conversion comes to. `read` is the sum of all that is taken and all that is left out. */
export type Report = {
  title: string
  read: number
  taken: { approved: number; pending: number; rejected: number; withdrawn: number }
  leftOut: [reason: LeftOut, count: number][]
  oldestMs: number | null
  newestMs: number | null
  withoutEmail: number
  withoutName: number
  /** Whose author stands apart, and is in none of the files. */
  withoutAccount: number
  /** Whose author stands apart, and is there. */
  withAccount: number
  longestBody: number
  /** Replies that stand at the top now, by why. */
  atTheTop: [fate: ParentFate, count: number][]
  dropped: [what: Dropped, count: number][]
  articles: number
  /** Articles of several pages: of several hosts, or that differ in what stands behind the question mark. */
  merged: string[]
  /** Of those whose pages the source itself tells apart, by identifiers of their own. */
  confused: string[]
  /** Of the first of them the addresses of some pages. */
  confusedUrls: string[]
  /** Articles of which no address is known. */
  withoutUrl: number
  /** Articles that take no comments. */
  closed: number
  /** Those with the most comments. */
  examples: { article: string; comments: number }[]
}

const examplesShown = 10
const urlsShown = 3

export function reportOn(database: Database, title: string, dropped: ReadonlyMap<Dropped, number>): Report {
  const grouped = <K extends string>(sql: string) =>
    database.prepare<[], [K, number]>(sql).raw().all() as [K, number][]
  const taken = new Map(
    grouped<string>('SELECT status, count(*) FROM comments WHERE left_out IS NULL GROUP BY status'),
  )
  const whole = database
    .prepare<[], { read: number; oldest: number | null; newest: number | null; longest: number | null }>(
      `SELECT count(*) AS read, min(at_ms) FILTER (WHERE left_out IS NULL) AS oldest,
        max(at_ms) FILTER (WHERE left_out IS NULL) AS newest, max(length(body)) FILTER (WHERE left_out IS NULL) AS longest
      FROM comments`,
    )
    .get()
  const count = (condition: string) =>
    database
      .prepare<[], number>(
        `SELECT count(*) FROM comments WHERE left_out IS NULL AND status <> 'deleted' AND ${condition}`,
      )
      .pluck()
      .get() ?? 0
  const confused = database
    .prepare<[], string>(
      `SELECT article FROM pages WHERE left_out IS NULL
        AND article IN (SELECT article FROM articles) AND key IN (SELECT page FROM comments WHERE left_out IS NULL)
      GROUP BY article HAVING count(DISTINCT identifier) > 1 AND (count(DISTINCT query) > 1 OR count(DISTINCT host) > 1)
      ORDER BY article`,
    )
    .pluck()
    .all()
  return {
    title,
    read: whole?.read ?? 0,
    taken: {
      approved: taken.get('approved') ?? 0,
      pending: taken.get('pending') ?? 0,
      rejected: taken.get('rejected') ?? 0,
      withdrawn: taken.get('deleted') ?? 0,
    },
    leftOut: grouped<LeftOut>(
      'SELECT left_out, count(*) FROM comments WHERE left_out IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1',
    ),
    oldestMs: whole?.oldest ?? null,
    newestMs: whole?.newest ?? null,
    withoutEmail: count('email IS NULL'),
    withoutName: count('name IS NULL'),
    withoutAccount: count('person IS NOT NULL AND person NOT IN (SELECT key FROM people)'),
    withAccount: count('person IN (SELECT key FROM people)'),
    longestBody: whole?.longest ?? 0,
    atTheTop: grouped<ParentFate>(
      'SELECT parent_fate, count(*) FROM comments WHERE parent_fate IS NOT NULL AND left_out IS NULL GROUP BY 1 ORDER BY 2 DESC, 1',
    ),
    dropped: [...dropped].sort(([one], [other]) => (one < other ? -1 : 1)),
    articles: database.prepare<[], number>('SELECT count(*) FROM articles').pluck().get() ?? 0,
    merged: database
      .prepare<[], string>(
        `SELECT article FROM pages JOIN articles USING (article) WHERE left_out IS NULL
        GROUP BY article HAVING count(DISTINCT query) > 1 OR count(DISTINCT host) > 1 ORDER BY article`,
      )
      .pluck()
      .all(),
    confused,
    confusedUrls: database
      .prepare<[string | null, number], string>(
        `SELECT coalesce(url, identifier) FROM pages WHERE article = ? AND left_out IS NULL
          AND key IN (SELECT page FROM comments WHERE left_out IS NULL)
        ORDER BY 1 LIMIT ?`,
      )
      .pluck()
      .all(confused[0] ?? null, urlsShown),
    withoutUrl:
      database
        .prepare<[], number>(
          `SELECT count(*) FROM articles WHERE article NOT IN (
            SELECT article FROM pages WHERE url IS NOT NULL AND left_out IS NULL AND article IS NOT NULL)`,
        )
        .pluck()
        .get() ?? 0,
    closed:
      database
        .prepare<[], number>(
          `SELECT count(*) FROM (SELECT 1 FROM articles JOIN pages USING (article) WHERE pages.left_out IS NULL
            GROUP BY articles.article HAVING min(is_closed) = 1)`,
        )
        .pluck()
        .get() ?? 0,
    examples: database
      .prepare<[number], { article: string; comments: number }>(
        'SELECT article, comments FROM articles ORDER BY comments DESC, article LIMIT ?',
      )
      .all(examplesShown),
  }
}
