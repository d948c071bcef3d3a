import type { Format } from './format.ts'
import type { ThreadedArticle, ThreadedComment, Threads } from './threads.ts'

/*
 * For people: RFC 4180, with a line of names, and a byte order mark, without which Excel takes UTF-8 for something else. A row
 * a comment, in the order of their submission.
 */
export const csv: Format = {
  name: 'spreadsheets',
  statuses: ['approved', 'pending', 'rejected', 'withdrawn'],
  usualStatuses: ['approved', 'pending', 'rejected', 'withdrawn'],
  needsUrls: false,
  pieces,
}

function* pieces(threads: Threads): Generator<string> {
  yield `\ufeff${line(Object.keys(columns))}`
  const cellsOf = Object.values(columns)
  for (const comment of threads.comments()) {
    const article = threads.article(comment.article)
    yield line(cellsOf.map((cell) => cell(comment, article)))
  }
}

const columns: Readonly<
  Record<string, (comment: ThreadedComment, article: ThreadedArticle) => string | null>
> = {
  id: ({ id }) => id,
  parent_id: ({ parentId }) => parentId,
  article_id: (_, { articleId }) => articleId,
  article_title: (_, { title }) => title,
  article_url: (_, { url }) => url,
  status: ({ status }) => status,
  author_name: ({ name }) => name,
  author_email: ({ email }) => email,
  body: ({ body }) => body,
  submitted_at: ({ submittedAtMs }) => new Date(submittedAtMs).toISOString(),
  published_at: ({ publishedAtMs }) =>
    publishedAtMs === null ? null : new Date(publishedAtMs).toISOString(),
}

function line(cells: readonly (string | null)[]): string {
  return `${cells.map((cell) => (cell === null ? '' : `"${harmless(cell).replaceAll('"', '""')}"`)).join()}\r\n`
}

/**
 * A spreadsheet takes what begins so for a formula, and runs it (OWASP, CSV Injection): an apostrophe before it makes it text.
 * Where there are apostrophes already it gets one more, so that taking one away gives the text back in every case.
 */
function harmless(text: string): string {
  return formulaStart.test(text) ? `'${text}` : text
}

const formulaStart = /^'*(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/u
