import type { Comment, CommentStatus } from '../../domain/comments/comment.ts'
import { idNextTo } from '../../domain/comments/comment-id.ts'
import type { CommentFilter } from '../../domain/moderation/comment-filter.ts'
import { transition } from '../../domain/moderation/decide.ts'
import { accepted, type Outcome } from '../../domain/refusal.ts'
import type { SearchStore } from '../../store/search.ts'
import { type DecideDeps, type DecideInput, unknownReason } from './decide-comment.ts'
import { decideMany, type Settled } from './decide-many.ts'
import { filterOf, type Where } from './filter-of.ts'
import type { SearchDeps } from './search-comments.ts'

/** How many comments one call decides about. */
export const matchingMaximum = 1_000

/** How far the rest is counted. */
export const remainingMaximum = 10_000

/**
 * How many are asked for at a time, and how often in one call; each time the store looks at some thousands at the most. It is
 * enough to decide about `matchingMaximum` and to count `remainingMaximum` where all that is looked at matches.
 */
const pageSize = 500
const mostPages = 24

export type MatchingInput = {
  where: Where
  /** The greatest id that the moderator has seen: what came later is left alone. */
  until: string
  limit: number
  dryRun: boolean
  verdict: Pick<DecideInput, 'action' | 'decidedBy' | 'reason' | 'reasonCode' | 'note'>
}

export type Matching = {
  /** How many this call is about. */
  matched: number
  settled: readonly Settled[]
  /**
   * How many more match: of those that nobody has looked at yet by this call, at most `remainingMaximum`. At least 1 where this
   * call has not looked at all, whether another one matches or not.
   */
  remaining: number
  /** The `until` of the call that goes on behind what this one looked at; `null` where nothing remains. */
  until: string | null
}

/**
 * Decides about what matches, the newest first: each as it was seen by this call, so that nobody is overruled who decides in the
 * meantime. What a verdict would leave as it is does not match.
 */
export async function decideMatching(
  deps: DecideDeps & SearchDeps & { store: SearchStore },
  { where, until, limit, dryRun, verdict }: MatchingInput,
): Promise<Outcome<Matching>> {
  // Of each comment it would be said again, and none would be decided about.
  const refusal = unknownReason(deps, verdict)
  if (refusal !== null) return refusal
  const statuses = (where.statuses ?? ['pending']).filter((status) => isChangedBy(status, verdict.action))
  const filter = await filterOf(deps, { ...where, statuses }, verdict.decidedBy)
  if (filter === null || statuses.length === 0)
    return accepted({ matched: 0, settled: [], remaining: 0, until: null })
  const found = await matching(
    deps,
    filter,
    { comments: [], next: behind(until), pagesLeft: mostPages },
    limit,
  )
  const settled = dryRun
    ? []
    : await decideMany(
        deps,
        found.comments.map(
          ({ id, version }): DecideInput => ({
            ...verdict,
            commentId: id,
            onlyVersions: [version],
            replies: 'keep',
            countsReplies: false,
            repliesReason: null,
          }),
        ),
      )
  const rest = await matching(deps, filter, { ...found, comments: [] }, remainingMaximum)
  const remaining = Math.max(rest.comments.length, rest.next === null ? 0 : 1)
  return accepted({
    matched: found.comments.length,
    settled,
    remaining,
    // What was looked at is not looked at again.
    until: remaining === 0 || found.next === null ? null : idNextTo(found.next, -1),
  })
}

/** What was found so far, from where on more may be, and how often the store is asked yet. */
type Look = {
  comments: readonly Pick<Comment, 'id' | 'version'>[]
  next: string | null
  pagesLeft: number
}

async function matching(
  { store }: { store: SearchStore },
  filter: CommentFilter,
  from: Look,
  limit: number,
): Promise<Look> {
  const comments = [...from.comments]
  let { next, pagesLeft } = from
  for (; next !== null && comments.length < limit && pagesLeft > 0; pagesLeft--) {
    const size = Math.min(pageSize, limit - comments.length)
    const page = await store.search({ filter, order: 'newest', after: next, limit: size })
    // Without their texts: there may be thousands.
    comments.push(...page.comments.map(({ id, version }) => ({ id, version })))
    next = page.next
  }
  return { comments, next, pagesLeft }
}

function isChangedBy(status: CommentStatus, action: MatchingInput['verdict']['action']): boolean {
  return transition(status, action).kind === 'to'
}

/** Before what is behind the last one: a place that is that id's own, and no other's. */
function behind(id: string): string {
  return `${id} `
}
