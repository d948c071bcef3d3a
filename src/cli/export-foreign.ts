import type { Config } from '../config.ts'
import { commentLinkOf, isClosed, linkOf } from '../domain/articles/article.ts'
import { type CommentStatus, commentStatuses } from '../domain/comments/comment.ts'
import type { Format, FormatName } from '../export/format.ts'
import { formats } from '../export/formats.ts'
import { type Threads, threadsOf } from '../export/threads.ts'
import type { Snapshot } from '../store/transfer.ts'
import { counted, progressOf } from './progress.ts'
import { CommandError, type Terminal } from './terminal.ts'

export type ForeignOptions = { format?: FormatName; status?: CommentStatus[]; origin?: string }

/** What is asked for of a file for others. */
export type Foreign = { format: Format; statuses: readonly CommentStatus[]; origin: string | null }

/** `null` where our own format is asked for. */
export function foreignOf({ format: name, status, origin }: ForeignOptions): Foreign | null {
  if (name === undefined) {
    if (status === undefined && origin === undefined) return null
    throw new CommandError([
      'Our own format has everything: --status and --origin are for files for others, with --format.',
    ])
  }
  const format = formats[name]
  const unsaid = status?.find((one) => !format.statuses.includes(one))
  if (unsaid !== undefined)
    throw new CommandError([
      `A file for ${format.name} cannot say that a comment is ${unsaid}: who reads it might publish it. It takes: ${format.statuses.join(', ')}.`,
    ])
  return {
    format,
    statuses: status ?? format.usualStatuses,
    origin: origin === undefined ? null : originFrom(origin),
  }
}

/** How much is kept in memory before it is written. */
const writtenAtOnce = 2 ** 20

/** Puts the comments of a snapshot in order and writes them as others read them; `now` tells which articles are closed. */
export async function writeForeign(
  terminal: Terminal,
  { articleUrl, closeAfterDays }: Pick<Config, 'articleUrl' | 'closeAfterDays'>,
  snapshot: Snapshot,
  { format, statuses, origin }: Foreign,
  { write, to }: { write: (text: string) => Promise<unknown>; to: string },
  now: Date,
  keep: () => Promise<string> = async () => '',
): Promise<void> {
  const { article, comment } = snapshot.counts
  const threads = await withProgress(terminal, 'Sorting', article + comment, (onRows) =>
    threadsOf(snapshot, {
      statuses,
      urlOf: (articleId, url) => urlOf(articleId, url, articleUrl, origin),
      isClosed: (article) => isClosed(article, closeAfterDays, now.getTime()),
      onRows,
    }),
  ).catch(explainNoRoom)
  try {
    if (format.needsUrls) requireUrls(threads)
    await withProgress(terminal, 'Exporting', totalOf(threads.taken), (onRows) =>
      writePieces(format.pieces({ ...threads, comments: countingComments(threads, onRows) }), write),
    )
    const size = await keep()
    terminal.stderr.write(`${toldOf(threads, format)}${to}${size === '' ? '' : `: ${size}`}.\n`)
    terminal.stderr.write(`${leftOutOf(threads)}Readers' e-mail addresses are in it.\n`)
  } finally {
    threads.close()
  }
}

async function writePieces(
  pieces: Iterable<string>,
  write: (text: string) => Promise<unknown>,
): Promise<void> {
  let text = ''
  for (const piece of pieces) {
    text += piece
    if (text.length < writtenAtOnce) continue
    await write(text)
    text = ''
  }
  await write(text)
}

function countingComments({ comments }: Threads, onRows: (count: number) => void): Threads['comments'] {
  return function* (article) {
    for (const comment of comments(article)) {
      yield comment
      onRows(1)
    }
  }
}

async function withProgress<T>(
  terminal: Terminal,
  what: string,
  total: number,
  work: (onRows: (count: number) => void) => Promise<T>,
): Promise<T> {
  const progress = progressOf(terminal, what, total)
  try {
    return await work(progress.add)
  } finally {
    progress.end()
  }
}

/** As the site or a template tells it; else the id itself, where it is a URL, or a path of this origin. */
function urlOf(
  articleId: string,
  url: string | null,
  template: string | null,
  origin: string | null,
): string | null {
  const ofOrigin = origin !== null && articleId.startsWith('/') ? `${origin}${articleId}` : articleId
  const link = commentLinkOf(linkOf(articleId, url, template) ?? ofOrigin, null)
  return link !== null && /^https?:/.test(link) ? link : null
}

function requireUrls({ withoutUrl: { count, articleId } }: Threads): void {
  if (count === 0) return
  const which =
    count === 1 ? `The article ${articleId} has` : `${counted(count, 'article')}, such as ${articleId}, have`
  throw new CommandError([
    `${which} no URL, so nobody would find the comments there.`,
    'Give --origin https://example.org for ids that are paths, or ARTICLE_URL for others.',
  ])
}

function originFrom(text: string): string {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol) || `${url.origin}/` !== url.href)
    throw new CommandError(['Give --origin without a path, such as https://example.org.'])
  return url.origin
}

/** The database is read in the Store's words; SQLite's own fault is of the temporary one. */
/* c8 ignore next 6: a full disk is tested in a process of its own. */
function explainNoRoom(error: unknown): never {
  if (!(error instanceof Error) || !('code' in error) || !/^SQLITE_/.test(String(error.code))) throw error
  throw new CommandError([
    `The comments cannot be put in order in a temporary file: ${error.message}. SQLITE_TMPDIR names a folder with room for it.`,
  ])
}

function toldOf({ articleCount, taken }: Threads, { name }: Format): string {
  return `Exported ${counted(totalOf(taken), 'comment')} of ${counted(articleCount, 'article')} for ${name}`
}

function leftOutOf({ leftOut }: Threads): string {
  const told = commentStatuses
    .filter((status) => leftOut[status] > 0)
    .map((status) => `${leftOut[status].toLocaleString('en')} ${status}`)
  return told.length === 0 ? '' : `Left out: ${told.join(', ')}. `
}

function totalOf(counts: Threads['taken']): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}
