import type { Database } from 'better-sqlite3'

/** What became of a reply whose parent is not there to stand below; it stands at the top. */
export const parentFates = {
  absent: 'the comment they answer is not in the file',
  'left-out': 'the comment they answer was left out',
  elsewhere: 'the comment they answer is on another article',
  circle: 'they answer one another in a circle',
} as const

export type ParentFate = keyof typeof parentFates

/**
 * Works out, from all that was read: which comment is on which article, whose it is, what is there twice, what stands below
 * what, which deleted ones have to stay for what is below them, and in which order all goes. By the database, so that it
 * takes no more memory for a million comments than for ten. The result depends on what was read, never on its order.
 */
export function resolve(database: Database, options: { keepsDeleted: boolean }): void {
  placeOnArticles(database)
  nameAuthors(database)
  leaveOutTwins(database)
  if (!options.keepsDeleted)
    database.exec("UPDATE comments SET left_out = 'deleted' WHERE status = 'deleted' AND left_out IS NULL")
  findParents(database)
  breakCircles(database)
  leaveOutBareDeleted(database)
  putInOrder(database)
}

function placeOnArticles(database: Database): void {
  database.exec(`
    UPDATE comments SET article = pages.article, left_out = coalesce(comments.left_out, pages.left_out)
      FROM pages WHERE pages.key = comments.page;
    UPDATE comments SET left_out = 'page-absent' WHERE article IS NULL AND left_out IS NULL;`)
}

function nameAuthors(database: Database): void {
  database.exec(`
    UPDATE comments SET name = people.name, email = people.email,
      left_out = coalesce(left_out, CASE WHEN people.is_too_long AND status <> 'deleted' THEN 'name-too-long' END)
      FROM people WHERE people.key = comments.person AND left_out IS NULL AND status <> 'deleted'`)
}

/** What is in two files, of two exports, may have changed in between: what is least public counts, then the later file. */
function leaveOutTwins(database: Database): void {
  database.exec(`
    CREATE INDEX comments_by_id ON comments (id) WHERE id IS NOT NULL;
    UPDATE comments SET left_out = 'twice' WHERE seq IN (
      SELECT seq FROM (
        SELECT seq, row_number() OVER (
          PARTITION BY id
          ORDER BY left_out IS NULL, CASE status WHEN 'deleted' THEN 0 WHEN 'rejected' THEN 1 WHEN 'pending' THEN 2 ELSE 3 END,
            file DESC, body, name, email, article, parent
        ) AS place
        FROM comments WHERE id IN (SELECT id FROM comments WHERE id IS NOT NULL GROUP BY id HAVING count(*) > 1)
      ) WHERE place > 1
    );`)
}

function findParents(database: Database): void {
  database.exec(`
    CREATE INDEX comments_by_source ON comments (source, site, article, left_out, id);
    UPDATE comments SET parent_seq = (
      SELECT seq FROM comments AS above
      WHERE above.source = comments.parent AND above.site = comments.site AND above.article = comments.article
        AND above.left_out IS NULL
      ORDER BY id LIMIT 1
    ) WHERE parent IS NOT NULL AND left_out IS NULL;
    UPDATE comments SET parent_fate = CASE
      WHEN EXISTS (SELECT 1 FROM comments AS above WHERE above.source = comments.parent AND above.site = comments.site
        AND above.article = comments.article) THEN 'left-out'
      WHEN EXISTS (SELECT 1 FROM comments AS above WHERE above.source = comments.parent AND above.site = comments.site
        AND above.left_out IS NULL) THEN 'elsewhere'
      WHEN EXISTS (SELECT 1 FROM comments AS above WHERE above.source = comments.parent AND above.site = comments.site)
        THEN 'left-out'
      ELSE 'absent' END
    WHERE parent IS NOT NULL AND left_out IS NULL AND parent_seq IS NULL;`)
}

/** Whatever is not below the top is in a circle, or below one. */
function breakCircles(database: Database): void {
  database.exec(`
    CREATE INDEX comments_by_parent ON comments (parent_seq) WHERE parent_seq IS NOT NULL;
    CREATE TABLE reached (seq INTEGER PRIMARY KEY);
    INSERT INTO reached WITH RECURSIVE below (seq) AS (
      SELECT parent_seq FROM comments WHERE parent_seq IS NOT NULL
        AND parent_seq IN (SELECT seq FROM comments WHERE parent_seq IS NULL)
      UNION
      SELECT comments.seq FROM below JOIN comments ON comments.parent_seq = below.seq
    ) SELECT seq FROM below;`)
  const left = database
    .prepare<[], { seq: number; parent: number }>(
      'SELECT seq, parent_seq AS parent FROM comments WHERE parent_seq IS NOT NULL AND seq NOT IN (SELECT seq FROM reached)',
    )
    .all()
  const top = database.prepare("UPDATE comments SET parent_seq = NULL, parent_fate = 'circle' WHERE seq = ?")
  for (const seq of membersOfCircles(new Map(left.map(({ seq, parent }) => [seq, parent])))) top.run(seq)
}

/** Each has one parent, so going up from one that was not looked at yet either meets what was, or goes round. */
function membersOfCircles(parents: ReadonlyMap<number, number>): number[] {
  const members: number[] = []
  const looked = new Set<number>()
  for (const start of parents.keys()) {
    const way: number[] = []
    let at: number | undefined = start
    while (at !== undefined && !looked.has(at)) {
      looked.add(at)
      way.push(at)
      at = parents.get(at)
    }
    const from = at === undefined ? -1 : way.indexOf(at)
    if (from !== -1) members.push(...way.slice(from))
  }
  return members
}

function leaveOutBareDeleted(database: Database): void {
  database.exec(`
    CREATE TABLE carrying (seq INTEGER PRIMARY KEY);
    INSERT INTO carrying WITH RECURSIVE above (seq) AS (
      SELECT parent_seq FROM comments WHERE parent_seq IS NOT NULL AND left_out IS NULL AND status <> 'deleted'
      UNION
      SELECT comments.parent_seq FROM above JOIN comments USING (seq) WHERE parent_seq IS NOT NULL
    ) SELECT seq FROM above;
    UPDATE comments SET left_out = 'deleted'
      WHERE status = 'deleted' AND left_out IS NULL AND seq NOT IN (SELECT seq FROM carrying);`)
}

/** By their ids, which the format asks for; the approved ones are numbered within their article, as approving them in turn would. */
function putInOrder(database: Database): void {
  database.exec(`
    CREATE TABLE taken (id TEXT PRIMARY KEY, seq INTEGER NOT NULL, published_revision INTEGER) WITHOUT ROWID;
    INSERT INTO taken
      SELECT id, seq, CASE WHEN status = 'approved' THEN sum(status = 'approved') OVER (PARTITION BY article ORDER BY id) END
      FROM comments WHERE left_out IS NULL ORDER BY id;
    UPDATE comments SET parent_id = (SELECT id FROM comments AS above WHERE above.seq = comments.parent_seq)
      WHERE parent_seq IS NOT NULL AND left_out IS NULL;
    CREATE INDEX pages_by_article ON pages (article);
    CREATE TABLE articles (article TEXT PRIMARY KEY, approved INTEGER NOT NULL, comments INTEGER NOT NULL, first_ms INTEGER NOT NULL,
      last_ms INTEGER NOT NULL) WITHOUT ROWID;
    INSERT INTO articles SELECT article, sum(status = 'approved'), count(*), min(at_ms), max(at_ms)
      FROM comments WHERE left_out IS NULL GROUP BY article ORDER BY article;`)
}
