import type { Terminal } from '../terminal.ts'
import { columnsOf, isForPeople, jsonLine, type PrintOptions, print } from './print.ts'
import { type Column, table } from './table.ts'
import { ageOf, cut, lineOf } from './text.ts'
import type { QueuedComment } from './wire.ts'

/** Prints them as they come, page by page; one column layout for all pages would have to wait for the last. */
export async function showComments(
  terminal: Terminal,
  options: PrintOptions,
  comments: readonly QueuedComment[],
  nowMs: number,
): Promise<void> {
  const columns = columnsOf(terminal)
  if (!isForPeople(terminal, options)) await print(terminal, comments.map(jsonLine))
  else if (comments.length > 0)
    await print(
      terminal,
      columns < leastTable
        ? stacked(comments, columns, nowMs)
        : table(comments, layout(comments, columns, nowMs), columns),
    )
}

/** Beside an id of 36 columns there has to be room for a text. */
const leastTable = 72
const leastForArticle = 100

function layout(comments: readonly QueuedComment[], columns: number, nowMs: number): Column<QueuedComment>[] {
  const isMixed = comments.some(({ status }) => status !== 'pending')
  const isClaimed = comments.some((comment) => claimantOf(comment) !== '')
  return [
    { heading: 'ID', cell: ({ id }) => id },
    { heading: 'AGE', cell: ({ submittedAt }) => ageOf(submittedAt, nowMs) },
    ...(isMixed ? [{ heading: 'STATUS', cell: ({ status }: QueuedComment) => status }] : []),
    ...(isClaimed ? [{ heading: 'CLAIMED', cell: claimantOf, most: 12 }] : []),
    ...(columns < leastForArticle
      ? []
      : [{ heading: 'ARTICLE', cell: ({ articleId }: QueuedComment) => articleId, most: 24 }]),
    { heading: 'AUTHOR', cell: nameOf, most: columns < leastForArticle ? 12 : 20 },
    { heading: 'TEXT', cell: textOf, takesRest: true },
  ]
}

/** An id is not cut: it is there to be copied. */
function stacked(comments: readonly QueuedComment[], columns: number, nowMs: number): string[] {
  return comments.flatMap((comment) => [
    comment.id,
    ...[
      [nameOf(comment), ageOf(comment.submittedAt, nowMs), comment.status, claimantOf(comment)],
      [comment.articleId],
      [textOf(comment)],
    ].map((parts) => cut(`  ${lineOf(parts.filter((part) => part !== '').join(' · '))}`, columns)),
  ])
}

function claimantOf({ claim }: QueuedComment): string {
  return claim?.by ?? ''
}

function nameOf({ author }: QueuedComment): string {
  return author?.name ?? ''
}

function textOf({ body }: QueuedComment): string {
  return body ?? ''
}
