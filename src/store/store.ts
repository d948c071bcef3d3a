import type { AdditionStore } from './additions.ts'
import type { ArticleStore } from './articles.ts'
import type { ClaimStore } from './claims.ts'
import type { CommentStore } from './comments.ts'
import type { ContextStore } from './context.ts'
import type { FeedStore } from './feeds.ts'
import type { HitStore } from './hits.ts'
import type { LeaseStore } from './leases.ts'
import type { MachineStore } from './machine.ts'
import type { ModerationStore } from './moderation.ts'
import type { SearchStore } from './search.ts'
import type { SearchIndexStore } from './search-index.ts'
import type { SummaryStore } from './summary.ts'
import type { TokenStore } from './tokens.ts'
import type { UpkeepStore } from './upkeep.ts'

/**
 * Where comments live: the small interfaces of the capabilities, in one. Each method is one atomic command or one consistent
 * read; there is no `transaction(fn)`, because on SQLite an awaiting body would commit other requests' writes. Policy is
 * decided before the Store is asked. Outcomes that a caller can cause are return values; an exception is a fault, and then
 * nothing was written, unless it is a `StoreFault` that says that this is not known. A write's promise settles only after
 * its commit is durable.
 */
export type Store = CommentStore &
  ModerationStore &
  ClaimStore &
  ContextStore &
  SummaryStore &
  ArticleStore &
  FeedStore &
  TokenStore &
  HitStore &
  LeaseStore &
  AdditionStore &
  SearchStore &
  SearchIndexStore &
  UpkeepStore &
  MachineStore
