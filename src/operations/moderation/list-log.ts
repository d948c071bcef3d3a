import type { LogLine, ModerationStore } from '../../store/moderation.ts'
import type { Deps } from '../deps.ts'

export type { LogLine }

export type ListLogInput = {
  /** The position behind which the lines stand, in the order asked for; `null` is from its beginning. */
  after: number | null
  order: 'oldest' | 'newest'
  decidedBy: string | null
  commentId: string | null
  limit: number
}

/** Lines of the log of all that moderators and authors decided, a page at a time. */
export async function listLog(
  { store }: Pick<Deps<ModerationStore>, 'store'>,
  { after, ...input }: ListLogInput,
): Promise<LogLine[]> {
  return store.listLog({ ...input, from: after ?? (input.order === 'oldest' ? 0 : Number.MAX_SAFE_INTEGER) })
}
