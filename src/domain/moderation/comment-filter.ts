import type { CommentStatus } from '../comments/comment.ts'
import type { AskedWords } from './search-words.ts'

/** Which comments: all that is said has to be so. `null` says nothing. */
export type CommentFilter = {
  /** Any of them. */
  ids: readonly string[] | null
  words: AskedWords | null
  statuses: readonly CommentStatus[] | null
  /** Any of them. */
  articleIds: readonly string[] | null
  articlePrefix: string | null
  /** The author's address. */
  address: string | null
  /** Inclusive. */
  submittedFromMs: number | null
  /** Exclusive. */
  submittedBeforeMs: number | null
  /** Who made a decision that is in its log; with `reasonCode`, one that has both. */
  decidedBy: string | null
  reasonCode: string | null
  /** Whether somebody holds it by now: this one, another one, nobody. */
  claim: { is: (typeof claimKinds)[number]; holder: string } | null
}

/** What leaves nothing out. */
export const everyComment: CommentFilter = {
  ids: null,
  words: null,
  statuses: null,
  articleIds: null,
  articlePrefix: null,
  address: null,
  submittedFromMs: null,
  submittedBeforeMs: null,
  decidedBy: null,
  reasonCode: null,
  claim: null,
}

export const claimKinds = ['mine', 'others', 'none'] as const

export const searchOrders = ['newest', 'oldest'] as const
export type SearchOrder = (typeof searchOrders)[number]
