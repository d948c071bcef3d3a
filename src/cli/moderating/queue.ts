import type { Terminal } from '../terminal.ts'
import { isForPeople, type PrintOptions } from './print.ts'
import { type ConnectionOptions, connect } from './service.ts'
import { showComments } from './show-comments.ts'
import type { QueuedComment, Status } from './wire.ts'

/** What a list of comments takes, however it was asked for. */
export type ListOptions = ConnectionOptions & PrintOptions & { limit?: number; all?: true }

export type QueueOptions = ListOptions & { status?: Status; article?: string; order?: string }

const perPage = 100
const perList = 20

export async function queueCommand(terminal: Terminal, options: QueueOptions, nowMs: number): Promise<void> {
  const service = await connect(terminal, options)
  const { status, article, order } = options
  await listAll(terminal, options, nowMs, async (limit, cursor) => {
    const query = new URLSearchParams({
      ...(status !== undefined && { status }),
      ...(article !== undefined && { articleId: article }),
      ...(order !== undefined && { order }),
      limit: String(limit),
      ...(cursor !== null && { cursor }),
    })
    return service.get(`comments?${query}`)
  })
}

export type Page = { comments: QueuedComment[]; nextCursor: string | null; pending?: number }

/** Page by page until there are as many as were asked for. */
export async function listAll(
  terminal: Terminal,
  options: ListOptions,
  nowMs: number,
  read: (limit: number, cursor: string | null) => Promise<Page>,
): Promise<void> {
  let left = options.all ? Number.POSITIVE_INFINITY : (options.limit ?? perList)
  let cursor: string | null = null
  let shown = 0
  for (;;) {
    const page: Page = await read(Math.min(perPage, left), cursor)
    await showComments(terminal, options, page.comments, nowMs)
    shown += page.comments.length
    left -= page.comments.length
    cursor = page.nextCursor
    if (cursor !== null && left > 0) continue
    if (isForPeople(terminal, options))
      terminal.stderr.write(`${closing(shown, cursor !== null, page.pending)}\n`)
    return
  }
}

function closing(shown: number, isMore: boolean, pending: number | undefined): string {
  const told =
    shown === 0 ? 'None.' : isMore ? 'There are more: --limit or --all shows them.' : `${shown} in all.`
  return pending === undefined ? told : `${told} ${pending} wait in the whole queue.`
}
