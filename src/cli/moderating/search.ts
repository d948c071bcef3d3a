import { CommandError } from '../command-error.ts'
import type { Terminal } from '../terminal.ts'
import { type ListOptions, listAll } from './queue.ts'
import { connect } from './service.ts'
import type { Status } from './wire.ts'

export type FilterOptions = { article?: string[]; articlePrefix?: string; from?: string; to?: string }

export type SearchOptions = ListOptions &
  FilterOptions & {
    status?: Status[]
    sameAuthorAs?: string
    decidedBy?: string
    reasonCode?: string
    claim?: string
    order?: string
  }

export async function searchCommand(
  terminal: Terminal,
  words: readonly string[],
  options: SearchOptions,
  nowMs: number,
): Promise<void> {
  const service = await connect(terminal, options)
  const { status, sameAuthorAs, decidedBy, reasonCode, claim, order } = options
  const q = words.join(' ').trim()
  const wanted = {
    ...(q !== '' && { q }),
    ...(status !== undefined && { status }),
    ...(sameAuthorAs !== undefined && { sameAuthorAs }),
    ...(decidedBy !== undefined && { decidedBy }),
    ...(reasonCode !== undefined && { reasonCode }),
    ...(claim !== undefined && { claim }),
    ...placesOf(options),
  }
  if (Object.keys(wanted).length === 0)
    throw new CommandError([
      'Say what to look for: words, or one of the options that imprimatur search --help lists.',
    ])
  await listAll(terminal, options, nowMs, (limit, cursor) =>
    service.post('search', {
      ...wanted,
      ...(order !== undefined && { order }),
      limit,
      ...(cursor !== null && { cursor }),
    }),
  )
}

/** Where and when: what a claim can be narrowed to as well. */
export function placesOf({ article, articlePrefix, from, to }: FilterOptions): Record<string, unknown> {
  return {
    ...(article !== undefined && { articleIds: article }),
    ...(articlePrefix !== undefined && { articlePrefix }),
    ...(from !== undefined && { submittedAfter: from }),
    ...(to !== undefined && { submittedBefore: to }),
  }
}
