/*
 * A file for `imprimatur import --add`: so many decided comments, in order of time, over so many articles, with replies. Readers
 * write about the articles of the day, of which there are always two hundred. The same file for the same numbers.
 *
 *   node bench/addition-file.ts --comments 1000000 --articles 20000 > comments.ndjson
 */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { parseArgs } from 'node:util'
import { endLine, headerLine, noCounts, rowLine } from '../src/cli/transfer-format.ts'
import type { Kind, Row } from '../src/store/transfer.ts'
import { articleName, seedBody } from './seed.ts'

/** How many articles are commented at the same time: 7,919 has no divisor in common with it, and so goes round in it. */
const atOnce = 200

/** Behind all that `seedSqlite` makes. */
const startMs = Date.UTC(2026, 5, 1)

if (process.argv[1]?.endsWith('addition-file.ts')) {
  const { values } = parseArgs({
    options: {
      comments: { type: 'string', default: '1000000' },
      articles: { type: 'string', default: '20000' },
    },
  })
  await writeAdditions(process.stdout, Number(values.comments), Number(values.articles))
}

export async function writeAdditions(out: Writable, comments: number, articles: number): Promise<void> {
  const digest = createHash('sha256')
  const counts = { ...noCounts(), article: articles, comment: comments, decision: comments }
  const write = async (line: string, isLast = false) => {
    if (!isLast) digest.update(line)
    if (!out.write(line)) await once(out, 'drain')
  }
  await write(
    headerLine({
      id: idOf('file', 0),
      madeAt: new Date(startMs).toISOString(),
      dialect: 'sqlite',
      tokenTimes: '0',
      counts,
    }),
  )
  const names = Array.from({ length: articles }, (_, index) => articleName(index)).sort()
  for (const articleId of names) await write(rowLine('article', articleOf(articleId, comments / articles)))
  for (const row of rowsOf('comment', comments, articles)) await write(row)
  for (const row of rowsOf('decision', comments, articles)) await write(row)
  await write(endLine(counts, digest), true)
}

/**
 * The same as a WordPress would export it, its articles one after the other: what it takes to bring them into the order of their
 * times is part of the work.
 */
export async function writeWordpress(out: Writable, comments: number, articles: number): Promise<void> {
  const write = async (text: string) => {
    if (!out.write(text)) await once(out, 'drain')
  }
  await write(
    '<?xml version="1.0" encoding="UTF-8" ?><rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/"><channel><link>https://example.org</link>',
  )
  const each = Math.ceil(comments / articles)
  for (let article = 0, written = 0; written < comments; article++) {
    const own = Math.min(each, comments - written)
    await write(
      `<item><title>The article ${article}</title><link>https://example.org/${articleName(article)}</link><wp:post_id>${article + 1}</wp:post_id><wp:status>publish</wp:status>`,
    )
    for (let index = 0; index < own; index++) {
      const number = written + index + 1
      const atMs = startMs + (article + (index * atOnce) / each) * each * 300
      const parent = index % 3 === 2 ? number - 1 : 0
      await write(
        `<wp:comment><wp:comment_id>${number}</wp:comment_id><wp:comment_author>Reader ${number % 997}</wp:comment_author><wp:comment_author_email>reader${number}@example.org</wp:comment_author_email><wp:comment_author_IP>192.0.2.1</wp:comment_author_IP><wp:comment_date_gmt>${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')}</wp:comment_date_gmt><wp:comment_content><![CDATA[${seedBody}]]></wp:comment_content><wp:comment_approved>${number % 10 === 9 ? 0 : 1}</wp:comment_approved><wp:comment_type>comment</wp:comment_type><wp:comment_parent>${parent}</wp:comment_parent></wp:comment>\n`,
      )
    }
    await write('</item>\n')
    written += own
  }
  await write('</channel></rss>\n')
}

function* rowsOf(kind: Kind, comments: number, articles: number): Generator<string> {
  const lastOf = new Map<number, string>()
  for (let index = 0; index < comments; index++) {
    const id = idOf('comment', index)
    const article = (Math.floor((index * articles) / comments) + ((index * 7_919) % atOnce)) % articles
    const submittedAtMs = startMs + index * 300
    const decidedAtMs = submittedAtMs + 100
    const isApproved = index % 10 !== 9
    if (kind === 'comment')
      yield rowLine(kind, {
        id,
        articleId: articleName(article),
        parentId: index % 3 === 0 ? (lastOf.get(article) ?? null) : null,
        status: isApproved ? 'approved' : 'rejected',
        version: 2,
        authorName: `Reader ${index % 997}`,
        authorEmail: `reader${index}@example.org`,
        body: seedBody,
        submittedAtMs,
        publishedAtMs: isApproved ? decidedAtMs : null,
        receiptHash: createHash('sha256').update(id).digest('hex'),
        publishedRevision: isApproved ? decidedAtMs : null,
        decidedAtMs,
      })
    else
      yield rowLine(kind, {
        commentId: id,
        version: 2,
        id: idOf('decision', index),
        action: isApproved ? 'approve' : 'reject',
        decidedBy: 'bench',
        reasonCode: null,
        reason: null,
        note: `source ${index}`,
        decidedAtMs,
        rejectedWith: null,
        rejectedWithVersion: null,
        position: index + 1,
      })
    lastOf.set(article, id)
  }
}

function articleOf(articleId: string, comments: number): Row {
  return {
    articleId,
    approvedCount: Math.floor(comments),
    revision: startMs,
    title: `The article ${articleId}`,
    url: `https://example.org/${articleId}`,
    publishedAtMs: startMs,
    closedAtMs: null,
    firstCommentAtMs: startMs,
    movedTo: null,
    movingFrom: null,
  }
}

/** A UUIDv7 of the moment, with what its number makes behind it. */
function idOf(what: string, index: number): string {
  const ms = (startMs + index * 300).toString(16).padStart(12, '0')
  const rest = createHash('sha256').update(`${what} ${index}`).digest('hex')
  return `${ms.slice(0, 8)}-${ms.slice(8)}-7${rest.slice(0, 3)}-8${rest.slice(3, 6)}-${rest.slice(6, 18)}`
}
